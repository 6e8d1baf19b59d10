// "Where am I": each title in progress, with its position on each account side by side, and why it stands there.

import { type CSSResultGroup, type PropertyDeclarations, type TemplateResult, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { DOMAIN } from "./entities";
import { playingTime, titleDetail } from "./format";
import type { HomeAssistant, Message } from "./home-assistant";
import { LiveCard } from "./live-card";
import { icon, name, route } from "./parts";
import { Posters } from "./posters";
import { type AccountHead, type Group, type Place, type ProgressNews, type TitleRow, rowKeys } from "./progress-news";
import { SHARED } from "./styles/shared";
import { TABLE } from "./styles/table";
import { languageOf, pageText, reasonText, text, withColon } from "./texts";

export const SUBSCRIBE_PROGRESS = "resume_sync/progress/subscribe";

export interface ProgressConfig {
  readonly type?: string;
  readonly device?: string;
}

export class ProgressCard extends LiveCard<ProgressConfig, ProgressNews> {
  static override styles: CSSResultGroup = [SHARED, TABLE];
  static override properties: PropertyDeclarations = { opened: { state: true } };

  /** The title whose reasons somebody has opened; and one that was closed while the focus stays on its button. */
  declare private opened: string | null;
  #closed: string | null = null;
  #posters = new Posters(() => this.requestUpdate());

  static getConfigForm(): object {
    const filter = { integration: DOMAIN, model_id: "server" };
    return {
      schema: [{ name: "device", selector: { device: { filter } } }],
      computeLabel: () => pageText("account"),
      computeHelper: () => pageText("accountHelp"),
      assertConfig: checkConfig,
    };
  }

  static getStubConfig(): ProgressConfig {
    return {};
  }

  constructor() {
    super();
    this.opened = null;
    this.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#open(null); });
  }

  getCardSize(): number {
    return 8;
  }

  getGridOptions(): object {
    return { columns: "full", min_columns: 6, rows: "auto" };
  }

  protected override checkConfig(config: ProgressConfig): void {
    checkConfig(config);
  }

  protected override subscription(): Message {
    return { type: SUBSCRIBE_PROGRESS };
  }

  protected override concerns(before: HomeAssistant, now: HomeAssistant): boolean {
    return Boolean(this.config?.device) && before.devices !== now.devices;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    if (!this.hass) return;
    const rows = this.#shownGroups(this.hass).flatMap((group) => group.titles);
    this.#posters.ask(this.hass, rows.map((row) => row.poster));
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.hass) return nothing;
    const groups = this.#shownGroups(this.hass);
    const notice = this.#notice(groups);
    return html`<ha-card dir=${this.direction} @click=${this.#clicked}>
      ${notice ? html`<p class="notice">${notice}</p>` : nothing}
      <div class="groups">${groups.filter((group) => group.titles.length).map((group, index) => this.#table(group, index))}</div>
    </ha-card>`;
  }

  #notice(groups: readonly Group[]): string {
    if (this.refusal) return text(this.hass, "noAccounts");
    if (!this.news) return text(this.hass, "loading");
    if (!groups.length) return text(this.hass, "noAccounts");
    return groups.some((group) => group.titles.length) ? "" : text(this.hass, "nothingInProgress");
  }

  #shownGroups(hass: HomeAssistant): readonly Group[] {
    const groups = this.news?.groups ?? [];
    if (!this.config?.device) return groups;
    const entryIds = hass.devices[this.config.device]?.config_entries;
    return groups.filter((group) => group.accounts.some((account) => entryIds?.includes(account.entry_id)));
  }

  #open(key: string | null): void {
    this.#closed = this.opened;
    this.opened = key;
  }

  #clicked(event: Event): void {
    if (!(event.target as Element).closest?.(".why, .tip")) this.#open(null);
  }

  #table(group: Group, index: number): TemplateResult {
    const keys = rowKeys(group.titles).map((key) => `${index} ${key}`);
    const keyed = group.titles.map((row, at) => ({ row, key: keys[at] ?? "" }));
    const label = group.accounts.map((account) => account.name).join(", ");
    const more = group.total - group.titles.length;
    // The roles are those of a table: browsers forget them where a narrow screen shows it as a list.
    return html`<div>
      <table role="table" aria-label="${withColon(this.hass, text(this.hass, "whereAmI"))} ${label}">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">${text(this.hass, "title")}</th>
            ${group.accounts.map((account) => this.#head(account))}
          </tr>
        </thead>
        <tbody role="rowgroup">${repeat(keyed, ({ key }) => key, ({ row, key }) => this.#row(group, row, key))}</tbody>
      </table>
      ${more > 0 ? html`<p class="quiet">${text(this.hass, "moreTitles", { count: more })}</p>` : nothing}
    </div>`;
  }

  #head(account: AccountHead): TemplateResult {
    const offline = account.connected ? nothing : html`<div class="quiet">${text(this.hass, "offline")}</div>`;
    return html`<th scope="col" role="columnheader">${name(account.name)}${offline}</th>`;
  }

  #row(group: Group, row: TitleRow, key: string): TemplateResult {
    const isOpen = this.opened === key;
    const id = `why-${key}`;
    return html`<tr role="row">
      <th scope="row" role="rowheader">
        <div class="title">
          ${this.#poster(row)}
          <div class="names">${name(row.title)} <span class="quiet">${titleDetail(row)}</span></div>
          <button
            class="why" type="button" aria-expanded=${isOpen ? "true" : "false"} aria-describedby=${id}
            aria-label=${text(this.hass, "why", { title: row.title })} ?data-closed=${!isOpen && this.#closed === key}
            @click=${() => this.#open(isOpen ? null : key)} @blur=${() => { this.#closed = null; this.requestUpdate(); }}
          >${icon("mdi:information-outline")}</button>
          <div class="tip" id=${id} role="tooltip">${this.#reasons(row)}</div>
        </div>
      </th>
      ${group.accounts.map((account, at) => this.#cell(row, account, row.places[at] ?? null))}
    </tr>`;
  }

  #poster({ poster }: TitleRow): TemplateResult | typeof nothing {
    const path = this.#posters.path(poster);
    if (!poster || !path) return nothing;
    // The name stands beside it.
    return html`<img class="poster" src=${path} alt="" loading="lazy" @error=${() => this.#posters.missing(poster)} />`;
  }

  #reasons(row: TitleRow): TemplateResult | TemplateResult[] {
    const { hass } = this;
    if (!row.decisions.length) return html`<p>${text(hass, "noReason")}</p>`;
    if (row.decisions.every((one) => one.reason === "in_sync")) return html`<p>${text(hass, "inSync")}</p>`;
    return row.decisions.map(
      (one) => html`<p><span class="quiet line">${route(one.from, one.to)}</span>${reasonText(this.localize, one)}</p>`,
    );
  }

  #cell(row: TitleRow, account: AccountHead, place: Place | null): TemplateResult {
    const isLeader = row.leader === account.entry_id;
    const bar = place?.percent !== null && place?.position
      ? html`<div class="bar" aria-hidden="true"><i style="width: ${place.percent}%"></i></div>` : nothing;
    return html`<td role="cell">
      <div class=${isLeader ? "place leader" : "place"}>
        <div><span class="account">${name(account.name)}${withColon(this.hass, "")} </span>${this.#placeText(place)}</div>
        ${bar}
        ${isLeader ? html`<span class="mark">${icon("mdi:star")}${text(this.hass, "lastWatchedHere")}</span>` : nothing}
      </div>
    </td>`;
  }

  #placeText(place: Place | null): TemplateResult {
    if (!place?.position) return html`<span class="quiet">${text(this.hass, place?.watched ? "finished" : "notInProgress")}</span>`;
    const percent = new Intl.NumberFormat(languageOf(this.hass), { style: "percent" });
    const share = place.percent === null ? "" : ` · ${percent.format(place.percent / 100)}`;
    return html`<span>${playingTime(place.position)}${share}</span>`;
  }
}

function checkConfig(config: ProgressConfig): void {
  if (config.device !== undefined && typeof config.device !== "string") throw new Error("device: choose an account");
}

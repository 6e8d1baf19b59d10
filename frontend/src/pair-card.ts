// The card of one pair: how it is, what waits, what was decided about each title and why.

import { type CSSResultGroup, type TemplateResult, html, nothing } from "lit";

import { ACTION_ICONS, DOMAIN, type Entities, type EntityKey, STATUS_ICONS, entitiesOf, pairDevices } from "./entities";
import { playingTime, titleDetail } from "./format";
import { type EntityState, type HomeAssistant, type Message, fire } from "./home-assistant";
import { LiveCard } from "./live-card";
import { type DecisionRow, type PairNews, listedRows } from "./pair-news";
import { ago, icon, name, route } from "./parts";
import { PAIR } from "./styles/pair";
import { SHARED } from "./styles/shared";
import { actionText, errorText, languageOf, pageText, reasonText, text, withColon } from "./texts";

export const SUBSCRIBE_PAIR = "resume_sync/pair/subscribe";

const REFRESH_MS = 15000;
const DEFAULT_TITLES = 5;
const MOST_TITLES = 25;
const NUMBERS = ["pending", "unresolved", "tombstones", "synced_total"] as const;

export interface PairConfig {
  readonly type?: string;
  readonly device: string;
  readonly name?: string;
  readonly titles?: number;
}

export class PairCard extends LiveCard<PairConfig, PairNews> {
  static override styles: CSSResultGroup = [SHARED, PAIR];

  static getConfigForm(): object {
    const labels = { device: "pair", name: "name", titles: "titles" } as const;
    return {
      schema: [
        { name: "device", required: true, selector: { device: { filter: { integration: DOMAIN, model_id: "pair" } } } },
        { name: "name", selector: { text: {} } },
        { name: "titles", default: DEFAULT_TITLES, selector: { number: { min: 0, max: MOST_TITLES, mode: "box" } } },
      ],
      computeLabel: (field: { name: keyof typeof labels }) => pageText(labels[field.name]),
      computeHelper: (field: { name: string }) => (field.name === "name" ? pageText("nameHelp") : undefined),
      assertConfig: checkConfig,
    };
  }

  static getStubConfig(hass: HomeAssistant): PairConfig {
    return { device: pairDevices(hass)[0]?.id ?? "" };
  }

  #entities: Entities = {};
  #timer: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // Times say how long ago they are.
    this.#timer = window.setInterval(() => this.requestUpdate(), REFRESH_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  getCardSize(): number {
    return 6;
  }

  getGridOptions(): object {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  protected override checkConfig(config: PairConfig): void {
    checkConfig(config);
  }

  protected override subscription(): Message | null {
    return this.config?.device ? { type: SUBSCRIBE_PAIR, device_id: this.config.device } : null;
  }

  protected override concerns(before: HomeAssistant, now: HomeAssistant): boolean {
    if (before.entities !== now.entities) return true;
    return Object.values(this.#entities).some((id) => before.states[id] !== now.states[id]);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { hass, config } = this;
    if (!hass || !config) return nothing;
    this.#entities = entitiesOf(hass, config.device);
    const problem = this.#problem(hass);
    return html`<ha-card dir=${this.direction}>
      <div class="head">${this.#heading(hass, config)}${this.#isGone ? nothing : this.#status(hass)}</div>
      ${problem === null ? nothing : html`<p class="notice">${problem}</p>`}
      ${this.#error()}${this.#isGone ? nothing : this.#body(hass, config)}
    </ha-card>`;
  }

  get #isGone(): boolean {
    return Boolean(this.refusal || this.news?.gone || !this.config?.device);
  }

  #state(key: EntityKey): EntityState | undefined {
    return this.hass?.states[this.#entities[key] ?? ""];
  }

  #entityName(key: EntityKey, fallback: string): string {
    const state = this.#state(key);
    return state && this.hass ? this.hass.formatEntityName(state, { type: "entity" }) : fallback;
  }

  #call(domain: string, action: string, key: EntityKey): void {
    const entityId = this.#entities[key];
    // Home Assistant shows what went wrong by itself.
    if (entityId) this.hass?.callService(domain, action, {}, { entity_id: entityId }).catch(() => undefined);
  }

  #open(key: EntityKey): void {
    if (this.#entities[key]) fire(this, "hass-more-info", { entityId: this.#entities[key] });
  }

  #problem(hass: HomeAssistant): string | null {
    if (this.refusal === "unauthorized") return text(hass, "forbidden");
    if (this.#isGone) return text(hass, "gone");
    if (!this.news) return text(hass, "loading");
    return this.news.loaded ? null : text(hass, "notLoaded");
  }

  #heading(hass: HomeAssistant, config: PairConfig): TemplateResult {
    const { accounts, direction } = this.news ?? {};
    if (!accounts) return html`<h2 class="accounts"></h2>`;
    const [left = "?", right = "?"] = accounts.map((account) => account?.name ?? "?");
    const isBothWays = direction === "two_way";
    const [from, to] = direction === "from_peer" ? [right, left] : [left, right];
    const way = icon(isBothWays ? "mdi:swap-horizontal" : "mdi:arrow-right", "way");
    return html`<h2 class="accounts">
      <span aria-hidden="true">
        ${config.name ? html`<span class="route">${name(config.name)}${way}</span>` : route(from, to, way)}
      </span>
      <span class="hidden-text">${text(hass, isBothWays ? "twoWay" : "oneWay", { from, to })}</span>
    </h2>`;
  }

  #status(hass: HomeAssistant): TemplateResult {
    const state = this.#state("status");
    return html`<button class="status" type="button" data-status=${state?.state ?? ""} @click=${() => this.#open("status")}>
      ${icon(STATUS_ICONS[state?.state ?? ""] ?? "mdi:help-circle-outline")}
      <span role="status">${state ? hass.formatEntityState(state) : ""}</span>
    </button>`;
  }

  #error(): TemplateResult | typeof nothing {
    const error = this.news?.error;
    return error ? html`<p class="error" role="alert">${errorText(this.localize, error)}</p>` : nothing;
  }

  #body(hass: HomeAssistant, config: PairConfig): TemplateResult {
    return html`${this.#times(hass)}
      <div class="numbers">${NUMBERS.map((key) => this.#number(hass, key))}</div>
      ${config.titles === 0 || !this.news?.open ? nothing : this.#titles(hass, config.titles ?? DEFAULT_TITLES)}
      ${this.#actions()}`;
  }

  #times(hass: HomeAssistant): TemplateResult {
    const last = this.#state("last_sync")?.state;
    const isPaused = this.#state("automatic")?.state === "off";
    const shown = (iso: string | null | undefined, otherwise: string): TemplateResult | string =>
      iso && !Number.isNaN(Date.parse(iso)) ? ago(iso, languageOf(hass)) : otherwise;
    return html`<p class="quiet">
      <span>${withColon(hass, text(hass, "lastSync"))} ${shown(last, text(hass, "never"))}</span> ·
      <span>${withColon(hass, text(hass, "nextSync"))}
        ${shown(this.news?.next_run, isPaused ? text(hass, "noNextSync") : "–")}</span>
    </p>`;
  }

  #number(hass: HomeAssistant, key: (typeof NUMBERS)[number]): TemplateResult {
    const isRemovals = key === "tombstones";
    const value = Number.parseFloat(this.#state(key)?.state ?? String(isRemovals ? this.news?.removals_total : ""));
    const label = this.#entityName(key, isRemovals ? text(hass, "waitingRemovals") : key);
    return html`<button
      class="number" type="button" ?disabled=${!this.#state(key)} @click=${() => this.#open(key)}
    ><b>${Number.isNaN(value) ? "–" : new Intl.NumberFormat(languageOf(hass)).format(value)}</b><span class="quiet">${label}</span></button>`;
  }

  #titles(hass: HomeAssistant, most: number): TemplateResult {
    const rows = listedRows(this.news);
    const empty = text(hass, this.news?.private ? "privateTitles" : "noTitles");
    return html`<div>
      <h3>${text(hass, "recentTitles")}</h3>
      ${rows.length ? nothing : html`<p class="quiet">${empty}</p>`}
      <ul class="titles">${rows.slice(0, most).map((row) => this.#row(hass, row))}</ul>
      ${rows.length > most ? html`<p class="quiet">${text(hass, "moreTitles", { count: rows.length - most })}</p>` : nothing}
    </div>`;
  }

  #row(hass: HomeAssistant, row: DecisionRow): TemplateResult {
    const position = row.action === "write" && row.from_position ? html`· <span>${playingTime(row.from_position)}</span>` : nothing;
    return html`<li>
      ${icon(ACTION_ICONS[row.action] ?? ACTION_ICONS["none"] ?? "")}
      <div>
        <div class="line">
          ${name(row.title)} <span class="quiet">${titleDetail(row)}</span>
          ${row.at ? html`<span class="quiet at">${ago(row.at, languageOf(hass))}</span>` : nothing}
        </div>
        <div class="line quiet"><span class="route">
          ${withColon(hass, actionText(this.localize, row))}
          ${row.action === "unresolved" ? name(row.from) : route(row.from, row.to)} ${position}
        </span></div>
        <div class="quiet">${reasonText(this.localize, row)}</div>
      </div>
    </li>`;
  }

  #actions(): TemplateResult {
    return html`<div class="actions">${this.#syncButton()}${this.#automaticSwitch()}</div>`;
  }

  #syncButton(): TemplateResult | typeof nothing {
    if (!this.#state("button.sync") || !this.news?.can_run) return nothing;
    const isSyncing = this.#state("status")?.state === "syncing";
    const sync = (): void => { if (!isSyncing) this.#call("button", "press", "button.sync"); };
    // Not `disabled`: that would take the focus away from whoever has just pressed it.
    return html`<button class="sync" type="button" aria-disabled=${isSyncing ? "true" : nothing} @click=${sync}>
      ${icon("mdi:sync")}<span>${this.#entityName("button.sync", "")}</span>
    </button>`;
  }

  #automaticSwitch(): TemplateResult | typeof nothing {
    const state = this.#state("automatic");
    if (!state) return nothing;
    const isOn = state.state === "on";
    return html`<button
      class="switch" type="button" role="switch" aria-checked=${isOn ? "true" : "false"}
      ?disabled=${!this.news?.can_run || state.state === "unavailable"}
      @click=${() => this.#call("switch", isOn ? "turn_off" : "turn_on", "automatic")}
    ><span class="track" aria-hidden="true"></span>${this.#entityName("automatic", "")}</button>`;
  }
}

function checkConfig(config: PairConfig): void {
  if (typeof config?.device !== "string") throw new Error("device: choose a pair");
  const { titles } = config;
  if (titles !== undefined && !(Number.isInteger(titles) && titles >= 0 && titles <= MOST_TITLES)) {
    throw new Error(`titles: a number from 0 to ${MOST_TITLES}`);
  }
}

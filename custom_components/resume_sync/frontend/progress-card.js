// "Where am I": each title in progress, with its position on each account side by side, and why it stands there.

import { element, icon, name, playingTime, route, setAttribute, setText, titleDetail } from "./dom.js";
import { DOMAIN } from "./entities.js";
import { LiveCard } from "./live-card.js";
import { TABLE_STYLES } from "./styles.js";
import { languageOf, pageText, reasonText, text, withColon } from "./texts.js";

export const SUBSCRIBE_PROGRESS = "resume_sync/progress/subscribe";

export class ProgressCard extends LiveCard {
  #groups = null;
  #notice = null;
  #rows = new Map();
  #drawn = null;

  static getConfigForm() {
    const filter = { integration: DOMAIN, model_id: "server" };
    return {
      schema: [{ name: "device", selector: { device: { filter } } }],
      computeLabel: () => pageText("account"),
      computeHelper: () => pageText("accountHelp"),
      assertConfig: checkConfig,
    };
  }

  static getStubConfig() {
    return {};
  }

  setConfig(config) {
    checkConfig(config);
    this._config = config;
    this.#notice = element("p", { class: "notice" });
    this.#groups = element("div", { class: "groups" });
    this.#rows.clear();
    this.#drawn = null;
    this._reset(TABLE_STYLES, this.#notice, this.#groups);
    this.shadowRoot.addEventListener("keydown", (event) => event.key === "Escape" && this.#closeAll());
    this.shadowRoot.addEventListener("click", (event) => event.target.closest?.(".why, .tip") || this.#closeAll());
    if (this._hass) this._update();
  }

  getCardSize() {
    return 8;
  }

  getGridOptions() {
    return { columns: "full", min_columns: 6, rows: "auto" };
  }

  _subscription() {
    return { type: SUBSCRIBE_PROGRESS };
  }

  _concerns(before, now) {
    return Boolean(this._config?.device) && before.devices !== now.devices;
  }

  _update() {
    if (!this.#groups) return;
    const groups = this.#shownGroups();
    const titles = groups.reduce((sum, group) => sum + group.titles.length, 0);
    const notice = this.#noticeText(groups, titles);
    setText(this.#notice, notice);
    setAttribute(this.#notice, "hidden", notice ? null : "");
    const reason = this._hass.localize("component.resume_sync.selector.reason.options.in_sync");
    const drawn = JSON.stringify([groups, languageOf(this._hass), reason]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#draw(groups.filter((group) => group.titles.length));
  }

  #noticeText(groups, titles) {
    if (this._refusal) return text(this._hass, "noAccounts");
    if (!this._news) return text(this._hass, "loading");
    if (!groups.length) return text(this._hass, "noAccounts");
    return titles ? "" : text(this._hass, "nothingInProgress");
  }

  #shownGroups() {
    const groups = this._news?.groups ?? [];
    const entryIds = this._hass.devices[this._config.device]?.config_entries;
    if (!this._config.device) return groups;
    return groups.filter((group) => group.accounts.some((account) => entryIds?.includes(account.entry_id)));
  }

  /** Draw all groups; rows stay the same elements as long as their titles are shown, so that nobody loses the focus. */
  #draw(groups) {
    const before = this.#rows;
    this.#rows = new Map();
    const tables = groups.map((group) => {
      const rows = group.titles.map((row, index) => this.#row(before, group, row, index));
      return table(this._hass, group, rows);
    });
    const focused = this.shadowRoot.activeElement;
    this.#groups.replaceChildren(...tables);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  #row(before, group, row, index) {
    const key = JSON.stringify([group.accounts[0].entry_id, row.title, row.season, row.episode, row.ids]);
    const unique = this.#rows.has(key) ? `${key}#${index}` : key;
    const shown = before.get(unique) ?? new TitleRow((one) => this.#toggle(one));
    this.#rows.set(unique, shown);
    shown.show(this._hass, group, row);
    return shown.element;
  }

  #toggle(row) {
    const isOpen = row.isOpen;
    this.#closeAll();
    row.open(!isOpen);
  }

  #closeAll() {
    for (const row of this.#rows.values()) row.open(false);
  }
}

let rowsMade = 0;

/** One title: its name, a button that tells why, and a place for each account. */
class TitleRow {
  #names = element("div", { class: "names" });
  #tip;
  #why;

  constructor(toggle) {
    const id = `why-${(rowsMade += 1)}`;
    this.#tip = element("div", { class: "tip", id, role: "tooltip" });
    const unclose = () => setAttribute(this.#why, "data-closed", null);
    this.#why = element("button", { class: "why", type: "button", "aria-expanded": "false", "aria-describedby": id,
      click: () => toggle(this), blur: unclose }, icon("mdi:information-outline"));
    const head = element("th", { scope: "row", role: "rowheader" });
    head.append(element("div", { class: "title" }, this.#names, this.#why, this.#tip));
    this.element = element("tr", { role: "row" }, head);
  }

  get isOpen() {
    return this.#why.getAttribute("aria-expanded") === "true";
  }

  open(isOpen) {
    setAttribute(this.#why, "aria-expanded", isOpen ? "true" : "false");
    setAttribute(this.#why, "data-closed", isOpen ? null : "");
  }

  show(hass, group, row) {
    this.#names.replaceChildren(name(row.title), " ", element("span", { class: "quiet" }, titleDetail(row)));
    setAttribute(this.#why, "aria-label", text(hass, "why", { title: row.title }));
    this.#tip.replaceChildren(...reasons(hass, row));
    const [head] = this.element.children;
    const cells = group.accounts.map((account, index) => cell(hass, row, account, row.places[index]));
    // Bars move to where they are to be, so the cells that are there are kept.
    if (this.element.children.length === cells.length + 1) {
      cells.forEach((made, index) => adopt(this.element.children[index + 1], made));
    } else {
      this.element.replaceChildren(head, ...cells);
    }
  }
}

function checkConfig(config) {
  if (config.device !== undefined && typeof config.device !== "string") throw new Error("device: choose an account");
}

function table(hass, group, rows) {
  const heads = group.accounts.map((account) => {
    const offline = account.connected ? null : element("div", { class: "quiet" }, text(hass, "offline"));
    return element("th", { scope: "col", role: "columnheader" }, name(account.name), offline);
  });
  const first = element("th", { scope: "col", role: "columnheader" }, text(hass, "title"));
  const label = group.accounts.map((account) => account.name).join(", ");
  const more = group.total - rows.length;
  return element(
    "div",
    {},
    // The roles are those of a table: browsers forget them where a narrow screen shows it as a list.
    element(
      "table",
      { role: "table", "aria-label": `${withColon(hass, text(hass, "whereAmI"))} ${label}` },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, first, ...heads)),
      element("tbody", { role: "rowgroup" }, ...rows),
    ),
    more > 0 ? element("p", { class: "quiet" }, text(hass, "moreTitles", { count: more })) : null,
  );
}

function cell(hass, row, account, place) {
  const isLeader = row.leader === account.entry_id;
  const content = element("div", { class: isLeader ? "place leader" : "place" });
  const who = element("span", { class: "account" }, name(account.name), `${withColon(hass, "")} `);
  content.append(element("div", {}, who, placeText(hass, place)));
  if (place?.percent !== null && place?.position) {
    const fill = element("i");
    fill.style.width = `${place.percent}%`;
    content.append(element("div", { class: "bar", "aria-hidden": "true" }, fill));
  }
  if (isLeader) content.append(element("span", { class: "mark" }, icon("mdi:star"), text(hass, "lastWatchedHere")));
  return element("td", { role: "cell" }, content);
}

function placeText(hass, place) {
  if (!place?.position) return element("span", { class: "quiet" }, text(hass, place?.watched ? "finished" : "notInProgress"));
  const percent = new Intl.NumberFormat(languageOf(hass), { style: "percent" });
  const share = place.percent === null ? "" : ` · ${percent.format(place.percent / 100)}`;
  return element("span", {}, playingTime(place.position), share);
}

/** Put new content into a cell; a bar that is there already moves. */
function adopt(shown, made) {
  const [bar, wanted] = [shown, made].map((one) => one.querySelector(".bar i"));
  if (!bar || !wanted) return shown.replaceChildren(...made.childNodes);
  const width = wanted.style.width;
  wanted.parentElement.replaceWith(bar.parentElement);
  shown.replaceChildren(...made.childNodes);
  requestAnimationFrame(() => { bar.style.width = width; });
  return undefined;
}

function reasons(hass, row) {
  if (!row.decisions.length) return [element("p", {}, text(hass, "noReason"))];
  if (row.decisions.every((one) => one.reason === "in_sync")) return [element("p", {}, text(hass, "inSync"))];
  return row.decisions.map((one) =>
    element("p", {}, element("span", { class: "quiet line" }, route(one.from, one.to)), reasonText(hass, one)),
  );
}

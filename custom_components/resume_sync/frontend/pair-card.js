// The card of one pair: how it is, what waits, what was decided about each title and why.

import { element, fire, icon, name, playingTime, route, setAttribute, setText, time, titleDetail } from "./dom.js";
import { ACTION_ICONS, DOMAIN, STATUS_ICONS, entitiesOf, pairDevices } from "./entities.js";
import { LiveCard } from "./live-card.js";
import { PAIR_STYLES } from "./styles.js";
import { actionText, errorText, languageOf, pageText, reasonText, text, withColon } from "./texts.js";

export const SUBSCRIBE_PAIR = "resume_sync/pair/subscribe";

const DEFAULT_TITLES = 5;
const MOST_TITLES = 25;
const NUMBERS = ["pending", "unresolved", "tombstones", "synced_total"];

export class PairCard extends LiveCard {
  #parts = null;
  #entities = {};
  #drawn = null;

  static getConfigForm() {
    const labels = { device: "pair", name: "name", titles: "titles" };
    return {
      schema: [
        { name: "device", required: true, selector: { device: { filter: { integration: DOMAIN, model_id: "pair" } } } },
        { name: "name", selector: { text: {} } },
        { name: "titles", default: DEFAULT_TITLES, selector: { number: { min: 0, max: MOST_TITLES, mode: "box" } } },
      ],
      computeLabel: (field) => pageText(labels[field.name]),
      computeHelper: (field) => (field.name === "name" ? pageText("nameHelp") : undefined),
      assertConfig: checkConfig,
    };
  }

  static getStubConfig(hass) {
    return { device: pairDevices(hass)[0]?.id ?? "" };
  }

  setConfig(config) {
    checkConfig(config);
    this._config = config;
    this.#parts = parts(this);
    this.#drawn = null;
    this._reset(PAIR_STYLES, ...Object.values(this.#parts.areas));
    if (this._hass) this._update();
  }

  getCardSize() {
    return 6;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  /** Sync the pair now. */
  sync() {
    this.#call("button", "press", "button.sync");
  }

  /** Switch automatic sync on or off. */
  toggle() {
    const isOn = this.#state("automatic")?.state === "on";
    this.#call("switch", isOn ? "turn_off" : "turn_on", "automatic");
  }

  /** Open the dialog with the history of a number. */
  open(key) {
    if (this.#entities[key]) fire(this, "hass-more-info", { entityId: this.#entities[key] });
  }

  _subscription() {
    return this._config.device ? { type: SUBSCRIBE_PAIR, device_id: this._config.device } : null;
  }

  _concerns(before, now) {
    if (before.entities !== now.entities) return true;
    return Object.values(this.#entities).some((id) => before.states[id] !== now.states[id]);
  }

  _update() {
    if (!this.#parts) return;
    this.#entities = entitiesOf(this._hass, this._config.device);
    this.#updateHead();
    this.#updateNumbers();
    this.#updateActions();
    this.#updateTitles();
  }

  #state(key) {
    return this._hass.states[this.#entities[key]];
  }

  #entityName(key, fallback) {
    const state = this.#state(key);
    return state ? this._hass.formatEntityName(state, { type: "entity" }) : fallback;
  }

  #call(domain, action, key) {
    const entityId = this.#entities[key];
    // Home Assistant shows what went wrong by itself.
    if (entityId) this._hass.callService(domain, action, {}, { entity_id: entityId }).catch(() => {});
  }

  #problem() {
    if (this._refusal === "unauthorized") return text(this._hass, "forbidden");
    if (this._refusal || this._news?.gone || !this._config.device) return text(this._hass, "gone");
    if (!this._news) return text(this._hass, "loading");
    return this._news.loaded ? null : text(this._hass, "notLoaded");
  }

  #updateHead() {
    const { areas, heading, way, status, statusIcon, statusText, lastSync, nextSync } = this.#parts;
    const problem = this.#problem();
    setAttribute(areas.notice, "hidden", problem === null ? "" : null);
    setText(areas.notice, problem ?? "");
    const isGone = Boolean(this._refusal || this._news?.gone || !this._config.device);
    for (const area of ["times", "numbers", "list", "actions"]) setAttribute(areas[area], "hidden", isGone ? "" : null);
    setAttribute(status, "hidden", isGone ? "" : null);
    if (this._news?.accounts) {
      const drawn = JSON.stringify([this._news.accounts, this._news.direction, this._config.name, languageOf(this._hass)]);
      if (heading.dataset.drawn !== drawn) {
        heading.dataset.drawn = drawn;
        heading.replaceChildren(...headline(this._hass, this._config, this._news, way));
      }
    }
    const state = this.#state("status");
    setAttribute(status, "data-status", state?.state);
    setAttribute(statusIcon, "icon", STATUS_ICONS[state?.state] ?? "mdi:help-circle-outline");
    setText(statusText, state ? this._hass.formatEntityState(state) : "");
    const error = this._news?.error;
    setAttribute(areas.error, "hidden", error ? null : "");
    setText(areas.error, error ? errorText(this._hass, error) : "");
    const last = this.#state("last_sync")?.state;
    putTime(lastSync, this._hass, text(this._hass, "lastSync"), isTime(last) ? last : null, text(this._hass, "never"));
    const next = this._news?.next_run ?? null;
    const isPaused = this.#state("automatic")?.state === "off";
    putTime(nextSync, this._hass, text(this._hass, "nextSync"), next, isPaused ? text(this._hass, "noNextSync") : "–");
  }

  #updateNumbers() {
    const format = new Intl.NumberFormat(languageOf(this._hass));
    const total = this._news?.removals_total;
    for (const [key, number] of Object.entries(this.#parts.numbers)) {
      const state = this.#state(key);
      const value = Number.parseFloat(state?.state ?? (key === "tombstones" ? total : undefined));
      setText(number.value, Number.isNaN(value) ? "–" : format.format(value));
      setText(number.label, this.#entityName(key, key === "tombstones" ? text(this._hass, "waitingRemovals") : ""));
      const isShown = state || (key === "tombstones" && total !== undefined);
      setAttribute(number.button, "hidden", isShown ? null : "");
      setAttribute(number.button, "disabled", state ? null : "");
    }
  }

  #updateActions() {
    const { sync, syncText, automatic, automaticText } = this.#parts;
    const mayRun = this._news?.can_run === true;
    const isSyncing = this.#state("status")?.state === "syncing";
    setAttribute(sync, "hidden", this.#state("button.sync") && mayRun ? null : "");
    // Not `disabled`: that would take the focus away from whoever has just pressed it.
    setAttribute(sync, "aria-disabled", isSyncing ? "true" : null);
    setText(syncText, this.#entityName("button.sync", ""));
    const state = this.#state("automatic");
    setAttribute(automatic, "hidden", state ? null : "");
    setAttribute(automatic, "disabled", mayRun && state?.state !== "unavailable" ? null : "");
    setAttribute(automatic, "aria-checked", state?.state === "on" ? "true" : "false");
    setText(automaticText, this.#entityName("automatic", ""));
  }

  #updateTitles() {
    const { listHeading, list, empty, more } = this.#parts;
    const most = this._config.titles ?? DEFAULT_TITLES;
    setText(listHeading, text(this._hass, "recentTitles"));
    setAttribute(this.#parts.areas.list, "hidden", most && this._news?.open ? null : "");
    const rows = listed(this._news);
    const reason = this._hass.localize("component.resume_sync.selector.reason.options.in_sync");
    const drawn = JSON.stringify([rows, most, languageOf(this._hass), reason, this._news?.private]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    list.replaceChildren(...rows.slice(0, most).map((row) => titleRow(this._hass, row)));
    setAttribute(empty, "hidden", rows.length ? "" : null);
    setText(empty, text(this._hass, this._news?.private ? "privateTitles" : "noTitles"));
    setAttribute(more, "hidden", rows.length > most ? null : "");
    setText(more, text(this._hass, "moreTitles", { count: rows.length - most }));
  }
}

function checkConfig(config) {
  if (typeof config?.device !== "string") throw new Error("device: choose a pair");
  const { titles } = config;
  if (titles !== undefined && !(Number.isInteger(titles) && titles >= 0 && titles <= MOST_TITLES)) {
    throw new Error(`titles: a number from 0 to ${MOST_TITLES}`);
  }
}

const isTime = (state) => Boolean(state) && !Number.isNaN(Date.parse(state));

function parts(card) {
  const made = {
    heading: element("h2", { class: "accounts" }),
    way: icon("mdi:swap-horizontal", "way"),
    statusIcon: icon("mdi:help-circle-outline"),
    statusText: element("span", { role: "status" }),
    lastSync: element("span"),
    nextSync: element("span"),
    listHeading: element("h3"),
    list: element("ul", { class: "titles" }),
    empty: element("p", { class: "quiet" }),
    more: element("p", { class: "quiet" }),
    syncText: element("span"),
    automaticText: element("span"),
    numbers: {},
  };
  made.status = element("button", { class: "status", type: "button", click: () => card.open("status") });
  made.status.append(made.statusIcon, made.statusText);
  made.sync = element("button", { class: "sync", type: "button", click: () => syncUnlessSyncing(card, made.sync) });
  made.sync.append(icon("mdi:sync"), made.syncText);
  made.automatic = element("button", { class: "switch", type: "button", role: "switch", click: () => card.toggle() });
  made.automatic.append(element("span", { class: "track", "aria-hidden": "true" }), made.automaticText);
  for (const key of NUMBERS) {
    const [value, label] = [element("b"), element("span", { class: "quiet" })];
    const button = element("button", { class: "number", type: "button", click: () => card.open(key) }, value, label);
    made.numbers[key] = { button, value, label };
  }
  made.areas = {
    head: element("div", { class: "head" }, made.heading, made.status),
    notice: element("p", { class: "notice" }),
    error: element("p", { class: "error", role: "alert" }),
    times: element("p", { class: "quiet" }, made.lastSync, " · ", made.nextSync),
    numbers: element("div", { class: "numbers" }, ...Object.values(made.numbers).map((number) => number.button)),
    list: element("div", {}, made.listHeading, made.empty, made.list, made.more),
    actions: element("div", { class: "actions" }, made.sync, made.automatic),
  };
  return made;
}

function syncUnlessSyncing(card, button) {
  if (button.getAttribute("aria-disabled") !== "true") card.sync();
}

function headline(hass, config, news, way) {
  const [left, right] = news.accounts.map((account) => account?.name ?? "?");
  const isBothWays = news.direction === "two_way";
  const [from, to] = news.direction === "from_peer" ? [right, left] : [left, right];
  setAttribute(way, "icon", isBothWays ? "mdi:swap-horizontal" : "mdi:arrow-right");
  const meaning = text(hass, isBothWays ? "twoWay" : "oneWay", { from, to });
  const spoken = element("span", { class: "hidden-text" }, meaning);
  const shown = config.name ? element("span", { class: "route" }, name(config.name), way) : route(from, to, way, { "aria-hidden": "true" });
  return [shown, spoken];
}

function putTime(target, hass, label, iso, otherwise) {
  const drawn = JSON.stringify([label, iso, otherwise]);
  if (target.dataset.drawn === drawn) return;
  target.dataset.drawn = drawn;
  target.replaceChildren(`${withColon(hass, label)} `, iso ? time(iso, languageOf(hass)) : otherwise);
}

/** Return what is listed: open titles, removals that no run has looked at since, then what was done last. */
function listed(news) {
  const { open = [], removals = [], recent = [] } = news ?? {};
  const same = (one, other) => ["title", "season", "episode", "to"].every((key) => one[key] === other[key]);
  const waiting = removals.filter((removal) => !open.some((row) => same(row, removal)));
  return [...open, ...waiting.map((row) => ({ ...row, at: row.recorded_at })), ...recent];
}

function titleRow(hass, row) {
  const position = row.action === "write" && row.from_position ? ["·", element("span", {}, playingTime(row.from_position))] : [];
  const way = row.action === "unresolved" ? name(row.from) : route(row.from, row.to);
  const at = row.at ? element("span", { class: "quiet at" }, time(row.at, languageOf(hass))) : null;
  return element(
    "li",
    {},
    icon(ACTION_ICONS[row.action] ?? ACTION_ICONS.none),
    element(
      "div",
      {},
      element("div", { class: "line" }, name(row.title), element("span", { class: "quiet" }, titleDetail(row)), at),
      element("div", { class: "line quiet" },
        element("span", { class: "route" }, withColon(hass, actionText(hass, row)), way, ...position)),
      element("div", { class: "quiet" }, reasonText(hass, row)),
    ),
  );
}

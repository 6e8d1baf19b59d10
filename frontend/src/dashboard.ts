// The dashboard: Home Assistant's own cards and ours, put together from the accounts and pairs that there are.

import { type Entities, accountDevices, deviceName, entitiesOf, pairDevices } from "./entities";
import type { DeviceEntry, HomeAssistant } from "./home-assistant";
import { type TextKey, text } from "./texts";

const PAIR_CARD = "custom:resume-sync-card";
const TABLE_CARD = "custom:resume-sync-progress-card";
const ADD_ACCOUNT = "/config/integrations/integration/resume_sync";
const DAYS = 30;
const HOURS = 72;

/** Every punctuation mark: titles come from anywhere, and a Markdown card shows them as they are. */
const PUNCTUATION = "([!-/:-@\\\\[-`{-~])";

interface Card {
  readonly type: string;
  readonly [option: string]: unknown;
}

interface Section {
  readonly type: string;
  readonly cards: readonly Card[];
  readonly column_span?: number;
}

interface View {
  readonly title: string;
  readonly path: string;
  readonly icon: string;
  readonly type: string;
  readonly max_columns: number;
  readonly sections: readonly Section[];
}

interface Shown {
  readonly device: DeviceEntry;
  readonly entities: Entities;
}

/** Return the whole dashboard; a function of what there is, and of the user's language. */
export function dashboard(hass: HomeAssistant): { views: View[] } {
  const accounts = accountDevices(hass).map((device) => ({ device, entities: entitiesOf(hass, device.id) }));
  const pairs = pairDevices(hass).map((device) => ({ device, entities: entitiesOf(hass, device.id) }));
  if (!accounts.length) return { views: [emptyView(hass)] };
  const views = [overview(hass, pairs), accountsView(hass, accounts)];
  if (pairs.length) views.push(activityView(hass, pairs), statisticsView(hass, accounts, pairs));
  return { views };
}

function emptyView(hass: HomeAssistant): View {
  const card = {
    type: "button",
    name: text(hass, "addAccount"),
    icon: "mdi:plus",
    tap_action: { action: "navigate", navigation_path: ADD_ACCOUNT },
  };
  return view(hass, "overview", "mdi:play-box-multiple", [
    section([{ type: "markdown", content: text(hass, "nothingToShow") }, card]),
  ]);
}

function overview(hass: HomeAssistant, pairs: readonly Shown[]): View {
  const table = { type: TABLE_CARD, grid_options: { columns: "full" } };
  const shown = pairs.map(({ device }) => section([{ type: PAIR_CARD, device: device.id }]));
  const sections = [{ ...section([heading(text(hass, "whereAmI"), "mdi:map-marker-path"), table]), column_span: 4 }];
  return view(hass, "overview", "mdi:play-box-multiple", [...sections, ...shown]);
}

function accountsView(hass: HomeAssistant, accounts: readonly Shown[]): View {
  const sections = accounts.map(({ device, entities }) =>
    section([
      heading(deviceName(device), "mdi:account-box", [entities.connected, entities.live_updates]),
      ...present([entities.in_progress]).flatMap((entity) => [
        tile(entity),
        { type: "markdown", content: titlesTemplate(entity, hass) },
      ]),
    ]),
  );
  return view(hass, "accounts", "mdi:account-multiple", sections);
}

function activityView(hass: HomeAssistant, pairs: readonly Shown[]): View {
  const sections = pairs
    .map(({ device, entities }) => ({ device, events: present([entities.progress, entities["event.sync"]]) }))
    .filter(({ events }) => events.length)
    .map(({ device, events }) =>
      section([
        { type: PAIR_CARD, device: device.id, titles: 25 },
        { type: "logbook", target: { entity_id: events }, hours_to_show: HOURS, grid_options: { columns: 12, rows: 6 } },
      ]),
    );
  return view(hass, "activity", "mdi:history", sections);
}

function statisticsView(hass: HomeAssistant, accounts: readonly Shown[], pairs: readonly Shown[]): View {
  const synced = present(pairs.map(({ entities }) => entities.synced_total));
  const started = present(accounts.map(({ entities }) => entities.in_progress));
  const graph = { type: "statistics-graph", period: "day", days_to_show: DAYS };
  const sections: Section[] = [];
  if (synced.length) {
    const card = { ...graph, title: text(hass, "positionsSynced"), chart_type: "bar", stat_types: ["change"], entities: synced };
    sections.push({ ...section([card]), column_span: 2 });
  }
  if (started.length) {
    const card = { ...graph, title: text(hass, "titlesInProgress"), chart_type: "line", stat_types: ["max"], entities: started };
    sections.push({ ...section([card]), column_span: 2 });
  }
  const numbers = pairs.map(({ device, entities }) => {
    const shown = present([entities.last_sync, entities.synced_total, entities.cleared_total, entities.duration]);
    return section([heading(deviceName(device), "mdi:swap-horizontal"), ...shown.map(tile)]);
  });
  return view(hass, "statistics", "mdi:chart-bar", [...sections, ...numbers]);
}

/** Return a template that lists what is in progress on an account, unless that is private; titles are nothing but text. */
function titlesTemplate(entityId: string, hass: HomeAssistant): string {
  const escaped = `regex_replace('\\\\s+', ' ') | regex_replace('${PUNCTUATION}', '\\\\\\\\\\\\1')`;
  return [
    `{% if is_state_attr('${entityId}', 'private', true) -%}`,
    text(hass, "privateTitles"),
    "{% else -%}",
    `{% for item in state_attr('${entityId}', 'items') or [] -%}`,
    `- {{ item.title | ${escaped} }}` +
      "{% if item.season is not none and item.episode is not none %} (S{{ item.season }} E{{ item.episode }}){% endif %}" +
      "{% if item.percent is not none %}: {{ item.percent }} %{% endif %}",
    "{% else -%}",
    text(hass, "nothingInProgress"),
    "{% endfor %}{% endif %}",
  ].join("\n");
}

function view(hass: HomeAssistant, key: TextKey, icon: string, sections: readonly Section[]): View {
  return { title: text(hass, key), path: key, icon, type: "sections", max_columns: 4, sections };
}

const tile = (entity: string): Card => ({ type: "tile", entity, name: { type: "entity" }, grid_options: { columns: 12 } });

const section = (cards: readonly Card[]): Section => ({ type: "grid", cards });

function heading(title: string, icon: string, badges: readonly (string | undefined)[] = []): Card {
  const shown = present(badges).map((entity) => ({ type: "entity", entity, show_state: false, show_icon: true }));
  return { type: "heading", heading: title, icon, badges: shown };
}

const present = (ids: readonly (string | undefined)[]): string[] => ids.filter((id) => id !== undefined);

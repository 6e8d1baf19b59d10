// What Home Assistant's frontend loads: offers the cards and the dashboard in its pickers, then defines them.

import { DOMAIN, pairDevices } from "./entities";
import type { HomeAssistant } from "./home-assistant";
import { PairCard } from "./pair-card";
import { ProgressCard } from "./progress-card";
import { DashboardStrategy } from "./strategy";
import { pageText } from "./texts";

const DOCUMENTATION = "https://github.com/resume-sync/resume-sync#dashboard";

const ELEMENTS: readonly (readonly [string, CustomElementConstructor])[] = [
  ["resume-sync-card", PairCard],
  ["resume-sync-progress-card", ProgressCard],
  ["ll-strategy-dashboard-resume-sync", DashboardStrategy],
];

interface Offered {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly documentationURL: string;
}

const CARDS: readonly (Offered & { readonly preview: boolean; getEntitySuggestion: typeof pairSuggestion })[] = [
  {
    type: "resume-sync-card",
    get name() { return pageText("cardName"); },
    get description() { return pageText("cardDescription"); },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion: pairSuggestion,
  },
  {
    type: "resume-sync-progress-card",
    get name() { return pageText("tableName"); },
    get description() { return pageText("tableDescription"); },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion: tableSuggestion,
  },
];

const STRATEGIES: readonly (Offered & { readonly strategyType: string })[] = [
  {
    type: "resume-sync",
    strategyType: "dashboard",
    get name() { return pageText("dashboardName"); },
    get description() { return pageText("dashboardDescription"); },
    documentationURL: DOCUMENTATION,
  },
];

type Suggestion = { readonly config: { readonly type: string; readonly device: string } } | null;

function pairSuggestion(hass: HomeAssistant, entityId: string): Suggestion {
  const entity = hass.entities[entityId];
  const device = entity?.platform === DOMAIN && pairDevices(hass).find(({ id }) => id === entity.device_id);
  return device ? { config: { type: "custom:resume-sync-card", device: device.id } } : null;
}

function tableSuggestion(hass: HomeAssistant, entityId: string): Suggestion {
  const entity = hass.entities[entityId];
  if (entity?.platform !== DOMAIN || entity.translation_key !== "in_progress" || !entity.device_id) return null;
  return { config: { type: "custom:resume-sync-progress-card", device: entity.device_id } };
}

// These arrays belong to the app, which may hold them already.
const pickers = window as typeof window & { customCards?: object[]; customStrategies?: object[] };
(pickers.customCards ??= []).push(...CARDS);
(pickers.customStrategies ??= []).push(...STRATEGIES);

// The app may put another registry in the place of this one while it starts: what is defined before that gets lost.
void customElements.whenDefined("home-assistant").then(() => {
  for (const [tag, element] of ELEMENTS) if (!customElements.get(tag)) customElements.define(tag, element);
});

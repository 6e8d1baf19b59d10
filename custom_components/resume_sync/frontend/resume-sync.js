// What Home Assistant's frontend loads: offers the cards and the dashboard in its pickers, then defines them.

import { DOMAIN, pairDevices } from "./entities.js";
import { PairCard } from "./pair-card.js";
import { ProgressCard } from "./progress-card.js";
import { DashboardStrategy } from "./strategy.js";
import { pageText } from "./texts.js";

const DOCUMENTATION = "https://github.com/resume-sync/resume-sync#dashboard";

const ELEMENTS = [
  ["resume-sync-card", PairCard],
  ["resume-sync-progress-card", ProgressCard],
  ["ll-strategy-dashboard-resume-sync", DashboardStrategy],
];

const CARDS = [
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

const STRATEGIES = [
  {
    type: "resume-sync",
    strategyType: "dashboard",
    get name() { return pageText("dashboardName"); },
    get description() { return pageText("dashboardDescription"); },
    documentationURL: DOCUMENTATION,
  },
];

function pairSuggestion(hass, entityId) {
  const entity = hass.entities[entityId];
  const isOfPair = entity?.platform === DOMAIN && pairDevices(hass).some((device) => device.id === entity.device_id);
  return isOfPair ? { config: { type: "custom:resume-sync-card", device: entity.device_id } } : null;
}

function tableSuggestion(hass, entityId) {
  const entity = hass.entities[entityId];
  if (entity?.platform !== DOMAIN || entity.translation_key !== "in_progress") return null;
  return { config: { type: "custom:resume-sync-progress-card", device: entity.device_id } };
}

// These arrays belong to the app, which may hold them already.
(window.customCards ??= []).push(...CARDS);
(window.customStrategies ??= []).push(...STRATEGIES);

// The app may put another registry in the place of this one while it starts: what is defined before that gets lost.
customElements.whenDefined("home-assistant").then(() => {
  for (const [tag, element] of ELEMENTS) if (!customElements.get(tag)) customElements.define(tag, element);
});

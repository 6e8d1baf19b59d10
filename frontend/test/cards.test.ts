// What the cards do without a browser.

import assert from "node:assert/strict";
import test from "node:test";

import { accountDevices, entitiesOf, pairDevices } from "../src/entities";
import { playingTime, relativeTime, titleDetail } from "../src/format";
import { dashboard } from "../src/dashboard";
import type { HomeAssistant } from "../src/home-assistant";
import { errorText, reasonText, text, withColon } from "../src/texts";

function home({ accounts = ["Jellyfin (Anna)"], pairs = ["Jellyfin ⇄ Emby"], language = "en" } = {}) {
  const [devices, entities]: Record<string, object>[] = [{}, {}];
  const add = (name: string, model_id: string, keys: string[]) => {
    devices[name] = { id: name, name, model_id };
    for (const entity_id of keys) {
      const [domain, key] = entity_id.split(".");
      const id = `${domain}.${name.replaceAll(/\W/g, "_")}_${key}`;
      entities[id] = { entity_id: id, device_id: name, platform: "resume_sync", translation_key: key };
    }
  };
  for (const name of accounts) add(name, "server", ["sensor.in_progress", "binary_sensor.connected"]);
  for (const name of pairs) add(name, "pair", ["sensor.status", "sensor.synced_total", "event.sync", "button.sync", "event.progress"]);
  entities["sensor.other"] = { entity_id: "sensor.other", device_id: "other", platform: "other", translation_key: "status" };
  devices.other = { id: "other", name: "Other", model_id: "pair" };
  return { devices, entities, states: {}, locale: { language }, localize: () => "" } as unknown as HomeAssistant;
}

test("times read as players and people say them", () => {
  assert.equal(playingTime(3723), "1:02:03");
  assert.equal(playingTime(42 * 60), "0:42:00");
  const now = Date.parse("2026-11-21T12:00:00Z");
  const said = (offset, language = "en") => relativeTime(new Date(now + offset * 1000), language, now);
  assert.equal(said(-5), "now");
  assert.equal(said(-45), "45 seconds ago");
  assert.equal(said(-4 * 60), "4 minutes ago");
  assert.equal(said(11 * 60, "de"), "in 11 Minuten");
  assert.equal(said(-26 * 3600), "yesterday");
});

test("a title is told from others by episode or year", () => {
  assert.equal(titleDetail({ season: 0, episode: 3, year: 2020 }), "S0 E3");
  assert.equal(titleDetail({ season: null, episode: null, year: 2020 }), "2020");
  assert.equal(titleDetail({ season: null, episode: null, year: null }), "");
});

test("only French has a space before a colon", () => {
  assert.equal(withColon({ locale: { language: "nl" } }, "Titels"), "Titels:");
  assert.equal(withColon({ locale: { language: "fr-CA" } }, "Titres"), "Titres\u00a0:");
});

test("texts fall back to English, reasons to their code", () => {
  assert.equal(text({ locale: { language: "de-CH" } }, "moreTitles", { count: 3 }), "3 weitere");
  assert.equal(text({ locale: { language: "ja" } }, "moreTitles", { count: 3 }), "3 more");
  assert.equal(reasonText(home().localize, { reason: "in_sync" }), "in_sync");
  const hass = { localize: (key, values) => `${key} ${values.from}` };
  assert.match(reasonText(hass.localize, { reason: "in_sync", from: "A", to: "B" }), /reason\.options\.in_sync A$/);
  assert.equal(errorText(home().localize, { key: "x", message: "It broke.", placeholders: {} }), "It broke.");
  assert.equal(errorText(home().localize, { key: null, message: "It broke.", placeholders: {} }), "It broke.");
});

test("entities are found by their keys, whatever they are called", () => {
  const hass = home();
  assert.deepEqual(pairDevices(hass).map((device) => device.id), ["Jellyfin ⇄ Emby"]);
  assert.deepEqual(accountDevices(hass).map((device) => device.id), ["Jellyfin (Anna)"]);
  const found = Object.keys(entitiesOf(hass, "Jellyfin ⇄ Emby")).sort();
  assert.deepEqual(found, ["button.sync", "event.sync", "progress", "status", "synced_total"]);
});

test("the dashboard has all accounts and pairs, each once", () => {
  const { views } = dashboard(home({ accounts: ["A", "B", "C"], pairs: ["A ⇄ B", "B ⇄ C"] }));
  assert.deepEqual(views.map((view) => view.path), ["overview", "accounts", "activity", "statistics"]);
  const cards = views.map((view) => view.sections.flatMap((section) => section.cards));
  const of = (type, view) => cards[view].filter((card) => card.type === type);
  assert.equal(of("custom:resume-sync-progress-card", 0).length, 1);
  assert.deepEqual(of("custom:resume-sync-card", 0).map((card) => card.device), ["A ⇄ B", "B ⇄ C"]);
  assert.deepEqual(of("tile", 1).map((card) => card.entity), ["sensor.A_in_progress", "sensor.B_in_progress", "sensor.C_in_progress"]);
  assert.equal(of("logbook", 2).length, 2);
  assert.deepEqual(of("statistics-graph", 3)[0].entities.length, 2);
  assert.ok(cards.flat().every((card) => !JSON.stringify(card).includes("undefined")));
});

test("without a pair or an account it still says what to do", () => {
  assert.deepEqual(dashboard(home({ pairs: [] })).views.map((view) => view.path), ["overview", "accounts"]);
  const [view] = dashboard(home({ accounts: [], pairs: [] })).views;
  assert.equal(view.sections[0].cards[1].tap_action.action, "navigate");
});

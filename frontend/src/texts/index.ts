// The words of the cards: their own by language, and those of entities, states and reasons from Home Assistant.

import { DOMAIN } from "../entities";
import type { HomeAssistant, Localize } from "../home-assistant";
import { DE } from "./de";
import { EN, type TextKey, type Texts } from "./en";
import { ES } from "./es";
import { FR } from "./fr";
import { NL } from "./nl";

export type { TextKey } from "./en";

const TEXTS: Readonly<Record<string, Texts>> = { en: EN, de: DE, fr: FR, es: ES, nl: NL };
const BACKEND = `component.${DOMAIN}`;

/** Whoever has a language: Home Assistant, or nobody yet. */
type Speaker = Pick<HomeAssistant, "language" | "locale"> | null | undefined;

/** Return the user's language. */
export function languageOf(hass: Speaker): string {
  return hass?.locale?.language ?? hass?.language ?? "en";
}

/** Return a text in the user's language, with values for its placeholders. */
export function text(hass: Speaker, key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const language = languageOf(hass).split("-", 1)[0] ?? "en";
  return (TEXTS[language] ?? EN)[key].replace(/\{(\w+)\}/g, (_, value: string) => String(values[value]));
}

/** Return words with a colon behind them, before which French puts a space. */
export const withColon = (hass: Speaker, words: string): string =>
  `${words}${languageOf(hass).startsWith("fr") ? "\u00a0" : ""}:`;

/** Return a text in the language of the page, for what is shown before a card has `hass`. */
export function pageText(key: TextKey): string {
  const app = document.querySelector<HTMLElement & { hass?: HomeAssistant }>("home-assistant");
  return text(app?.hass, key);
}

/** Let Home Assistant load the texts of reasons and errors, and return what knows them, also where `hass` is an old one. */
export async function loadReasons(hass: HomeAssistant): Promise<Localize> {
  const kinds = ["selector", "exceptions"];
  const loaded = await Promise.all(kinds.map((kind) => hass.loadBackendTranslation(kind, DOMAIN)));
  return (key, values) => loaded.map((localize) => localize(key, values)).find(Boolean) ?? "";
}

/** Return why something was decided; the code of the reason until its text is there. */
export function reasonText(localize: Localize, row: { reason: string; from?: string; to?: string }): string {
  const values = { from: row.from, to: row.to };
  return localize(`${BACKEND}.selector.reason.options.${row.reason}`, values) || row.reason;
}

/** Return what was decided. */
export function actionText(localize: Localize, row: { action: string }): string {
  return localize(`${BACKEND}.selector.action.options.${row.action}`) || row.action;
}

export interface ShownError {
  readonly message: string;
  readonly key: string | null;
  readonly placeholders: Readonly<Record<string, string>>;
}

/** Return why a run could not be made, in English where its text is not there. */
export function errorText(localize: Localize, error: ShownError): string {
  const found = error.key && localize(`${BACKEND}.exceptions.${error.key}.message`, error.placeholders);
  return found || error.message;
}

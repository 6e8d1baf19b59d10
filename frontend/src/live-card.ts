// What all cards share: Home Assistant's state, the words, and a subscription that lives as long as the card is shown.

import { LitElement, type PropertyDeclarations, type PropertyValues } from "lit";

import type { HomeAssistant, Localize, Message } from "./home-assistant";
import { languageOf, loadReasons } from "./texts";

/** A card that is told how things are, and again whenever they change. */
export abstract class LiveCard<Config, News> extends LitElement {
  static override properties: PropertyDeclarations = {
    hass: { attribute: false },
    config: { state: true },
    news: { state: true },
    refusal: { state: true },
    words: { state: true },
  };

  declare hass: HomeAssistant | null;
  declare protected config: Config | null;
  declare protected news: News | null;
  /** Why nothing is told: the code of an error. */
  declare protected refusal: string | null;
  /** What knows the reasons' texts, once they are there: a card in a picker is given `hass` only once, before that. */
  declare private words: Localize | null;
  #asked: string | null = null;
  #stop: Promise<() => Promise<void>> | null = null;
  #language: string | null = null;

  constructor() {
    super();
    this.hass = this.config = this.news = this.refusal = this.words = null;
  }

  /** Take a configuration; throws an Error that Home Assistant shows in the card's place. */
  setConfig(config: Config): void {
    this.checkConfig(config);
    this.config = config;
  }

  protected abstract checkConfig(config: Config): void;

  /** Return the message to subscribe with; null: there is nothing to subscribe to yet. */
  protected abstract subscription(): Message | null;

  /** Tell whether something that the card shows differs between two states of Home Assistant. */
  protected concerns(_before: HomeAssistant, _now: HomeAssistant): boolean {
    return false;
  }

  /** Look a text of Home Assistant's up: of entities, reasons, errors. */
  protected localize: Localize = (key, values) => this.hass?.localize(key, values) || this.words?.(key, values) || "";

  /** "rtl" or "ltr": Home Assistant turns pages round by style; arrows have to know by an attribute. */
  protected get direction(): "rtl" | "ltr" {
    const languages = this.hass?.translationMetadata?.translations ?? {};
    return languages[this.hass?.language ?? ""]?.isRTL ? "rtl" : "ltr";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#subscribe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  /** Home Assistant sets `hass` at every change of anything: most of it is none of this card's business. */
  protected override shouldUpdate(changed: PropertyValues): boolean {
    if (!this.hass || !this.config) return false;
    if (!changed.has("hass") || changed.size > 1) return true;
    const before = changed.get("hass") as HomeAssistant | null;
    return !before || before.localize !== this.hass.localize || this.concerns(before, this.hass);
  }

  protected override willUpdate(): void {
    this.#loadWords();
  }

  protected override update(changed: PropertyValues): void {
    super.update(changed);
    this.#subscribe();
  }

  #loadWords(): void {
    const hass = this.hass;
    if (!hass || this.#language === languageOf(hass)) return;
    this.#language = languageOf(hass);
    loadReasons(hass).then(
      (localize) => { this.words = localize; },
      () => undefined,
    );
  }

  #subscribe(): void {
    const message = this.isConnected && this.hass && this.config ? this.subscription() : null;
    const asked = message && JSON.stringify(message);
    if (asked === this.#asked || !this.hass) return;
    this.#unsubscribe();
    this.news = this.refusal = null;
    if (!message) return;
    this.#asked = asked;
    this.#stop = this.hass.connection.subscribeMessage<News>((news) => {
      if (this.#asked === asked) [this.news, this.refusal] = [news, null];
    }, message);
    this.#stop.catch((error: { code?: string } | undefined) => {
      if (this.#asked === asked) [this.news, this.refusal] = [null, error?.code ?? "unknown"];
    });
  }

  #unsubscribe(): void {
    this.#asked = null;
    this.#stop?.then((stop) => stop()).catch(() => undefined);
    this.#stop = null;
  }
}

// What both cards share: a shadow root with a card in it, and a subscription that lives as long as the card is shown.

import { element, refreshTimes, setAttribute } from "./dom.js";
import { languageOf, loadReasons } from "./texts.js";

const REFRESH_MS = 15000;

/** A card that is told how things are, and again whenever they change. */
export class LiveCard extends HTMLElement {
  _hass = null;
  _config = null;
  _news = null;
  _refusal = null;
  #stop = null;
  #asked = null;
  #language = null;
  #timer = null;
  #card = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }

  /** Home Assistant's state: set at every change of anything, so it is looked at before anything is drawn. */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    if (this.#language !== languageOf(hass)) {
      this.#language = languageOf(hass);
      loadReasons(hass).catch(() => {});
    }
    this.#setDirection();
    this.#subscribe();
    if (!before || before.localize !== hass.localize || this._concerns(before, hass)) this._update();
  }

  connectedCallback() {
    this.#timer = setInterval(() => refreshTimes(this.shadowRoot, languageOf(this._hass)), REFRESH_MS);
    this.#subscribe();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  /** Draw the card anew for a configuration. */
  _reset(styles, ...content) {
    this.#unsubscribe();
    this._news = this._refusal = null;
    this.#card = element("ha-card", {}, ...content);
    this.shadowRoot.replaceChildren(element("style", {}, styles), this.#card);
    this.#setDirection();
    this.#subscribe();
  }

  /** Return the message to subscribe with; null: there is nothing to subscribe to yet. */
  _subscription() {
    return null;
  }

  /** Tell whether something that the card shows differs between two states of Home Assistant. */
  _concerns(_before, _now) {
    return false;
  }

  /** Bring what is shown in line with what is known. */
  _update() {}

  /** Home Assistant turns pages round by style; arrows have to know by an attribute. */
  #setDirection() {
    const language = this._hass?.translationMetadata?.translations[this._hass.language];
    if (this.#card) setAttribute(this.#card, "dir", language?.isRTL ? "rtl" : "ltr");
  }

  #subscribe() {
    const message = this.isConnected && this._hass && this._config ? this._subscription() : null;
    const asked = message && JSON.stringify(message);
    if (!message || asked === this.#asked) return;
    this.#unsubscribe();
    this.#asked = asked;
    const stop = this._hass.connection.subscribeMessage((news) => {
      if (this.#asked === asked) this.#hear(news, null);
    }, message);
    this.#stop = stop;
    stop.catch((error) => {
      if (this.#asked === asked) this.#hear(null, error?.code ?? "unknown");
    });
  }

  #hear(news, refusal) {
    this._news = news;
    this._refusal = refusal;
    if (this._hass) this._update();
  }

  #unsubscribe() {
    this.#asked = null;
    this.#stop?.then((stop) => stop()).catch(() => {});
    this.#stop = null;
  }
}

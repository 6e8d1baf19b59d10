// Small pieces that several cards are made of. Titles come from anywhere: Lit makes text of them, never elements.

import { type TemplateResult, html } from "lit";

import { relativeTime } from "./format";

/** An icon that screen readers pass over: the words beside it say the same. */
export function icon(name: string, className = ""): TemplateResult {
  return html`<ha-icon icon=${name} class=${className} aria-hidden="true"></ha-icon>`;
}

/** A name of somebody's choosing, which may run the other way than the text around it. */
export function name(text: string): TemplateResult {
  return html`<bdi>${text}</bdi>`;
}

/** Two names with a sign between them, in reading order. */
export function route(from: string, to: string, sign = icon("mdi:arrow-right", "way")): TemplateResult {
  return html`<span class="route">${name(from)}${sign}${name(to)}</span>`;
}

/** How long ago something is; the exact time is its tooltip. */
export function ago(iso: string, language: string): TemplateResult {
  const date = new Date(iso);
  return html`<time datetime=${iso} title=${date.toLocaleString(language)}>${relativeTime(date, language)}</time>`;
}

// Building and formatting. Titles come from anywhere: text only ever becomes text nodes.

/** Return an element: attributes by name, functions as listeners, children as nodes or texts. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else setAttribute(made, name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Set an attribute, only where it differs; null, undefined and false take it away. */
export function setAttribute(target, name, value) {
  if (value === null || value === undefined || value === false) target.removeAttribute(name);
  else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, String(value));
}

/** Set the text of an element, only where it differs: screen readers read live regions again at every change. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Return an icon that screen readers pass over: the words beside it say the same. */
export function icon(name, className = "") {
  return element("ha-icon", { icon: name, class: className, "aria-hidden": "true" });
}

/** Return a name of somebody's choosing, which may run the other way than the text around it. */
export function name(text) {
  return element("bdi", {}, text);
}

/** Return two names with a sign between them, in reading order. */
export function route(from, to, sign = icon("mdi:arrow-right", "way"), attributes = {}) {
  return element("span", { class: "route", ...attributes }, name(from), sign, name(to));
}

/** Let Home Assistant do something that bubbles up to it, as `hass-more-info`. */
export function fire(target, type, detail) {
  target.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}

/** Return seconds as players show them: 1:02:03. */
export function playingTime(seconds) {
  const pad = (value) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(Math.floor(seconds) % 60)}`;
}

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** Return a time as "4 minutes ago" or "in 11 minutes", in a language. */
export function relativeTime(date, language, now = Date.now()) {
  const seconds = (date.getTime() - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return unit === "second" && Math.abs(seconds) < 20 ? format.format(0, unit) : format.format(Math.round(seconds / size), unit);
}

/** Return an element with a time that `refreshTimes` keeps true; the exact time is its tooltip. */
export function time(iso, language) {
  const made = element("time", { datetime: iso, title: new Date(iso).toLocaleString(language) });
  setText(made, relativeTime(new Date(iso), language));
  return made;
}

/** Let all times below an element say how long ago they are by now. */
export function refreshTimes(root, language) {
  for (const each of root.querySelectorAll("time[datetime]")) {
    setText(each, relativeTime(new Date(each.getAttribute("datetime")), language));
  }
}

/** Return what tells an episode or a film from others of its name: season and episode, or the year. */
export function titleDetail(row) {
  if (row.season !== null && row.episode !== null) return `S${row.season} E${row.episode}`;
  return row.year === null ? "" : String(row.year);
}

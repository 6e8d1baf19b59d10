// How times and titles read.

/** Return seconds as players show them: 1:02:03. */
export function playingTime(seconds: number): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(Math.floor(seconds) % 60)}`;
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** Return a time as "4 minutes ago" or "in 11 minutes", in a language. */
export function relativeTime(date: Date, language: string, now = Date.now()): string {
  const seconds = (date.getTime() - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (["second", 1] as const);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const isNow = unit === "second" && Math.abs(seconds) < 20;
  return format.format(isNow ? 0 : Math.round(seconds / size), unit);
}

export interface Named {
  readonly title: string;
  readonly season: number | null;
  readonly episode: number | null;
  readonly year: number | null;
}

/** Return what tells an episode or a film from others of its name: season and episode, or the year. */
export function titleDetail({ season, episode, year }: Omit<Named, "title">): string {
  if (season !== null && episode !== null) return `S${season} E${episode}`;
  return year === null ? "" : String(year);
}

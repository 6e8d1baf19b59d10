// What the table of everything in progress is told (dashboard/progress_table.py).

import type { Named } from "./format";
import type { Poster } from "./posters";

export interface Place {
  readonly position: number;
  readonly duration: number | null;
  readonly percent: number | null;
  readonly watched: boolean;
}

export interface Reason {
  readonly from: string;
  readonly to: string;
  readonly action: string;
  readonly reason: string;
  readonly at: string | null;
}

export interface TitleRow extends Named {
  readonly ids: readonly string[];
  readonly leader: string | null;
  readonly poster: Poster | null;
  readonly places: readonly (Place | null)[];
  readonly decisions: readonly Reason[];
}

export interface AccountHead {
  readonly entry_id: string;
  readonly name: string;
  readonly type: string;
  readonly connected: boolean;
}

export interface Group {
  readonly accounts: readonly AccountHead[];
  readonly total: number;
  readonly titles: readonly TitleRow[];
}

export interface ProgressNews {
  readonly groups: readonly Group[];
}

/** Return what tells the titles of a group from one another; two that nothing tells apart are counted. */
export function rowKeys(titles: readonly TitleRow[]): string[] {
  const seen = new Map<string, number>();
  return titles.map(({ title, season, episode, ids }) => {
    const key = JSON.stringify([title, season, episode, ids]);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count ? `${key}#${count}` : key;
  });
}

// What a pair's card is told (dashboard/pair_overview.py).

import type { Named } from "./format";
import type { ShownError } from "./texts";

export interface DecisionRow extends Named {
  readonly from: string;
  readonly to: string;
  readonly from_position: number | null;
  readonly to_position: number | null;
  readonly action: string;
  readonly reason: string;
  readonly at: string | null;
}

export interface RemovalRow extends Omit<DecisionRow, "at"> {
  readonly recorded_at: string;
}

export interface PairNews {
  readonly gone: boolean;
  readonly loaded?: boolean;
  readonly private?: boolean;
  readonly can_run?: boolean;
  readonly direction?: "two_way" | "to_peer" | "from_peer";
  readonly accounts?: readonly ({ readonly name: string; readonly type: string } | null)[];
  readonly next_run?: string | null;
  readonly error?: ShownError | null;
  readonly removals_total?: number;
  readonly removals?: readonly RemovalRow[];
  readonly open?: readonly DecisionRow[];
  readonly recent?: readonly DecisionRow[];
}

const SAME = ["title", "season", "episode", "to"] as const;

/** Return what is listed: open titles, removals that no run has looked at since, then what was done last. */
export function listedRows(news: PairNews | null): DecisionRow[] {
  const { open = [], removals = [], recent = [] } = news ?? {};
  const waiting = removals
    .filter((removal) => !open.some((row) => SAME.every((key) => row[key] === removal[key])))
    .map((removal): DecisionRow => ({ ...removal, at: removal.recorded_at }));
  return [...open, ...waiting, ...recent];
}

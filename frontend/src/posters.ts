// Where posters are: asked of Home Assistant once for each, many at a time.

import type { HomeAssistant } from "./home-assistant";

export const SIGN_ARTWORK = "resume_sync/artwork/sign";

const MOST_AT_ONCE = 100;
const WIDTH = 160;

export interface Poster {
  readonly entry_id: string;
  readonly item_id: string;
}

const keyOf = ({ entry_id, item_id }: Poster): string => `${entry_id} ${item_id}`;

/** The addresses of posters, as far as they are known; `changed` is called when more are. */
export class Posters {
  #paths = new Map<string, string | null>();
  #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Return the address of a poster; null where there is none, or none yet. */
  path(poster: Poster | null): string | null {
    const path = poster && this.#paths.get(keyOf(poster));
    return path ? `${path}&width=${WIDTH}` : null;
  }

  /** Show no picture where there turned out to be none. */
  missing(poster: Poster): void {
    this.#paths.set(keyOf(poster), null);
    this.#changed();
  }

  /** Ask where these posters are, but for those that were asked for before. */
  ask(hass: HomeAssistant, posters: Iterable<Poster | null>): void {
    const wanted = new Map<string, string[]>();
    for (const poster of posters) {
      if (!poster || this.#paths.has(keyOf(poster))) continue;
      this.#paths.set(keyOf(poster), null);
      wanted.set(poster.entry_id, [...(wanted.get(poster.entry_id) ?? []), poster.item_id]);
    }
    for (const [entryId, itemIds] of wanted) {
      for (let start = 0; start < itemIds.length; start += MOST_AT_ONCE) {
        void this.#sign(hass, entryId, itemIds.slice(start, start + MOST_AT_ONCE));
      }
    }
  }

  async #sign(hass: HomeAssistant, entryId: string, itemIds: readonly string[]): Promise<void> {
    const message = { type: SIGN_ARTWORK, config_entry_id: entryId, item_ids: itemIds };
    const paths = await hass.callWS<Record<string, string>>(message).catch(() => ({}));
    for (const [itemId, path] of Object.entries(paths)) this.#paths.set(keyOf({ entry_id: entryId, item_id: itemId }), path);
    this.#changed();
  }
}

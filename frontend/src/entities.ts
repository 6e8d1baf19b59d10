// The entities of accounts and pairs, by translation key: they may be renamed at will. tests/frontend ties them to Python.

import type { DeviceEntry, HomeAssistant } from "./home-assistant";

export const DOMAIN = "resume_sync";

export const ACCOUNT_KEYS = ["connected", "live_updates", "in_progress"] as const;

export const PAIR_KEYS = [
  "status",
  "problem",
  "pending",
  "unresolved",
  "tombstones",
  "last_sync",
  "synced_total",
  "cleared_total",
  "duration",
  "progress",
  "automatic",
] as const;

/** The button and the event of a pair share their key: `button.sync` and `event.sync`. */
export const PAIR_SYNC_KEYS = ["button.sync", "event.sync"] as const;

export type EntityKey = (typeof ACCOUNT_KEYS | typeof PAIR_KEYS | typeof PAIR_SYNC_KEYS)[number];

export type Entities = Readonly<Partial<Record<EntityKey, string>>>;

export const STATUS_ICONS: Readonly<Record<string, string>> = {
  in_sync: "mdi:check-circle",
  pending: "mdi:clock-outline",
  syncing: "mdi:sync",
  waiting: "mdi:timer-sand",
  paused: "mdi:pause-circle",
  failed: "mdi:alert-circle",
  needs_attention: "mdi:account-alert",
};

export const ACTION_ICONS: Readonly<Record<string, string>> = {
  write: "mdi:arrow-right-bold-circle-outline",
  clear: "mdi:playlist-remove",
  wait: "mdi:timer-sand",
  none: "mdi:equal",
  unresolved: "mdi:help-circle-outline",
};

const PAIR_SIGN = "status";
const ACCOUNT_SIGN = "in_progress";

/** Return the ids of a device's entities by key, those of `button` and `event` with their domain before it. */
export function entitiesOf(hass: HomeAssistant, deviceId: string): Entities {
  const found: Partial<Record<string, string>> = {};
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform !== DOMAIN || entity.device_id !== deviceId || !entity.translation_key) continue;
    const domain = entity.entity_id.split(".", 1)[0];
    const key = entity.translation_key;
    found[key === "sync" ? `${domain}.${key}` : key] = entity.entity_id;
  }
  return found;
}

/** Return the devices of all pairs, by name. */
export const pairDevices = (hass: HomeAssistant): DeviceEntry[] => devicesWith(hass, PAIR_SIGN, "pair");

/** Return the devices of all accounts, by name. */
export const accountDevices = (hass: HomeAssistant): DeviceEntry[] => devicesWith(hass, ACCOUNT_SIGN, "server");

/** Return the name of a device as people have called it. */
export const deviceName = (device: DeviceEntry): string => device.name_by_user || device.name || "";

function devicesWith(hass: HomeAssistant, sign: string, modelId: string): DeviceEntry[] {
  const ids = new Set(
    Object.values(hass.entities)
      .filter((entity) => entity.platform === DOMAIN && entity.translation_key === sign)
      .map((entity) => entity.device_id),
  );
  return Object.values(hass.devices)
    .filter((device) => ids.has(device.id) && device.model_id === modelId)
    .sort((one, other) => deviceName(one).localeCompare(deviceName(other)));
}

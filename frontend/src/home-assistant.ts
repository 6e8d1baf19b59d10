// What the cards use of Home Assistant's frontend.

export interface EntityState {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface EntityEntry {
  readonly entity_id: string;
  readonly device_id?: string | null;
  readonly platform?: string;
  readonly translation_key?: string | null;
}

export interface DeviceEntry {
  readonly id: string;
  readonly name?: string | null;
  readonly name_by_user?: string | null;
  readonly model_id?: string | null;
  readonly config_entries?: readonly string[];
}

export type Message = Readonly<Record<string, unknown> & { type: string }>;

export interface HomeAssistant {
  readonly connection: {
    subscribeMessage<News>(listener: (news: News) => void, message: Message): Promise<() => Promise<void>>;
  };
  readonly states: Readonly<Record<string, EntityState>>;
  readonly entities: Readonly<Record<string, EntityEntry>>;
  readonly devices: Readonly<Record<string, DeviceEntry>>;
  readonly language?: string;
  readonly locale?: { readonly language?: string };
  readonly translationMetadata?: { readonly translations: Readonly<Record<string, { readonly isRTL?: boolean }>> };
  localize(key: string, values?: Readonly<Record<string, unknown>>): string;
  loadBackendTranslation(category: string, integration: string): Promise<Localize>;
  formatEntityState(state: EntityState): string;
  formatEntityName(state: EntityState, type: { type: string }): string;
  callService(
    domain: string,
    action: string,
    data: Readonly<Record<string, unknown>>,
    target?: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  callWS<Result>(message: Message): Promise<Result>;
}

export type Localize = HomeAssistant["localize"];

/** Let Home Assistant do something that bubbles up to it, as `hass-more-info`. */
export function fire(target: EventTarget, type: string, detail: unknown): void {
  target.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}

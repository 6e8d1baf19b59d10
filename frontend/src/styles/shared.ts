// Looks: Home Assistant's own colours and spaces, so that every theme fits.

import { css } from "lit";

export const SHARED = css`
  :host { display: block; height: 100%; }
  ha-card { height: 100%; box-sizing: border-box; padding: 16px; display: flex; flex-direction: column; gap: 12px;
    container-type: inline-size; color: var(--primary-text-color); }
  [hidden] { display: none !important; }
  h2, h3, p, ul { margin: 0; padding: 0; font-weight: normal; }
  h2 { font-size: var(--ha-font-size-l, 16px); font-weight: var(--ha-font-weight-medium, 500); line-height: 1.4; }
  h3 { font-size: var(--ha-font-size-m, 14px); font-weight: var(--ha-font-weight-medium, 500); }
  ul { list-style: none; }
  button { font: inherit; color: inherit; background: none; border: 0; margin: 0; padding: 0; cursor: pointer; }
  button:disabled { cursor: default; opacity: 0.6; }
  :focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; border-radius: 4px; }
  .quiet { color: var(--secondary-text-color); font-size: var(--ha-font-size-s, 12px); line-height: 1.5; }
  .notice { line-height: 1.5; }
  .hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .route { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0 6px; }
  .way { --mdc-icon-size: 16px; flex: none; }
  [dir="rtl"] .way { transform: scaleX(-1); }
  bdi { overflow-wrap: anywhere; }
`;

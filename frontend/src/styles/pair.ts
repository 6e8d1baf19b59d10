// The card of a pair.

import { css } from "lit";

export const PAIR = css`
  .head { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; justify-content: space-between; }
  .accounts .way { --mdc-icon-size: 20px; color: var(--secondary-text-color); }
  .status { display: inline-flex; align-items: center; gap: 6px; min-height: 44px; padding-inline: 8px; margin: -8px; }
  .status ha-icon { --mdc-icon-size: 20px; color: var(--secondary-text-color); }
  .status[data-status="in_sync"] ha-icon { color: var(--success-color); }
  .status[data-status="pending"] ha-icon, .status[data-status="waiting"] ha-icon { color: var(--warning-color); }
  .status[data-status="needs_attention"] ha-icon { color: var(--warning-color); }
  .status[data-status="failed"] ha-icon { color: var(--error-color); }
  .status[data-status="syncing"] ha-icon { color: var(--primary-color); }
  @media (prefers-reduced-motion: no-preference) {
    .status[data-status="syncing"] ha-icon { animation: turn 1.6s linear infinite; }
    @keyframes turn { to { transform: rotate(-360deg); } }
  }
  .error { border-inline-start: 4px solid var(--error-color); padding-inline-start: 12px; line-height: 1.5; }
  .numbers { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px; hyphens: auto; }
  @container (max-width: 370px) { .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
  .number { display: flex; flex-direction: column; justify-content: center; min-height: 52px; padding: 4px 10px; text-align: start;
    border: 1px solid var(--divider-color); border-radius: var(--ha-card-border-radius, 12px); box-sizing: border-box; }
  .number b { font-size: var(--ha-font-size-xl, 20px); font-weight: var(--ha-font-weight-medium, 500); line-height: 1.3; }
  button.number:disabled { opacity: 1; }
  button.number:enabled:hover { border-color: var(--primary-color); }
  .titles { display: flex; flex-direction: column; }
  .titles li { padding-block: 8px; border-top: 1px solid var(--divider-color); display: grid;
    grid-template-columns: 24px 1fr; column-gap: 10px; line-height: 1.45; }
  .titles li > ha-icon { --mdc-icon-size: 20px; color: var(--secondary-text-color); margin-top: 2px; }
  .titles .line { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; }
  .titles .at { margin-inline-start: auto; }
  .actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; justify-content: space-between; margin-top: auto; }
  .sync { min-height: 44px; padding-inline: 20px; border-radius: 22px; color: var(--primary-text-color);
    border: 1px solid var(--primary-color); font-weight: var(--ha-font-weight-medium, 500);
    display: inline-flex; align-items: center; gap: 8px; }
  .sync:hover:enabled { background: color-mix(in srgb, var(--primary-color) 12%, transparent); }
  .sync ha-icon { --mdc-icon-size: 20px; }
  .switch { min-height: 44px; display: inline-flex; align-items: center; gap: 10px; }
  .track { width: 40px; height: 22px; border-radius: 11px; border: 2px solid var(--secondary-text-color); box-sizing: border-box;
    display: inline-block; position: relative; }
  .track::after { content: ""; position: absolute; inset-block-start: 3px; inset-inline-start: 3px; width: 12px; height: 12px;
    border-radius: 50%; background: var(--secondary-text-color); }
  [aria-checked="true"] .track { border-color: var(--primary-color); background: var(--primary-color); }
  [aria-checked="true"] .track::after { inset-inline-start: auto; inset-inline-end: 3px;
    background: var(--card-background-color, #fff); }
`;

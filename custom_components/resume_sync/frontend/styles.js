// Looks: Home Assistant's own colours and spaces, so that every theme fits.

const SHARED = `
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

export const PAIR_STYLES = `${SHARED}
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

export const TABLE_STYLES = `${SHARED}
  .groups { display: flex; flex-direction: column; gap: 24px; }
  table { border-collapse: collapse; width: 100%; table-layout: fixed; }
  th, td { text-align: start; vertical-align: top; padding: 8px 12px 8px 0; font-weight: normal; }
  thead th { vertical-align: bottom; font-weight: var(--ha-font-weight-medium, 500); }
  thead th:first-child { width: 30%; }
  tbody tr { border-top: 1px solid var(--divider-color); }
  .title { position: relative; display: flex; gap: 4px; align-items: flex-start; justify-content: space-between; }
  .names { padding-block: 10px; line-height: 1.4; min-width: 0; }
  .why { min-width: 44px; min-height: 44px; border-radius: 22px; flex: none; color: var(--secondary-text-color); }
  .why ha-icon { --mdc-icon-size: 20px; }
  .tip { position: absolute; inset-block-start: calc(100% - 4px); inset-inline: 0 auto; z-index: 2; width: max-content;
    max-width: min(420px, 80cqi); padding: 10px 14px; border: 1px solid var(--divider-color); line-height: 1.5;
    border-radius: var(--ha-card-border-radius, 12px); background: var(--card-background-color, #fff);
    box-shadow: 0 2px 8px rgb(0 0 0 / 30%); visibility: hidden; }
  .tip p + p { margin-top: 6px; }
  .tip .line { display: block; }
  .why:hover + .tip, .why:focus-visible:not([data-closed]) + .tip, .why[aria-expanded="true"] + .tip, .tip:hover {
    visibility: visible; }
  .place { display: flex; flex-direction: column; gap: 4px; padding-block: 10px; line-height: 1.4; }
  .account { display: none; }
  .bar { height: 8px; border-radius: 4px; overflow: hidden; border: 1px solid var(--secondary-text-color); box-sizing: border-box; }
  .bar i { display: block; height: 100%; background: var(--secondary-text-color); }
  .leader .bar { border-color: var(--primary-color); }
  .leader .bar i { background: var(--primary-color); }
  @media (prefers-reduced-motion: no-preference) { .bar i { transition: width 0.6s ease; } }
  .mark { display: inline-flex; align-items: center; gap: 4px; font-size: var(--ha-font-size-s, 12px); }
  .mark ha-icon { --mdc-icon-size: 16px; color: var(--primary-color); }
  @container (max-width: 600px) {
    thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    table, tbody, tr, th, td { display: block; }
    th, td { padding: 0; }
    tbody tr { padding-block: 8px; }
    tbody tr:first-child { border-top: 0; padding-top: 0; }
    .names { padding-block: 10px 4px; }
    .place { padding-block: 4px; }
    .account { display: inline; }
  }
`;

// The table of everything in progress.

import { css } from "lit";

export const TABLE = css`
  .groups { display: flex; flex-direction: column; gap: 24px; }
  table { border-collapse: collapse; width: 100%; table-layout: fixed; }
  th, td { text-align: start; vertical-align: top; padding: 8px 12px 8px 0; font-weight: normal; }
  thead th { vertical-align: bottom; font-weight: var(--ha-font-weight-medium, 500); }
  thead th:first-child { width: 30%; }
  tbody tr { border-top: 1px solid var(--divider-color); }
  .title { position: relative; display: flex; gap: 4px; align-items: flex-start; justify-content: space-between; }
  .poster { width: 40px; height: 60px; flex: none; object-fit: cover; border-radius: 4px; margin-inline-end: 8px; }
  .names { padding-block: 10px; line-height: 1.4; min-width: 0; flex: 1; }
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

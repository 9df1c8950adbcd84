import { css } from "lit";
import { controls, notices } from "./controls.ts";

/**
 * Colours follow the page: `light-dark()` takes the side of the `color-scheme` that the page, or
 * `theme` on the element, declares. Every `--calendar-…` property is for the app to set.
 */
const tokens = css`
  :host {
    --_text: var(--calendar-text, light-dark(#1b2430, #e8ecf2));
    --_muted: var(--calendar-muted, light-dark(#5a6675, #a3aebc));
    --_surface: var(--calendar-surface, light-dark(#ffffff, #171c23));
    --_sheet: var(--calendar-sheet, light-dark(#ffffff, #222933));
    --_line: var(--calendar-line, light-dark(#dde3ea, #323b47));
    --_accent: var(--calendar-accent, light-dark(#2456c9, #8fb4ff));
    --_on-accent: var(--calendar-on-accent, light-dark(#ffffff, #0d1a33));
    --_good: var(--calendar-good, light-dark(#17714a, #6fd3a4));
    --_warn: var(--calendar-warn, light-dark(#8a5300, #f0bd6b));
    --_bad: var(--calendar-bad, light-dark(#b3261e, #ffaca5));
    --_radius: var(--calendar-radius, 14px);
    --_hover: color-mix(in oklab, var(--_text) 6%, transparent);

    display: block;
    inline-size: 100%;
    container-type: inline-size;
    color: var(--_text);
    font: inherit;
    font-family: var(--calendar-font, inherit);
    line-height: 1.5;
    text-align: start;
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme="light"]) {
    color-scheme: light;
  }
  :host([theme="dark"]) {
    color-scheme: dark;
  }
`;

const layout = css`
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  h4,
  p,
  ul {
    margin: 0;
    padding: 0;
  }
  p {
    text-wrap: pretty;
  }
  header {
    margin-block-end: 1rem;
  }
  [part="heading"] {
    font-size: 1.375rem;
    font-weight: 650;
    letter-spacing: -0.012em;
    line-height: 1.3;
  }
  [part="introduction"] {
    margin-block-start: 0.2rem;
    color: var(--_muted);
    text-wrap: balance;
  }
  [part="list"],
  [part="empty"],
  [part="failure"] {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    box-shadow: 0 1px 2px rgb(16 24 40 / 4%), 0 4px 16px rgb(16 24 40 / 3%);
    list-style: none;
  }
  [part="empty"],
  [part="failure"] {
    padding: 1.5rem 1.25rem;
    color: var(--_muted);
  }
  [part="failure-title"] {
    color: var(--_text);
    font-weight: 600;
  }
  [part="failure"] button {
    margin-block-start: 1rem;
  }
  [part="reference"] {
    margin-block-start: 0.25rem;
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  [part="capacity"] {
    margin-block-start: 0.875rem;
    color: var(--_muted);
    font-size: 0.9375em;
  }
  [part="paused"] {
    margin-block-start: 0.5rem;
    color: var(--_warn);
    font-size: 0.9375em;
  }
  [part="capacity"] strong {
    color: var(--_text);
    font-weight: 600;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  a {
    color: var(--_accent);
    text-underline-offset: 0.18em;
    text-decoration-thickness: from-font;
  }
  .links {
    display: inline-flex;
    flex-wrap: wrap;
    column-gap: 0.9em;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
`;

const rows = css`
  [part~="row"] {
    display: grid;
    grid-template-columns: 40px minmax(0, 1fr);
    column-gap: var(--_gap);
    align-items: start;
    padding: 1.125rem 1.25rem;
    --_gap: 1rem;
  }
  .account {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.25rem 1rem;
    align-items: start;
  }
  [part~="row"] + [part~="row"] {
    border-block-start: 1px solid var(--_line);
  }
  [part="icon"],
  [part="icon"] svg {
    display: block;
  }
  .words {
    min-block-size: 40px;
    align-content: center;
  }
  .heading {
    min-block-size: 40px;
    align-content: center;
  }
  [part="accounts"] {
    list-style: none;
  }
  [part="accounts"] > li {
    padding-block: 0.875rem;
    border-block-start: 1px solid var(--_line);
  }
  [part="accounts"] > li:first-child {
    padding-block-start: 0.25rem;
    border-block-start: 0;
  }
  [part="accounts"] .words {
    min-block-size: 0;
  }
  [part~="name"] {
    display: flex;
    flex-wrap: wrap;
    gap: 0.125rem 0.625rem;
    align-items: baseline;
    margin: 0;
    font-size: 1rem;
    font-weight: 600;
  }
  h4[part~="name"] {
    font-weight: 500;
  }
  h3.heading[part~="name"] {
    align-items: center;
  }
  [part~="status"] {
    display: inline-flex;
    gap: 0.4em;
    align-items: center;
    color: var(--_muted);
    font-size: 0.8125rem;
    font-weight: 500;
  }
  [part~="status"] i {
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border: 1.5px solid currentColor;
    border-radius: 50%;
  }
  [part~="status-active"] {
    color: var(--_good);
  }
  [part~="status-attention"],
  [part~="status-delayed"],
  [part~="status-expired"],
  [part~="status-revoked"] {
    color: var(--_warn);
  }
  [part~="status-error"] {
    color: var(--_bad);
  }
  [part~="status"]:not([part~="status-none"]) i {
    background: currentColor;
  }
  [part~="account"] {
    font-size: 0.9375rem;
    overflow-wrap: anywhere;
  }
  [part="remedy"] {
    max-inline-size: 52ch;
    margin-block: 0.125rem;
    font-size: 0.9375rem;
  }
  [part="detail"],
  [part="permission"] {
    color: var(--_muted);
    font-size: 0.875rem;
  }
  /* Each fact has its separator before it; where a fact begins a line, the separator is cut off. */
  [part="detail"] {
    overflow: clip;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    margin-inline-start: -1em;
  }
  .facts > * {
    padding-inline-start: 1em;
    text-indent: -1em;
  }
  .facts > *::before {
    content: "·";
    display: inline-block;
    inline-size: 1em;
    text-align: center;
    text-indent: 0;
  }
  [part="detail"] time {
    cursor: help;
  }
  [part="permission"] {
    display: flex;
    gap: 0.4em;
    align-items: start;
  }
  [part="permission"] svg {
    flex: none;
    margin-block-start: calc((1lh - 16px) / 2);
  }
  [part="actions"] {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    justify-content: flex-end;
  }
  .account:has([part="remedy"]) {
    & > .words,
    & > [part="actions"] {
      grid-column: 1 / -1;
      justify-content: flex-start;
    }
    & > [part="actions"]:has(button) {
      margin-block-start: 0.5rem;
    }
  }
  [part="confirm"] {
    grid-column: 1 / -1;
    margin-block-start: 0.75rem;
    margin-inline-start: calc(-40px - var(--_gap));
    padding: 1rem 1.125rem;
    border: 1px solid var(--_line);
    border-radius: min(10px, var(--_radius));
    background: color-mix(in oklab, var(--_text) 3%, transparent);
    font-size: 0.9375rem;
  }
  [part="question"] {
    font-weight: 600;
  }
  [part="confirm"] [part="actions"] {
    justify-content: flex-start;
    margin-block-start: 0.875rem;
  }
  @container (max-width: 30rem) {
    [part~="row"] {
      padding-inline: 1rem;
      --_gap: 0.875rem;
    }
    .account {
      grid-template-columns: minmax(0, 1fr);
    }
    .account > [part="actions"] {
      justify-content: flex-start;
    }
    .account > [part="actions"]:has(button) {
      margin-block: 0.5rem 0.125rem;
    }
    .skeleton .bone.action {
      display: none;
    }
  }
`;

const preferences = css`
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition: none !important;
      animation: none !important;
    }
    .spinner {
      border-style: dotted;
    }
  }
  @media (forced-colors: active) {
    [part~="status"]:not([part~="status-none"]) i {
      forced-color-adjust: none;
      background: CanvasText;
    }
    button[part~="primary"],
    button[part~="danger"] {
      border-color: ButtonText;
    }
  }
`;

export const styles = [tokens, layout, rows, controls, notices, preferences];

/** Buttons, notices, and what stands in while something is awaited. */
import { css } from "lit";

export const controls = css`
  button {
    display: inline-flex;
    gap: 0.5em;
    align-items: center;
    justify-content: center;
    min-block-size: 2.5rem;
    padding: 0.375rem 0.9375rem;
    border: 1px solid var(--_line);
    border-radius: min(9px, var(--_radius));
    background: transparent;
    color: inherit;
    font: inherit;
    font-size: 0.9375rem;
    font-weight: 550;
    cursor: pointer;
    transition: background-color 120ms ease, border-color 120ms ease, opacity 120ms ease;
  }
  button:focus-visible {
    border-radius: min(9px, var(--_radius));
  }
  button:hover {
    background-color: var(--_hover);
  }
  button[part~="primary"] {
    border-color: transparent;
    background-color: var(--_accent);
    color: var(--_on-accent);
  }
  button[part~="danger"] {
    border-color: transparent;
    background-color: var(--_bad);
    color: light-dark(#fff, #3b0805);
  }
  button[part~="primary"]:hover,
  button[part~="danger"]:hover {
    filter: brightness(1.08);
  }
  button[part~="add"] {
    margin-block: 0.5rem -0.375rem;
    margin-inline-start: -0.625rem;
    padding-inline: 0.625rem;
    border-color: transparent;
    color: var(--_accent);
  }
  button[aria-disabled="true"] {
    cursor: default;
    filter: none;
  }
  button[aria-disabled="true"]:not(:has(.spinner)) {
    opacity: 0.5;
  }
  .spinner {
    flex: none;
    inline-size: 1em;
    block-size: 1em;
    border: 2px solid color-mix(in oklab, currentColor 30%, transparent);
    border-block-start-color: currentColor;
    border-radius: 50%;
    animation: turn 900ms linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
`;

export const notices = css`
  [part="notice"] {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0.75rem;
    align-items: start;
    margin-block-end: 1rem;
    padding: 0.8125rem 0.875rem 0.8125rem 1.125rem;
    padding-inline: 1.125rem 0.875rem;
    border: 1px solid color-mix(in oklab, var(--_tone) 28%, transparent);
    border-radius: var(--_radius);
    background: color-mix(in oklab, var(--_tone) 7%, var(--_surface));
    animation: appear 180ms ease-out;
  }
  [part="notice"].plain {
    --_tone: var(--_accent);
  }
  [part="notice"].good {
    --_tone: var(--_good);
  }
  [part="notice"].bad {
    --_tone: var(--_bad);
  }
  [part="notice"] > svg,
  [part="notice"] > .spinner {
    margin-block-start: 0.15em;
    color: var(--_tone);
  }
  [part="notice-title"] {
    font-weight: 600;
  }
  [part="notice-remedy"] {
    font-size: 0.9375rem;
  }
  button[part="dismiss"] {
    min-block-size: 0;
    margin-block: -0.25rem;
    padding: 0.5rem;
    border-color: transparent;
    color: var(--_muted);
  }
  @keyframes appear {
    from {
      opacity: 0;
      translate: 0 -4px;
    }
  }
  .skeleton {
    align-items: center;
  }
  .skeleton > div {
    display: grid;
    gap: 0.5rem;
  }
  .bone {
    display: block;
    inline-size: 7rem;
    max-inline-size: 80%;
    block-size: 0.75rem;
    border-radius: 6px;
    background: color-mix(in oklab, var(--_text) 9%, transparent);
    animation: breathe 1600ms ease-in-out infinite alternate;
  }
  .bone.wide {
    inline-size: 12rem;
  }
  .bone.sheet {
    inline-size: 40px;
    max-inline-size: none;
    block-size: 40px;
    border-radius: 10px;
  }
  .bone.action {
    inline-size: 6rem;
    block-size: 2.5rem;
    border-radius: min(9px, var(--_radius));
  }
  @keyframes breathe {
    to {
      opacity: 0.45;
    }
  }
`;

import { svg, type TemplateResult } from "lit";
import { isProvider, type ProviderName } from "../client/contract.ts";

const COLOURS = {
  google: ["#4285f4", "#ea4335", "#fbbc04", "#34a853"],
  outlook: ["#0f6cbd", "#2886de", "#28a8ea", "#50d9ff"],
} as const;
const GREYS = ["#67717e", "#858f9b", "#a3abb5", "#c1c7ce"] as const;

/** A calendar sheet in the provider's colours; not the provider's own mark. */
export function providerIcon(provider: ProviderName): TemplateResult {
  const [first, second, third, fourth] = isProvider(provider) ? COLOURS[provider] : GREYS;
  return svg`
    <svg viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">
      <rect x="5" y="7" width="30" height="28" rx="7" fill="var(--_sheet)" stroke="var(--_line)" />
      <path d="M5 14a7 7 0 0 1 7-7h16a7 7 0 0 1 7 7v1.5H5z" fill="${first}" />
      <path d="M13 4v6M27 4v6" stroke="${first}" stroke-width="2.6" stroke-linecap="round" />
      <circle cx="13.5" cy="22" r="2.4" fill="${first}" />
      <circle cx="20" cy="22" r="2.4" fill="${second}" />
      <circle cx="26.5" cy="22" r="2.4" fill="${third}" />
      <circle cx="13.5" cy="28.6" r="2.4" fill="${fourth}" />
      <circle cx="20" cy="28.6" r="2.4" fill="var(--_line)" />
    </svg>
  `;
}

const NOTICE_PATHS = {
  good: "M6.2 10.4 9 13.2l5-5.6",
  bad: "M10 5.8v5.2M10 14v.1",
  plain: "M10 9.4v4.8M10 6.2v.1",
} as const;

export type Tone = keyof typeof NOTICE_PATHS;

export function toneIcon(tone: Tone): TemplateResult {
  return svg`
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <circle cx="10" cy="10" r="9" fill="currentColor" opacity=".14" />
      <path d="${NOTICE_PATHS[tone]}" fill="none" stroke="currentColor" stroke-width="1.8"
        stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  `;
}

export const cross = svg`
  <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"
    focusable="false">
    <path d="m5.5 5.5 9 9m0-9-9 9" stroke="currentColor" stroke-width="1.7"
      stroke-linecap="round" />
  </svg>
`;

export const plus = svg`
  <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"
    focusable="false">
    <path d="M10 4.5v11M4.5 10h11" stroke="currentColor" stroke-width="1.7"
      stroke-linecap="round" />
  </svg>
`;

export const eye = svg`
  <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"
    focusable="false">
    <g fill="none" stroke="currentColor" stroke-width="1.5">
      <path
        d="M2.2 10S5 4.8 10 4.8 17.8 10 17.8 10 15 15.2 10 15.2 2.2 10 2.2 10z" />
      <circle cx="10" cy="10"
        r="2.3" />
    </g>
  </svg>
`;

import { html, nothing, type TemplateResult } from "lit";
import { type Capacity, isProvider, type Provider, type ProviderName } from "../client/contract.ts";
import { isSingular, number } from "./format.ts";
import { cross, type Tone, toneIcon } from "./icons.ts";
import { CONSENT_PAGES, type Knowledge, type Model, type Notice, rowsOf } from "./model.ts";
import { rowView } from "./row.ts";
import { errorTexts, named, offlineTexts, type Say } from "./texts.ts";

export interface Handlers {
  connect(provider: Provider): void;
  askToDisconnect(provider: ProviderName): void;
  keep(): void;
  disconnect(provider: ProviderName): void;
  retry(): void;
  dismiss(): void;
}

export interface Surroundings {
  say: Say;
  locale: string;
  now: number;
  on: Handlers;
}

export function view(model: Model, around: Surroundings): TemplateResult {
  const { say } = around;
  const busy = model.work !== null || model.knowledge.kind === "loading";
  return html`
    <section part="panel" tabindex="-1" aria-labelledby="heading" aria-busy=${busy}>
      <header>
        <slot name="heading">
          <h2 id="heading" part="heading">${say("heading")}</h2>
          <p part="introduction">${say("introduction")}</p>
        </slot>
      </header>
      ${noticeView(model, around)} ${bodyView(model, around)}
      <p class="unseen" role="status">${announcement(model, say)}</p>
    </section>
  `;
}

function bodyView(model: Model, around: Surroundings): TemplateResult | typeof nothing {
  const { knowledge } = model;
  const { say, on } = around;
  switch (knowledge.kind) {
    case "loading":
      return skeleton();
    case "signed_out":
      return html`<slot name="signed-out"><p part="empty">${say("signed_out")}</p></slot>`;
    case "failed": {
      const { title, remedy } = failureTexts(knowledge, say);
      return html`
        <div part="failure">
          <p part="failure-title">${title}</p>
          <p part="failure-remedy">${remedy}</p>
          ${referenceView(knowledge.requestId, say)}
          <button type="button" part="button" @click=${on.retry}>${say("retry")}</button>
        </div>
      `;
    }
    case "known": {
      const rows = rowsOf(knowledge.status);
      if (rows.length === 0) return html`<p part="empty">${say("none_configured")}</p>`;
      return html`
        <ul part="list">${rows.map((row) => rowView(row, model, around))}</ul>
        ${capacityView(knowledge.status.capacity, around)}
      `;
    }
  }
}

function capacityView(capacity: Partial<Capacity> | null | undefined, around: Surroundings) {
  const { actions_per_day, level } = capacity ?? {};
  if (typeof actions_per_day !== "number") return nothing;
  const { say, locale } = around;
  const amount = say(isSingular(actions_per_day, locale) ? "capacity.one" : "capacity.other", {
    count: number(actions_per_day, locale),
  });
  const source = say(level === "default" ? "capacity.default" : "capacity.calendar");
  return html`<p part="capacity"><strong>${amount}</strong><span>${source}</span></p>`;
}

function skeleton(): TemplateResult {
  const row = html`
    <li part="row" class="skeleton">
      <span class="bone sheet"></span>
      <div><span class="bone wide"></span><span class="bone"></span></div>
      <span class="bone action"></span>
    </li>
  `;
  return html`<ul part="list" aria-hidden="true">${row}${row}</ul>`;
}

function noticeView({ knowledge, notice, work }: Model, { say, on }: Surroundings) {
  if (work?.kind === "returning") {
    return html`
      <div part="notice" class="plain">
        <span class="spinner" aria-hidden="true"></span><p>${returningText(work.provider, say)}</p>
      </div>
    `;
  }
  if (!notice) return nothing;
  const { title, remedy, tone } = noticeTexts(notice, say);
  if (knowledge.kind === "failed" && failureTexts(knowledge, say).title === title) return nothing;
  return html`
    <div part="notice" class=${tone}>
      ${toneIcon(tone)}
      <div>
        <p part="notice-title">${title}</p>
        <p part="notice-remedy">
          ${remedy} ${notice.kind === "disconnected" ? consentLinks(notice.provider, say) : nothing}
        </p>
        ${notice.kind === "error" && tone === "bad"
          ? referenceView(notice.requestId, say)
          : nothing}
      </div>
      <button type="button" part="dismiss" aria-label=${say("dismiss")} @click=${on.dismiss}>
        ${cross}
      </button>
    </div>
  `;
}

export function consentLinks(provider: ProviderName | null, say: Say) {
  if (!isProvider(provider)) return nothing;
  const links = CONSENT_PAGES[provider].map(({ text, href }) =>
    html`<a href=${href} target="_blank" rel="noopener noreferrer">${say(text)}<span
          class="unseen"> ${say("new_tab")}</span></a>`
  );
  return html`<span class="links">${links}</span>`;
}

function referenceView(id: string | undefined, say: Say) {
  return id === undefined
    ? nothing
    : html`<p part="reference"><small>${say("reference", { id })}</small></p>`;
}

function failureTexts(
  { code, offline }: Knowledge & { kind: "failed" },
  say: Say,
): { title: string; remedy: string } {
  const { title, remedy } = offline ? offlineTexts("load") : errorTexts(code, "load");
  const names = named(say, "any");
  return { title: say(title, names), remedy: say(remedy, names) };
}

/** Errors that the user chose, or can correct at once, are not shown as alarms. */
const GENTLE = [
  "access_denied",
  "unauthorized",
  "wrong_user",
  "invalid_state",
  "insufficient_scope",
];

function noticeTexts(notice: Notice, say: Say): { title: string; remedy: string; tone: Tone } {
  const names = named(say, notice.provider ?? "any");
  if (notice.kind !== "error") {
    return {
      title: say(`${notice.kind}.title`, names),
      remedy: say(`${notice.kind}.remedy`, names),
      tone: notice.kind === "connected" || notice.kind === "already" ? "good" : "plain",
    };
  }
  const { code, during, offline } = notice;
  const { title, remedy } = offline ? offlineTexts(during) : errorTexts(code, during);
  const tone = GENTLE.includes(code) || offline ? "plain" : "bad";
  return { title: say(title, names), remedy: say(remedy, names), tone };
}

function returningText(provider: Provider | null, say: Say): string {
  return provider ? say("returning", named(say, provider)) : say("returning.unknown");
}

/** What a screen reader says when something has changed. */
function announcement({ knowledge, work, notice }: Model, say: Say): string {
  if (work?.kind === "returning") return returningText(work.provider, say);
  if (work) return say(work.kind, named(say, work.provider));
  if (notice) {
    const { title, remedy } = noticeTexts(notice, say);
    return `${title} ${remedy}`;
  }
  if (knowledge.kind === "failed") {
    const { title, remedy } = failureTexts(knowledge, say);
    return `${title} ${remedy}`;
  }
  return knowledge.kind === "loading" ? say("loading") : "";
}

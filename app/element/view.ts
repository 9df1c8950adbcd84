import { html, nothing, type TemplateResult } from "lit";
import type { Provider } from "../client/contract.ts";
import { isSingular, number } from "./format.ts";
import { cross, type Tone, toneIcon } from "./icons.ts";
import { CONSENT_PAGES, type Model, type Notice, rowsOf } from "./model.ts";
import { rowView } from "./row.ts";
import { errorTexts, named, type Say } from "./texts.ts";

export interface Handlers {
  connect(provider: Provider): void;
  askToDisconnect(provider: Provider): void;
  keep(): void;
  disconnect(provider: Provider): void;
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
    <section part="panel" aria-labelledby="heading" aria-busy=${busy}>
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
      const { title, remedy } = failureTexts(knowledge);
      return html`
        <div part="failure">
          <p part="failure-title">${say(title)}</p>
          <p part="failure-remedy">${say(remedy)}</p>
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
        <p part="capacity">${capacityText(model, around)}</p>
      `;
    }
  }
}

function capacityText({ knowledge }: Model, { say, locale }: Surroundings) {
  if (knowledge.kind !== "known") return nothing;
  const { actions_per_day, level } = knowledge.status.capacity;
  const amount = say(isSingular(actions_per_day, locale) ? "capacity.one" : "capacity.other", {
    count: number(actions_per_day, locale),
  });
  const source = say(level === "default" ? "capacity.default" : "capacity.calendar");
  return html`<strong>${amount}</strong><span>${source}</span>`;
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

function noticeView({ notice, work }: Model, { say, on }: Surroundings) {
  if (work?.kind === "returning") {
    return html`
      <div part="notice" class="plain">
        <span class="spinner" aria-hidden="true"></span><p>${returningText(work.provider, say)}</p>
      </div>
    `;
  }
  if (!notice) return nothing;
  const { title, remedy, tone } = noticeTexts(notice, say);
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

export function consentLinks(provider: Provider, say: Say): TemplateResult {
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
  { code, offline }: { code: Parameters<typeof errorTexts>[0]; offline: boolean },
) {
  return offline ? { title: "offline.title", remedy: "offline.remedy" } as const : errorTexts(code);
}

/** An error that the user chose or can mend at once is no alarm. */
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
      tone: notice.kind === "disconnected" ? "plain" : "good",
    };
  }
  const { title, remedy } = failureTexts(notice);
  const tone = GENTLE.includes(notice.code) || notice.offline ? "plain" : "bad";
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
    const { title, remedy } = failureTexts(knowledge);
    return `${say(title)} ${say(remedy)}`;
  }
  return knowledge.kind === "loading" ? say("loading") : "";
}

import { html, nothing, type TemplateResult } from "lit";
import type { CalendarStatus, Provider } from "../client/contract.ts";
import { isSingular, number, relative } from "./format.ts";
import { type Model, rowsOf } from "./model.ts";
import { announcement, failureTexts, noticeView, referenceView } from "./notice.ts";
import { rowView } from "./row.ts";
import type { Say } from "./texts.ts";

export interface Handlers {
  /** `connection`: the one to renew; `null`: one more. */
  connect(provider: Provider, connection: string | null): void;
  askToDisconnect(connection: string): void;
  keep(): void;
  disconnect(connection: string): void;
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

function bodyView(model: Model, around: Surroundings): TemplateResult {
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
        ${capacityView(knowledge.status, around)} ${pausedView(knowledge.status, around)}
      `;
    }
  }
}

function capacityView({ capacity }: CalendarStatus, { say, locale }: Surroundings) {
  // A function of another version may leave it out.
  const { actions_per_day, level } = (capacity ?? {}) as Partial<typeof capacity>;
  if (typeof actions_per_day !== "number") return nothing;
  const amount = say(isSingular(actions_per_day, locale) ? "capacity.one" : "capacity.other", {
    count: number(actions_per_day, locale),
  });
  const source = say(level === "default" ? "capacity.default" : "capacity.calendar");
  return html`<p part="capacity"><strong>${amount}</strong><span>${source}</span></p>`;
}

/** The app's background reading has stopped. */
function pausedView({ connections, sync }: CalendarStatus, { say, locale, now }: Surroundings) {
  if (sync.healthy !== false || connections.length === 0) return nothing;
  const time = sync.last_run_at === null ? null : relative(sync.last_run_at, locale, now);
  return html`<p part="paused">${
    time === null ? say("paused.unknown") : say("paused", { time })
  }</p>`;
}

function skeleton(): TemplateResult {
  const row = html`
    <li part="row" class="skeleton">
      <span class="bone sheet"></span>
      <div class="account">
        <div><span class="bone wide"></span><span class="bone"></span></div>
        <span class="bone action"></span>
      </div>
    </li>
  `;
  return html`<ul part="list" aria-hidden="true">${row}${row}</ul>`;
}

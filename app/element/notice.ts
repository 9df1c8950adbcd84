/** What last happened, above the list and for screen readers. */
import { html, nothing } from "lit";
import { consentLinks, consentPages } from "./consent.ts";
import { cross, type Tone, toneIcon } from "./icons.ts";
import type { Knowledge, Model, Notice } from "./model.ts";
import { errorTexts, named, offlineTexts, type Say, specific } from "./texts.ts";
import type { Surroundings } from "./view.ts";

export function noticeView({ knowledge, notice, work }: Model, { say, on }: Surroundings) {
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
          ${remedy} ${notice.kind === "disconnected"
            ? consentLinks(
              consentPages(notice.provider, notice.accountClass, notice.revocation),
              say,
            )
            : nothing}
        </p>
        ${tone === "bad" && notice.kind === "error"
          ? referenceView(notice.requestId, say)
          : nothing}
      </div>
      <button type="button" part="dismiss" aria-label=${say("dismiss")} @click=${on.dismiss}>
        ${cross}
      </button>
    </div>
  `;
}

export function referenceView(id: string | undefined, say: Say) {
  return id === undefined
    ? nothing
    : html`<p part="reference"><small>${say("reference", { id })}</small></p>`;
}

export function failureTexts(
  { code, offline }: Knowledge & { kind: "failed" },
  say: Say,
): { title: string; remedy: string } {
  const { title, remedy } = offline ? offlineTexts("load") : errorTexts(code, "load");
  const names = named(say, "any");
  return { title: say(title, names), remedy: say(remedy, names) };
}

/** What a screen reader says when something has changed. */
export function announcement({ knowledge, work, notice }: Model, say: Say): string {
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

/** Errors that the user chose, or can correct at once, are not shown as alarms. */
const GENTLE = [
  "access_denied",
  "account_limit",
  "account_mismatch",
  "insufficient_scope",
  "invalid_state",
  "unauthorized",
  "wrong_user",
];

export function noticeTexts(
  notice: Notice,
  say: Say,
): { title: string; remedy: string; tone: Tone } {
  const { title, remedy, tone, values } = wordsOf(notice);
  const names = { ...named(say, notice.provider ?? "any", notice.account), ...values };
  return { title: say(title, names), remedy: say(remedy, names), tone };
}

function wordsOf(notice: Notice) {
  switch (notice.kind) {
    case "connected":
    case "already":
      return { ...pair(notice.kind), tone: "good" as const };
    case "interrupted":
      return { ...pair(notice.kind), tone: "plain" as const };
    case "disconnected":
      return { ...pair(notice.kind, notice.revocation?.state), tone: "plain" as const };
    case "error": {
      const { code, during, labels, offline } = notice;
      const gentle = GENTLE.includes(code) || offline;
      const texts = offline ? offlineTexts(during) : errorTexts(code, labels?.known ?? during);
      return { ...texts, values: labels ?? {}, tone: gentle ? "plain" as const : "bad" as const };
    }
  }
}

function pair(text: "connected" | "already" | "interrupted" | "disconnected", variant = "") {
  const [title, remedy] = [specific(text, variant, "title"), specific(text, variant, "remedy")];
  return { title, remedy, values: {} };
}

function returningText(provider: string | null, say: Say): string {
  return provider ? say("returning", named(say, provider)) : say("returning.unknown");
}

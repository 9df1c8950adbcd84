/** One connected account: which it is, how it fares, what can be done. */
import { html, nothing, type TemplateResult } from "lit";
import { type Connection, isProvider } from "../client/contract.ts";
import { consentLinks, consentPages } from "./consent.ts";
import { absolute, day, isWithinDays, relative, until } from "./format.ts";
import { eye } from "./icons.ts";
import { type Model, offersReconnect, permissionOf, type Row, stateOf } from "./model.ts";
import { isText, named, specific, statusWords, type TextName } from "./texts.ts";
import type { Surroundings } from "./view.ts";

/** The end of a grant is told this many days before. */
const NOTICE_DAYS = 14;

/** In place of an account where the provider has none. */
export function vacantView(row: Row, model: Model, around: Surroundings): TemplateResult {
  const { say } = around;
  return html`
    <div class="account">
      <div class="words">
        <h3 part="name">${named(say, row.provider).name} ${statusView("none", around)}</h3>
      </div>
      <div part="actions">${connectButton(row, null, model, around)}</div>
    </div>
  `;
}

export function accountView(
  row: Row,
  connection: Connection,
  model: Model,
  around: Surroundings,
): TemplateResult {
  const { say } = around;
  const { id, account_label } = connection;
  const asking = model.confirming === id;
  const status = statusView(stateOf(connection), around);
  const address = account_label === null ? nothing : html`<bdi>${account_label}</bdi>`;
  const heading = row.connections.length > 1
    ? html`<h4 part="account name">${
      account_label === null ? say("account.unknown") : address
    } ${status}</h4>`
    : html`
      <h3 part="name">${named(say, row.provider).name} ${status}</h3>
      ${account_label === null ? nothing : html`<p part="account">${address}</p>`}
    `;
  return html`
    <div class="account" data-connection=${id} data-status=${connection.status}>
      <div class="words">${heading} ${detailsView(row, connection, around)}</div>
      <div part="actions">
        ${asking ? nothing : html`
          ${row.configured && offersReconnect(connection)
            ? connectButton(row, connection, model, around)
            : nothing} ${disconnectButton(row, connection, model, around)}
        `}
      </div>
      ${asking ? confirmView(row, connection, model, around) : nothing}
    </div>
  `;
}

function statusView(state: string, { say }: Surroundings): TemplateResult {
  return html`<span part="status status-${state}"><i aria-hidden="true"></i>${
    statusWords(say, state)
  }</span>`;
}

function detailsView(row: Row, connection: Connection, around: Surroundings) {
  const { say } = around;
  const permission = permissionOf(connection);
  const remedy = remedyOf(row, connection);
  return html`
    ${remedy ? html`<p part="remedy">${say(remedy, named(say, row.provider))}</p>` : nothing}
    <p part="detail"><span class="facts">${factsOf(connection, around)}</span></p>
    ${permission && remedy === null
      ? html`<p part="permission">${eye} <span>${say(`permission.${permission}`)}</span></p>`
      : nothing}
  `;
}

/** What keeps the account from being read, and what to do about it. */
export function remedyOf({ configured }: Row, connection: Connection): TextName | null {
  if (!configured) return "remedy.unconfigured";
  const { reason, status } = connection;
  const [ofReason, ofStatus] = [`reason.${reason}`, `remedy.${status}`];
  if (isText(ofReason)) return ofReason;
  if (isText(ofStatus)) return ofStatus;
  return reason === null && !connection.needs_reconnect ? null : "reason.other";
}

function factsOf(connection: Connection, { say, locale, now }: Surroundings) {
  const { connected_at, grant_expires_at, last_sync_at, next_sync_at, reason } = connection;
  const since = day(connected_at, locale);
  const synced = last_sync_at === null ? null : relative(last_sync_at, locale, now);
  const next = reason === null || next_sync_at === null ? null : until(next_sync_at, locale, now);
  const ends = grant_expires_at !== null && isWithinDays(grant_expires_at, now, NOTICE_DAYS)
    ? day(grant_expires_at, locale)
    : null;
  return html`
    ${since === null ? nothing : html`<span>${say("since", { date: since })}</span>`}
    ${last_sync_at === null ? html`<span>${say("sync.never")}</span>` : nothing}
    ${synced === null ? nothing : html`
      <time datetime=${last_sync_at} title=${absolute(last_sync_at!, locale)}
      >${say("sync.last", { time: synced })}</time>
    `}
    ${next === null ? nothing : html`<span>${say("sync.next", { time: next })}</span>`}
    ${ends === null ? nothing : html`<span>${say("ends", { date: ends })}</span>`}
  `;
}

/** The names that texts about an account may use: its address where the provider has several. */
function namesOf(
  { connections, provider }: Row,
  connection: Connection | null,
  around: Surroundings,
) {
  const { say } = around;
  if (connections.length < 2 || connection === null) return named(say, provider);
  return named(say, provider, connection.account_label ?? say("account.unknown"));
}

function connectButton(
  row: Row,
  connection: Connection | null,
  { work }: Model,
  around: Surroundings,
) {
  const { say, on } = around;
  const { provider } = row;
  const id = connection?.id ?? null;
  const names = namesOf(row, connection, around);
  const connect = connection ? "reconnect" : "connect";
  const connecting = work?.kind === "connecting" && work.provider === provider &&
    work.connection === id;
  return html`
    <button
      type="button"
      part="button primary"
      data-action="connect"
      aria-disabled=${work !== null}
      aria-label=${connecting ? say("connecting", names) : say(`${connect}.label`, names)}
      @click=${() => isProvider(provider) && on.connect(provider, id)}
    >
      ${connecting ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}
      ${connecting ? say("connecting", names) : say(connect)}
    </button>
  `;
}

function disconnectButton(
  row: Row,
  connection: Connection,
  { work }: Model,
  around: Surroundings,
) {
  const { say, on } = around;
  return html`
    <button
      type="button"
      part="button quiet"
      data-action="ask"
      aria-disabled=${work !== null}
      aria-label=${say("disconnect.label", namesOf(row, connection, around))}
      @click=${() => on.askToDisconnect(connection.id)}
    >${say("disconnect")}</button>
  `;
}

function confirmView(row: Row, connection: Connection, { work }: Model, around: Surroundings) {
  const { say, on } = around;
  const names = namesOf(row, connection, around);
  const disconnecting = work?.kind === "disconnecting";
  const pages = consentPages(row.provider, connection.account_class);
  return html`
    <div part="confirm" role="group" aria-labelledby="question" aria-describedby="consequence">
      <p part="question" id="question">${say("confirm.question", names)}</p>
      <p id="consequence">
        ${say(specific("confirm", row.provider, "consequence"), names)} ${consentLinks(pages, say)}
      </p>
      <div part="actions">
        <button
          type="button"
          part="button danger"
          data-action="disconnect"
          aria-disabled=${work !== null}
          @click=${() => on.disconnect(connection.id)}
        >
          ${disconnecting ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}
          ${say(disconnecting ? "disconnecting" : "confirm.yes")}
        </button>
        <button
          type="button"
          part="button quiet"
          data-action="keep"
          aria-disabled=${work !== null}
          @click=${on.keep}
        >${say("confirm.no")}</button>
      </div>
    </div>
  `;
}

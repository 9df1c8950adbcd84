import { html, nothing, type TemplateResult } from "lit";
import { type Connection, isProvider, type ProviderName } from "../client/contract.ts";
import { absolute, day, relative } from "./format.ts";
import { eye, providerIcon } from "./icons.ts";
import { type Model, permissionOf, type Row } from "./model.ts";
import { isText, named, statusWords, type TextName } from "./texts.ts";
import { consentLinks, type Surroundings } from "./view.ts";

export function rowView(row: Row, model: Model, around: Surroundings): TemplateResult {
  const { provider, connection } = row;
  const state = connection?.status ?? "none";
  const asking = connection !== null && model.confirming === provider;
  return html`
    <li part="row row-${provider}" data-provider=${provider} data-status=${state}>
      <span part="icon">${providerIcon(provider)}</span>
      <div class="words">
        <h3 part="name">
          ${named(around.say, provider).name}
          <span part="status status-${state}"><i aria-hidden="true"></i>${statusWords(
            around.say,
            state,
          )}</span>
        </h3>
        ${connection ? detailsView(row, connection, around) : nothing}
      </div>
      <div part="actions">${asking ? nothing : actionsView(row, model, around)}</div>
      ${asking ? confirmView(provider, model, around) : nothing}
    </li>
  `;
}

function detailsView(row: Row, connection: Connection, { say, locale, now }: Surroundings) {
  const { account_label, connected_at, last_sync_at } = connection;
  const permission = permissionOf(connection);
  const remedy = remedyOf(row, connection);
  const since = day(connected_at, locale);
  const time = last_sync_at === null ? null : relative(last_sync_at, locale, now);
  return html`
    ${account_label === null ? nothing : html`<p part="account"><bdi>${account_label}</bdi></p>`}
    ${remedy ? html`<p part="remedy">${say(remedy, named(say, row.provider))}</p>` : nothing}
    <p part="detail">
      <span class="facts">
        ${since === null ? nothing : html`<span>${say("since", { date: since })}</span>`}
        ${last_sync_at === null ? html`<span>${say("sync.never")}</span>` : nothing}
        ${time === null ? nothing : html`
          <time datetime=${last_sync_at} title=${absolute(last_sync_at!, locale)}
          >${say("sync.last", { time })}</time>
        `}
      </span>
    </p>
    ${permission && remedy === null
      ? html`<p part="permission">${eye} <span>${say(`permission.${permission}`)}</span></p>`
      : nothing}
  `;
}

/** What to do about a connection that does not work. */
function remedyOf({ configured }: Row, { status }: Connection): TextName | null {
  if (!configured) return "remedy.unconfigured";
  const remedy = `remedy.${status}`;
  return isText(remedy) ? remedy : null;
}

function actionsView(
  { provider, connection, configured }: Row,
  model: Model,
  around: Surroundings,
) {
  const { say, on } = around;
  const { work } = model;
  const connecting = work?.kind === "connecting" && work.provider === provider;
  const connect = connection ? "reconnect" : "connect";
  const names = named(say, provider);
  const connectButton = html`
    <button
      type="button"
      part="button primary"
      data-action="connect"
      aria-disabled=${work !== null}
      aria-label=${connecting ? say("connecting", names) : say(`${connect}.label`, names)}
      @click=${() => isProvider(provider) && on.connect(provider)}
    >
      ${connecting ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}
      ${connecting ? say("connecting", names) : say(connect)}
    </button>
  `;
  const disconnectButton = html`
    <button
      type="button"
      part="button quiet"
      data-action="ask"
      aria-disabled=${work !== null}
      aria-label=${say("disconnect.label", names)}
      @click=${() => on.askToDisconnect(provider)}
    >${say("disconnect")}</button>
  `;
  return html`
    ${configured && connection?.status !== "active" ? connectButton : nothing}
    ${connection ? disconnectButton : nothing}
  `;
}

function confirmView(provider: ProviderName, { work }: Model, { say, on }: Surroundings) {
  const names = named(say, provider);
  const disconnecting = work?.kind === "disconnecting";
  return html`
    <div part="confirm" role="group" aria-labelledby="question" aria-describedby="consequence">
      <p part="question" id="question">${say("confirm.question", names)}</p>
      <p id="consequence">${say("confirm.consequence", names)} ${consentLinks(provider, say)}</p>
      <div part="actions">
        <button
          type="button"
          part="button danger"
          data-action="disconnect"
          aria-disabled=${work !== null}
          @click=${() => on.disconnect(provider)}
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

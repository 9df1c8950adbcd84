import { html, nothing, type TemplateResult } from "lit";
import type { Connection, Provider } from "../client/contract.ts";
import { absolute, day, relative } from "./format.ts";
import { eye, providerIcon } from "./icons.ts";
import { type Model, permissionOf, type Row } from "./model.ts";
import { named, type TextName } from "./texts.ts";
import { consentLinks, type Surroundings } from "./view.ts";

export function rowView(row: Row, model: Model, around: Surroundings): TemplateResult {
  const { provider, connection } = row;
  const state = connection?.status ?? "none";
  const asking = model.confirming === provider;
  return html`
    <li part="row row-${provider}" data-provider=${provider} data-status=${state}>
      <span part="icon">${providerIcon(provider)}</span>
      <div class="words">
        <h3 part="name">
          ${around.say(`${provider}.name`)}
          <span part="status status-${state}"><i aria-hidden="true"></i>${around.say(
            `status.${state}`,
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
  const { account_label, connected_at, last_sync_at, status } = connection;
  const permission = permissionOf(connection);
  const remedy: TextName | null = !row.configured
    ? "remedy.unconfigured"
    : status === "active"
    ? null
    : `remedy.${status}`;
  return html`
    ${account_label === null ? nothing : html`<p part="account"><bdi>${account_label}</bdi></p>`}
    ${remedy ? html`<p part="remedy">${say(remedy, named(say, row.provider))}</p>` : nothing}
    <p part="detail">
      <span>${say("since", { date: day(connected_at, locale) })}</span>
      ${last_sync_at === null ? html`<span>${say("sync.never")}</span>` : html`
        <time datetime=${last_sync_at} title=${absolute(last_sync_at, locale)}>${say("sync.last", {
          time: relative(last_sync_at, locale, now),
        })}</time>
      `}
    </p>
    ${permission && remedy === null
      ? html`<p part="permission">${eye} ${say(`permission.${permission}`)}</p>`
      : nothing}
  `;
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
      @click=${() => on.connect(provider)}
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

function confirmView(provider: Provider, { work }: Model, { say, on }: Surroundings) {
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

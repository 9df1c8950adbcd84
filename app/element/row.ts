/** A provider and the accounts that are connected there. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { isProvider } from "../client/contract.ts";
import { accountView, vacantView } from "./account.ts";
import { plus, providerIcon } from "./icons.ts";
import type { Model, Row } from "./model.ts";
import { named } from "./texts.ts";
import type { Surroundings } from "./view.ts";

export function rowView(row: Row, model: Model, around: Surroundings): TemplateResult {
  const { provider, connections } = row;
  const active = connections.find(({ status }) => status === "active");
  const state = (active ?? connections[0])?.status ?? "none";
  return html`
    <li part="row row-${provider}" data-provider=${provider} data-status=${state}>
      <span part="icon">${providerIcon(provider)}</span>
      <div>
        ${connections.length > 1 ? severalView(row, model, around) : html`
          ${connections.length === 0
            ? vacantView(row, model, around)
            : accountView(row, connections[0]!, model, around)}
        `} ${row.extensible ? addView(row, model, around) : nothing}
      </div>
    </li>
  `;
}

function severalView(row: Row, model: Model, around: Surroundings): TemplateResult {
  const accounts = repeat(
    row.connections,
    ({ id }) => id,
    (connection) => html`<li>${accountView(row, connection, model, around)}</li>`,
  );
  return html`
    <h3 part="name" class="heading">${named(around.say, row.provider).name}</h3>
    <ul part="accounts">${accounts}</ul>
  `;
}

function addView({ provider }: Row, { work }: Model, { say, on }: Surroundings) {
  const names = named(say, provider);
  const connecting = work?.kind === "connecting" && work.provider === provider &&
    work.connection === null;
  return html`
    <button
      type="button"
      part="button add"
      data-action="add"
      aria-disabled=${work !== null}
      aria-label=${connecting ? say("connecting", names) : say("add.label", names)}
      @click=${() => isProvider(provider) && on.connect(provider, null)}
    >
      ${connecting ? html`<span class="spinner" aria-hidden="true"></span>` : plus}
      ${connecting ? say("connecting", names) : say("add")}
    </button>
  `;
}

/** The two pages a person meets at the strict provider: choosing an account, and consenting. */
import type { Context, Interaction, Library } from "./library.ts";

export function interactionPages(provider: Library) {
  return async (context: Context, next: () => Promise<void>) => {
    if (!context.path.startsWith("/interaction/")) return await next();
    const interaction = await provider.interactionDetails(context.req, context.res);
    if (context.method === "GET") {
      context.status = 200;
      context.type = "html";
      context.body = page(interaction);
      return;
    }
    const form = new URLSearchParams(await readText(context));
    const result = await decide(provider, interaction, form);
    await provider.interactionFinished(context.req, context.res, result, {
      mergeWithLastSubmission: true,
    });
  };
}

async function decide(
  provider: Library,
  interaction: Interaction,
  form: URLSearchParams,
): Promise<Record<string, unknown>> {
  const decision = form.get("decision") ?? "";
  if (decision.startsWith("deny")) {
    const reason = decision.slice("deny: ".length);
    return { error: "access_denied", error_description: reason || "The person said no <script>" };
  }
  if (interaction.prompt.name !== "consent") {
    return { login: { accountId: form.get("account") ?? "nobody" }, select_account: {} };
  }
  const grant = await openGrant(provider, interaction);
  const allowed = form.getAll("scope");
  for (const scope of requestedScopes(interaction)) {
    grant.addOIDCScope(scope);
    if (!allowed.includes(scope)) grant.rejectOIDCScope(scope);
  }
  return { consent: { grantId: await grant.save() } };
}

function openGrant(provider: Library, interaction: Interaction) {
  if (interaction.grantId) return provider.Grant.find(interaction.grantId);
  return Promise.resolve(
    new provider.Grant({
      accountId: interaction.session?.accountId ?? "nobody",
      clientId: interaction.params.client_id ?? "",
    }),
  );
}

function requestedScopes(interaction: Interaction): string[] {
  return (interaction.params.scope ?? "").split(" ").filter((scope) => scope !== "");
}

function page(interaction: Interaction): string {
  return `<!doctype html><html lang="en"><title>Test provider</title>
<form method="post" action="/interaction/${interaction.uid}" data-prompt="${interaction.prompt.name}">
${interaction.prompt.name === "consent" ? scopeBoxes(interaction) : accountField()}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form></html>`;
}

function accountField(): string {
  return `<label>Account <input name="account" value="person@example.test"></label>`;
}

function scopeBoxes(interaction: Interaction): string {
  return requestedScopes(interaction).map((scope) =>
    `<label><input type="checkbox" name="scope" value="${scope}" checked> ${scope}</label>`
  ).join("\n");
}

async function readText(context: Context): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.req) chunks.push(chunk);
  return new TextDecoder().decode(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

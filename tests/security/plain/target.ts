/** The comparison as a target of the same attacks, over the same database and providers. */
import { CALENDAR_SCOPE } from "../../providers/strict.ts";
import type { User, World } from "../../support/world.ts";
import { inProcess } from "../handler.ts";
import { PROVIDERS } from "../names.ts";
import type { Target } from "../stage.ts";
import { plainFunction, type PlainOptions, type PlainProvider } from "./function.ts";

const PARAMETERS = {
  google: { access_type: "offline", prompt: "consent" },
  outlook: { prompt: "select_account" },
};

export async function plain(
  world: World,
  changes: Partial<PlainProvider> = {},
): Promise<Target> {
  const [exists] = await world.database.query("select to_regclass('public.plain_states') as it");
  if (!exists?.it) {
    await world.database.script(
      await Deno.readTextFile(new URL("schema.sql", import.meta.url)),
    );
  }
  const count = async (table: string, user: User) => {
    const [row] = await world.database.query<{ count: number }>(
      `select count(*)::int as count from public.${table} where user_id = $1`,
      [user.id],
    );
    return row?.count ?? -1;
  };
  return {
    name: "plain TypeScript",
    service: inProcess(plainFunction(optionsFor(world, changes))),
    connections: (user) => count("plain_connections", user),
    underWay: (user) => count("plain_states", user),
    expire: async (user) => {
      await world.database.query(
        "update public.plain_states set created_at = now() - interval '11 minutes' where user_id = $1",
        [user.id],
      );
    },
  };
}

function optionsFor(world: World, changes: Partial<PlainProvider>): PlainOptions {
  const providers = Object.fromEntries(PROVIDERS.map((name) => {
    const { issuer, authorizationEndpoint, tokenEndpoint } = world[name];
    const scope = (name === "outlook" ? "offline_access " : "") + CALENDAR_SCOPE[name];
    const parameters: Record<string, string> = PARAMETERS[name];
    const endpoints = { issuer, authorizationEndpoint, tokenEndpoint };
    return [name, { ...endpoints, ...world.clients[name], scope, parameters, ...changes }];
  }));
  return {
    supabaseUrl: world.stack.url,
    publishableKey: world.publishableKey,
    secretKey: world.stack.secretKey,
    encryptionKey: world.stack.env.CALENDAR_ENCRYPTION_KEY ?? "",
    settingsUrl: world.settingsUrl,
    callbackUrl: world.stack.callbackUrl,
    providers,
  };
}

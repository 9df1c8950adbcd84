// @ts-check
/**
 * Google and Microsoft on one port of this machine, for tests: people with calendars, consent,
 * tokens, free and busy times, and every way in which the real ones misbehave.
 *
 * ```js
 * const emulator = await startEmulator();
 * emulator.control.useScenario("grant-dies");
 * await emulator.stop();
 * ```
 */
import { administer } from "./admin.js";
import { Control } from "./control.js";
import { DEFAULT_WORLD, defaultClients, LOCAL_REDIRECT_URLS } from "./defaults.js";
import { Emulator } from "./emulator.js";
import { listen } from "./server.js";

export { Refusal } from "./refusal.js";
export { readJson, readScenario, scenarios } from "./scenarios.js";
export { LOCAL_REDIRECT_URLS } from "./defaults.js";

/** @typedef {import("./mod.d.ts").EmulatorOptions} EmulatorOptions */
/** @typedef {import("./mod.d.ts").RunningEmulator} RunningEmulator */

/**
 * @param {EmulatorOptions} [options]
 * @returns {Promise<RunningEmulator>}
 */
export async function startEmulator(options = {}) {
  const { port = 0, host = "127.0.0.1", publicHost = "127.0.0.1", redirectUrl, scenario } = options;
  const seed = options.seed ?? String(Math.floor(Math.random() * 1e9));
  const emulator = new Emulator(seed);
  const redirectUrls = [redirectUrl ?? LOCAL_REDIRECT_URLS].flat();
  const { now, frozen } = options.world ?? {};
  const base = [
    // The clock comes first: the usual people's weeks lie around it.
    { ...(now === undefined ? {} : { now }), ...(frozen === undefined ? {} : { frozen }) },
    ...(options.world?.clients ? [] : [defaultClients(redirectUrls)]),
    ...(options.world?.people ? [] : [DEFAULT_WORLD]),
    ...(options.world ? [options.world] : []),
  ];
  const control = new Control(emulator, base);
  for (const world of base) emulator.add(world);
  if (scenario !== undefined) control.useScenario(scenario);
  const server = await listen({
    host,
    port,
    now: () => emulator.clock.now(),
    handle: async (request) => {
      const reply = await administer(control, request);
      return reply ? { reply, sent: "whole" } : await emulator.handle(request);
    },
  });
  emulator.url = `http://127.0.0.1:${server.port}`;
  return {
    url: emulator.url,
    seed,
    env: environment(emulator, `http://${publicHost}:${server.port}`),
    control,
    stop: server.stop,
  };
}

/**
 * @param {Emulator} emulator
 * @param {string} fromServer the emulator's address as the app's server sees it
 */
function environment({ url, issuers, world }, fromServer) {
  const clients = [...world.clients.values()];
  const google = clients.find(({ provider }) => provider === "google");
  const outlook = clients.find(({ provider }) => provider === "microsoft");
  return {
    ...(google
      ? {
        GOOGLE_CLIENT_ID: google.client_id,
        GOOGLE_CLIENT_SECRET: google.client_secret,
        GOOGLE_AUTHORIZATION_ENDPOINT: `${url}/google/o/oauth2/v2/auth`,
        GOOGLE_TOKEN_ENDPOINT: `${fromServer}/google/token`,
        GOOGLE_REVOCATION_ENDPOINT: `${fromServer}/google/revoke`,
        GOOGLE_API_URL: `${fromServer}/google`,
        GOOGLE_ISSUER: issuers.google,
      }
      : {}),
    ...(outlook
      ? {
        OUTLOOK_CLIENT_ID: outlook.client_id,
        OUTLOOK_CLIENT_SECRET: outlook.client_secret,
        OUTLOOK_TENANT_ID: "common",
        OUTLOOK_AUTHORIZATION_ENDPOINT: `${url}/microsoft/common/oauth2/v2.0/authorize`,
        OUTLOOK_TOKEN_ENDPOINT: `${fromServer}/microsoft/common/oauth2/v2.0/token`,
        OUTLOOK_API_URL: `${fromServer}/graph/v1.0`,
        OUTLOOK_ISSUER: issuers.microsoft,
      }
      : {}),
  };
}

/** The function, deployed by the Supabase CLI without Docker, and its secrets. */
import { deepEqual, equal } from "node:assert/strict";
import { inRepository } from "../../dev/paths.ts";
import { bearer, connected, status } from "../support/flow.ts";
import { open } from "../support/envelope.ts";
import { expectJson } from "../support/answers.ts";
import { CALENDAR_ID, type Disconnected, NOTHING_GONE } from "../support/payloads.ts";
import { succeed } from "./cli.ts";
import { type Management, PROJECT, startManagement, type Upload } from "./management.ts";
import {
  ENCRYPTION_KEY,
  envFile,
  type Providers,
  serveUpload,
  type Shipped,
  startProviders,
} from "./shipped.ts";

let management: Management;
let providers: Providers;
let upload: Upload;
let shipped: Shipped;

Deno.test.beforeAll(async () => {
  management = startManagement();
  providers = await startProviders();
  const target = [`--remote=${PROJECT}`];
  const options = { managementUrl: management.url };
  const secretsFile = await Deno.makeTempFile({ suffix: ".env" });
  await Deno.writeTextFile(secretsFile, envFile(providers.secrets));
  await succeed(["secrets", "set", "--env-file", secretsFile, ...target], options);
  await Deno.remove(secretsFile);
  await succeed(["functions", "deploy", "calendar", "--use-api", ...target], options);
  const [first, ...more] = management.uploads;
  if (first === undefined || more.length > 0) throw new Error("expected one upload");
  upload = first;
  shipped = await serveUpload(upload, management.secrets);
});

Deno.test.afterAll(async () => {
  await shipped?.stop();
  await providers?.stop();
  await management?.stop();
});

Deno.test("needs of the management API only what the test's one has", () => {
  deepEqual(management.unknown, []);
});

Deno.test("sets the secrets to the letter", () => {
  deepEqual(management.secrets, providers.secrets);
});

Deno.test("uploads no static files, and leaves the check of JWTs to the function", () => {
  const { static_patterns, verify_jwt, entrypoint_path } = upload.metadata;
  deepEqual({ static_patterns, verify_jwt, entrypoint_path }, {
    static_patterns: [],
    verify_jwt: false,
    entrypoint_path: "supabase/functions/calendar/index.ts",
  });
});

Deno.test("uploads the very Wasm that the other tests have tested", async () => {
  const wasm = [...upload.files].filter(([path]) => path.endsWith(".wasm"));
  deepEqual(wasm.map(([path]) => path), ["pkg/calendar_connect_bg.wasm"]);
  const tested = await Deno.readFile(inRepository("pkg", "calendar_connect_bg.wasm"));
  equal(await sha256(wasm[0]?.[1]), await sha256(tested));
});

Deno.test("uploads nothing but the function and its Wasm package", () => {
  const foreign = [...upload.files.keys()].filter((path) =>
    !/^(supabase\/functions\/calendar\/|pkg\/)/.test(path) || /\.env|secret/.test(path)
  );
  deepEqual(foreign, []);
});

Deno.test("answers its health, with both providers", async () => {
  const health = await expectJson<Record<string, unknown>>(await shipped.service.call("/health"));
  deepEqual([health.status, health.providers], ["ok", ["google", "outlook"]]);
});

for (const provider of ["google", "outlook"] as const) {
  Deno.test(`connects, shows and disconnects ${provider}`, async () => {
    const user = await shipped.newUser();
    const { connections } = await connected(shipped.service, user, provider);
    deepEqual(connections.map(({ status, calendar_id }) => ({ status, calendar_id })), [
      { status: "active", calendar_id: CALENDAR_ID[provider] },
    ]);
    equal((await status(shipped.service, user)).connected, true);
    equal(await sealedWithTheSecret(user.id, provider), true);
    const gone = await shipped.service.call("/disconnect", {
      method: "DELETE",
      headers: bearer(user),
    });
    const { revocations, ...rest } = await expectJson<Disconnected>(gone);
    const { revocations: _, ...nothing } = NOTHING_GONE;
    deepEqual(rest, { ...nothing, disconnected: [provider] });
    deepEqual(revocations.map(({ connection }) => connection), connections.map(({ id }) => id));
  });
}

async function sealedWithTheSecret(userId: string, provider: string): Promise<boolean> {
  const [row] = await shipped.stack.database.query<
    { account_id: string | null; sealed_refresh_token: string }
  >(
    "select account_id, sealed_refresh_token from public.calendar_connections where user_id = $1",
    [userId],
  );
  const accountId = row?.account_id ?? null;
  const place = { purpose: "refresh_token", userId, provider, accountId } as const;
  const token = await open(row?.sealed_refresh_token ?? "", ENCRYPTION_KEY, place);
  return token.length > 0;
}

async function sha256(bytes: Uint8Array<ArrayBuffer> = new Uint8Array()): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

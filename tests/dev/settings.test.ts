/** What a person sets in `.env` or in the environment, and what it changes. */
import { deepEqual, equal, match } from "node:assert/strict";
import { functionEnvironment, hostsNeeded } from "../../dev/environment.ts";
import { inRepository } from "../../dev/paths.ts";
import { readSettings } from "../../dev/settings.ts";

const nowhere = "/nowhere/.env";

async function withFile(text: string, work: (file: string) => void): Promise<void> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, text);
  try {
    work(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("without any setting nothing is set", () => {
  deepEqual(readSettings(nowhere, { PATH: "/bin", DATABASE_URL: "" }), { functionEnv: {} });
});

Deno.test("the file is read, and the environment goes before it", () =>
  withFile("DATABASE_URL=postgres://file\nCALENDAR_ENCRYPTION_KEY=from-the-file\n", (file) => {
    const settings = readSettings(file, { DATABASE_URL: "postgres://environment" });
    equal(settings.databaseUrl, "postgres://environment");
    deepEqual(settings.functionEnv, { CALENDAR_ENCRYPTION_KEY: "from-the-file" });
  }));

Deno.test("a client of one's own takes the emulator's addresses away from that provider alone", () => {
  const { functionEnv } = readSettings(nowhere, { GOOGLE_CLIENT_ID: "mine", PATH: "/bin" });
  deepEqual(functionEnv, {
    GOOGLE_CLIENT_ID: "mine",
    GOOGLE_AUTHORIZATION_ENDPOINT: "",
    GOOGLE_TOKEN_ENDPOINT: "",
    GOOGLE_ISSUER: "",
  });
});

Deno.test("an endpoint that is given together with a client stays", () => {
  const given = { GOOGLE_CLIENT_ID: "mine", GOOGLE_TOKEN_ENDPOINT: "http://localhost:1/token" };
  const { functionEnv } = readSettings(nowhere, given);
  equal(functionEnv.GOOGLE_TOKEN_ENDPOINT, "http://localhost:1/token");
  equal(functionEnv.GOOGLE_ISSUER, "");
});

Deno.test("the function gets none of the variables that are not its own", () => {
  const foreign = { SUPABASE_SERVICE_ROLE_KEY: "a key", AWS_SECRET_KEY: "another" };
  deepEqual(readSettings(nowhere, foreign), { functionEnv: {} });
});

Deno.test("a page of this machine may call the function under both names of the machine", () => {
  const { CALENDAR_ALLOWED_ORIGINS } = functionEnvironment({
    gatewayUrl: "http://127.0.0.1:54321",
    publishableKey: "a key",
    settingsUrl: "http://127.0.0.1:3000/app/settings",
    servedAs: "platform",
  });
  equal(CALENDAR_ALLOWED_ORIGINS, "http://127.0.0.1:3000,http://localhost:3000");
});

Deno.test("a function needs its project and the token endpoints of its providers", () => {
  deepEqual(hostsNeeded({ SUPABASE_URL: "http://kong:8000" }), ["kong:8000"]);
  deepEqual(
    hostsNeeded({
      GOOGLE_CLIENT_ID: "mine",
      OUTLOOK_CLIENT_ID: "demo",
      OUTLOOK_TOKEN_ENDPOINT: "http://127.0.0.1:4005/oauth2/v2.0/token",
    }),
    ["oauth2.googleapis.com", "127.0.0.1:4005"],
  );
});

Deno.test("the example file sets nothing by itself and names only what is read", async () => {
  const file = inRepository(".env.example");
  deepEqual(readSettings(file, {}), { functionEnv: {} });
  const names = [...(await Deno.readTextFile(file)).matchAll(/^# ([A-Z_]+)=/gm)]
    .map(([, name = ""]) => name);
  equal(names.length, 9);
  for (const name of names) {
    match(name, /^(DATABASE_URL|STACK_DATA_DIR|(GOOGLE|OUTLOOK|CALENDAR)_[A-Z_]+)$/);
  }
});

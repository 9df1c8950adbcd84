/** `calendar-connect emulator`, by Node, as a person and a CI job run it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { inRepository } from "../../dev/paths.ts";

/** The code that the command line runs after it has read its options. */
const program = `
import { emulatorCommand } from ${JSON.stringify(inRepository("cli", "emulator", "command.js"))};
process.exitCode = await emulatorCommand(JSON.parse(process.argv[1]));
`;

interface Running {
  process: Deno.ChildProcess;
  lines: string[];
  env: Record<string, string>;
}

async function run(options: Record<string, string | boolean>): Promise<Running> {
  const process = spawn(options);
  const decoder = new TextDecoder();
  let text = "";
  const reader = process.stdout.getReader();
  while (!text.includes("OUTLOOK_ISSUER")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended: ${text}`);
    text += decoder.decode(value);
  }
  await reader.cancel();
  const lines = text.trim().split("\n");
  const pairs = lines.filter((line) => !line.startsWith("#")).map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return { process, lines, env: Object.fromEntries(pairs) };
}

function spawn(options: Record<string, string | boolean>): Deno.ChildProcess {
  return new Deno.Command("node", {
    args: ["--input-type=module", "--eval", program, JSON.stringify(options)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function stop({ process }: Running): Promise<number> {
  process.kill("SIGINT");
  const { code } = await process.status;
  await process.stderr.cancel();
  return code;
}

async function ended(options: Record<string, string | boolean>) {
  const { code, stdout, stderr } = await spawn(options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("it starts under Node, prints the variables to paste, and Ctrl-C ends it", async () => {
  const began = performance.now();
  const running = await run({ port: "0", seed: "twelve" });
  const whole = Math.round(performance.now() - began);
  const [, own] = /Ready after (\d+) ms\. Seed: twelve\./.exec(running.lines[1] ?? "") ?? [];
  console.log(`    started in ${whole} ms, of which ${own} ms are the emulator's and not Node's`);
  ok(own !== undefined);
  deepEqual(Object.keys(running.env), [
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
    "GOOGLE_AUTHORIZATION_ENDPOINT",
    "GOOGLE_TOKEN_ENDPOINT",
    "GOOGLE_REVOCATION_ENDPOINT",
    "GOOGLE_API_URL",
    "GOOGLE_ISSUER",
    "OUTLOOK_CLIENT_ID",
    "OUTLOOK_CLIENT_SECRET",
    "OUTLOOK_TENANT_ID",
    "OUTLOOK_AUTHORIZATION_ENDPOINT",
    "OUTLOOK_TOKEN_ENDPOINT",
    "OUTLOOK_API_URL",
    "OUTLOOK_ISSUER",
  ]);
  const discovery = `${running.env.GOOGLE_ISSUER}/.well-known/openid-configuration`;
  equal((await (await fetch(discovery)).json()).token_endpoint, running.env.GOOGLE_TOKEN_ENDPOINT);
  equal(await stop(running), 0);
});

Deno.test("people, clients and a scenario come from files; redirect URLs from the command line", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/world.json`;
  const scenario = `${folder}/down.json`;
  await Deno.writeTextFile(
    config,
    JSON.stringify({ people: [{ provider: "google", email: "only@gmail.example" }] }),
  );
  await Deno.writeTextFile(
    scenario,
    JSON.stringify({
      title: "Down",
      description: "Everything is down.",
      try: "Connect.",
      expect: "The app says so.",
      faults: [{ do: { status: 503 } }],
    }),
  );
  const url = "https://app.example/callback";
  const running = await run({ port: "0", config, scenario, "redirect-url": `${url},${url}2` });
  const origin = new URL(running.env.GOOGLE_API_URL ?? "").origin;
  const state = await (await fetch(`${origin}/_/state`)).json();
  deepEqual(state.people.map(({ email }: { email: string }) => email), ["only@gmail.example"]);
  deepEqual(state.clients[0].redirect_uris, [`${url}/google`, `${url}2/google`]);
  equal(state.faults, 1);
  const down = await fetch(`${origin}/google/oauth2/v3/certs`);
  await down.body?.cancel();
  equal(down.status, 503);
  await stop(running);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("for containers, what servers call is named as they see it", async () => {
  const { env, ...running } = await run({ port: "0", docker: true });
  match(env.GOOGLE_TOKEN_ENDPOINT ?? "", /^http:\/\/host\.docker\.internal:\d+\/google\/token$/);
  match(env.OUTLOOK_API_URL ?? "", /^http:\/\/host\.docker\.internal:\d+\/graph\/v1\.0$/);
  match(env.GOOGLE_AUTHORIZATION_ENDPOINT ?? "", /^http:\/\/127\.0\.0\.1:\d+\//);
  await stop({ env, ...running });
});

Deno.test("the scenarios are listed with their titles", async () => {
  const { code, stdout } = await ended({ list: true });
  equal(code, 0);
  equal(stdout.trim().split("\n").length, 50);
  match(stdout, /^grant-dies\n {4}The person withdraws their consent/m);
});

const REFUSED: [string, Record<string, string>, RegExp][] = [
  ["a port that is none", { port: "http" }, /--port is a number/],
  ["a scenario that is not there", { port: "0", scenario: "nothing" }, /there are .*grant-dies/],
  [
    "a file that is not there",
    { port: "0", config: "/nowhere.json" },
    /nowhere\.json cannot be read/,
  ],
];

for (const [what, options, says] of REFUSED) {
  Deno.test(`it refuses ${what}, and says so in a sentence`, async () => {
    const { code, stderr, stdout } = await ended(options);
    deepEqual([code, stdout], [1, ""]);
    match(stderr, says);
    equal(stderr.includes("    at "), false, stderr);
  });
}

Deno.test("the command line knows the command and its options", () => {
  const command = COMMANDS.find(({ name }) => name === "emulator");
  deepEqual(command?.options.map(({ name }) => name), [
    "port",
    "config",
    "scenario",
    "list",
    "redirect-url",
    "seed",
    "docker",
  ]);
});

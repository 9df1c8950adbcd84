/**
 * What docs/testing.md tells an app's developers to do, done: its Playwright configuration and its test,
 * as they stand there, with the emulator of the package and the Settings page of the stack.
 */
import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { startEmulator } from "../../cli/emulator/mod.js";
import { type Stack, startStack } from "../../dev/mod.ts";
import { inPackage, inRepository } from "../../dev/paths.ts";
import { choosePort } from "../../dev/ports.ts";
import { packageTarball } from "../ship/app.ts";
import { blocks, read } from "../support/markdown.ts";
import { launchOptions } from "./chromium.ts";

const [configuration = "", specification = ""] = blocks(read("docs/testing.md"))
  .filter(({ language }) => language === "ts").map(({ code }) => code);

const PASSWORD = "a password of a test";

Deno.test("the adopter's test of docs/testing.md", async (t) => {
  await using app = await openApp();

  await t.step("has about twenty lines", () => {
    const lines = specification.split("\n").filter((line) => line.trim() !== "").length;
    ok(lines >= 15 && lines <= 25, String(lines));
  });

  await t.step("passes in Playwright, with the emulator that the package ships", async () => {
    const { code, output } = await app.playwright(specification);
    equal(code, 0, output);
    match(output, /2 passed/);
  });

  await t.step("fails where the panel says something else", async () => {
    const changed = specification
      .replace("The calendar permission is missing.", "All is well.")
      .replace("times: 1", "times: 2");
    const { code, output } = await app.playwright(changed, 5000);
    equal(code, 1, output);
    match(output, /2 failed/);
    match(output, /Received string: +"The calendar permission is missing\./);
    match(output, /Received string: +"Google does not answer at the moment\./);
  });
});

interface App extends AsyncDisposable {
  /** Runs Playwright over a specification, as a person who is new each time. */
  playwright(specification: string, patience?: number): Promise<{ code: number; output: string }>;
}

async function openApp(): Promise<App> {
  const [gateway, emulator] = [choosePort().port, choosePort().port];
  const redirectUrl = `http://127.0.0.1:${gateway}/functions/v1/calendar/callback`;
  // What the emulator will print once Playwright starts it on that port.
  const { env, stop } = await startEmulator({ port: emulator, redirectUrl });
  await stop();
  const demo = { email: "demo@example.test", password: PASSWORD };
  const stack = await startStack({ page: true, demo, env, ports: { gateway } });
  const folder = await Deno.makeTempDir({ dir: inRepository(".cache"), prefix: "adopter-" });
  const onPort = (text: string) => text.replaceAll("4010", String(emulator));
  await installPackage(folder);
  await Deno.mkdir(join(folder, "tests"));
  await Deno.writeTextFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await Deno.writeTextFile(join(folder, "playwright.config.ts"), onPort(configuration));
  return {
    async playwright(text, patience = 15_000) {
      await Deno.writeTextFile(join(folder, "tests", "calendar.spec.ts"), onPort(text));
      const here = await ownConfiguration(stack, redirectUrl, patience);
      await Deno.writeTextFile(join(folder, "here.config.ts"), here);
      return await playwright(folder);
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** As `npm install` would, but for Playwright, which is the repository's. */
async function installPackage(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  const target = join(modules, "calendar-connect");
  await Deno.mkdir(target, { recursive: true });
  await Deno.mkdir(join(modules, ".bin"));
  await Deno.mkdir(join(modules, "@playwright"));
  const unpacked = await new Deno.Command("tar", {
    args: ["-xzf", await packageTarball(), "-C", target, "--strip-components=1"],
  }).output();
  equal(unpacked.code, 0);
  await Deno.chmod(join(target, "cli", "main.js"), 0o755);
  await Deno.symlink(
    join(target, "cli", "main.js"),
    join(modules, ".bin", "calendar-connect"),
  );
  await Deno.symlink(inPackage("@playwright/test"), join(modules, "@playwright", "test"));
}

/** What differs here from an app: the browser, where the page is, who is signed in, the callbacks. */
async function ownConfiguration(
  stack: Stack,
  redirectUrl: string,
  patience: number,
): Promise<string> {
  const origin = new URL(stack.settingsUrl).origin;
  const email = `person-${crypto.randomUUID().slice(0, 8)}@example.test`;
  const { id, accessToken, refreshToken } = await stack.createUser(email, PASSWORD);
  const value = JSON.stringify({
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: "bearer",
    expires_in: 3600,
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    user: { id, email, aud: "authenticated" },
  });
  const storageState = {
    cookies: [],
    origins: [{ origin, localStorage: [{ name: stack.sessionCookie, value }] }],
  };
  const use = { baseURL: origin, locale: "en-GB", launchOptions: launchOptions(), storageState };
  return `import documented from "./playwright.config";
const { use, webServer } = documented;
export default {
  ...documented,
  use: { ...use, ...${JSON.stringify(use)} },
  expect: { timeout: ${patience} },
  webServer: { ...webServer, command: webServer.command + " --redirect-url ${redirectUrl}" },
};
`;
}

async function playwright(folder: string): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command("node", {
    args: [
      inPackage("@playwright/test", "cli.js"),
      "test",
      "--config=here.config.ts",
      "--reporter=line",
      "--output=results",
    ],
    cwd: folder,
    env: { CI: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

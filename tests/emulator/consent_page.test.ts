/** The consent page as a browser gets it: a plain form with stable names. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  authorizationUrl,
  GOOGLE_CALENDAR,
  newVerifier,
  type Provider,
  type RunningEmulator,
  SCOPES,
  withEmulator,
} from "./support.ts";

const ANN = "demo.person@gmail.example";
const BOB = "demo.person@acme.example";
const KIM = "demo.person@outlook.example";

interface Page {
  text: string;
  accounts: string[];
  chosen: string | undefined;
  boxes: string[];
  hidden: string[];
  action: string;
}

function pageOf(text: string): Page {
  const values = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, value = ""]) => value);
  return {
    text,
    accounts: values(/type="radio" name="account" value="([^"]+)"/g),
    chosen: values(/name="account" value="([^"]+)" checked/g)[0],
    boxes: values(/type="checkbox" name="scope" value="([^"]+)" checked/g),
    hidden: values(/type="hidden" name="scope" value="([^"]+)"/g),
    action: values(/<form method="post" action="([^"]+)"/g)[0]?.replaceAll("&amp;", "&") ?? "",
  };
}

type Change = Record<string, string | null>;

async function open(
  emulator: RunningEmulator,
  provider: Provider,
  change: Change = {},
  cookie = "",
) {
  const url = authorizationUrl(emulator, provider, newVerifier(), { change });
  const response = await fetch(url, { redirect: "manual", headers: { cookie } });
  return { response, page: pageOf(await response.text()) };
}

async function submit(emulator: RunningEmulator, page: Page, fields: [string, string][]) {
  const response = await fetch(emulator.url + page.action, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams(fields),
  });
  await response.body?.cancel();
  return {
    location: new URL(response.headers.get("location") ?? ""),
    cookie: response.headers.getSetCookie().map((each) => each.split(";")[0]).join("; "),
  };
}

Deno.test("Google's page offers its accounts, and a box for each scope that is not sign-in", () =>
  withEmulator(async (emulator) => {
    const { page } = await open(emulator, "google");
    equal(page.accounts.length, 4);
    equal(page.chosen, ANN);
    deepEqual(page.boxes, [GOOGLE_CALENDAR]);
    deepEqual(page.hidden, ["openid", "https://www.googleapis.com/auth/userinfo.email"]);
    match(page.text, /See and download any calendar you can access/);
    const fields: [string, string][] = [["account", BOB], ["decision", "allow"]];
    const less = await submit(emulator, page, fields);
    equal(less.location.searchParams.get("scope")?.includes("calendar"), false);
    const all = await submit(emulator, page, [...fields, ["scope", GOOGLE_CALENDAR]]);
    ok(all.location.searchParams.get("scope")?.includes(GOOGLE_CALENDAR));
    const deny = await submit(emulator, page, [["account", BOB], ["decision", "deny"]]);
    equal(deny.location.searchParams.get("error"), "access_denied");
  }));

Deno.test("Microsoft's page asks for all or nothing", () =>
  withEmulator(async (emulator) => {
    const { page } = await open(emulator, "microsoft");
    equal(page.accounts.length, 4);
    deepEqual(page.boxes, []);
    deepEqual(page.hidden, SCOPES.microsoft.split(" "));
    match(page.text, /Read your calendars/);
    const { location } = await submit(emulator, page, [["account", KIM], ["decision", "allow"]]);
    ok(location.searchParams.get("code"));
  }));

for (const [provider, account] of [["google", BOB], ["microsoft", KIM]] as const) {
  Deno.test(`a login hint chooses the account at ${provider}, alone or in the chooser`, () =>
    withEmulator(async (emulator) => {
      const chooser = { login_hint: account, prompt: "select_account" };
      const { page: all } = await open(emulator, provider, chooser);
      deepEqual([all.accounts.length, all.chosen], [4, account]);
      const { page: one } = await open(emulator, provider, {
        login_hint: account,
        prompt: "consent",
      });
      deepEqual(one.accounts, [account]);
      const { id } = emulator.control.person(account);
      const { page: byId } = await open(emulator, provider, { login_hint: id, prompt: "consent" });
      deepEqual(byId.accounts, [account]);
      const { page: unknown } = await open(emulator, provider, { login_hint: "x@y.example" });
      equal(unknown.accounts.length, 4);
    }));

  Deno.test(`a person who has consented at ${provider} is asked again only if the app wants it`, () =>
    withEmulator(async (emulator) => {
      const { page } = await open(emulator, provider);
      const fields: [string, string][] = [["account", account], ["decision", "allow"]];
      if (provider === "google") fields.push(["scope", GOOGLE_CALENDAR]);
      const { cookie } = await submit(emulator, page, fields);
      match(cookie, new RegExp(`^emulator_${provider}=`));

      const { response: silent } = await open(emulator, provider, { prompt: null }, cookie);
      equal(silent.status, 302);
      ok(new URL(silent.headers.get("location") ?? "").searchParams.get("code"));
      const { response: none } = await open(emulator, provider, { prompt: "none" }, cookie);
      ok(new URL(none.headers.get("location") ?? "").searchParams.get("code"));
      // `consent` alone takes the account of the last time.
      const { page: consent } = await open(emulator, provider, { prompt: "consent" }, cookie);
      deepEqual(consent.accounts, [account]);
      const { page: chooser } = await open(
        emulator,
        provider,
        { prompt: "select_account" },
        cookie,
      );
      deepEqual([chooser.accounts.length, chooser.chosen], [4, account]);
    }));

  Deno.test(`prompt=none at ${provider} never shows a page`, () =>
    withEmulator(async (emulator) => {
      const error = async (cookie: string) => {
        const { response } = await open(emulator, provider, { prompt: "none" }, cookie);
        return new URL(response.headers.get("location") ?? "").searchParams.get("error");
      };
      equal(await error(""), "login_required");
      equal(await error(`emulator_${provider}=${account}`), "consent_required");
    }));
}

Deno.test("a Google administrator's block is a page, and sends nobody back", () =>
  withEmulator(async (emulator) => {
    emulator.control.changePerson(BOB, { state: "blocked_by_admin" });
    const url = authorizationUrl(emulator, "google", newVerifier());
    const { location, status, page } = await emulator.control.consent(url.href, { account: BOB });
    deepEqual([location, status], [null, 400]);
    match(page, /admin_policy_enforced/);
  }));

Deno.test("what an app or a person is called is text, never markup", () =>
  withEmulator(async (emulator) => {
    const [client] = emulator.control.state().clients;
    const name = `<img src=x onerror="alert('1')">`;
    emulator.control.changeClient({ provider: "google", client_id: client?.client_id ?? "", name });
    emulator.control.changePerson(ANN, { name });
    const { page } = await open(emulator, "google", { state: `"><script>alert(1)</script>` });
    equal(/<img|<script>alert/.test(page.text), false);
    equal(page.text.split("&lt;img src=x").length, 4);
  }));

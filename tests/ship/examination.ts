/** A deployment in order, without a network: what is asked is kept, and answered from a table. */
import { dirname, join } from "node:path";
import { examine } from "../../cli/doctor/doctor.ts";
import { type Environment, type Facts, readFacts } from "../../cli/doctor/facts.ts";
import type { Finding } from "../../cli/doctor/report.ts";
import { changed, type Changes } from "../support/environment.ts";
import { packageTarball } from "./app.ts";

export const GOOD: Environment = {
  SUPABASE_URL: "https://ref.supabase.co",
  CALENDAR_ENCRYPTION_KEY: "qL3u8yC2bVJ0rXwZ6Hs1TtN4dKe5fGmA7oPpQi9RxEw=",
  CALENDAR_SETTINGS_URL: "https://app.example.test/settings",
  GOOGLE_CLIENT_ID: "123-abc.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "google-secret-not-real",
  OUTLOOK_CLIENT_ID: "12345678-90ab-cdef-1234-567890abcdef",
  OUTLOOK_CLIENT_SECRET: "outlook~secret-not-real",
};

export const SETTINGS = "https://app.example.test/settings";
export const HEALTH = "https://ref.supabase.co/functions/v1/calendar/health";
export const GOOGLE = "https://oauth2.googleapis.com/token";
export const MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0/token";

const VERSION = "1.2.3";

export interface Request {
  url: string;
  method: string;
  redirect: string | undefined;
  headers: [string, string][];
  /** The fields of a form. */
  form: Record<string, string>;
}

export interface Examination {
  findings: Finding[];
  requests: Request[];
}

export type Answers = Record<string, () => Response>;

const refused = () => Response.json({ error: "invalid_grant" }, { status: 400 });
const ANSWERS: Answers = {
  [SETTINGS]: () => new Response("<h1>Settings</h1>"),
  [HEALTH]: () => health({}),
  [GOOGLE]: refused,
  [MICROSOFT]: refused,
};

export function health(changes: Record<string, unknown>, date = new Date()): Response {
  const body = { status: "ok", version: VERSION, providers: ["google", "outlook"], ...changes };
  return Response.json(body, { headers: { date: date.toUTCString() } });
}

let facts: Promise<Facts> | undefined;

/** The package's own. */
export function packageFacts(): Promise<Facts> {
  facts ??= packageTarball()
    .then((tarball) => readFacts(join(dirname(tarball), "package"), VERSION));
  return facts;
}

/** Examines the good deployment with some changes. */
export async function examined(
  changes: Changes = {},
  answers: Answers = {},
): Promise<Examination> {
  const env = changed(GOOD, changes);
  const requests: Request[] = [];
  const table = { ...ANSWERS, ...answers };
  const send = (input: string | URL | globalThis.Request, init: RequestInit = {}) => {
    const url = String(input);
    requests.push({
      url,
      method: init.method ?? "GET",
      redirect: init.redirect,
      headers: [...new Headers(init.headers)],
      form: init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : {},
    });
    const answer = table[url];
    return answer === undefined ? Promise.reject(new TypeError("no such host")) : settle(answer);
  };
  const findings = await examine({
    env,
    written: Object.keys(env),
    facts: await packageFacts(),
    send,
  });
  return { findings, requests };
}

function settle(answer: () => Response): Promise<Response> {
  return new Promise((resolve) => resolve(answer()));
}

export function wrongs({ findings }: Examination): string[] {
  return findings.filter(({ verdict }) => verdict === "wrong").map(({ about }) => about);
}

/** The one finding about something, in one line. */
export function about({ findings }: Examination, name: string): string {
  return findings.filter((finding) => finding.about === name)
    .map(({ verdict, says, remedy = "" }) => `${verdict}: ${says} (${remedy})`).join("\n");
}

/**
 * A person at a browser, scripted: opens an authorization URL, signs in, consents (or does not), and
 * stops at the redirect back to the app, which is returned and not visited.
 */
export interface Person {
  account?: string;
  decision?: "allow" | "deny" | `deny: ${string}` | "allow without the calendar";
}

const MOST_HOPS = 12;

/** The URL the provider sends the browser back to. Fails when the provider shows an error page instead. */
export async function authorize(authorizationUrl: string, person: Person = {}): Promise<URL> {
  const home = new URL(authorizationUrl).origin;
  const cookies = new Map<string, string>();
  let next = authorizationUrl;
  let form: string | undefined;
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const response = await fetch(next, {
      redirect: "manual",
      method: form === undefined ? "GET" : "POST",
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      body: form,
    });
    keepCookies(cookies, response);
    const text = await response.text();
    const location = response.headers.get("location");
    if (location) {
      const target = new URL(location, next);
      if (target.origin !== home) return target;
      next = target.href;
      form = undefined;
    } else if (response.ok) {
      ({ next, form } = fillForm(text, next, person));
    } else {
      throw new Error(`the provider refused the authorization request: ${response.status} ${text}`);
    }
  }
  throw new Error(`the provider went on redirecting after ${MOST_HOPS} steps`);
}

/** The same URL with one more scope, as when an app asks for more than the calendar. */
export function askingAlsoFor(authorizationUrl: string, scope: string): string {
  const url = new URL(authorizationUrl);
  url.searchParams.set("scope", `${url.searchParams.get("scope")} ${scope}`);
  return url.href;
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = ""] = line.split(";");
    const [name = "", ...value] = pair.split("=");
    if (value.join("=") === "") cookies.delete(name);
    else cookies.set(name, value.join("="));
  }
}

function fillForm(html: string, at: string, person: Person): { next: string; form: string } {
  const action = /action="([^"]+)"/.exec(html)?.[1];
  if (!action) throw new Error(`the provider showed a page without a form: ${html}`);
  const fields = new URLSearchParams();
  if (html.includes('name="account"')) {
    fields.set("account", person.account ?? "person@example.test");
    fields.set("decision", "allow");
  } else {
    fields.set("decision", person.decision?.startsWith("deny") ? person.decision : "allow");
    const withoutCalendar = person.decision === "allow without the calendar";
    for (const [, scope = ""] of html.matchAll(/name="scope" value="([^"]+)"/g)) {
      if (withoutCalendar && /calendar/i.test(scope)) continue;
      fields.append("scope", scope);
    }
  }
  return { next: new URL(action, at).href, form: fields.toString() };
}

/** Every account of the emulator connects through the built function, which knows whose each one is. */
import { deepEqual, equal } from "node:assert/strict";
import { type Stack, startStack } from "../../dev/mod.ts";

interface Connection {
  provider: string;
  account_label: string | null;
  account_class: string | null;
  scopes: string[];
}

async function ask(stack: Stack, token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(stack.functionUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      apikey: stack.publishableKey,
      origin: new URL(stack.settingsUrl).origin,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

Deno.test("the function connects each account and names its address and its kind", async () => {
  const stack = await startStack({ providers: true });
  try {
    const { accessToken } = await stack.createUser("ann@example.test", "a password of a test");
    const { accounts, emulator } = stack.providers ?? {};
    for (const provider of ["google", "outlook"] as const) {
      for (const account of accounts?.[provider] ?? []) {
        const path = `/connect/${provider}`;
        const { authorization_url } = await ask(stack, accessToken, "POST", path);
        const consented = await emulator?.control.consent(authorization_url, { account });
        const parameters = new URL(consented?.location ?? "").searchParams;
        const callback = Object.fromEntries(parameters);
        await ask(stack, accessToken, "POST", `/callback/${provider}`, callback);
      }
    }
    const { connections } = await ask(stack, accessToken, "GET", "/status");
    const known = (connections as Connection[])
      .map(({ provider, account_label, account_class }) =>
        `${provider} ${account_label} ${account_class}`
      );
    deepEqual(known.sort(), [
      "google ada@gmail.example google",
      "google demo.person@acme.example google_workspace",
      "google demo.person@gmail.example google",
      "google nothing.planned@gmail.example google",
      "outlook demo.person@contoso.example work",
      "outlook demo.person@outlook.example personal",
      "outlook grace@outlook.example personal",
      "outlook nothing.planned@contoso.example work",
    ]);
  } finally {
    await stack.stop();
  }
});

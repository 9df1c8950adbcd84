/** Where the doctor sends what is secret: to the address that is configured for it, or nowhere. */
import { deepEqual, equal, match } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Server } from "node:net";
import { checkDatabase, targetOf } from "../../cli/doctor/database.ts";
import { examine } from "../../cli/doctor/doctor.ts";
import type { Changes } from "../support/environment.ts";
import { changed } from "../support/environment.ts";
import { about, examined, GOOD, GOOGLE, MICROSOFT, packageFacts } from "./examination.ts";

const PREFIXES = ["GOOGLE", "OUTLOOK"] as const;
const ENDPOINT = { GOOGLE, OUTLOOK: MICROSOFT };

/** Each is malformed, and some of them name a host that would take the secret. */
const MALFORMED = [
  "http://idp.example.test/token",
  "https://user:password@idp.example.test/token",
  "https://idp.example.test/token#x",
  "https://*.example.test/token",
  "idp.example.test/token",
  "nonsense",
];

async function secretsSent(changes: Changes): Promise<Map<string, string>> {
  const { requests } = await examined(changes);
  return new Map(
    requests.filter(({ form }) => form.client_secret !== undefined)
      .map(({ url, form }) => [form.client_secret ?? "", url]),
  );
}

for (const prefix of PREFIXES) {
  const other = prefix === "GOOGLE" ? "OUTLOOK" : "GOOGLE";
  const secret = GOOD[`${prefix}_CLIENT_SECRET`] ?? "";
  const elsewhere = new Map([[GOOD[`${other}_CLIENT_SECRET`], ENDPOINT[other]]]);

  for (const variable of ["TOKEN_ENDPOINT", "AUTHORIZATION_ENDPOINT", "ISSUER"]) {
    Deno.test(`with a malformed ${prefix}_${variable}, nobody is sent that client's secret`, async () => {
      for (const malformed of MALFORMED) {
        const changes = { [`${prefix}_${variable}`]: malformed };
        deepEqual(await secretsSent(changes), elsewhere, malformed);
        match(
          about(await examined(changes), `${prefix}_CLIENT_ID and _SECRET`),
          new RegExp(`^open: nobody was asked, because ${prefix}_${variable} is wrong`),
        );
      }
    });
  }

  Deno.test(`a client of ${prefix} with an endpoint of its own is asked about there only`, async () => {
    const own = "https://idp.example.test/token";
    const sent = await secretsSent({ [`${prefix}_TOKEN_ENDPOINT`]: own });
    deepEqual(sent, new Map([...elsewhere, [secret, own]]));
  });
}

Deno.test("with a malformed tenant, nobody is sent Microsoft's secret", async () => {
  const google = new Map([[GOOD.GOOGLE_CLIENT_SECRET, GOOGLE]]);
  for (const tenant of ["a/b", "common/../evil", "x@evil.example.test", "?"]) {
    deepEqual(await secretsSent({ OUTLOOK_TENANT_ID: tenant }), google, tenant);
  }
});

Deno.test("the tenant is part of Microsoft's endpoint, and of no other", async () => {
  const sent = await secretsSent({ OUTLOOK_TENANT_ID: "contoso.com", GOOGLE_TENANT_ID: "x" });
  equal(
    sent.get(GOOD.OUTLOOK_CLIENT_SECRET ?? ""),
    "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
  );
  equal(sent.get(GOOD.GOOGLE_CLIENT_SECRET ?? ""), GOOGLE);
});

Deno.test("with an id or secret of the wrong shape, nobody is sent either", async () => {
  const google = new Map([[GOOD.GOOGLE_CLIENT_SECRET, GOOGLE]]);
  const guid = "12345678-90ab-cdef-1234-567890abcdef";
  deepEqual(await secretsSent({ OUTLOOK_CLIENT_SECRET: guid }), google);
  deepEqual(await secretsSent({ OUTLOOK_CLIENT_ID: "abc" }), google);
});

Deno.test("without a redirect URI that is right, nobody is sent a secret", async () => {
  const url = "https://app.example.test/callback";
  for (const wrong of [`${url}/google`, "nonsense", "http://app.example.test/callback"]) {
    deepEqual(await secretsSent({ CALENDAR_REDIRECT_URL: wrong }), new Map());
  }
  deepEqual((await secretsSent({ CALENDAR_REDIRECT_URL: url })).size, 2);
});

Deno.test("the shape of a client at an endpoint of its own is that endpoint's business", async () => {
  const examination = await examined({
    OUTLOOK_TOKEN_ENDPOINT: "https://idp.example.test/token",
    OUTLOOK_CLIENT_ID: "any",
    OUTLOOK_CLIENT_SECRET: "12345678-90ab-cdef-1234-567890abcdef",
  });
  equal(about(examination, "OUTLOOK_CLIENT_ID"), "right: is set and well-formed ()");
  equal(about(examination, "OUTLOOK_CLIENT_SECRET"), "right: is set and well-formed ()");
});

Deno.test("an endpoint that redirects passes the secret on to nobody", async () => {
  const bodies: string[] = [];
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const thief = Deno.serve(options, async (request) => {
    bodies.push(await request.text());
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  });
  const location = `http://127.0.0.1:${thief.addr.port}/`;
  const endpoint = Deno.serve(options, () => {
    return new Response(null, { status: 307, headers: { location } });
  });
  try {
    const env = changed(GOOD, {
      GOOGLE_TOKEN_ENDPOINT: `http://127.0.0.1:${endpoint.addr.port}/token`,
      OUTLOOK_CLIENT_ID: undefined,
      OUTLOOK_CLIENT_SECRET: undefined,
    });
    const send: typeof fetch = (input, init) =>
      String(input).startsWith("http://127.0.0.1:")
        ? fetch(input, init)
        : Promise.reject(new TypeError("no network in tests"));
    const findings = await examine({ env, written: [], facts: await packageFacts(), send });
    match(about({ findings, requests: [] }, "GOOGLE_CLIENT_ID and _SECRET"), /^open: .*cannot be/);
    deepEqual(bodies, []);
  } finally {
    await endpoint.shutdown();
    await thief.shutdown();
  }
});

const targets: [string, Partial<ReturnType<typeof targetOf>>][] = [
  ["postgres://ann:s%40t@db.example.test:6543/app", {
    host: "db.example.test",
    port: 6543,
    database: "app",
    username: "ann",
    password: "s@t",
    ssl: "require",
  }],
  ["postgresql://ann@db.example.test", { port: 5432, database: "postgres", password: "" }],
  ["postgres://ann@db.example.test/?sslmode=disable", { ssl: false }],
  ["postgres://ann@db.example.test/?sslmode=prefer", { ssl: "require" }],
  ["postgres://ann@db.example.test/?sslmode=allow", { ssl: "require" }],
  ["postgres://ann@db.example.test/?sslmode=require", { ssl: "require" }],
  ["postgres://ann@db.example.test/?sslmode=verify-ca", { ssl: "verify-full" }],
  ["postgres://ann@db.example.test/?sslmode=verify-full", { ssl: "verify-full" }],
  ["postgres://ann@db.example.test/?ssl=false", { ssl: "require" }],
  ["postgres://ann@localhost.example.test/", { ssl: "require" }],
  ["postgres://ann@localhost/", { host: "localhost", ssl: false }],
  ["postgres://ann@127.0.0.1/", { host: "127.0.0.1", ssl: false }],
  ["postgres://ann@[::1]:1/", { host: "::1", port: 1, ssl: false }],
  ["postgres://ann@localhost/?sslmode=require", { ssl: "require" }],
];

for (const [url, expected] of targets) {
  Deno.test(`where ${url} leads`, () => {
    const target = targetOf(url);
    for (const [name, value] of Object.entries(expected ?? {})) {
      equal(Object.entries(target ?? {}).find(([each]) => each === name)?.[1], value, name);
    }
  });
}

for (
  const bad of [
    "nonsense",
    "mysql://ann:pass@db.example.test/app",
    "notpostgres://ann:pass@db.example.test/app",
    "https://db.example.test/",
    "postgres:///app",
    "postgres://ann:100%@db.example.test/app",
    "postgres://ann:pass@db.example.test:99999/app",
    "postgres://ann:p#ss@db.example.test/app",
  ]
) {
  Deno.test(`a DATABASE_URL such as ${bad} is a finding, and everything else is looked at`, async () => {
    const examination = await examined({ DATABASE_URL: bad });
    match(about(examination, "DATABASE_URL"), /^wrong: is no address of a Postgres database \(it/);
    equal(examination.requests.length, 4);
    equal(JSON.stringify(examination.findings).includes("pass@"), false);
  });
}

/** A server that speaks no TLS, on an address that counts as remote, and keeps what it is sent. */
async function plainServer(): Promise<{ port: number; received: Buffer[]; close(): void }> {
  const received: Buffer[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (first) => {
      received.push(Buffer.from(first));
      socket.write("N");
      socket.once("data", (second) => {
        received.push(Buffer.from(second));
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.2", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port ?? 0 : 0;
  return { port, received, close: () => server.close() };
}

Deno.test("a remote database without TLS is sent no name and no password", async () => {
  const server = await plainServer();
  try {
    for (const mode of ["", "?sslmode=prefer"]) {
      server.received.length = 0;
      const url = `postgres://ann:secret-not-real@127.0.0.2:${server.port}/app${mode}`;
      const [finding] = await checkDatabase(url, (await packageFacts()).database);
      equal(finding?.verdict, "wrong");
      match(finding?.says ?? "", /^the database does not answer \([A-Z0-9_]+|no reason given\)$/);
      deepEqual(server.received[0], Buffer.from("0000000804d2162f", "hex"), "a request for TLS");
      const sent = Buffer.concat(server.received).toString("latin1");
      for (const word of ["ann", "secret-not-real", "app"]) equal(sent.includes(word), false, word);
    }
    server.received.length = 0;
    const open = `postgres://ann:secret-not-real@127.0.0.2:${server.port}/app?sslmode=disable`;
    await checkDatabase(open, (await packageFacts()).database);
    equal(Buffer.concat(server.received).toString("latin1").includes("ann"), true);
  } finally {
    server.close();
  }
});

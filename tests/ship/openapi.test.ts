/** docs/openapi.yaml is true: of the contract, and of the running function. */
import { deepEqual, equal, match } from "node:assert/strict";
import { parse } from "yaml";
import { inRepository } from "../../dev/paths.ts";
import { type Stack, startStack } from "../../dev/mod.ts";
import { contract } from "../support/contract.ts";
import { connected } from "../support/flow.ts";
import { LogLines } from "../support/log.ts";
import "../support/quiet.ts";
import { serviceAt } from "../support/service.ts";
import { insertUser } from "../support/users.ts";
import { output } from "./cli.ts";
import { pythonTools } from "../support/python.ts";
import { type Providers, startProviders } from "./shipped.ts";

interface Operation {
  responses: Record<string, { $ref: string }>;
}

interface Answer {
  content?: {
    "application/json": { schema: { allOf?: { properties?: { code: { enum: string[] } } }[] } };
  };
}

interface Schema {
  enum?: (string | null)[];
  examples?: string[];
  maxLength?: number;
  required?: string[];
  properties?: Record<string, Schema>;
}

interface Description {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
}

const file = inRepository("docs", "openapi.yaml");
const description: Description = parse(await Deno.readTextFile(file), { merge: true });
const verbs = ["get", "head", "post", "put", "patch", "delete"];

function codesOf(answer: Answer | undefined): string[] {
  const parts = answer?.content?.["application/json"].schema.allOf ?? [];
  return parts.flatMap(({ properties }) => properties?.code.enum ?? []);
}

function operations(): [string, string, Operation][] {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([verb]) => verbs.includes(verb))
      .map(([verb, operation]): [string, string, Operation] => [path, verb, operation])
  );
}

Deno.test("it has the codes of the contract, each with its status", () => {
  const codes = contract.codes.map(({ name, status }) => [name, String(status)]);
  deepEqual(description.components.schemas.Code?.enum, codes.map(([code]) => code));
  const used = new Map<string, Set<string>>();
  for (const [, , { responses }] of operations()) {
    for (const [status, { $ref }] of Object.entries(responses)) {
      const answer = description.components.responses[$ref.split("/").at(-1) ?? ""];
      for (const code of codesOf(answer)) {
        used.set(code, (used.get(code) ?? new Set()).add(status));
      }
    }
  }
  // Every route answers 405 to other methods; only the description's one response of it says so.
  deepEqual(codesOf(description.components.responses.MethodNotAllowed), ["method_not_allowed"]);
  used.set("method_not_allowed", new Set(["405"]));
  // These two are answered by another function of this project.
  for (const code of ["reconnect_needed", "forbidden"]) equal(used.has(code), false, code);
  const own = codes.filter(([code]) => code !== "reconnect_needed" && code !== "forbidden");
  deepEqual(
    own.map(([code = ""]) => [code, [...used.get(code) ?? []]]),
    own.map(([code, status]) => [code, [status]]),
  );
});

Deno.test("it has the providers, statuses, columns and limits of the contract", () => {
  const { Provider, RowProvider, ConnectionStatus, Connection, Callback } =
    description.components.schemas;
  const names = (list: { name: string }[]) => list.map(({ name }) => name);
  deepEqual(Provider?.enum, names(contract.providers));
  deepEqual(RowProvider?.examples, names(contract.providers));
  deepEqual(ConnectionStatus?.examples, names(contract.statuses));
  deepEqual(Object.keys(Connection?.properties ?? {}), names(contract.columns));
  deepEqual(Connection?.required, names(contract.columns));
  const limits = Object.fromEntries(contract.limits.map(({ name, value }) => [name, value]));
  for (const name of ["code", "iss", "error"]) {
    equal(Callback?.properties?.[name]?.maxLength, limits[name], name);
  }
});

Deno.test("it has the routes of the contract, each with its methods", () => {
  const routes = contract.routes.map(({ method, path }) => `${method} ${path}`);
  const described = operations().map(([path, verb]) => `${verb.toUpperCase()} ${path}`);
  deepEqual(described.sort(), routes.sort());
});

Deno.test("it has the version of the crate", () => {
  equal(description.info.version, contract.version);
});

Deno.test("the running function does what it says, whatever schemathesis thinks up", async () => {
  let providers: Providers | undefined;
  let stack: Stack | undefined;
  try {
    providers = await startProviders();
    stack = await startStack({ postgres: 18, env: providers.secrets });
    const user = await insertUser(stack);
    const direct = await stack.functions.origin("calendar");
    const service = serviceAt(
      `${direct}/calendar`,
      direct,
      new LogLines(),
      () => Promise.resolve(),
    );
    // So that the status it reads is one with connections.
    for (const provider of ["google", "outlook"] as const) await connected(service, user, provider);
    const tools = await pythonTools("ship");
    const ran = await output(`${tools}/schemathesis`, [
      ...["--config-file", inRepository("tests", "ship", "schemathesis.toml"), "run", file],
      ...["--url", `${direct}/calendar`],
      ...["--header", `Authorization: Bearer ${user.token}`],
      ...["--checks", "all", "--phases", "examples,coverage,fuzzing"],
      ...["--max-examples", "100", "--seed", "1", "--max-redirects", "0", "--workers", "1"],
      ...["--generation-database", "none", "--request-timeout", "12", "--no-color"],
    ], { cwd: tools, env: { PATH: tools, HOME: tools } });
    equal(ran.code, 0, `${ran.stdout}${ran.stderr}`);
    const all = operations().length;
    match(ran.stdout, new RegExp(`Operations: +${all} selected / ${all} total`));
  } finally {
    await stack?.stop();
    await providers?.stop();
  }
});

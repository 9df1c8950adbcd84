/**
 * The tables of docs/reference.md, made from contract.json, which the crate writes: `make generate`
 * writes both anew, and a test sees that they are up to date.
 */
import contract from "../contract.json" with { type: "json" };
import { inRepository } from "../dev/paths.ts";
import { fillSection, markdownTable } from "./sections.ts";

export const REFERENCE = inRepository("docs", "reference.md");

interface Named {
  name: string;
  meaning: string;
}

const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll("|", "\\|");

/** The reference with every generated section written anew. */
export function reference(text: string): Promise<string> {
  const filled = Object.entries(sections()).reduce(
    (before, [name, body]) => fillSection(before, name, body),
    text,
  );
  return formatted(filled);
}

function sections(): Record<string, string> {
  return {
    variables: variables(),
    routes: routes(),
    errors: markdownTable(
      ["code", "status", "meaning", "remedy"],
      contract.codes.map(({ name, status, meaning, remedy }) => [
        code(name),
        String(status),
        meaning,
        remedy,
      ]),
    ),
    columns: described("column", contract.columns),
    statuses: described("status", contract.statuses),
    reasons: markdownTable(
      ["reason", "connect again", "meaning"],
      contract.reasons.map(({ name, needs_reconnect, meaning }) => [
        code(name),
        needs_reconnect ? "yes" : "no",
        meaning,
      ]),
    ),
    limits: markdownTable(
      ["limit", "at most", "of what"],
      contract.limits.map(({ name, value, unit, meaning }) => [
        code(name),
        `${value.toLocaleString("en")} ${unit}`,
        meaning,
      ]),
    ),
    log: described("field", contract.log),
    causes: described("cause", contract.causes.filter(({ of_provider }) => !of_provider)),
    refusals: ofProviders(),
    warnings: described("warning", contract.warnings),
  };
}

function described(head: string, names: Named[]): string {
  return markdownTable(
    [head, "meaning"],
    names.map(({ name, meaning }) => [
      code(name),
      cell(meaning),
    ]),
  );
}

/** What has to be set comes first, what the platform sets comes last. */
function variables(): string {
  const order = ["required", "for_provider", "default", "platform"];
  const sorted = contract.variables.toSorted((one, other) =>
    order.indexOf(one.given) - order.indexOf(other.given)
  );
  const rows = sorted.map((each) => [code(each.name), value(each), cell(each.meaning)]);
  return markdownTable(["variable", "value", "meaning"], rows);
}

function value(variable: typeof contract.variables[number]): string {
  if (variable.given === "for_provider") return `for ${companyOf(variable.provider)}`;
  return variable.default ?? variable.given;
}

function companyOf(provider: string | null): string {
  return contract.providers.find(({ name }) => name === provider)?.company ?? "";
}

function routes(): string {
  const rows = contract.routes.map(({ method, path, caller, answer }) => [
    code(`${method} ${path}`),
    cell(caller),
    cell(answer),
  ]);
  return markdownTable(["route", "caller", "answer"], rows);
}

/** A list, since many words of a provider's table say the same. */
function ofProviders(): string {
  const words = contract.causes.filter(({ of_provider }) => of_provider);
  const grouped = Map.groupBy(words, ({ meaning }) => meaning);
  return [...grouped].map(([meaning, causes]) =>
    `- ${meaning.replace(/\.$/, "")}: ${causes.map(({ name }) => code(name)).join(", ")}`
  ).join("\n");
}

/** As `deno fmt` lays it out. */
async function formatted(text: string): Promise<string> {
  const args = ["fmt", "--line-width=100", "--ext=md", "-"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt does not take the reference");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(REFERENCE, await reference(await Deno.readTextFile(REFERENCE)));
}

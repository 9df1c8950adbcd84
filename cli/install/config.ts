/**
 * `supabase/config.toml` belongs to the app. It is parsed to decide, and edited as text, so that comments,
 * order and line endings stay. Each edit is parsed again: unless it changed exactly what was meant, it
 * is not made.
 */
import { isDeepStrictEqual } from "node:util";
import { parse, type TomlTable } from "smol-toml";
import { Refusal } from "../errors.ts";

/** What is appended for a function. */
function blockOf(name: string): string {
  return `
[functions.${name}]
enabled = true
# The function checks its callers itself: the provider's redirect comes without a JWT.
verify_jwt = false
entrypoint = "./functions/${name}/index.ts"
`;
}

export function decodeConfig(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new Refusal("supabase/config.toml is not UTF-8, and nothing has been changed.");
  }
}

export interface Edited {
  text: string;
  /** The functions whose settings the edit added or took out. */
  names: string[];
}

/** The text with settings for each of these functions that has none. */
export function withFunctions(text: string, functions: string[]): Edited {
  const settings = functionsIn(text);
  const names = functions.filter((name) => !(name in settings));
  if (names.length === 0) return { text, names };
  const blocks = names.map(blockOf).join("");
  const [end = "\n"] = /\r?\n/.exec(text) ?? [];
  const edited = (text === "" || text.endsWith("\n") ? text : text + end) +
    blocks.replaceAll("\n", end);
  if (!holds(edited, text, { ...settings, ...functionsIn(blocks) })) {
    throw new Refusal(
      "supabase/config.toml defines its functions in a way that nothing can be appended to, and " +
        `nothing has been changed. Add these settings by hand, then try again:\n${blocks}`,
    );
  }
  return { text: edited, names };
}

/** The text without the settings that were added for these functions and are still as they were. */
export function withoutFunctions(text: string, functions: string[]): Edited {
  let edited = text;
  const names = functions.filter((name) => {
    const block = ["\n", "\r\n"].map((end) => blockOf(name).replaceAll("\n", end))
      .find((each) => edited.includes(each));
    if (block === undefined) return false;
    const { [name]: _, ...rest } = functionsIn(edited);
    const without = edited.replace(block, "");
    if (!holds(without, text, rest)) return false;
    edited = without;
    return true;
  });
  return { text: edited, names };
}

/** What has to be set otherwise for the function to work, one line each. */
export function adviceFor(text: string, name: string): string[] {
  const { [name]: settings = {} } = functionsIn(text);
  const entrypoint = `./functions/${name}/index.ts`;
  const { verify_jwt, enabled = true, entrypoint: set = entrypoint } = settings;
  return [
    ...(verify_jwt === false ? [] : ["verify_jwt = false"]),
    ...(enabled === true ? [] : ["enabled = true"]),
    ...(String(set).replace(/^(?!\.\/)/, "./") === entrypoint
      ? []
      : [`entrypoint = "${entrypoint}"`]),
  ].map((setting) => `In supabase/config.toml, set under [functions.${name}]: ${setting}`);
}

/** The settings of each function that the file has settings for. */
export function functionsIn(text: string): Record<string, TomlTable> {
  const { functions = {} } = parsed(text);
  return { ...(functions as Record<string, TomlTable>) };
}

function parsed(text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    throw new Refusal(
      `supabase/config.toml is not valid TOML, and nothing has been changed:\n${error}`,
    );
  }
}

/** Whether the edited text has these functions and is otherwise equal to the former one. */
function holds(edited: string, former: string, functions: Record<string, unknown>): boolean {
  try {
    return isDeepStrictEqual(
      comparable(parse(edited)),
      comparable({ ...parsed(former), functions }),
    );
  } catch {
    return false;
  }
}

/** Without prototypes, so that only keys and values count; no functions and an empty table are equal. */
function comparable(settings: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify({ ...settings, functions: settings.functions ?? {} }));
}

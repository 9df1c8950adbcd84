// supabase/config.toml belongs to the app: a block is added at its end if there is none, nothing else.

const HEADER = "[functions.calendar]";

export const BLOCK = `
${HEADER}
enabled = true
# The function checks its callers itself: the provider's redirect comes without a JWT.
verify_jwt = false
entrypoint = "./functions/calendar/index.ts"
`;

/** The settings of the function as the file has them, or null. */
export function functionBlock(text) {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^\s*\[\s*functions\s*\.\s*"?calendar"?\s*\]/.test(line));
  if (start >= 0) {
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => /^\s*\[/.test(line));
    return rest.slice(0, end < 0 ? undefined : end).join("\n");
  }
  const dotted = lines.filter((line) => /^\s*(functions\s*\.\s*)?"?calendar"?\s*[.=]/.test(line));
  return dotted.length > 0 ? dotted.join("\n") : null;
}

export function withBlock(text) {
  return (text === "" || text.endsWith("\n") ? text : `${text}\n`) + BLOCK;
}

/** Takes the block out if it is still as it was put in. */
export function withoutBlock(text) {
  return text.replaceAll("\r\n", "\n").includes(BLOCK) ? text.replace(BLOCK, "") : text;
}

export function leavesJwtToTheFunction(block) {
  return /\bverify_jwt\s*=\s*false\b/.test(block);
}

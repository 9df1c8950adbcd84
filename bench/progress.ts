/** One line that tells what is going on, on a terminal; a line for each step where there is none. */
const terminal = Deno.stderr.isTerminal();
const started = Date.now();
const encoder = new TextEncoder();

export function progressTo(text: string): void {
  const seconds = String(Math.round((Date.now() - started) / 1000)).padStart(4);
  write(terminal ? `\r\x1b[K${seconds} s  ${text}` : `${seconds} s  ${text}\n`);
}

export function clearProgress(): void {
  if (terminal) write("\r\x1b[K");
}

function write(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}

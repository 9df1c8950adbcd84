/** What a process printed, and the wait for a line that it is about to print. */
const PATIENCE = 5000;

export class LogLines {
  readonly lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();

  add(line: string): void {
    this.lines.push(line);
    this.#waiting.forEach((look) => look(line));
  }

  /** The first line that holds the text, as soon as it is written. */
  find(text: string): Promise<string> {
    const written = this.lines.find((line) => line.includes(text));
    if (written !== undefined) return Promise.resolve(written);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = (line: string) => line.includes(text) && resolve(line);
    const impatience = setTimeout(
      () => reject(new Error(`no log line holds ${text}; there are:\n${this.lines.join("\n")}`)),
      PATIENCE,
    );
    this.#waiting.add(look);
    return promise.finally(() => {
      clearTimeout(impatience);
      this.#waiting.delete(look);
    });
  }
}

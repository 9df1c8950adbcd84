/** Secrets that can be recognised wherever and in whatever form they turn up. */

/** A word that nothing else contains; the middle of a secret, a code or a token. */
export function newCanary(kind: string): string {
  return `${kind}Zq7${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}Xk`;
}

/** Every form in which the text could leave: a text that holds one of these has leaked it. */
export function formsOf(text: string): Map<string, string> {
  const bytes = new TextEncoder().encode(text);
  const hex = bytes.toHex();
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const escaped = [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
  const forms = new Map([
    ["raw", text],
    ["lower case", text.toLowerCase()],
    ["hex", hex],
    ["HEX", hex.toUpperCase()],
    ["percent", percent],
    ["PERCENT", percent.toUpperCase()],
    ["JSON escapes", escaped],
    ["JSON ESCAPES", escaped.toUpperCase().replaceAll("\\U", "\\u")],
    ["bytes as numbers", bytes.join(",")],
    ["backwards", [...text].toReversed().join("")],
  ]);
  for (const shift of [0, 1, 2]) {
    const inner = aligned(bytes, shift);
    forms.set(`base64, alignment ${shift}`, inner);
    forms.set(
      `base64url, alignment ${shift}`,
      inner.replaceAll("+", "-").replaceAll("/", "_"),
    );
  }
  return forms;
}

/** What base64 makes of the bytes behind so many others, without what depends on the neighbours. */
function aligned(bytes: Uint8Array, shift: number): string {
  const skipped = (3 - shift) % 3;
  const rest = bytes.subarray(skipped);
  return new Uint8Array(rest.subarray(0, rest.length - rest.length % 3)).toBase64();
}

export interface Leak {
  secret: string;
  form: string;
  /** Where it was found, with what stands around it. */
  around: string;
}

/** Looks for secrets, by their names, in texts. */
export class Watch {
  readonly #forms: [secret: string, form: string, text: string][] = [];

  constructor(secrets: Record<string, string>) {
    for (const [secret, text] of Object.entries(secrets)) {
      for (const [form, shape] of formsOf(text)) this.#forms.push([secret, form, shape]);
    }
  }

  leaksIn(texts: Iterable<string>): Leak[] {
    const leaks: Leak[] = [];
    for (const text of texts) {
      for (const [secret, form, shape] of this.#forms) {
        const at = text.indexOf(shape);
        if (at < 0) continue;
        leaks.push({ secret, form, around: text.slice(Math.max(0, at - 80), at + 80) });
      }
    }
    return leaks;
  }
}

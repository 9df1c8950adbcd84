/** Times and numbers in the reader's language. A text that is no time, as Postgres's `infinity`, has no words. */

const STEPS = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Infinity, "year"],
] as const;

/** "3 minutes ago". A time in the future, from a clock that is ahead, is now. */
export function relative(iso: string, locale: string, now: number): string | null {
  return distance(now - Date.parse(iso), -1, locale);
}

/** "in 3 minutes". A time that has passed is now. */
export function until(iso: string, locale: string, now: number): string | null {
  return distance(Date.parse(iso) - now, 1, locale);
}

export function isWithinDays(iso: string, now: number, days: number): boolean {
  const left = Date.parse(iso) - now;
  return left >= 0 && left <= days * 86_400_000;
}

function distance(milliseconds: number, sign: 1 | -1, locale: string): string | null {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  let amount = Math.max(0, milliseconds / 1000);
  for (const [size, unit] of STEPS) {
    if (Math.floor(amount) < size) {
      return unit === "second"
        ? format.format(0, "second")
        : format.format(sign * Math.floor(amount), unit);
    }
    amount /= size;
  }
  return null;
}

export function absolute(iso: string, locale: string): string | null {
  return formatted(iso, locale, { dateStyle: "full", timeStyle: "short" });
}

export function day(iso: string, locale: string): string | null {
  return formatted(iso, locale, { dateStyle: "long" });
}

export function number(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function isSingular(value: number, locale: string): boolean {
  return new Intl.PluralRules(locale).select(value) === "one";
}

/** The first of these language tags that is well formed and known here, else English. */
export function localeOf(...tags: (string | null | undefined)[]): string {
  for (const tag of tags) {
    const found = supported(tag?.replaceAll("_", "-") ?? "");
    if (found) return found;
  }
  return "en";
}

function supported(tag: string): string | undefined {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag)[0];
  } catch {
    return undefined;
  }
}

function formatted(iso: string, locale: string, style: Intl.DateTimeFormatOptions): string | null {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? null : new Intl.DateTimeFormat(locale, style).format(time);
}

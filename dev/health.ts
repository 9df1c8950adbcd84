/** Whether each part of a started stack answers as it should, asked from outside. */
import type { Stack } from "./mod.ts";

export interface Health {
  part: string;
  url: string;
}

/** Throws with the part that is not well and what it said; else says what was asked. */
export async function checkHealth(stack: Stack, page: boolean): Promise<Health[]> {
  const { google, outlook } = stack.providers?.urls ?? {};
  const discovery = ".well-known/openid-configuration";
  const parts: Health[] = [
    { part: "Auth API", url: `${stack.url}/auth/v1/health` },
    { part: "Data API", url: `${stack.url}/rest/v1/calendar_connections?select=provider` },
    { part: "Edge Function", url: `${stack.functionUrl}/health` },
    ...(google ? [{ part: "Google, emulated", url: `${google}/${discovery}` }] : []),
    ...(outlook ? [{ part: "Microsoft, emulated", url: `${outlook}/${discovery}` }] : []),
    ...(page ? [{ part: "Settings page", url: stack.settingsUrl }] : []),
  ];
  // The secret key, because to a signed-out caller the data API rightly says no.
  await Promise.all(parts.map((each) => ask(each, stack.secretKey)));
  return parts;
}

async function ask({ part, url }: Health, secretKey: string): Promise<void> {
  const headers: HeadersInit = part.endsWith("API")
    ? { apikey: secretKey }
    : { accept: "text/html" };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  const body = await response.text();
  if (!response.ok) {
    throw new Error(`${part} is not well: ${url} answered ${response.status}: ${body}`);
  }
}

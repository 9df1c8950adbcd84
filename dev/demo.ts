/** The person who is signed up for the demo. */
import type { Stack } from "./mod.ts";

export const demo = {
  email: "demo@example.com",
  password: "demo-password-not-a-secret",
};

/** Signs the demo person up, unless the database has been kept and knows them. */
export async function seedDemo(stack: Stack): Promise<void> {
  const response = await fetch(`${stack.url}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify(demo),
  });
  await response.body?.cancel();
  if (!response.ok) await stack.createUser(demo.email, demo.password);
}

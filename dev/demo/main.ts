/// <reference path="./env.d.ts" />
/** The local stack's page: a sign-in for the demo user around `<calendar-settings>`. */
import { type AuthError, createClient } from "@supabase/supabase-js";
import "../../app/element/mod.ts";

const supabase = createClient(
  import.meta.env.VITE_SUPABASE_URL,
  import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
);
const email = import.meta.env.VITE_DEMO_EMAIL;
const password = import.meta.env.VITE_DEMO_PASSWORD;
const demo = email && password ? { email, password } : null;

const form = part("sign-in", HTMLFormElement);
const demoButton = part("demo", HTMLButtonElement);
const problem = part("problem", HTMLElement);

if (location.pathname === "/") history.replaceState(null, "", `/app/settings${location.hash}`);

document.querySelector("calendar-settings")!.supabase = supabase;

supabase.auth.onAuthStateChange((_event, session) => {
  part("who", HTMLElement).textContent = session?.user.email ?? "";
  document.querySelector<HTMLElement>(".who")!.hidden = !session;
  if (session) form.reset();
});

part("sign-out", HTMLButtonElement).addEventListener("click", () => void supabase.auth.signOut());

if (demo) {
  demoButton.textContent = `Continue as ${demo.email}`;
  demoButton.addEventListener("click", () => attempt(supabase.auth.signInWithPassword(demo)));
}
demoButton.hidden = !demo;
part("other", HTMLDetailsElement).open = !demo;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(form);
  const credentials = { email: String(data.get("email")), password: String(data.get("password")) };
  const isNew = (event.submitter as HTMLButtonElement | null)?.value === "sign-up";
  attempt(
    isNew ? supabase.auth.signUp(credentials) : supabase.auth.signInWithPassword(credentials),
  );
});

async function attempt(work: Promise<{ error: AuthError | null }>): Promise<void> {
  const buttons = form.querySelectorAll("button");
  problem.textContent = "";
  buttons.forEach((button) => button.disabled = true);
  const { error } = await work;
  buttons.forEach((button) => button.disabled = false);
  problem.textContent = error?.message ?? "";
}

function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page lacks #${id}`);
  return found;
}

/** The demo providers' consent page, around the form by which the emulator grants. */

export interface Consent {
  name: string;
  /** The account whose form is shown, of those on the emulator's own page. */
  account: string;
}

export function consentPage({ name, account }: Consent, authorize: URL, emulated: string): string {
  const forms = emulated.match(/<form[^]*?<\/form>/g) ?? [];
  const form = forms.find((each) => each.includes(account));
  if (form === undefined) throw new Error(`The ${name} emulator does not offer ${account}.`);
  const scope = escapeHtml(authorize.searchParams.get("scope") ?? "");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} (emulator)</title>
<style>${style}</style>
<main>
  <h1>${name} <small>emulator</small></h1>
  <p>Calendar Connect asks to <strong>see your calendars</strong>. It cannot change them.</p>
  <p class="scope">${scope}</p>
  <p>Continue, and allow this, as</p>
  ${form}
  <p><a id="cancel" href="${escapeHtml(refusal(authorize))}">Cancel</a></p>
</main>
</html>
`;
}

/** Tells the app that the person refused. */
function refusal(authorize: URL): string {
  const target = new URL(authorize.searchParams.get("redirect_uri") ?? "");
  target.searchParams.set("error", "access_denied");
  target.searchParams.set("state", authorize.searchParams.get("state") ?? "");
  return target.href;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { display: grid; place-items: center; min-height: 100vh; margin: 0; padding: 1rem; }
  main { max-width: 26rem; padding: 2rem; border: 1px solid #8886; border-radius: 1rem; }
  h1 { margin: 0 0 1rem; font-size: 1.4rem; }
  small { font-size: .8rem; font-weight: normal; opacity: .7; }
  .scope { font: .8rem/1.4 ui-monospace, monospace; opacity: .8; overflow-wrap: anywhere; }
  button { display: flex; gap: .75rem; align-items: center; width: 100%; padding: .75rem 1rem;
    font: inherit; text-align: left; border: 1px solid #8888; border-radius: .75rem;
    background: none; color: inherit; cursor: pointer; }
  button:hover, button:focus-visible { border-color: currentColor; }
  button > span:first-child { display: grid; place-items: center; flex: none; width: 2.25rem;
    height: 2.25rem; border-radius: 50%; background: #2456c9; color: #fff; }
  button > span:last-child > span { display: block; }
  .user-email { display: none; }`;

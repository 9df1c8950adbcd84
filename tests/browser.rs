//! The Wasm itself in a browser: the helpers, and a `Request` through to a `Response`.
//! Run by `wasm-bindgen-test` in headless Chromium and Firefox; `fetch` is replaced where a peer has to answer.
#![cfg(target_arch = "wasm32")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use calendar_connect::wasm::{api, environment_names, request_handler};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Request, RequestInit, Response};

#[path = "browser/calls.rs"]
mod calls;

wasm_bindgen_test_configure!(run_in_browser);

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const USER: &str = "00000000-0000-4000-8000-000000000001";

#[wasm_bindgen(inline_js = r#"
const real = globalThis.fetch;
/** Replaces fetch by answers in order, and returns the list of what was sent. */
export function answering(answers) {
  const sent = [];
  globalThis.fetch = async (input, init) => {
    const { url, method, redirect, headers } = new Request(input, init);
    const text = init.body ?? null;
    sent.push({ url, method, body: text, redirect, headers: Object.fromEntries(headers) });
    const [status, body] = answers.shift() ?? [599, ""];
    return new Response(body, { status });
  };
  return sent;
}
export function restoreFetch() { globalThis.fetch = real; }
export function jwt(sub) {
  const part = (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const claims = { sub, role: "authenticated", exp: 4102444800 };
  return `${part('{"alg":"HS256"}')}.${part(JSON.stringify(claims))}.${part("fake")}`;
}
/** Seals as the envelope's description says, with WebCrypto only. */
export async function sealElsewhere(keyText, purpose, user, provider, text) {
  const bytes = Uint8Array.from(atob(keyText), (c) => c.charCodeAt(0));
  const utf8 = (t) => new TextEncoder().encode(t);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const kid = [...digest.slice(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join("");
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const master = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const info = utf8("calendar-connect/v1/" + purpose);
  const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt, info }, master,
    { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const fields = ["v1", kid, purpose, user, provider, ""].flatMap((field) => {
    const value = utf8(field);
    return [...new Uint8Array(new Uint32Array([value.length]).buffer).reverse(), ...value];
  });
  const additionalData = Uint8Array.from(fields);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, utf8(text));
  const all = [...salt, ...iv, ...new Uint8Array(sealed)];
  const encoded = btoa(String.fromCharCode(...all));
  return `v1.${kid}.` + encoded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
"#)]
extern "C" {
    fn answering(answers: &JsValue) -> Array;
    #[wasm_bindgen(js_name = restoreFetch)]
    fn restore_fetch();
    fn jwt(sub: &str) -> String;
    #[wasm_bindgen(js_name = sealElsewhere)]
    async fn seal_elsewhere(
        key: &str,
        purpose: &str,
        user: &str,
        provider: &str,
        text: &str,
    ) -> JsValue;
}

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn member(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

fn text(value: &JsValue, name: &str) -> String {
    member(value, name).as_string().unwrap()
}

fn place(purpose: &str, provider: &str) -> JsValue {
    json(&format!(
        r#"{{"key":"{KEY}","userId":"{USER}","provider":"{provider}","purpose":"{purpose}"}}"#
    ))
}

fn environment() -> JsValue {
    json(&format!(
        r#"{{"SUPABASE_URL":"https://ref.supabase.co","SUPABASE_ANON_KEY":"fake.anon.key",
        "CALENDAR_ENCRYPTION_KEY":"{KEY}","CALENDAR_SETTINGS_URL":"https://app.example/app/settings",
        "GOOGLE_CLIENT_ID":"fake-id","GOOGLE_CLIENT_SECRET":"fake-secret"}}"#
    ))
}

async fn respond(
    env: JsValue,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&str>,
) -> Response {
    let handler: Function = request_handler(env);
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&json(headers));
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    let url = format!("https://edge.invalid{path}");
    let request = Request::new_with_str_and_init(&url, &init).unwrap();
    let promise: Promise = handler
        .call1(&JsValue::NULL, &request)
        .unwrap()
        .unchecked_into();
    JsFuture::from(promise).await.unwrap().unchecked_into()
}

async fn body_of(response: &Response) -> JsValue {
    let text = JsFuture::from(response.text().unwrap()).await.unwrap();
    json(&text.as_string().unwrap())
}

#[wasm_bindgen_test]
fn pkce_is_rfc_7636_appendix_b() {
    let challenge = api::code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let (one, other) = (
        api::generate_code_verifier().unwrap(),
        api::generate_code_verifier().unwrap(),
    );
    assert_eq!(one.len(), 43);
    assert_ne!(one, other);
    assert!(api::code_challenge("short").is_err());
}

#[wasm_bindgen_test]
fn authorization_urls_carry_the_challenge_and_never_the_verifier() {
    let verifier = api::generate_code_verifier().unwrap();
    let state = api::generate_state().unwrap();
    let options = json(&format!(
        r#"{{"clientId":"fake-id","redirectUri":"https://app.example/cb","state":"{state}",
        "codeVerifier":"{verifier}"}}"#
    ));
    let google = api::build_google_auth_url(options.clone()).unwrap();
    let outlook = api::build_outlook_auth_url(options).unwrap();
    for (url, start) in [
        (google, "https://accounts.google.com/o/oauth2/v2/auth?"),
        (
            outlook,
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?",
        ),
    ] {
        assert!(url.starts_with(start), "{url}");
        assert!(url.contains(&api::code_challenge(&verifier).unwrap()));
        assert!(url.contains(&state) && url.contains("code_challenge_method=S256"));
        assert!(!url.contains(&verifier));
    }
    assert!(api::build_google_auth_url(json("{}")).is_err());
}

#[wasm_bindgen_test]
fn a_token_opens_in_its_place_and_nowhere_else() {
    let sealed = api::encrypt_token("1//fake", place("refresh_token", "google")).unwrap();
    assert_eq!(
        api::decrypt_token(&sealed, place("refresh_token", "google")).unwrap(),
        "1//fake"
    );
    let error = api::decrypt_token(&sealed, place("access_token", "google")).unwrap_err();
    assert_eq!(text(&error, "name"), "CalendarConnectError");
    assert_eq!(text(&error, "code"), "invalid_request");
    assert!(api::decrypt_token(&sealed, place("refresh_token", "outlook")).is_err());
    assert!(api::encrypt_token("x", json(r#"{"key":"short"}"#)).is_err());
}

#[wasm_bindgen_test]
async fn what_the_browsers_own_cryptography_seals_opens_here() {
    for length in [0, 1, 31, 2048] {
        let token = "t".repeat(length);
        let sealed = seal_elsewhere(KEY, "refresh_token", USER, "google", &token).await;
        let sealed = sealed.as_string().unwrap();
        let opened = api::decrypt_token(&sealed, place("refresh_token", "google")).unwrap();
        assert_eq!(opened, token);
    }
}

#[wasm_bindgen_test]
async fn the_capacity_is_the_fallback() {
    let promised = api::get_capacity_for_date(USER.to_owned(), "2026-01-01".to_owned());
    let capacity = JsFuture::from(promised).await.unwrap();
    assert_eq!(text(&capacity, "level"), "default");
    assert_eq!(member(&capacity, "actions_per_day").as_f64(), Some(6.0));
    assert_eq!(text(&capacity, "source"), "fallback");
}

#[wasm_bindgen_test]
fn the_environment_names_are_the_documented_ones() {
    let names = environment_names();
    assert!(names.includes(&"CALENDAR_ENCRYPTION_KEY".into(), 0));
    assert!(names.includes(&"CALENDAR_SESSION_COOKIE".into(), 0));
    assert!(!names.includes(&"SUPABASE_SERVICE_ROLE_KEY".into(), 0));
}

#[wasm_bindgen_test]
async fn a_request_becomes_a_response_with_its_headers() {
    let response = respond(environment(), "GET", "/calendar/health", "{}", None).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers().get("cache-control").unwrap().as_deref(),
        Some("no-store")
    );
    assert_eq!(
        response
            .headers()
            .get("x-request-id")
            .unwrap()
            .unwrap()
            .len(),
        32
    );
    let body = body_of(&response).await;
    assert_eq!(text(&body, "status"), "ok");
    assert_eq!(text(&body, "version"), env!("CARGO_PKG_VERSION"));
}

#[wasm_bindgen_test]
async fn an_empty_environment_is_named_and_does_not_throw() {
    for env in [Object::new().into(), JsValue::UNDEFINED] {
        let response = respond(env, "GET", "/calendar/status", "{}", None).await;
        assert_eq!(response.status(), 500);
        let body = body_of(&response).await;
        assert_eq!(text(&body, "code"), "misconfigured");
        assert!(text(&body, "message").contains("CALENDAR_ENCRYPTION_KEY must be base64"));
    }
}

#[wasm_bindgen_test]
async fn a_connection_goes_from_connect_to_status_over_fetch() {
    let standing = r#""connections":[{"id":"11111111-1111-4111-8111-111111111111","provider":"google",
        "status":"active","calendar_id":"primary","account_label":null,"account_class":null,"scopes":["s"],
        "connected_at":"2026-01-01T00:00:00Z","last_sync_at":null,"reason":null,"needs_reconnect":false,
        "failing_since":null,"next_sync_at":null,"grant_expires_at":null}],
        "sync":{"healthy":null,"last_run_at":null}"#;
    let headers = format!(
        r#"{{"authorization":"Bearer {}","content-type":"application/json"}}"#,
        jwt(USER)
    );
    let opened = r#"{"expires_at":"2026-01-01T00:10:00Z","connection":null}"#;
    let sent = answering(&Array::of1(&Array::of2(&200.into(), &opened.into())));
    let answered = respond(
        environment(),
        "POST",
        "/calendar/connect/google",
        &headers,
        None,
    )
    .await;
    assert_eq!(answered.status(), 200);
    let kept = json(&text(&sent.get(0), "body"));
    let sealed = text(&kept, "p_sealed_verifier");
    let url = text(&body_of(&answered).await, "authorization_url");
    let state = url
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();

    let taken = format!(
        r#"{{"provider":"google","sealed_verifier":"{sealed}","live":true,"connection":null}}"#
    );
    let saved = format!(r#"{{"saved":"11111111-1111-4111-8111-111111111111",{standing}}}"#);
    let tokens = r#"{"access_token":"fake-access","refresh_token":"fake-refresh","expires_in":3599,
        "token_type":"Bearer","scope":"https://www.googleapis.com/auth/calendar.readonly"}"#;
    let answers = Array::new();
    for body in [&taken, tokens, &saved, &format!("{{{standing}}}")] {
        answers.push(&Array::of2(&200.into(), &body.into()));
    }
    let sent = answering(&answers);
    let body = format!(r#"{{"code":"fake-code","state":"{state}"}}"#);
    let path = "/calendar/callback/google";
    let completed = respond(environment(), "POST", path, &headers, Some(&body)).await;
    assert_eq!(completed.status(), 200);
    assert_eq!(
        member(&body_of(&completed).await, "connected"),
        JsValue::TRUE
    );
    let exchange = sent.get(1);
    assert_eq!(
        text(&exchange, "url"),
        "https://oauth2.googleapis.com/token"
    );
    assert_eq!(text(&exchange, "redirect"), "manual");
    assert!(text(&exchange, "body").contains("code=fake-code"));
    let saved = json(&text(&sent.get(2), "body"));
    let refresh = text(&saved, "p_sealed_refresh_token");
    assert_eq!(
        api::decrypt_token(&refresh, place("refresh_token", "google")).unwrap(),
        "fake-refresh"
    );
    let status = respond(environment(), "GET", "/calendar/status", &headers, None).await;
    assert_eq!(text(&body_of(&status).await, "provider"), "google");
    let asked = sent.get(3);
    assert_eq!(text(&asked, "method"), "GET");
    assert_eq!(text(&asked, "redirect"), "manual");
    assert!(text(&asked, "url").ends_with(&format!("calendar_status?p_user_id={USER}")));
    restore_fetch();
}

#[wasm_bindgen_test]
async fn a_refused_connection_is_the_databases_trouble_not_a_crash() {
    // Port 9 of loopback: nothing listens, and the browser's own fetch fails.
    let env = environment();
    Reflect::set(&env, &"SUPABASE_URL".into(), &"http://127.0.0.1:9".into()).unwrap();
    let headers = format!(r#"{{"authorization":"Bearer {}"}}"#, jwt(USER));
    let response = respond(env, "GET", "/calendar/status", &headers, None).await;
    assert_eq!(response.status(), 503);
    assert_eq!(
        text(&body_of(&response).await, "code"),
        "storage_unavailable"
    );
}

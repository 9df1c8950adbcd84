//! Requests in, responses out, with database and providers in memory: what each route sends, and in which order.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::*;
use crate::config::tests::complete;
use crate::http::{OutboundRequest, OutboundResponse, TransportError};

const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const NOW_MS: u64 = 1_800_000_000_000;
const STATE: &str = "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";
const CLOCK: Clock = Clock {
    now_ms: || NOW_MS,
    rfc3339: |ms| format!("2027-01-15T08:00:00Z+{}", ms - NOW_MS),
};
const TOKENS: &str = r#"{"access_token":"fake-access","refresh_token":"fake-refresh","expires_in":3599,
    "token_type":"Bearer","scope":"https://www.googleapis.com/auth/calendar.readonly"}"#;
const ROW: &str = r#"{"provider":"google","status":"active","calendar_id":"primary","account_label":null,
    "scopes":["s"],"connected_at":"2026-01-01T00:00:00Z","last_sync_at":null}"#;

/// Answers in order, and what was sent.
#[derive(Default)]
struct Memory {
    answers: RefCell<VecDeque<Result<OutboundResponse, TransportError>>>,
    sent: RefCell<Vec<OutboundRequest>>,
}

impl Memory {
    fn answering<'a>(answers: impl IntoIterator<Item = (u16, &'a str)>) -> Self {
        let memory = Self::default();
        for (status, body) in answers {
            memory.push(Ok((status, body)));
        }
        memory
    }

    fn push(&self, answer: Result<(u16, &str), TransportError>) {
        self.answers
            .borrow_mut()
            .push_back(answer.map(|(status, body)| OutboundResponse {
                status,
                retry_after: None,
                body: body.to_owned().into(),
            }));
    }

    fn paths(&self) -> Vec<String> {
        let path = |request: &OutboundRequest| {
            let url = url::Url::parse(&request.url).unwrap();
            format!("{} {}", request.method, url.path())
        };
        self.sent.borrow().iter().map(path).collect()
    }

    fn body(&self, at: usize) -> String {
        self.sent.borrow()[at].body.as_ref().unwrap().to_string()
    }
}

impl Transport for Memory {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        self.sent.borrow_mut().push(request);
        let answer = self.answers.borrow_mut().pop_front();
        answer.expect("a request that the test did not expect")
    }
}

#[derive(Clone, Default)]
struct Call {
    method: &'static str,
    path: String,
    headers: HashMap<&'static str, String>,
    body: String,
}

impl Call {
    fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            ..Self::default()
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    fn signed_in(self) -> Self {
        self.header("authorization", format!("Bearer {}", jwt()))
    }

    fn with_cookie(self) -> Self {
        let session = format!(r#"{{"access_token":"{}"}}"#, jwt());
        let value = format!(
            "sb-ref-auth-token=base64-{}",
            URL_SAFE_NO_PAD.encode(session)
        );
        self.header("cookie", value)
    }

    fn navigating(self, site: &str) -> Self {
        self.header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", site)
    }

    fn json(self, body: impl Into<String>) -> Self {
        let mut call = self.header("content-type", "application/json; charset=utf-8");
        call.body = body.into();
        call
    }
}

impl Incoming for Call {
    fn method(&self) -> String {
        self.method.to_owned()
    }

    fn url(&self) -> String {
        format!("http://internal.invalid:9000{}", self.path)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }

    async fn body(&self, limit: u32) -> Result<Zeroizing<String>, BodyError> {
        if self.body.len() > limit as usize {
            return Err(BodyError::TooLarge);
        }
        Ok(Zeroizing::new(self.body.clone()))
    }
}

fn jwt() -> String {
    let claims = format!(r#"{{"sub":"{USER}","role":"authenticated","exp":1800000060}}"#);
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256"}"#),
        encode(&claims),
        encode("fake")
    )
}

fn handle_with(env: &HashMap<&'static str, String>, call: &Call, memory: &Memory) -> Handled {
    let service = Service::new(|name| env.get(name).cloned(), CLOCK);
    let mut future = pin!(service.handle(call, memory));
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(handled) => handled,
        Poll::Pending => panic!("nothing in memory has to wait"),
    }
}

fn handle(call: &Call, memory: &Memory) -> Handled {
    handle_with(&complete(), call, memory)
}

fn header<'a>(handled: &'a Handled, name: &str) -> Option<&'a str> {
    let headers = &handled.response.headers;
    headers
        .iter()
        .find(|(header, _)| *header == name)
        .map(|(_, value)| value.as_str())
}

fn code(handled: &Handled) -> (u16, String) {
    let body = handled.response.body.as_deref().unwrap_or("{}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    (
        handled.response.status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

/// The sealed verifier of a state that a connect of this user would have kept.
fn taken_state(provider: &str, live: bool) -> String {
    let config = Config::from_env(|name| complete().get(name).cloned()).unwrap();
    let user = crate::user::UserId::parse(USER).unwrap();
    let hash = crate::oauth::state::StateHash::of(&crate::secret::State::new(STATE.to_owned()));
    let place = crate::vault::Place {
        purpose: crate::vault::Purpose::CodeVerifier(&hash),
        user: &user,
        provider: Provider::Google,
    };
    let sealed = config.keyring.seal(place, &"v".repeat(43)).unwrap();
    format!(r#"[{{"provider":"{provider}","sealed_verifier":"{sealed}","live":{live}}}]"#)
}

fn post_callback() -> Call {
    Call::new("POST", "/calendar/callback/google")
        .signed_in()
        .json(format!(r#"{{"code":"fake-code","state":"{STATE}"}}"#))
}

#[test]
fn connect_keeps_a_state_and_answers_with_the_providers_page() {
    let memory = Memory::answering([(200, r#""2027-01-15T08:10:00+00:00""#)]);
    let handled = handle(
        &Call::new("POST", "/calendar/connect/google").signed_in(),
        &memory,
    );
    assert_eq!(handled.response.status, 200, "{:?}", handled.response.body);
    assert_eq!(memory.paths(), ["POST /rest/v1/rpc/calendar_open_state"]);
    let kept: serde_json::Value = serde_json::from_str(&memory.body(0)).unwrap();
    let answer: serde_json::Value =
        serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap();
    assert_eq!(answer["provider"], "google");
    assert_eq!(answer["expires_at"], "2027-01-15T08:10:00+00:00");
    let url = url::Url::parse(answer["authorization_url"].as_str().unwrap()).unwrap();
    let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let hash =
        crate::oauth::state::StateHash::of(&crate::secret::State::new(sent["state"].clone()));
    assert_eq!(kept["p_state_hash"], hash.as_str());
    assert_eq!(kept["p_user_id"], USER);
    assert_eq!(
        sent["redirect_uri"],
        "https://ref.supabase.co/functions/v1/calendar/callback/google"
    );
    assert!(
        !memory.body(0).contains(&sent["state"]),
        "the state itself is stored"
    );
}

#[test]
fn every_database_call_carries_the_callers_jwt_and_the_publishable_key() {
    let memory = Memory::answering([(200, "[]")]);
    handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
    let sent = memory.sent.borrow();
    assert!(
        sent[0]
            .headers
            .contains(&format!("authorization: Bearer {}\n", jwt()))
    );
    assert!(sent[0].headers.contains("apikey: sb_publishable_fake\n"));
    assert!(
        sent[0].url.contains(&format!("user_id=eq.{USER}")),
        "{}",
        sent[0].url
    );
    assert!(sent[0].body.is_none());
}

#[test]
fn the_callback_takes_exchanges_and_saves_in_this_order() {
    let taken = taken_state("google", true);
    let rows = format!("[{ROW}]");
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (200, rows.as_str())]);
    let handled = handle(&post_callback(), &memory);
    assert_eq!(handled.response.status, 200, "{:?}", handled.response.body);
    assert_eq!(
        memory.paths(),
        [
            "POST /rest/v1/rpc/calendar_take_state",
            "POST /token",
            "POST /rest/v1/rpc/calendar_save_connection"
        ]
    );
    assert!(
        memory
            .body(1)
            .contains(&format!("code_verifier={}", "v".repeat(43)))
    );
    let saved: serde_json::Value = serde_json::from_str(&memory.body(2)).unwrap();
    assert_eq!(
        saved["p_access_token_expires_at"],
        "2027-01-15T08:00:00Z+3599000"
    );
    assert!(
        saved["p_sealed_refresh_token"]
            .as_str()
            .unwrap()
            .starts_with("v1.")
    );
    assert!(
        !memory.body(2).contains("fake-refresh"),
        "a token in the clear"
    );
    assert_eq!(
        (handled.log.database_calls, handled.log.provider_calls),
        (2, 1)
    );
}

#[test]
fn a_state_that_is_not_live_or_not_this_providers_is_never_exchanged() {
    for taken in [
        "[]".to_owned(),
        taken_state("google", false),
        taken_state("outlook", true),
        r#"[{"provider":"google","sealed_verifier":"v1.x.y","live":true}]"#.to_owned(),
    ] {
        let memory = Memory::answering([(200, taken.as_str())]);
        assert_eq!(
            code(&handle(&post_callback(), &memory)),
            (400, "invalid_state".into())
        );
        assert_eq!(memory.sent.borrow().len(), 1, "the provider was asked");
    }
}

#[test]
fn a_save_without_an_answer_is_tried_once_more_and_no_more() {
    let taken = taken_state("google", true);
    let rows = format!("[{ROW}]");
    for first in [
        Err(TransportError::Network),
        Err(TransportError::Timeout),
        Ok((503, "")),
    ] {
        let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS)]);
        memory.push(first);
        memory.push(Ok((200, &rows)));
        assert_eq!(handle(&post_callback(), &memory).response.status, 200);
        let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS)]);
        memory.push(first);
        memory.push(first);
        assert_eq!(
            code(&handle(&post_callback(), &memory)),
            (503, "storage_unavailable".into())
        );
    }
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (403, "{}")]);
    assert_eq!(
        code(&handle(&post_callback(), &memory)),
        (500, "misconfigured".into())
    );
}

#[test]
fn all_steps_together_end_within_twelve_seconds() {
    let taken = taken_state("google", true);
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (503, ""), (503, "")]);
    handle(&post_callback(), &memory);
    let total: u32 = memory
        .sent
        .borrow()
        .iter()
        .map(|request| request.deadline_ms)
        .sum();
    assert_eq!(total, 11_000);
}

#[test]
fn a_redirect_without_a_session_is_relayed_and_touches_nothing() {
    let query = format!("?code=fake-code&state={STATE}&error_description=canary");
    for call in [
        Call::new("GET", format!("/calendar/callback/google{query}")).navigating("cross-site"),
        Call::new("GET", format!("/calendar/callback/google{query}")).with_cookie(),
        Call::new("GET", format!("/calendar/callback/google{query}"))
            .with_cookie()
            .navigating("cross-site")
            .header("sec-purpose", "prefetch"),
        Call::new("GET", format!("/calendar/callback/google{query}"))
            .header("authorization", "Bearer nonsense")
            .with_cookie()
            .navigating("cross-site"),
    ] {
        let memory = Memory::default();
        let handled = handle(&call, &memory);
        assert_eq!(handled.response.status, 303);
        let location = header(&handled, "location").unwrap();
        assert_eq!(
            location,
            format!(
                "https://app.example/app/settings#calendar_provider=google\
                 &calendar_code=fake-code&calendar_state={STATE}"
            )
        );
        assert!(!handled.log.to_json().contains("fake-code"));
    }
}

#[test]
fn a_redirect_with_a_session_completes_and_never_carries_the_code() {
    let path = format!("/calendar/callback/google?code=fake-code&state={STATE}");
    let call = Call::new("GET", path)
        .with_cookie()
        .navigating("cross-site");
    let (taken, rows) = (taken_state("google", true), format!("[{ROW}]"));
    let memory = Memory::answering([(200, taken.as_str()), (200, TOKENS), (200, rows.as_str())]);
    let location = "https://app.example/app/settings?connected=success&provider=google";
    assert_eq!(header(&handle(&call, &memory), "location"), Some(location));
    let refused = handle(&call, &Memory::answering([(200, "[]")]));
    let location =
        "https://app.example/app/settings?connected=error&reason=invalid_state&provider=google";
    assert_eq!(header(&refused, "location"), Some(location));
    assert_eq!(refused.log.code, Some("invalid_state"));
    // A forged cookie is no session: the database says so, nothing was taken, and the app finishes.
    let forged = handle(&call, &Memory::answering([(401, r#"{"code":"PGRST301"}"#)]));
    assert!(
        header(&forged, "location")
            .unwrap()
            .contains("#calendar_provider=google")
    );
}

#[test]
fn only_the_apps_own_navigation_starts_a_connection_by_cookie() {
    let call = || Call::new("GET", "/api/calendar/connect/google").with_cookie();
    for site in ["same-origin", "none"] {
        let memory = Memory::answering([(200, r#""2027-01-15T08:10:00Z""#)]);
        let handled = handle(&call().navigating(site), &memory);
        assert_eq!(handled.response.status, 303);
        assert!(
            header(&handled, "location")
                .unwrap()
                .starts_with("https://accounts.google.com/")
        );
    }
    for refused in [
        call(),
        call().header("accept", "*/*"),
        call().navigating("cross-site"),
        call().navigating("same-site"),
        call()
            .navigating("same-origin")
            .header("sec-fetch-dest", "iframe"),
        call()
            .navigating("same-origin")
            .header("sec-fetch-mode", "cors"),
        call()
            .navigating("same-origin")
            .header("sec-purpose", "prefetch"),
    ] {
        assert_eq!(
            code(&handle(&refused, &Memory::default())),
            (401, "unauthorized".into())
        );
    }
    let signed_out = Call::new("GET", "/api/calendar/connect/google").navigating("none");
    let location =
        "https://app.example/app/settings?connected=error&reason=unauthorized&provider=google";
    assert_eq!(
        header(&handle(&signed_out, &Memory::default()), "location"),
        Some(location)
    );
}

#[test]
fn a_cookie_alone_never_authorises_another_route() {
    for call in [
        Call::new("GET", "/calendar/status"),
        Call::new("DELETE", "/calendar/disconnect"),
        Call::new("POST", "/calendar/connect/google"),
        Call::new("POST", "/calendar/callback/google").json("{}"),
    ] {
        let call = call.with_cookie().navigating("same-origin");
        assert_eq!(
            code(&handle(&call, &Memory::default())),
            (401, "unauthorized".into())
        );
    }
}

#[test]
fn status_describes_the_newest_active_connection() {
    let older = ROW.replace("google", "outlook");
    let expired = ROW.replace("active", "expired");
    for (rows, connected, provider) in [
        ("[]".to_owned(), false, serde_json::Value::Null),
        (format!("[{expired},{older}]"), true, "outlook".into()),
        (format!("[{expired}]"), false, "google".into()),
    ] {
        let memory = Memory::answering([(200, rows.as_str())]);
        let handled = handle(&Call::new("GET", "/calendar/status").signed_in(), &memory);
        let body: serde_json::Value =
            serde_json::from_str(handled.response.body.as_deref().unwrap()).unwrap();
        assert_eq!(
            (&body["connected"], &body["provider"]),
            (&connected.into(), &provider)
        );
        assert_eq!(body["capacity"]["actions_per_day"], 6);
        assert_eq!(body["providers"], serde_json::json!(["google", "outlook"]));
    }
}

#[test]
fn disconnect_names_one_provider_or_all() {
    for (query, argument) in [
        ("", serde_json::Value::Null),
        ("?provider=outlook", "outlook".into()),
    ] {
        let memory = Memory::answering([(200, r#"{"disconnected":["outlook"],"connections":[]}"#)]);
        let call = Call::new("DELETE", format!("/calendar/disconnect{query}")).signed_in();
        let handled = handle(&call, &memory);
        let sent: serde_json::Value = serde_json::from_str(&memory.body(0)).unwrap();
        assert_eq!(sent["p_provider"], argument);
        let body = handled.response.body.unwrap();
        assert!(
            body.starts_with(r#"{"disconnected":["outlook"],"connected":false"#),
            "{body}"
        );
    }
    for (query, expected) in [
        ("?provider=", (404, "unsupported_provider")),
        ("?provider=apple", (404, "unsupported_provider")),
        (
            "?provider=google&provider=outlook",
            (400, "invalid_request"),
        ),
        ("?provider=google%0d%0a", (400, "invalid_request")),
    ] {
        let call = Call::new("DELETE", format!("/calendar/disconnect{query}")).signed_in();
        let (status, code) = code(&handle(&call, &Memory::default()));
        assert_eq!((status, code.as_str()), expected, "{query}");
    }
}

#[test]
fn a_provider_that_is_not_offered_can_still_be_disconnected() {
    let mut env = complete();
    env.remove("GOOGLE_CLIENT_ID");
    env.remove("GOOGLE_CLIENT_SECRET");
    let memory = Memory::answering([(200, r#"{"disconnected":["google"],"connections":[]}"#)]);
    let call = Call::new("DELETE", "/calendar/disconnect?provider=google").signed_in();
    assert_eq!(handle_with(&env, &call, &memory).response.status, 200);
    let call = Call::new("POST", "/calendar/connect/google").signed_in();
    let refused = handle_with(&env, &call, &Memory::default());
    assert_eq!(code(&refused), (404, "unsupported_provider".into()));
}

#[test]
fn routes_follow_the_segment_calendar_whatever_comes_before_it() {
    for path in [
        "/calendar/health",
        "/functions/v1/calendar/health",
        "/api/calendar/health?x=y",
    ] {
        assert_eq!(
            handle(&Call::new("GET", path), &Memory::default())
                .response
                .status,
            200,
            "{path}"
        );
    }
    for (method, path, expected) in [
        ("GET", "/", (404, "not_found")),
        ("GET", "/health", (404, "not_found")),
        ("GET", "/calendar", (404, "not_found")),
        ("GET", "/calendar/health/more", (404, "not_found")),
        (
            "GET",
            "/calendar/connect/apple",
            (404, "unsupported_provider"),
        ),
        (
            "GET",
            "/calendar/connect/Google",
            (404, "unsupported_provider"),
        ),
        ("POST", "/calendar/status", (405, "method_not_allowed")),
        ("GET", "/calendar/disconnect", (405, "method_not_allowed")),
        ("HEAD", "/calendar/status", (405, "method_not_allowed")),
    ] {
        let handled = handle(&Call::new(method, path), &Memory::default());
        let (status, code) = code(&handled);
        assert_eq!((status, code.as_str()), expected, "{method} {path}");
        assert_eq!(header(&handled, "allow").is_some(), status == 405);
    }
}

#[test]
fn every_answer_has_the_four_headers() {
    for call in [
        Call::new("GET", "/calendar/health"),
        Call::new("GET", "/calendar/status"),
        Call::new("OPTIONS", "/calendar/status"),
        Call::new(
            "GET",
            format!("/calendar/callback/google?code=c&state={STATE}"),
        ),
        Call::new("GET", "/nowhere"),
    ] {
        let handled = handle(&call, &Memory::default());
        assert_eq!(
            header(&handled, "x-request-id"),
            Some(handled.log.request_id.as_str())
        );
        assert_eq!(handled.log.request_id.len(), 32);
        assert_eq!(header(&handled, "cache-control"), Some("no-store"));
        assert_eq!(header(&handled, "referrer-policy"), Some("no-referrer"));
        assert_eq!(header(&handled, "x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn only_configured_origins_get_cors_headers() {
    let preflight = |origin: &str| {
        handle(
            &Call::new("OPTIONS", "/calendar/status").header("origin", origin),
            &Memory::default(),
        )
    };
    let allowed = preflight("https://app.example");
    assert_eq!(
        header(&allowed, "access-control-allow-origin"),
        Some("https://app.example")
    );
    assert!(
        header(&allowed, "access-control-allow-headers")
            .unwrap()
            .contains("authorization")
    );
    assert_eq!(header(&allowed, "access-control-allow-credentials"), None);
    for foreign in [
        "null",
        "https://app.example.evil.example",
        "http://app.example",
        "https://APP.example",
        "",
    ] {
        let answer = preflight(foreign);
        assert_eq!(
            header(&answer, "access-control-allow-origin"),
            None,
            "{foreign}"
        );
        assert_eq!(
            header(&answer, "access-control-allow-headers"),
            None,
            "{foreign}"
        );
    }
}

#[test]
fn a_misconfigured_function_names_the_variable_in_answer_and_log() {
    let mut env = complete();
    env.insert("CALENDAR_ENCRYPTION_KEY", "canary".to_owned());
    let handled = handle_with(
        &env,
        &Call::new("GET", "/calendar/status").signed_in(),
        &Memory::default(),
    );
    assert_eq!(code(&handled), (500, "misconfigured".into()));
    for text in [
        handled.response.body.clone().unwrap(),
        handled.log.to_json(),
    ] {
        assert!(
            text.contains("CALENDAR_ENCRYPTION_KEY must be base64"),
            "{text}"
        );
        assert!(!text.contains("canary"));
    }
}

#[test]
fn bodies_are_json_and_bounded() {
    let call = || Call::new("POST", "/calendar/callback/google").signed_in();
    let mut plain = call();
    plain.body = "{}".to_owned();
    let big = call().json(format!(
        r#"{{"code":"{}"}}"#,
        "x".repeat(BODY_LIMIT as usize)
    ));
    for (call, expected) in [
        (plain.clone(), (415, "unsupported_media_type")),
        (
            plain.header("content-type", "text/plain"),
            (415, "unsupported_media_type"),
        ),
        (big, (413, "payload_too_large")),
        (call().json("{"), (400, "invalid_request")),
        (call().json("{}"), (400, "invalid_request")),
    ] {
        let (status, code) = code(&handle(&call, &Memory::default()));
        assert_eq!((status, code.as_str()), expected);
    }
    let long = format!("/calendar/status?x={}", "y".repeat(QUERY_LIMIT));
    let refused = handle(&Call::new("GET", long).signed_in(), &Memory::default());
    assert_eq!(code(&refused), (400, "invalid_request".into()));
}

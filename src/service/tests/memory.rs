//! Callers, database and providers in memory.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::config::tests::complete;
use crate::flow::Clock;
use crate::http::{BodyError, Incoming, Transport};
use crate::http::{OutboundRequest, OutboundResponse, TransportError};
use crate::providers::Provider;
use crate::service::{Handled, Service};

pub(super) const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub(super) const NOW_MS: u64 = 1_800_000_000_000;
pub(super) const STATE: &str = "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS";
pub(super) const CLOCK: Clock = Clock {
    now_ms: || NOW_MS + ELAPSED_MS.get(),
    rfc3339: |ms| format!("2027-01-15T08:00:00Z+{}", ms - NOW_MS),
};
pub(super) const TOKENS: &str = r#"{"access_token":"fake-access","refresh_token":"fake-refresh","expires_in":3599,
    "token_type":"Bearer","scope":"https://www.googleapis.com/auth/calendar.readonly"}"#;
pub(super) const ROW: &str = r#"{"id":"11111111-1111-4111-8111-111111111111","provider":"google","status":"active",
    "calendar_id":"primary","account_label":"ann@example.test","account_class":"google","scopes":["s"],
    "connected_at":"2026-01-01T00:00:00Z","last_sync_at":null,"reason":null,"needs_reconnect":false,
    "failing_since":null,"next_sync_at":"2026-01-01T04:00:00Z","grant_expires_at":null}"#;
/// A connection that is to be connected again.
pub(super) const KNOWN: &str = r#"{"id":"11111111-1111-4111-8111-111111111111","account_id":"1101",
    "account_label":"ann@example.test"}"#;
pub(super) const KNOWN_ID: &str = "11111111-1111-4111-8111-111111111111";

thread_local! {
    /// How long the requests of this test have taken.
    static ELAPSED_MS: Cell<u64> = const { Cell::new(0) };
}

/// Answers in order, and what was sent.
#[derive(Default)]
pub(super) struct Memory {
    answers: RefCell<VecDeque<Result<OutboundResponse, TransportError>>>,
    pub(super) sent: RefCell<Vec<OutboundRequest>>,
    /// How long each answer takes.
    pub(super) delay_ms: u64,
}

impl Memory {
    pub(super) fn answering<'a>(answers: impl IntoIterator<Item = (u16, &'a str)>) -> Self {
        let memory = Self::default();
        for (status, body) in answers {
            memory.push(Ok((status, body)));
        }
        memory
    }

    pub(super) fn push(&self, answer: Result<(u16, &str), TransportError>) {
        self.answers
            .borrow_mut()
            .push_back(answer.map(|(status, body)| OutboundResponse {
                status,
                retry_after: None,
                body: body.to_owned().into(),
            }));
    }

    pub(super) fn paths(&self) -> Vec<String> {
        let path = |request: &OutboundRequest| {
            let url = url::Url::parse(&request.url()).unwrap();
            format!("{} {}", request.template.method.as_str(), url.path())
        };
        self.sent.borrow().iter().map(path).collect()
    }

    pub(super) fn body(&self, at: usize) -> String {
        self.sent.borrow()[at].body.as_ref().unwrap().to_string()
    }
}

impl Transport for Memory {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        self.sent.borrow_mut().push(request);
        ELAPSED_MS.set(ELAPSED_MS.get() + self.delay_ms);
        let answer = self.answers.borrow_mut().pop_front();
        answer.expect("a request that the test did not expect")
    }
}

#[derive(Clone, Default)]
pub(super) struct Call {
    method: &'static str,
    url: String,
    headers: HashMap<&'static str, String>,
    pub(super) body: String,
    /// Why the body cannot be read, if so.
    pub(super) broken: Option<BodyError>,
}

impl Call {
    pub(super) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            url: format!("http://internal.invalid:9000{}", path.into()),
            ..Self::default()
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(super) fn signed_in(self) -> Self {
        self.header("authorization", format!("Bearer {}", jwt()))
    }

    pub(super) fn with_cookie(self) -> Self {
        let session = format!(r#"{{"access_token":"{}"}}"#, jwt());
        let value = format!(
            "sb-ref-auth-token=base64-{}",
            URL_SAFE_NO_PAD.encode(session)
        );
        self.header("cookie", value)
    }

    pub(super) fn navigating(self, site: &str) -> Self {
        self.header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", site)
    }

    pub(super) fn json(self, body: impl Into<String>) -> Self {
        let mut call = self.header("content-type", "application/json; charset=utf-8");
        call.body = body.into();
        call
    }
}

impl Incoming for Call {
    fn method(&self) -> &str {
        self.method
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.get(name).map(|value| value.as_str().into())
    }

    async fn body(&self, limit: u32) -> Result<Zeroizing<String>, BodyError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        if self.body.len() > limit as usize {
            return Err(BodyError::TooLarge);
        }
        Ok(Zeroizing::new(self.body.clone()))
    }
}

pub(super) fn jwt() -> String {
    let claims = format!(r#"{{"sub":"{USER}","role":"authenticated","exp":1800000060}}"#);
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256"}"#),
        encode(&claims),
        encode("fake")
    )
}

pub(super) fn handle_with(
    env: &HashMap<&'static str, String>,
    call: &Call,
    memory: &Memory,
) -> Handled {
    ELAPSED_MS.set(0);
    let service = Service::new(|name| env.get(name).cloned(), CLOCK);
    let mut future = pin!(service.handle(call, memory));
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(handled) => {
            let unexplained =
                handled.log.code == Some("invalid_request") && handled.log.cause.is_none();
            assert!(
                !unexplained,
                "an invalid_request without a cause in the log"
            );
            handled
        }
        Poll::Pending => panic!("nothing in memory has to wait"),
    }
}

pub(super) fn handle(call: &Call, memory: &Memory) -> Handled {
    handle_with(&complete(), call, memory)
}

pub(super) fn header<'a>(handled: &'a Handled, name: &str) -> Option<&'a str> {
    let headers = &handled.response.headers;
    headers
        .iter()
        .find(|(header, _)| *header == name)
        .map(|(_, value)| &**value)
}

pub(super) fn code(handled: &Handled) -> (u16, String) {
    let body = handled.response.body.as_deref().unwrap_or("{}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    (
        handled.response.status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

/// What the database answers to connect, for a connection or for any account.
pub(super) fn opened_state(connection: Option<&str>) -> String {
    format!(
        r#"{{"expires_at":"2027-01-15T08:10:00+00:00","connection":{}}}"#,
        connection.unwrap_or("null")
    )
}

/// The database's answer with these rows.
pub(super) fn standing(rows: &[&str]) -> String {
    format!(
        r#"{{"connections":[{}],"sync":{{"healthy":true,"last_run_at":"2027-01-15T07:59:00Z"}}}}"#,
        rows.join(",")
    )
}

/// The database's answer to a save.
pub(super) fn saved(rows: &[&str]) -> String {
    standing(rows).replacen('{', &format!(r#"{{"saved":"{KNOWN_ID}","#), 1)
}

/// A token response with an id_token of this account.
pub(super) fn tokens_of(sub: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = format!(
        r#"{{"iss":"https://accounts.google.com","aud":"fake-google-id","exp":1,"sub":"{sub}","email":"{sub}@example.test"}}"#
    );
    let id_token = format!("{}.{}.c2ln", encode("{}"), encode(&claims));
    TOKENS.replacen('{', &format!(r#"{{"id_token":"{id_token}","#), 1)
}

/// A state that a connect of this user would have kept, with its sealed verifier.
pub(super) fn taken_state(provider: &str, live: bool) -> String {
    taken_state_of(provider, live, None)
}

/// The same of a connection that is to be connected again.
pub(super) fn taken_state_of(provider: &str, live: bool, connection: Option<&str>) -> String {
    let config = Config::from_env(|name| complete().get(name).cloned()).unwrap();
    let user = crate::user::UserId::parse(USER).unwrap();
    let hash = crate::oauth::state::StateHash::of(&crate::secret::State::new(STATE.to_owned()));
    let place = crate::vault::Place {
        purpose: crate::vault::Purpose::CodeVerifier(&hash),
        user: &user,
        provider: Provider::Google,
        account: None,
    };
    let sealed = config.keyring.seal(place, &"v".repeat(43)).unwrap();
    format!(
        r#"{{"provider":"{provider}","sealed_verifier":"{sealed}","live":{live},"connection":{}}}"#,
        connection.unwrap_or("null")
    )
}

pub(super) fn post_callback() -> Call {
    Call::new("POST", "/calendar/callback/google")
        .signed_in()
        .json(format!(r#"{{"code":"fake-code","state":"{STATE}"}}"#))
}

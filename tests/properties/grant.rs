//! One whole connection natively, for what only the operator's log tells: a grant that ends within days.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use calendar_connect::flow::Clock;
use calendar_connect::http::{
    BodyError, Incoming, OutboundRequest, OutboundResponse, Transport, TransportError,
};
use calendar_connect::service::Service;
use zeroize::Zeroizing;

const JWT: &str = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwZjhmYWQ1Yi1kOWNiLTQ2OWYtYTE2NS03MDg2NzcyODk1MGUiLCJyb2xlIjoiYXV0aGVudGljYXRlZCJ9.c2ln";
const CLOCK: Clock = Clock {
    now_ms: || 1_000,
    rfc3339: |ms| format!("at {ms}"),
};

const CONNECT: &str = "https://internal.invalid/calendar/connect/google";
const CALLBACK: &str = "https://internal.invalid/calendar/callback/google";

/// A posted request: URL and body.
struct Post(&'static str, String);

impl Incoming for Post {
    fn method(&self) -> &str {
        "POST"
    }

    fn url(&self) -> &str {
        self.0
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        match name {
            "authorization" => Some(JWT.into()),
            "content-type" => Some("application/json".into()),
            _ => None,
        }
    }

    async fn body(&self, _: u32) -> Result<Zeroizing<String>, BodyError> {
        Ok(self.1.clone().into())
    }
}

/// A database and a provider that are well, and what was sent to be saved.
struct Memory {
    grant_seconds: u64,
    verifier: RefCell<serde_json::Value>,
    saved: RefCell<serde_json::Value>,
}

impl Transport for Memory {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        let url = request.url();
        let sent = request
            .body
            .map(|body| body.to_string())
            .unwrap_or_default();
        let json = || serde_json::from_str::<serde_json::Value>(&sent).unwrap();
        let answer = if url.ends_with("calendar_open_state") {
            *self.verifier.borrow_mut() = json()["p_sealed_verifier"].clone();
            serde_json::json!({"expires_at": "2030-01-01T00:00:00+00:00", "connection": null})
        } else if url.ends_with("calendar_take_state") {
            let verifier = self.verifier.borrow();
            serde_json::json!({
                "provider": "google", "sealed_verifier": *verifier, "live": true, "connection": null,
            })
        } else if url.ends_with("calendar_save_connection") {
            *self.saved.borrow_mut() = json();
            serde_json::json!({"saved": "an id", "connections": []})
        } else {
            serde_json::json!({
                "access_token": "fake", "refresh_token": "fake", "token_type": "Bearer", "expires_in": 3599,
                "refresh_token_expires_in": self.grant_seconds,
            })
        };
        Ok(OutboundResponse {
            status: 200,
            retry_after: None,
            body: answer.to_string().into(),
        })
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// The log line of a callback, and what was saved.
fn connected(grant_seconds: u64) -> (serde_json::Value, serde_json::Value) {
    let memory = Memory {
        grant_seconds,
        verifier: RefCell::default(),
        saved: RefCell::default(),
    };
    let service = Service::new(crate::service::environment, CLOCK);
    let started = now(service.handle(&Post(CONNECT, String::new()), &memory));
    let started: serde_json::Value = serde_json::from_str(&started.response.body.unwrap()).unwrap();
    let url = url::Url::parse(started["authorization_url"].as_str().unwrap()).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let body = serde_json::json!({"code": "c", "state": state}).to_string();
    let finished = now(service.handle(&Post(CALLBACK, body), &memory));
    assert_eq!(finished.response.status, 200);
    (
        serde_json::from_str(&finished.log.to_json()).unwrap(),
        memory.saved.take(),
    )
}

#[test]
fn a_grant_that_ends_within_eight_days_is_a_warning_to_the_operator() {
    let day = 24 * 60 * 60;
    for (seconds, warned) in [
        (1, true),
        (7 * day, true),
        (8 * day - 1, true),
        (8 * day, false),
        (90 * day, false),
    ] {
        let (line, _) = connected(seconds);
        assert_eq!(
            line["warning"] == "grant_ends_within_days",
            warned,
            "{seconds}"
        );
    }
}

#[test]
fn lifetimes_are_saved_in_seconds_because_the_databases_clock_decides() {
    let (_, saved) = connected(604_799);
    assert_eq!(saved["p_expires_in"], 3599);
    assert_eq!(saved["p_grant_expires_in"], 604_799);
    assert_eq!(saved["p_user_id"], "0f8fad5b-d9cb-469f-a165-70867728950e");
}

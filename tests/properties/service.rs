//! The whole of it: any method, URL, headers and body, with a database and a provider that answer anything.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use calendar_connect::error::Code;
use calendar_connect::flow::Clock;
use calendar_connect::http::{
    BodyError, Incoming, OutboundRequest, OutboundResponse, Transport, TransportError,
};
use calendar_connect::service::Service;
use zeroize::Zeroizing;

use crate::random::{BASE64URL, Random, random};

const CASES: usize = 20_000;

struct Request {
    method: String,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Incoming for Request {
    fn method(&self) -> &str {
        &self.method
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str().into())
    }

    async fn body(&self, limit: u32) -> Result<Zeroizing<String>, BodyError> {
        if self.body.len() > usize::try_from(limit).unwrap() {
            return Err(BodyError::TooLarge);
        }
        Ok(self.body.clone().into())
    }
}

/// Answers anything at all; what it was asked holds no line break where a header's value stands.
struct Anything(RefCell<Random>);

impl Transport for Anything {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, TransportError> {
        for line in request.template.headers.lines() {
            let (name, value) = line.split_once(": ").unwrap();
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{line:?}"
            );
            assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{line:?}");
        }
        let mut random = self.0.borrow_mut();
        if random.once(6) {
            let errors = [
                TransportError::Timeout,
                TransportError::Network,
                TransportError::TooLarge,
            ];
            return Err(errors[random.below(3)]);
        }
        let bodies = &[
            "[",
            "]",
            "{",
            "}",
            "\"provider\":\"google\"",
            ",",
            "\"connections\":[]",
            "\"disconnected\":[]",
            "null",
            "\"2030-01-01T00:00:00Z\"",
            "\"code\":\"42501\"",
            "\"message\":\"secret\"",
            "\"live\":true",
        ];
        let statuses = [
            200, 200, 200, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503, 999,
        ];
        Ok(OutboundResponse {
            status: statuses[random.below(statuses.len())],
            retry_after: random.once(3).then(|| random.mosaic(&["7", "-", "x"], 3)),
            body: random.mosaic(bodies, 8).into(),
        })
    }
}

fn request(random: &mut Random) -> Request {
    let paths = &[
        "/",
        "calendar",
        "connect",
        "callback",
        "status",
        "disconnect",
        "google",
        "outlook",
        "%00",
        "..",
    ];
    let routes = &[
        "/calendar/connect/google",
        "/calendar/callback/outlook",
        "/calendar/status",
        "/calendar/disconnect",
        "/functions/v1/calendar/callback/google",
        "/calendar/health",
    ];
    let mut url = "https://internal.invalid".to_owned();
    url.push_str(&if random.once(4) {
        random.mosaic(paths, 10)
    } else {
        (*random.pick(routes)).to_owned()
    });
    if random.once(2) {
        let pieces = &[
            "?",
            "code=c",
            "&",
            "state=",
            "ssssssssssssssssssssssssssssssssssssssssss",
            "%0a",
            "#",
            "iss=",
            "provider=google",
        ];
        url.push_str(&random.mosaic(pieces, 8));
    }
    let texts: &[&str] = &[
        "navigate",
        "document",
        "none",
        "same-origin",
        "text/html",
        "application/json",
        "https://app.example.test",
        "é",
        "",
    ];
    let names = [
        "accept",
        "origin",
        "content-type",
        "sec-fetch-mode",
        "sec-fetch-dest",
        "sec-fetch-site",
        "sec-purpose",
    ];
    let mut headers: Vec<(&'static str, String)> = Vec::new();
    for name in names {
        if random.once(2) {
            headers.push((name, (*random.pick(texts)).to_owned()));
        }
    }
    let jwt = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwZjhmYWQ1Yi1kOWNiLTQ2OWYtYTE2NS03MDg2NzcyODk1MGUiLCJyb2xlIjoiYXV0aGVudGljYXRlZCIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";
    if random.once(2) {
        headers.push((
            "authorization",
            if random.once(3) {
                random.damaged(jwt)
            } else {
                jwt.to_owned()
            },
        ));
    }
    if random.once(3) {
        headers.push((
            "cookie",
            random.mosaic(
                &["sb-project-auth-token", "=base64-", "e30", ";", ".0", ".1"],
                12,
            ),
        ));
    }
    let body = format!(r#"{{"code":"c","state":"{}"}}"#, random.text(BASE64URL, 43));
    Request {
        method: (*random.pick(&["GET", "POST", "DELETE", "OPTIONS", "PUT", "", "GET\n"]))
            .to_owned(),
        url,
        headers,
        body: if random.once(2) {
            random.damaged(&body)
        } else {
            body
        },
    }
}

const CLOCK: Clock = Clock {
    now_ms: || 1_700_000_000_000,
    rfc3339: |_| "2023-11-14T22:13:20Z".to_owned(),
};

/// Runs a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

pub(crate) fn environment(name: &str) -> Option<String> {
    let value = match name {
        "SUPABASE_URL" => "https://project.supabase.co",
        "SUPABASE_ANON_KEY" => "fake",
        "CALENDAR_ENCRYPTION_KEY" => "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "CALENDAR_SETTINGS_URL" => "https://app.example.test/app/settings",
        "GOOGLE_CLIENT_ID" | "OUTLOOK_CLIENT_ID" => "fake-client",
        "GOOGLE_CLIENT_SECRET" | "OUTLOOK_CLIENT_SECRET" => "not-real",
        _ => return None,
    };
    Some(value.to_owned())
}

#[test]
fn every_request_is_answered_whatever_database_and_provider_say() {
    let (mut random, _seed) = random();
    let service = Service::new(environment, CLOCK);
    let upstream = Anything(RefCell::new(crate::random::random().0));
    for _ in 0..CASES {
        let request = request(&mut random);
        let handled = now(service.handle(&request, &upstream));
        let response = handled.response;
        for (name, value) in &response.headers {
            assert!(
                value.bytes().all(|b| b >= 0x20 && b != 0x7f),
                "{name}: {value:?}"
            );
        }
        let body = response.body.unwrap_or_default();
        match response.status {
            200 => assert!(body.starts_with('{')),
            204 | 303 => assert!(body.is_empty()),
            status => {
                let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
                let code = Code::ALL
                    .iter()
                    .find(|code| answer["code"] == code.as_str())
                    .unwrap();
                assert_eq!(code.status(), status);
                assert!(!body.contains("secret"), "{body}");
            }
        }
        let line = handled.log.to_json();
        assert!(
            !line.contains("secret") && !line.contains("not-real"),
            "{line}"
        );
    }
}

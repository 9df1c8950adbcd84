//! PostgREST, Auth and a token endpoint with fixed answers. What is sealed at connect is handed back at the callback, since
//! only the contestant that sealed it can open it; one contestant uses one upstream.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::http::{Message, Reader};

const CONNECTIONS: &str = r#"[{"provider":"google","status":"active","calendar_id":"primary","account_label":null,"scopes":["https://www.googleapis.com/auth/calendar.readonly"],"connected_at":"2026-01-26T15:04:00.123456+00:00","last_sync_at":"2026-01-26T15:04:00+00:00"},{"provider":"outlook","status":"active","calendar_id":"default","account_label":null,"scopes":["https://graph.microsoft.com/Calendars.Read"],"connected_at":"2026-01-25T15:04:00.123456+00:00","last_sync_at":null}]"#;
const EXPIRES_AT: &str = r#""2126-01-26T15:14:00.123456+00:00""#;
/// What Supabase Auth answers to supabase-js' `getUser`.
const USER: &str = r#"{"id":"11111111-2222-4333-8444-555555555555","aud":"authenticated","role":"authenticated","email":"user@example.com","email_confirmed_at":"2026-01-01T00:00:00Z","phone":"","last_sign_in_at":"2026-01-26T15:00:00Z","app_metadata":{"provider":"email","providers":["email"]},"user_metadata":{"email":"user@example.com","email_verified":true,"name":"A User"},"identities":[],"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-26T15:00:00Z","is_anonymous":false}"#;
/// About what Google sends.
const GOOGLE_ACCESS_TOKEN: usize = 220;
const GOOGLE_REFRESH_TOKEN: usize = 103;
/// About what Microsoft sends.
const OUTLOOK_ACCESS_TOKEN: usize = 2048;
const OUTLOOK_REFRESH_TOKEN: usize = 1200;

/// The state opened last.
#[derive(Default)]
struct Opened {
    provider: String,
    sealed_verifier: String,
}

struct Answers {
    opened: Mutex<Opened>,
    google_tokens: String,
    outlook_tokens: String,
    outlook_tokens_with_identity: String,
}

/// Prints the port, then serves until it is ended.
pub fn serve() -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
    println!("{}", listener.local_addr().map_err(failed)?.port());
    let answers = Arc::new(Answers::new());
    for stream in listener.incoming() {
        let (stream, answers) = (stream.map_err(failed)?, Arc::clone(&answers));
        // A connection that breaks is the contestant's to report.
        std::thread::spawn(move || converse(stream, &answers));
    }
    Ok(())
}

fn converse(stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = Reader::new(stream);
    while let Some((status, body)) = reader.next(|request| answers.answer(&request))? {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        writer.write_all(answer.as_bytes())?;
    }
    Ok(())
}

impl Answers {
    fn new() -> Self {
        let google = "https://www.googleapis.com/auth/calendar.readonly";
        let outlook = "offline_access https://graph.microsoft.com/Calendars.Read";
        let outlook_tokens = tokens(OUTLOOK_ACCESS_TOKEN, OUTLOOK_REFRESH_TOKEN, outlook, "");
        let identity = format!(",{}", identity());
        Self {
            opened: Mutex::default(),
            google_tokens: tokens(GOOGLE_ACCESS_TOKEN, GOOGLE_REFRESH_TOKEN, google, ""),
            outlook_tokens_with_identity: tokens(
                OUTLOOK_ACCESS_TOKEN,
                OUTLOOK_REFRESH_TOKEN,
                outlook,
                &identity,
            ),
            outlook_tokens,
        }
    }

    fn answer(&self, request: &Message<'_>) -> (&'static str, String) {
        let path = request.head.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let ok = |body: &str| ("200 OK", body.to_owned());
        match path {
            "/rest/v1/calendar_connections" => ok(CONNECTIONS),
            "/rest/v1/rpc/calendar_open_state" => {
                self.remember(request.body);
                ok(EXPIRES_AT)
            }
            "/rest/v1/rpc/calendar_take_state" => ok(&self.taken()),
            "/rest/v1/rpc/calendar_save_connection" => ok(CONNECTIONS),
            "/rest/v1/rpc/calendar_disconnect" => ok(&format!(
                r#"{{"disconnected":["google"],"connections":{CONNECTIONS}}}"#
            )),
            "/auth/v1/user" => ok(USER),
            "/google/token" => ok(&self.google_tokens),
            "/outlook/token" => ok(self.outlook(request.body)),
            _ => (
                "404 Not Found",
                format!(r#"{{"message":"no answer for {path}"}}"#),
            ),
        }
    }

    /// Microsoft sends an ID token to who asks for the scope `openid`.
    fn outlook(&self, body: &[u8]) -> &str {
        if String::from_utf8_lossy(body).contains("openid") {
            &self.outlook_tokens_with_identity
        } else {
            &self.outlook_tokens
        }
    }

    fn remember(&self, body: &[u8]) {
        let body = String::from_utf8_lossy(body);
        let opened = Opened {
            provider: member(&body, "p_provider"),
            sealed_verifier: member(&body, "p_sealed_verifier"),
        };
        if let Ok(mut last) = self.opened.lock() {
            *last = opened;
        }
    }

    fn taken(&self) -> String {
        let Ok(opened) = self.opened.lock() else {
            return "[]".to_owned();
        };
        format!(
            r#"[{{"provider":"{}","sealed_verifier":"{}","live":true}}]"#,
            opened.provider, opened.sealed_verifier
        )
    }
}

/// A member of a flat JSON object whose strings hold nothing escaped.
fn member(body: &str, name: &str) -> String {
    body.split_once(&format!("\"{name}\":\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .unwrap_or_default()
}

fn tokens(access: usize, refresh: usize, scope: &str, more: &str) -> String {
    format!(
        r#"{{"access_token":"{}","expires_in":3599,"refresh_token":"{}","scope":"{scope}","token_type":"Bearer"{more}}}"#,
        "a".repeat(access),
        "r".repeat(refresh),
    )
}

/// What MSAL wants besides: an unsigned ID token, {"alg":"none"} and {"sub","oid","tid","iss","aud","exp","name", …},
/// and client_info, {"uid","utid"}.
fn identity() -> String {
    let claims = "eyJhdWQiOiJjbGllbnQtaWQiLCJpc3MiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ubGluZS5jb20vY29tbW9uL3YyLjAiLCJleHAiOjQ5MjYwMDAwMDAsImlhdCI6MTc2MDAwMDAwMCwic3ViIjoic3ViIiwib2lkIjoib2lkIiwidGlkIjoidGlkIiwibmFtZSI6Ik5hbWUiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJuYW1lQGV4YW1wbGUuY29tIiwidmVyIjoiMi4wIn0";
    format!(
        r#""id_token":"eyJhbGciOiJub25lIn0.{claims}.c2ln","client_info":"eyJ1aWQiOiJvaWQiLCJ1dGlkIjoidGlkIn0""#
    )
}

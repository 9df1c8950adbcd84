//! Google and Microsoft as the worker sees them: grants that live and die, tokens that expire and are replaced, calendars
//! that change.

use std::collections::BTreeMap;

use crate::http::{OutboundRequest, OutboundResponse};

/// Seconds that an access token lives.
const ACCESS_LIFE: f64 = 3599.0;
/// Seconds that a refresh token of Microsoft lives from its issue.
const REFRESH_LIFE: f64 = 90.0 * 86_400.0;

/// What is wrong with a provider for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It answers 503.
    Down,
    /// It asks everybody for a pause.
    Throttling,
    /// It calls every grant invalid, though none is.
    RefusingGrants,
    /// The operator's client secret has expired.
    SecretExpired,
    /// Its pages link to somebody else's server.
    ForeignLinks,
}

/// An account at a provider, with one grant for the app at a time.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) provider: &'static str,
    /// Counts the grants; tokens of an older one are void.
    pub(super) generation: u32,
    /// Whether the person has withdrawn the grant.
    pub(super) withdrawn: bool,
    /// Counts the changes of the account's calendar; the busy time names it.
    pub(super) version: i32,
}

#[derive(Default)]
pub(super) struct Providers {
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) troubles: Vec<(&'static str, Trouble)>,
    tokens: u32,
    /// When each token ends.
    ends: BTreeMap<String, f64>,
    /// When a grant was refused, by account and generation.
    pub(super) refusals: BTreeMap<(String, u32), Vec<f64>>,
    /// How often each account was asked for anything, by day.
    pub(super) asked: BTreeMap<(String, u64), u32>,
    /// The account whose tokens were renewed last.
    pub(super) renewed: Option<String>,
    /// Whether an access token was sent to a server that is not the provider's.
    pub(super) leaked: bool,
}

impl Providers {
    /// The person consents: a new grant, and its tokens.
    pub(super) fn grant(&mut self, account: &str, now: f64) -> (String, String) {
        let known = self.accounts.get_mut(account).unwrap();
        known.generation += 1;
        known.withdrawn = false;
        let generation = known.generation;
        (
            self.issue("at", account, generation, now + ACCESS_LIFE),
            self.issue("rt", account, generation, now + REFRESH_LIFE),
        )
    }

    fn issue(&mut self, kind: &str, account: &str, generation: u32, ends: f64) -> String {
        self.tokens += 1;
        let token = format!("{kind}.{account}.{generation}.{}", self.tokens);
        self.ends.insert(token.clone(), ends);
        token
    }

    /// The account and the generation that a token of ours was made for.
    pub(super) fn parse(token: &str) -> (&str, u32) {
        let mut parts = token.split('.').skip(1);
        (
            parts.next().unwrap(),
            parts.next().unwrap().parse().unwrap(),
        )
    }

    fn is_good(&self, token: &str, now: f64) -> bool {
        let (account, generation) = Self::parse(token);
        let known = &self.accounts[account];
        let lives = self.ends.get(token).is_some_and(|ends| *ends > now);
        lives && known.generation == generation && !known.withdrawn
    }

    fn has(&self, provider: &str, trouble: Trouble) -> bool {
        self.troubles.contains(&(provider, trouble))
    }

    pub(super) fn answer(&mut self, request: &OutboundRequest, now: f64) -> OutboundResponse {
        let url = request.url();
        let provider = match url.split('/').nth(2).unwrap() {
            "oauth2.googleapis.com" | "www.googleapis.com" => "google",
            "login.microsoftonline.com" | "graph.microsoft.com" => "outlook",
            _ => {
                self.leaked |= request.credential.is_some();
                return reply(404, String::new());
            }
        };
        let body = request
            .body
            .as_ref()
            .map(|body| body.to_string())
            .unwrap_or_default();
        let authorization = request
            .credential
            .as_ref()
            .and_then(|it| it.authorization());
        let token = authorization.map_or_else(
            || {
                let mut parameters = url::form_urlencoded::parse(body.as_bytes());
                let found = parameters.find(|(name, _)| name == "refresh_token");
                found.unwrap().1.into_owned()
            },
            |header| header.strip_prefix("Bearer ").unwrap().to_owned(),
        );
        let (account, generation) = Self::parse(&token);
        let (account, generation) = (account.to_owned(), generation);
        *self
            .asked
            .entry((account.clone(), (now / 86_400.0) as u64))
            .or_default() += 1;
        if self.has(provider, Trouble::Down) {
            return reply(503, "<html>Service Unavailable</html>".to_owned());
        }
        if self.has(provider, Trouble::Throttling) {
            return OutboundResponse {
                retry_after: Some("120".to_owned()),
                ..reply(429, String::new())
            };
        }
        if authorization.is_some() {
            return self.calendar(&url, provider, &token, now);
        }
        if self.has(provider, Trouble::SecretExpired) {
            return reply(401, r#"{"error":"invalid_client"}"#.to_owned());
        }
        if !self.is_good(&token, now) || self.has(provider, Trouble::RefusingGrants) {
            self.refusals
                .entry((account, generation))
                .or_default()
                .push(now);
            return reply(400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        self.renewed = Some(account.clone());
        let access = self.issue("at", &account, generation, now + ACCESS_LIFE);
        // Google keeps the refresh token; Microsoft gives a new one, and the old one stays good.
        let refresh = if provider == "outlook" {
            let refresh = self.issue("rt", &account, generation, now + REFRESH_LIFE);
            format!(r#","refresh_token":"{refresh}""#)
        } else {
            String::new()
        };
        reply(
            200,
            format!(
                r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3599{refresh}}}"#
            ),
        )
    }

    fn calendar(&self, url: &str, provider: &str, token: &str, now: f64) -> OutboundResponse {
        if !self.is_good(token, now) {
            return reply(401, String::new());
        }
        let (account, _) = Self::parse(token);
        let busy = busy_minute(self.accounts[account].version);
        let (start, end) = (instant(busy), instant(busy + 1));
        let next = if self.has(provider, Trouble::ForeignLinks) {
            r#","@odata.nextLink":"https://evil.example/v1.0/me""#
        } else {
            ""
        };
        reply(
            200,
            match (provider, url) {
                ("google", url) if url.contains("calendarList") => {
                    format!(r#"{{"items":[{{"id":"{account}","summary":"Own","primary":true}}]}}"#)
                }
                ("google", _) => format!(
                    r#"{{"calendars":{{"{account}":{{"busy":[{{"start":"{start}Z","end":"{end}Z"}}]}},
                        "primary":{{"busy":[{{"start":"{start}Z","end":"{end}Z"}}]}}}}}}"#
                ),
                (_, url) if url.contains("calendarView") => format!(
                    r#"{{"value":[{{"start":{{"dateTime":"{start}","timeZone":"UTC"}},
                        "end":{{"dateTime":"{end}","timeZone":"UTC"}},"isAllDay":false,"showAs":"busy"}}]{next}}}"#
                ),
                _ => format!(
                    r#"{{"value":[{{"id":"{account}","name":"Own","isDefaultCalendar":true}}]{next}}}"#
                ),
            },
        )
    }
}

/// The minute that is busy in a calendar's `version`: long ahead, so that it stays in every window.
pub(super) const fn busy_minute(version: i32) -> i32 {
    (super::START as i32) / 60 + 32 * 1440 + version
}

fn instant(minute: i32) -> String {
    crate::minutes::Instant::text(f64::from(minute) * 60.0).replace('Z', "")
}

fn reply(status: u16, body: String) -> OutboundResponse {
    OutboundResponse {
        status,
        retry_after: None,
        body: body.into(),
    }
}

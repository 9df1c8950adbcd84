//! The worker's database functions: with the project's secret key these three are called, and nothing else ever is.

use std::rc::Rc;

use serde::Serialize;
use zeroize::Zeroizing;

use super::rows::{Row as _, Standing};
use super::{NotPrepared, StoreError, body, judge, template};
use crate::cause::Cause;
use crate::http::{Authority, Credential, OutboundRequest, Template, Transport, Wire};
use crate::json::{self, Object, Value, WrongType};
use crate::providers::Provider;
use crate::reading::Window;
use crate::secret::SecretKey;
use crate::session::Session;
use crate::sync::settlement::Settlement;
use crate::user::UserId;

/// Connections that one claim may bring.
pub(crate) const CLAIMED: u32 = 16;
/// A claim's answer holds two envelopes of up to 24 KiB and twenty calendars for each connection.
const CLAIM_RESPONSE_LIMIT: u32 = 2 * 1024 * 1024;

/// What a claim asks for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Claim<'a> {
    /// The run that claims; `None` asks for a new one, or claims for a single user without one.
    pub(crate) run: Option<&'a str>,
    pub(crate) purpose: Purpose,
    pub(crate) provider: Option<Provider>,
    pub(crate) user: Option<&'a str>,
    pub(crate) connection: Option<&'a str>,
    pub(crate) limit: u32,
    /// The id of the key that seals now.
    pub(crate) kid: &'a str,
    /// The function's clock in seconds since 1970, which the doctor compares with the database's.
    pub(crate) clock: u64,
}

/// What the claimed items are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Reading calendars.
    Read,
}

/// What a claim brought.
#[derive(Debug)]
pub(crate) struct Claimed {
    /// The run; `None` where nothing is due, or enough runs are alive.
    pub(crate) run: Option<String>,
    pub(crate) items: Vec<Item>,
}

/// A leased connection.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) connection: String,
    pub(crate) user: UserId,
    pub(crate) provider: Provider,
    /// The provider's account id, to which the envelopes are bound.
    pub(crate) account: Option<String>,
    /// Raised by every claim and every reconnect: a settlement with an older one changes nothing.
    pub(crate) fence: u32,
    /// Raised by every change of the tokens.
    pub(crate) token_version: u32,
    pub(crate) sealed_access_token: Option<String>,
    pub(crate) sealed_refresh_token: String,
    /// Seconds until the access token expires; negative where it has.
    pub(crate) access_expires_in: Option<f64>,
    /// Whether the list of calendars is to be read again.
    pub(crate) list_due: bool,
    /// Whether tentative events count as busy.
    pub(crate) tentative_counts: bool,
    pub(crate) window: Window,
    /// Selected calendars, the one read longest ago first.
    pub(crate) calendars: Vec<String>,
}

/// What the database made of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Done,
    /// The connection is gone, has been connected anew, or is somebody else's by now: nothing was changed.
    Superseded,
}

/// A run's figures, for its row and its log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) claimed: u32,
    pub(crate) read: u32,
    pub(crate) refreshed: u32,
    pub(crate) failed: u32,
    pub(crate) revoked: u32,
}

/// What a user's request to be read now came to.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Connections that may be read now.
    pub(crate) marked: u32,
    /// Connections that have to wait.
    pub(crate) waiting: Vec<Waiting>,
}

/// A connection that may not be read now.
#[derive(Debug, Serialize)]
pub(crate) struct Waiting {
    connection: String,
    /// A reason of the contract, `refreshing` or `recently_read`.
    reason: String,
    /// Seconds; `None` where nothing but a new connect helps.
    retry_after: Option<u32>,
}

impl Waiting {
    /// Whether another worker is reading it at this moment.
    pub(crate) fn is_being_read(&self) -> bool {
        self.reason == "refreshing"
    }
}

/// The database as the worker sees it: three functions with the project's key, two with a user's JWT.
pub(crate) struct WorkerStore {
    claim: Rc<Template>,
    settle: Rc<Template>,
    report: Rc<Template>,
    refresh_mine: Rc<Template>,
    status: Rc<Template>,
    key: SecretKey,
    deadline_ms: u32,
}

impl WorkerStore {
    /// Prepares the three calls.
    ///
    /// # Errors
    /// [`NotPrepared`] when URL and key make no request.
    pub(crate) fn new(
        supabase_url: &str,
        publishable_key: &str,
        key: SecretKey,
        deadline_ms: u32,
    ) -> Result<Self, NotPrepared> {
        // The secret key replaces the publishable one as each request is sent.
        let client = postgrest::Postgrest::new(format!("{supabase_url}/rest/v1"))
            .insert_header("apikey", publishable_key);
        let function = |name| {
            template(client.rpc(name, ""))
                .map(Rc::new)
                .ok_or(NotPrepared)
        };
        Ok(Self {
            claim: function("calendar_sync_claim")?,
            settle: function("calendar_sync_settle")?,
            report: function("calendar_sync_report")?,
            refresh_mine: function("calendar_refresh_mine")?,
            status: function("calendar_status")?,
            key,
            deadline_ms,
        })
    }

    /// Leases items.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn claim<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        claim: &Claim<'_>,
    ) -> Result<Claimed, StoreError> {
        let answer = self.call(wire, &self.claim, claim).await?;
        let mut answer = json::object(&answer).ok_or(StoreError::Malformed)?;
        let mut read = || -> Result<Claimed, WrongType> {
            Ok(Claimed {
                run: answer.plain_text("run")?,
                // An item that is not understood stays unsettled: the database sets it apart after three times.
                items: answer
                    .list("items")?
                    .into_iter()
                    .filter_map(|item| match item {
                        Value::Object(item) => Item::read(item).ok().flatten(),
                        _ => None,
                    })
                    .collect(),
            })
        };
        read().map_err(|_| StoreError::Malformed)
    }

    /// Tells what became of items; each counts by itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn settle<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        run: Option<&str>,
        items: &[Settlement<'_>],
    ) -> Result<Vec<Settled>, StoreError> {
        #[derive(Serialize)]
        struct Settle<'a> {
            run: Option<&'a str>,
            items: &'a [Settlement<'a>],
        }
        let answer = self
            .call(wire, &self.settle, &Settle { run, items })
            .await?;
        let mut answer = json::object(&answer).ok_or(StoreError::Malformed)?;
        let answers = answer
            .plain_texts("answers")
            .map_err(|_| StoreError::Malformed)?;
        if answers.len() != items.len() {
            return Err(StoreError::Malformed);
        }
        let settled = |word: &String| match word.as_str() {
            "ok" => Settled::Done,
            _ => Settled::Superseded,
        };
        Ok(answers.iter().map(settled).collect())
    }

    /// Says that a run is alive, or has ended, and what it has done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn report<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        run: &str,
        counts: Counts,
        alarms: &[Cause],
    ) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct Report<'a> {
            run: &'a str,
            end: bool,
            counts: Counts,
            alarms: &'a [Cause],
        }
        let report = Report {
            run,
            end: true,
            counts,
            alarms,
        };
        self.call(wire, &self.report, &report).await.map(|_| ())
    }

    /// Marks the user's own connections to be read now, as far as their pauses allow.
    ///
    /// # Errors
    /// [`StoreError`]; `Unauthorized` where the session is not accepted.
    pub(crate) async fn refresh_mine<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<Asked, StoreError> {
        let answer = self.call_as(wire, &self.refresh_mine, session).await?;
        let mut answer = json::object(&answer).ok_or(StoreError::Malformed)?;
        let mut read = || -> Result<Option<Asked>, WrongType> {
            let waiting = answer.list("waiting")?.into_iter().map(Waiting::read);
            let Some(marked) = answer.number("marked")? else {
                return Ok(None);
            };
            Ok(waiting.collect::<Option<_>>().map(|waiting| Asked {
                marked: marked as u32,
                waiting,
            }))
        };
        read().ok().flatten().ok_or(StoreError::Malformed)
    }

    /// The user's connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn status<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        session: &Session,
    ) -> Result<Standing, StoreError> {
        let answer = self.call_as(wire, &self.status, session).await?;
        Standing::one(&answer).ok_or(StoreError::Malformed)
    }

    async fn call<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        function: &Rc<Template>,
        argument: &impl Serialize,
    ) -> Result<Zeroizing<String>, StoreError> {
        #[derive(Serialize)]
        struct Arguments<'a, A> {
            p: &'a A,
        }
        let authority = Authority::Service(self.key.clone());
        let arguments = Arguments { p: argument };
        self.send(wire, function, authority, &arguments).await
    }

    async fn call_as<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        function: &Rc<Template>,
        session: &Session,
    ) -> Result<Zeroizing<String>, StoreError> {
        #[derive(Serialize)]
        struct Arguments<'a> {
            p_user_id: &'a str,
        }
        let authority = Authority::User(session.clone());
        let arguments = Arguments {
            p_user_id: session.user().as_str(),
        };
        self.send(wire, function, authority, &arguments).await
    }

    async fn send<T: Transport>(
        &self,
        wire: &Wire<'_, T>,
        function: &Rc<Template>,
        authority: Authority,
        arguments: &impl Serialize,
    ) -> Result<Zeroizing<String>, StoreError> {
        let request = OutboundRequest {
            template: Rc::clone(function),
            url_tail: None,
            credential: Some(Credential::Database(authority)),
            body: Some(body(arguments)?),
            deadline_ms: self.deadline_ms,
            response_limit: CLAIM_RESPONSE_LIMIT,
        };
        judge(wire.to_database(request).await)
    }
}

impl Waiting {
    fn read(value: Value<'_>) -> Option<Self> {
        let Value::Object(mut row) = value else {
            return None;
        };
        Some(Self {
            connection: row.plain_text("connection").ok()??,
            reason: row.plain_text("reason").ok()??,
            retry_after: row.count("retry_after", u32::MAX).ok()?,
        })
    }
}

impl Item {
    fn read(mut row: Object<'_>) -> Result<Option<Self>, WrongType> {
        let Value::Object(mut window) = row.take("window") else {
            return Ok(None);
        };
        let (from, until) = (window.plain_text("from")?, window.plain_text("until")?);
        let (Some(connection), Some(user), Some(provider), Some(sealed_refresh_token)) = (
            row.plain_text("connection")?,
            row.plain_text("user")?.and_then(|id| UserId::parse(&id)),
            row.text("provider")?
                .and_then(|name| Provider::parse(&name)),
            row.plain_text("sealed_refresh_token")?,
        ) else {
            return Ok(None);
        };
        let (Some(fence), Some(token_version), Some(window)) = (
            row.count("fence", u32::MAX)?,
            row.count("token_version", u32::MAX)?,
            from.zip(until)
                .and_then(|(from, until)| Window::parse(&from, &until)),
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            connection,
            user,
            provider,
            account: row.plain_text("account")?,
            fence,
            token_version,
            sealed_access_token: row.plain_text("sealed_access_token")?,
            sealed_refresh_token,
            access_expires_in: row.number("access_expires_in")?,
            list_due: row.boolean("list_due")?.unwrap_or_default(),
            tentative_counts: row.boolean("tentative_counts")?.unwrap_or(true),
            window,
            calendars: row.plain_texts("calendars")?,
        }))
    }
}

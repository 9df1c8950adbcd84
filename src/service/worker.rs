//! The function `calendar-sync`: what the scheduler, a user who waits, and monitors call.

use std::cell::Cell;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::route::{Entry, Kind, Route};
use super::{Exchange, Front, LogLine, Outcome, health, misconfigured, respond};
use crate::cause::Cause;
use crate::config::Config;
use crate::error::{Code, Failure};
use crate::flow::{Clock, StatusPayload};
use crate::http::{Incoming, Response, Transport, Wire};
use crate::json::{self, Value};
use crate::store::worker::{Counts, Waiting, WorkerStore};
use crate::sync::{self, Reader, Summary};

/// Longest body of a tick in bytes.
const TICK_BODY_LIMIT: u32 = 1024;
/// Milliseconds between two runs that one isolate starts because anybody asked for them.
const TICK_PAUSE_MS: u64 = 1000;
/// Longest value of the header `apikey` that is looked at, in bytes.
const KEY_LIMIT: usize = 4 * 1024;

/// The worker: everything it needs to answer requests, or what its configuration lacks.
pub struct WorkerService {
    front: Front,
    deployment: Result<Deployment, Failure>,
    last_tick_ms: Cell<Option<u64>>,
}

struct Deployment {
    config: Config,
    store: WorkerStore,
    /// SHA-256 of every secret key of the project.
    keys: Vec<[u8; 32]>,
}

/// An answer, the line for the request log, and what is to be done after the answer.
pub struct WorkerHandled {
    /// For the caller.
    pub response: Response,
    /// For the operator. A tick that starts nothing has none: anybody can send a thousand a second.
    pub log: Option<LogLine>,
    /// Whether [`WorkerService::run`] is to be called once the answer is on its way.
    pub run: bool,
}

/// The log line of a run.
#[derive(Debug, Serialize)]
pub struct RunLine {
    route: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    #[serde(flatten)]
    counts: Counts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alarms: Vec<Cause>,
    ms: u64,
    database_calls: u32,
    provider_calls: u32,
}

impl RunLine {
    /// The line.
    pub fn to_json(&self) -> String {
        json::write(self).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tick,
    Now,
    Health,
}

/// Every route.
pub(crate) const ROUTES: &[Entry<Endpoint>] = &[
    Entry {
        name: "tick",
        methods: "POST",
        endpoint: Kind::Alone(Endpoint::Tick),
    },
    Entry {
        name: "now",
        methods: "POST",
        endpoint: Kind::Alone(Endpoint::Now),
    },
    Entry {
        name: "health",
        methods: "GET, HEAD",
        endpoint: Kind::Alone(Endpoint::Health),
    },
];

impl WorkerService {
    /// A service for this environment. With a variable missing or malformed it answers `misconfigured`, naming it.
    /// `clock` is the platform's time.
    pub fn new(variable: impl Fn(&str) -> Option<String>, clock: Clock) -> Self {
        let deployment = Config::from_env(&variable)
            .map_err(|errors| misconfigured(&errors))
            .and_then(Deployment::new);
        let front = Front {
            function: "calendar-sync",
            origins: Config::origins(&variable),
            without_pages: &["tick", "health"],
            clock,
        };
        Self {
            front,
            deployment,
            last_tick_ms: Cell::new(None),
        }
    }

    /// The origins whose pages may read the answers, also while the function is misconfigured.
    pub fn origins(&self) -> &[String] {
        &self.front.origins
    }

    /// Answers one request. Every request gets an answer, whatever is in it.
    pub async fn handle<I: Incoming, T: Transport>(
        &self,
        request: &I,
        transport: &T,
    ) -> WorkerHandled {
        let run = Cell::new(false);
        let answer = async |exchange: &mut Exchange<'_, I, T>, route: Route<Endpoint>| match &self
            .deployment
        {
            Err(failure) => Outcome::Failed(failure.clone()),
            Ok(deployment) => match route.endpoint {
                Endpoint::Health => Outcome::Json(health(&deployment.config)),
                Endpoint::Now => self.now(deployment, exchange).await,
                Endpoint::Tick => match self.tick(deployment, exchange).await {
                    Tick::Answered(outcome) => outcome,
                    Tick::Accepted { starts } => {
                        run.set(starts);
                        Outcome::Accepted
                    }
                },
            },
        };
        let handled = self.front.handle(request, transport, ROUTES, answer).await;
        let is_idle = handled.response.status == 202 && !run.get();
        WorkerHandled {
            response: handled.response,
            log: (!is_idle).then_some(handled.log),
            run: run.get(),
        }
    }

    /// Reads what is due. `None` where nothing was, or enough other runs are alive.
    pub async fn run<T: Transport>(&self, transport: &T) -> Option<RunLine> {
        let deployment = self.deployment.as_ref().ok()?;
        let wire = Wire::new(transport);
        let started_ms = (self.front.clock.now_ms)();
        let reader = deployment.reader(&wire, self.front.clock);
        let kid = deployment.config.keyring.current_kid();
        let summary = match sync::work(reader, kid).await {
            Ok(summary) if summary.run.is_none() => return None,
            Ok(summary) => summary,
            Err(error) => Summary {
                alarms: Failure::from(error).cause.into_iter().collect(),
                ..Summary::default()
            },
        };
        Some(RunLine {
            route: "run",
            run: summary.run,
            counts: summary.counts,
            alarms: summary.alarms.into_iter().collect(),
            ms: (self.front.clock.now_ms)().saturating_sub(started_ms),
            database_calls: wire.database_calls(),
            provider_calls: wire.provider_calls(),
        })
    }

    /// Anybody may ask for a tick and learns nothing by it: it causes what is due and nothing else. Only with the project's
    /// secret key does it wait and tell what was done.
    async fn tick<I: Incoming, T: Transport>(
        &self,
        deployment: &Deployment,
        exchange: &Exchange<'_, I, T>,
    ) -> Tick {
        let body = exchange.request.body(TICK_BODY_LIMIT).await;
        if !body.is_ok_and(|body| waits(&body)) {
            return Tick::Accepted {
                starts: self.may_start(),
            };
        }
        let key = exchange.request.header("apikey").unwrap_or_default();
        if !deployment.accepts(&key) {
            return Tick::Answered(
                Failure::new(
                    Code::Unauthorized,
                    "Send the project's secret key in the header apikey, or do not wait.",
                )
                .into(),
            );
        }
        #[derive(Serialize)]
        struct Waited {
            run: Option<String>,
            #[serde(flatten)]
            counts: Counts,
        }
        let reader = deployment.reader(exchange.wire, self.front.clock);
        let kid = deployment.config.keyring.current_kid();
        let worked = sync::work(reader, kid).await.map_err(Failure::from);
        let told = worked.and_then(|summary| {
            respond::to_json(&Waited {
                run: summary.run,
                counts: summary.counts,
            })
        });
        Tick::Answered(told.map_or_else(Outcome::Failed, Outcome::Json))
    }

    /// Whether this isolate has not started a run for a second.
    fn may_start(&self) -> bool {
        let now_ms = (self.front.clock.now_ms)();
        let last_ms = self.last_tick_ms.get();
        // A clock that was set back does not hold up the reading.
        let may = last_ms.is_none_or(|last_ms| now_ms.abs_diff(last_ms) >= TICK_PAUSE_MS);
        if may {
            self.last_tick_ms.set(Some(now_ms));
        }
        may
    }

    async fn now<I: Incoming, T: Transport>(
        &self,
        deployment: &Deployment,
        exchange: &mut Exchange<'_, I, T>,
    ) -> Outcome {
        self.read_now(deployment, exchange)
            .await
            .map_or_else(Outcome::Failed, Outcome::Json)
    }

    /// Reads the caller's own connections. The first call, made with the caller's JWT, proves whose they are.
    async fn read_now<I: Incoming, T: Transport>(
        &self,
        deployment: &Deployment,
        exchange: &mut Exchange<'_, I, T>,
    ) -> Result<String, Failure> {
        #[derive(Serialize)]
        struct NowPayload {
            refreshing: bool,
            waiting: Vec<Waiting>,
            #[serde(flatten)]
            status: StatusPayload,
        }
        exchange.bounded_query()?;
        let session = exchange.header_session()?;
        let wire = exchange.wire;
        let store = &deployment.store;
        let asked = store.refresh_mine(wire, &session).await?;
        let mut refreshing = asked.waiting.iter().any(Waiting::is_being_read);
        if asked.marked > 0 {
            let reader = deployment.reader(wire, self.front.clock);
            let kid = deployment.config.keyring.current_kid();
            match sync::now::read(&reader, session.user(), kid).await {
                Ok(now) => refreshing |= now.unfinished,
                // The rows stay marked, and the status says what is known.
                Err(error) => {
                    exchange.facts.cause = Failure::from(error).cause;
                    refreshing = true;
                }
            }
        }
        let standing = store.status(wire, &session).await?;
        let clock = self.front.clock;
        respond::to_json(&NowPayload {
            refreshing,
            waiting: asked.waiting,
            status: StatusPayload::of(&deployment.config, clock, &session, standing).await,
        })
    }
}

/// What a tick comes to.
enum Tick {
    Answered(Outcome),
    Accepted {
        /// Whether a run is started after the answer.
        starts: bool,
    },
}

impl Deployment {
    fn new(config: Config) -> Result<Self, Failure> {
        let digests = config.secret_keys.iter().map(|key| digest(key.expose()));
        let keys = digests.collect();
        let key = config.secret_keys.first().cloned().ok_or_else(|| {
            Failure::new(
                Code::Misconfigured,
                "SUPABASE_SECRET_KEYS must be a JSON object of secret keys, as the platform sets it.",
            )
            .because(Cause::ENVIRONMENT)
        })?;
        let store = WorkerStore::new(
            &config.supabase_url,
            &config.publishable_key,
            key,
            config.database_timeout_ms,
        )?;
        Ok(Self {
            config,
            store,
            keys,
        })
    }

    const fn reader<'a, T>(&'a self, wire: &'a Wire<'a, T>, clock: Clock) -> Reader<'a, T> {
        Reader {
            config: &self.config,
            store: &self.store,
            wire,
            clock,
            run: None,
        }
    }

    /// Whether a text is one of the project's secret keys. All are compared, by their digests and to the end, so that the
    /// time it takes tells nothing about any of them.
    fn accepts(&self, key: &str) -> bool {
        if key.is_empty() || key.len() > KEY_LIMIT {
            return false;
        }
        let given = digest(key);
        self.keys.iter().fold(false, |accepted, known| {
            let differing = known
                .iter()
                .zip(&given)
                .fold(0, |bits, (a, b)| bits | (a ^ b));
            accepted | (differing == 0)
        })
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether a tick's body asks to wait: `{"wait": true}`.
fn waits(body: &str) -> bool {
    json::object(body).is_some_and(|mut body| matches!(body.take("wait"), Value::Boolean(true)))
}

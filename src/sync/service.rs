//! The worker's HTTP contract: `POST /tick`, `POST /now` and `GET /health`.

use std::cell::Cell;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::connection::Reader;
use super::{Summary, now, work};
use crate::cause::Cause;
use crate::config::Config;
use crate::error::{Code, Failure};
use crate::flow::{Clock, StatusPayload};
use crate::http::{Incoming, Response, Transport, Wire};
use crate::json::{self, Value};
use crate::service::{LogLine, cors, misconfigured, respond, route};
use crate::session::{NoSession, Session};
use crate::store::worker::{Counts, WorkerStore};

/// Maximum size of a request's body in bytes.
const BODY_LIMIT: u32 = 1024;
/// Milliseconds between two runs that one isolate starts because anybody asked for them.
const TICK_PAUSE_MS: u64 = 1000;
/// Longest value of the `apikey` header that is looked at, in bytes.
const KEY_LIMIT: usize = 4 * 1024;

/// The worker: everything it needs to answer requests, or what its configuration lacks.
pub struct SyncService {
    deployment: Result<Deployment, Failure>,
    origins: Vec<String>,
    clock: Clock,
    last_tick_ms: Cell<Option<u64>>,
}

struct Deployment {
    config: Config,
    store: WorkerStore,
    /// SHA-256 of every secret key of the project.
    keys: Vec<[u8; 32]>,
}

/// An answer, the line for the request log, and what is to be done after the answer.
pub struct Handled {
    /// For the caller.
    pub response: Response,
    /// For the operator; a tick that starts nothing has none.
    pub log: Option<LogLine>,
    /// Whether [`SyncService::run`] is to be called once the answer is on its way.
    pub run: bool,
}

/// The log line of a run.
#[derive(Debug, Serialize)]
pub struct RunLine {
    route: &'static str,
    run: String,
    #[serde(flatten)]
    counts: Counts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alarms: Vec<Cause>,
    ms: u64,
    database_calls: u32,
    provider_calls: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Tick,
    Now,
    Health,
}

struct Route {
    endpoint: Endpoint,
    name: &'static str,
    methods: &'static str,
}

const ROUTES: &[Route] = &[
    Route {
        endpoint: Endpoint::Tick,
        name: "tick",
        methods: "POST",
    },
    Route {
        endpoint: Endpoint::Now,
        name: "now",
        methods: "POST",
    },
    Route {
        endpoint: Endpoint::Health,
        name: "health",
        methods: "GET, HEAD",
    },
];

/// The function's name: the path segment before every route, whatever a gateway put in front of it.
const FUNCTION: &str = "calendar-sync";

impl SyncService {
    /// A service for this environment. With a variable missing or malformed it answers `misconfigured`, naming it.
    /// `clock` is the platform's time.
    pub fn new(variable: impl Fn(&str) -> Option<String>, clock: Clock) -> Self {
        let deployment = Config::from_env(&variable)
            .map_err(|errors| misconfigured(&errors))
            .and_then(Deployment::new);
        let origins = Config::origins(&variable);
        Self {
            deployment,
            origins,
            clock,
            last_tick_ms: Cell::new(None),
        }
    }

    /// The origins whose pages may read the answers, also while the function is misconfigured.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Answers one request. Every request gets an answer, whatever is in it.
    pub async fn handle<I: Incoming, T: Transport>(&self, request: &I, transport: &T) -> Handled {
        let started_ms = (self.clock.now_ms)();
        let wire = Wire::new(transport);
        let mut log = LogLine::default();
        let mut run = false;
        let answered = self.answer(request, &wire, &mut log, &mut run).await;
        let is_idle_tick = log.route == "tick" && answered.is_ok() && !run;
        let mut response = match answered {
            Ok(Answer::Json(body)) => respond::json(body, &log),
            Ok(Answer::Accepted) => respond::accepted(&log),
            Ok(Answer::Empty) => respond::empty(&log),
            Err(failure) => respond::failure(&failure, &mut log),
        };
        if request.method() == "HEAD" {
            // RFC 9110 section 9.3.2: the headers of a GET, without its content.
            response.body = None;
        }
        let ms = (self.clock.now_ms)().saturating_sub(started_ms);
        log.close(&wire, response.status, ms);
        // Pages call /now alone; the other routes are for servers.
        if matches!(log.route, "now" | "preflight" | "") {
            cors::allow(&self.origins, request, &mut response);
        }
        Handled {
            response,
            log: (!is_idle_tick).then_some(log),
            run,
        }
    }

    /// Reads what is due. `None` where nothing was, or enough other runs are alive.
    pub async fn run<T: Transport>(&self, transport: &T) -> Option<RunLine> {
        let deployment = self.deployment.as_ref().ok()?;
        let wire = Wire::new(transport);
        let started_ms = (self.clock.now_ms)();
        let reader = deployment.reader(&wire, self.clock);
        let worked = work(reader, deployment.config.keyring.current_kid()).await;
        let summary = worked.unwrap_or_else(|error| Summary {
            run: Some(String::new()),
            alarms: Failure::from(error).cause.into_iter().collect(),
            ..Summary::default()
        });
        Some(RunLine {
            route: "run",
            run: summary.run?,
            counts: summary.counts,
            alarms: summary.alarms.into_iter().collect(),
            ms: (self.clock.now_ms)().saturating_sub(started_ms),
            database_calls: wire.database_calls(),
            provider_calls: wire.provider_calls(),
        })
    }

    async fn answer<I: Incoming, T: Transport>(
        &self,
        request: &I,
        wire: &Wire<'_, T>,
        log: &mut LogLine,
        run: &mut bool,
    ) -> Result<Answer, Failure> {
        log.set_request_id(crate::entropy::bytes::<16>()?);
        let method = request.method();
        log.method = route::known_method(method);
        if method == "OPTIONS" {
            log.route = "preflight";
            return Ok(Answer::Empty);
        }
        let (path, _) = route::split(request.url());
        let route = find(route::without_control_characters(path)?)?;
        log.route = route.name;
        if !route.methods.split(", ").any(|allowed| allowed == method) {
            return Err(Failure {
                allow: Some(route.methods),
                ..Failure::new(
                    Code::MethodNotAllowed,
                    format!("This route takes {}.", route.methods),
                )
            });
        }
        let deployment = self.deployment.as_ref().map_err(Clone::clone)?;
        match route.endpoint {
            Endpoint::Health => Ok(Answer::Json(crate::service::health(&deployment.config))),
            Endpoint::Tick => self.tick(deployment, request, wire, run).await,
            Endpoint::Now => self.now(deployment, request, wire, log).await,
        }
    }

    /// Anybody may ask for a tick, and learns nothing: it causes what is due and nothing else. Who waits for the figures
    /// shows the project's secret key.
    async fn tick<I: Incoming, T: Transport>(
        &self,
        deployment: &Deployment,
        request: &I,
        wire: &Wire<'_, T>,
        run: &mut bool,
    ) -> Result<Answer, Failure> {
        let body = request.body(BODY_LIMIT).await.unwrap_or_default();
        if !waits(&body) {
            *run = self.may_start();
            return Ok(Answer::Accepted);
        }
        let key = request.header("apikey").unwrap_or_default();
        if !deployment.accepts(&key) {
            return Err(Failure::new(
                Code::Unauthorized,
                "Send the project's secret key in the header apikey, or do not wait.",
            ));
        }
        let reader = deployment.reader(wire, self.clock);
        let summary = work(reader, deployment.config.keyring.current_kid()).await?;
        #[derive(Serialize)]
        struct Waited {
            run: Option<String>,
            #[serde(flatten)]
            counts: Counts,
        }
        let waited = Waited {
            run: summary.run,
            counts: summary.counts,
        };
        respond::to_json(&waited).map(Answer::Json)
    }

    /// Whether this isolate has not started a run for a second.
    fn may_start(&self) -> bool {
        let now_ms = (self.clock.now_ms)();
        let last = self.last_tick_ms.get();
        let may = last.is_none_or(|last| now_ms.saturating_sub(last) >= TICK_PAUSE_MS);
        if may {
            self.last_tick_ms.set(Some(now_ms));
        }
        may
    }

    /// Reads the caller's own connections. The first call, made with the caller's JWT, proves whose they are.
    async fn now<I: Incoming, T: Transport>(
        &self,
        deployment: &Deployment,
        request: &I,
        wire: &Wire<'_, T>,
        log: &mut LogLine,
    ) -> Result<Answer, Failure> {
        #[derive(Serialize)]
        struct NowPayload {
            refreshing: bool,
            waiting: Vec<crate::store::worker::Waiting>,
            #[serde(flatten)]
            status: StatusPayload,
        }
        let header = request.header("authorization").ok_or(NoSession)?;
        let session = Session::from_header(&header)?;
        log.set_user(&session);
        let asked = deployment.store.refresh_mine(wire, &session).await?;
        let mut refreshing = asked.waiting.iter().any(|waiting| waiting.is_being_read());
        if asked.marked > 0 {
            let reader = deployment.reader(wire, self.clock);
            let kid = deployment.config.keyring.current_kid();
            // Without an answer the rows stay marked, and the status says what is known.
            match now::read(&reader, session.user(), kid).await {
                Ok(now) => refreshing |= now.unfinished,
                Err(error) => log.fail_quietly(&error.into()),
            }
        }
        let standing = deployment.store.status(wire, &session).await?;
        let payload = NowPayload {
            refreshing,
            waiting: asked.waiting,
            status: StatusPayload::of(&deployment.config, self.clock, &session, standing).await,
        };
        respond::to_json(&payload).map(Answer::Json)
    }
}

enum Answer {
    Json(String),
    Accepted,
    Empty,
}

impl Deployment {
    fn new(config: Config) -> Result<Self, Failure> {
        let keys = config.secret_keys.iter().map(|key| digest(key.expose())).collect();
        let key = config.secret_keys.first().cloned().ok_or_else(|| {
            Failure::new(
                Code::Misconfigured,
                "SUPABASE_SECRET_KEYS must hold the project's secret keys.",
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

    fn reader<'a, T>(&'a self, wire: &'a Wire<'a, T>, clock: Clock) -> Reader<'a, T> {
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
        let differs = |known: &[u8; 32]| {
            let pairs = known.iter().zip(&given);
            pairs.fold(0, |differing, (a, b)| differing | (a ^ b))
        };
        self.keys
            .iter()
            .fold(false, |accepted, known| accepted | (differs(known) == 0))
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether a tick's body asks to wait: `{"wait": true}`.
fn waits(body: &str) -> bool {
    json::object(body).is_some_and(|mut body| matches!(body.take("wait"), Value::Boolean(true)))
}

/// The route that the end of a path names, with or without a slash behind it.
fn find(path: &str) -> Result<&'static Route, Failure> {
    let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
    let (name, function) = (segments.next(), segments.next());
    ROUTES
        .iter()
        .find(|route| name == Some(route.name) && function == Some(FUNCTION))
        .ok_or_else(|| Failure::new(Code::NotFound, "No such route; there are tick, now and health."))
}

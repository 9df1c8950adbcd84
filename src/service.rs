//! The HTTP contract: a request in, a response and one log line out. What both functions do alike is here.

mod calendar;
mod cors;
mod log;
mod navigation;
mod respond;
mod route;
#[cfg(feature = "sync")]
mod worker;

use crate::cause::Cause;
use crate::config::{Config, ConfigError};
use crate::error::{Code, Failure};
use crate::flow::Clock;
use crate::hex;
use crate::http::{BodyError, Incoming, Response, Transport, Wire};
use crate::session::{NoSession, Session};

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use calendar::ROUTES;
pub use calendar::Service;
use log::Facts;
pub use log::LogLine;
pub(crate) use route::Entry;
use route::{Found, Route};
#[cfg(feature = "sync")]
pub use worker::{RunLine, WorkerHandled, WorkerService};

/// Longest query in bytes.
pub const QUERY_LIMIT: usize = 8 * 1024;
/// Longest body in bytes.
pub const BODY_LIMIT: u32 = 32 * 1024;

/// An answer and the line for the request log.
pub struct Handled {
    /// For the caller.
    pub response: Response,
    /// For the operator.
    pub log: LogLine,
}

/// What every request of a function meets first.
struct Front {
    /// The function's name.
    function: &'static str,
    /// The origins whose pages may read the answers.
    origins: Vec<String>,
    /// Routes that no page calls: no origin may read their answers.
    without_pages: &'static [&'static str],
    clock: Clock,
}

/// One request while it is handled.
struct Exchange<'a, I, T> {
    request: &'a I,
    wire: &'a Wire<'a, T>,
    query: &'a str,
    facts: Facts,
}

/// What a handler comes to, before the headers that every answer has.
enum Outcome {
    Empty,
    /// What was asked for is done after the answer.
    #[cfg(feature = "sync")]
    Accepted,
    Json(String),
    Redirect(String),
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for Outcome {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

impl Front {
    /// Answers one request: `answer` does, where the path and the method are those of a route.
    async fn handle<I: Incoming, T: Transport, E: Copy>(
        &self,
        request: &I,
        transport: &T,
        routes: &'static [Entry<E>],
        answer: impl AsyncFnOnce(&mut Exchange<'_, I, T>, Route<E>) -> Outcome,
    ) -> Handled {
        let started_ms = (self.clock.now_ms)();
        let wire = Wire::new(transport);
        let (path, query) = route::split(request.url());
        let mut exchange = Exchange {
            request,
            wire: &wire,
            query,
            facts: Facts::default(),
        };
        let method = request.method();
        let random = crate::entropy::bytes::<16>();
        let outcome = match random {
            Err(error) => error.into(),
            Ok(_) if method == "OPTIONS" => {
                exchange.facts.route = "preflight";
                Outcome::Empty
            }
            Ok(_) => match exchange.route(self.function, routes, path) {
                Ok(route) => answer(&mut exchange, route).await,
                Err(failure) => failure.into(),
            },
        };
        let mut facts = exchange.facts;
        let request_id = random.map_or_else(|_| String::new(), |bytes| hex::encode(&bytes));
        let mut response = respond::response(outcome, &request_id, &mut facts);
        if method == "HEAD" {
            // RFC 9110 §9.3.2: the headers of a GET, without its content.
            response.body = None;
        }
        if !self.without_pages.contains(&facts.route) {
            cors::allow(&self.origins, request, &mut response);
        }
        let ms = (self.clock.now_ms)().saturating_sub(started_ms);
        let log = LogLine::new(request_id, method, facts, response.status, ms, &wire);
        Handled { response, log }
    }
}

fn health(config: &Config) -> String {
    let providers: Vec<String> = config
        .providers()
        .map(|provider| format!("\"{}\"", provider.as_str()))
        .collect();
    format!(
        "{{\"status\":\"ok\",\"version\":\"{}\",\"providers\":[{}]}}",
        env!("CARGO_PKG_VERSION"),
        providers.join(",")
    )
}

fn misconfigured(errors: &[ConfigError]) -> Failure {
    let named: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(Code::Misconfigured, format!("{}.", named.join("; "))).because(Cause::ENVIRONMENT)
}

impl<I: Incoming, T: Transport> Exchange<'_, I, T> {
    /// The route that path and method ask for.
    fn route<E: Copy>(
        &mut self,
        function: &str,
        routes: &'static [Entry<E>],
        path: &str,
    ) -> Result<Route<E>, Failure> {
        let path = route::without_control_characters(path)?;
        let Found {
            name,
            provider,
            route,
        } = route::find(function, routes, path, self.request.method())?;
        self.facts.route = name;
        self.facts.provider = provider;
        route
    }

    fn bounded_query(&self) -> Result<&str, Failure> {
        if self.query.len() > QUERY_LIMIT {
            return Err(Failure::new(
                Code::InvalidRequest,
                "The query is over 8 KiB; send only what came with the redirect.",
            )
            .because(Cause::QUERY_TOO_LONG));
        }
        Ok(self.query)
    }

    fn header_session(&mut self) -> Result<Session, NoSession> {
        let header = self.request.header("authorization").ok_or(NoSession)?;
        let session = Session::from_header(&header)?;
        self.facts.claimed_user = Some(session.user().clone());
        Ok(session)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::new(
                Code::PayloadTooLarge,
                "The body is over 32 KiB; send only what came with the redirect.",
            ),
            BodyError::Unreadable => Self::new(
                Code::InvalidRequest,
                "The body could not be read to its end as UTF-8 text; send it again.",
            )
            .because(Cause::BODY_UNREADABLE),
        }
    }
}

#[cfg(test)]
mod tests;

//! The HTTP contract: a request in, a response and one log line out.

mod cors;
mod log;
mod navigation;
mod respond;
mod route;

use crate::cause::Cause;
use crate::config::{Config, ConfigError};
use crate::error::{Code, Failure};
use crate::flow::{Clock, Flow, Redirected};
use crate::http::{BodyError, Incoming, Response, Transport, Wire};
use crate::oauth::callback::Callback;
use crate::providers::Provider;
use crate::session::{NoSession, Session};
use crate::store::Store;

pub use log::LogLine;
use route::{Endpoint, Route};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use route::{Entry, ROUTES};

/// Longest query in bytes.
pub const QUERY_LIMIT: usize = 8 * 1024;
/// Longest body in bytes.
pub const BODY_LIMIT: u32 = 32 * 1024;

/// The function: everything it needs to answer requests, or what its configuration lacks.
pub struct Service {
    deployment: Result<Deployment, Failure>,
    origins: Vec<String>,
    clock: Clock,
}

struct Deployment {
    config: Config,
    store: Store,
}

/// An answer and the line for the request log.
pub struct Handled {
    /// For the caller.
    pub response: Response,
    /// For the operator.
    pub log: LogLine,
}

/// One request while it is handled.
struct Exchange<'a, I, T> {
    request: &'a I,
    wire: &'a Wire<'a, T>,
    query: &'a str,
    log: &'a mut LogLine,
}

/// What a handler comes to, before the headers that every answer has.
enum Outcome {
    Json(String),
    Redirect(String),
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for Outcome {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

impl Service {
    /// A service for this environment. With a variable missing or malformed it answers `misconfigured`, naming it.
    /// `clock` is the platform's time.
    pub fn new(variable: impl Fn(&str) -> Option<String>, clock: Clock) -> Self {
        let deployment = Config::from_env(&variable)
            .map_err(|errors| misconfigured(&errors))
            .and_then(|config| {
                let store = Store::new(&config, clock.now_ms)?;
                Ok(Deployment { config, store })
            });
        let origins = deployment.as_ref().map_or_else(
            |_| Config::origins(&variable),
            |deployment| deployment.config.allowed_origins.clone(),
        );
        Self {
            deployment,
            origins,
            clock,
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
        let mut response = self.answer(request, &wire, &mut log).await;
        log.close(
            &wire,
            response.status,
            (self.clock.now_ms)().saturating_sub(started_ms),
        );
        cors::allow(&self.origins, request, &mut response);
        Handled { response, log }
    }

    async fn answer<I: Incoming, T: Transport>(
        &self,
        request: &I,
        wire: &Wire<'_, T>,
        log: &mut LogLine,
    ) -> Response {
        match crate::entropy::bytes::<16>() {
            Ok(bytes) => log.set_request_id(bytes),
            Err(error) => return respond::failure(&error.into(), log),
        }
        let (method, url) = (request.method(), request.url());
        log.method = route::known_method(method);
        if method == "OPTIONS" {
            log.route = "preflight";
            return respond::empty(log);
        }
        let (path, query) = route::split(url);
        let found =
            route::without_control_characters(path).and_then(|path| Route::find(path, method, log));
        let outcome = match (found, &self.deployment) {
            (Err(failure), _) => Outcome::Failed(failure),
            (Ok(_), Err(failure)) => Outcome::Failed(failure.clone()),
            (Ok(route), Ok(deployment)) => {
                let flow = Flow {
                    config: &deployment.config,
                    store: &deployment.store,
                    clock: self.clock,
                };
                let mut exchange = Exchange {
                    request,
                    wire,
                    query,
                    log,
                };
                exchange.dispatch(&flow, route).await
            }
        };
        let mut response = match outcome {
            Outcome::Json(body) => respond::json(body, log),
            Outcome::Redirect(location) => respond::redirect(location, log),
            Outcome::Failed(failure) => respond::failure(&failure, log),
        };
        if method == "HEAD" {
            // RFC 9110 §9.3.2: the headers of a GET, without its content.
            response.body = None;
        }
        response
    }
}

fn misconfigured(errors: &[ConfigError]) -> Failure {
    let named: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(Code::Misconfigured, format!("{}.", named.join("; "))).because(Cause::ENVIRONMENT)
}

impl<I: Incoming, T: Transport> Exchange<'_, I, T> {
    async fn dispatch(&mut self, flow: &Flow<'_>, route: Route) -> Outcome {
        let result = match route.endpoint {
            Endpoint::Health => self.bounded_query().map(|_| health(flow.config)),
            Endpoint::Callback(provider) if route.is_get() => {
                return Outcome::Redirect(self.redirected_callback(flow, provider).await);
            }
            Endpoint::Connect(provider) => {
                return self.connect(flow, provider, route.is_get()).await;
            }
            Endpoint::Callback(provider) => self.posted_callback(flow, provider).await,
            Endpoint::Status => self.status(flow).await,
            Endpoint::Disconnect => self.disconnect(flow).await,
        };
        result.map_or_else(Outcome::Failed, Outcome::Json)
    }

    /// JSON for a caller with a JWT; a redirect for a person who follows a link of the app's own pages.
    async fn connect(&mut self, flow: &Flow<'_>, provider: Provider, is_get: bool) -> Outcome {
        if !is_get || self.request.header("authorization").is_some() {
            return match self.connect_with_header(flow, provider).await {
                Ok(body) => Outcome::Json(body),
                Err(failure) => Outcome::Failed(failure),
            };
        }
        if !navigation::is_own(self.request) {
            return NoSession.into();
        }
        let connecting = match self.cookie_session(flow) {
            Some(session) => match self.without_parameters() {
                Ok(()) => flow.connect(self.wire, &session, provider).await,
                Err(failure) => Err(failure),
            },
            None => Err(NoSession.into()),
        };
        Outcome::Redirect(match connecting {
            Ok(connecting) => connecting.authorization_url,
            Err(failure) => self.error_location(flow, provider, failure),
        })
    }

    async fn connect_with_header(
        &mut self,
        flow: &Flow<'_>,
        provider: Provider,
    ) -> Result<String, Failure> {
        self.without_parameters()?;
        let session = self.header_session()?;
        respond::to_json(&flow.connect(self.wire, &session, provider).await?)
    }

    async fn posted_callback(
        &mut self,
        flow: &Flow<'_>,
        provider: Provider,
    ) -> Result<String, Failure> {
        self.bounded_query()?;
        let session = self.header_session()?;
        let content_type = self.request.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Failure::new(
                Code::UnsupportedMediaType,
                "Send the body as Content-Type: application/json.",
            ));
        }
        // The body is dropped before anything is waited for: a thousand bodies would otherwise stay while the database is slow.
        let callback = {
            let body = self.request.body(BODY_LIMIT).await?;
            Callback::from_json(&body)?
        };
        let completed = flow
            .complete(self.wire, &session, provider, callback)
            .await?;
        self.log.warning = completed.warning;
        respond::to_json(&completed.status)
    }

    /// Where the provider's redirect goes on to: the settings page, whatever happens.
    async fn redirected_callback(&mut self, flow: &Flow<'_>, provider: Provider) -> String {
        match self.complete_redirect(flow, provider).await {
            Ok(location) => location,
            Err(failure) => self.error_location(flow, provider, failure),
        }
    }

    async fn complete_redirect(
        &mut self,
        flow: &Flow<'_>,
        provider: Provider,
    ) -> Result<String, Failure> {
        flow.offered(provider)?;
        let callback = Callback::from_query(self.bounded_query()?)?;
        let session = match self.request.header("authorization") {
            Some(header) => Session::from_header(&header).ok(),
            None if navigation::is_any(self.request) => self.cookie_session(flow),
            None => None,
        };
        let Some(session) = session else {
            return Ok(self.relay(flow, provider, &callback));
        };
        self.log.set_user(&session);
        match flow
            .complete_redirect(self.wire, &session, provider, callback)
            .await?
        {
            Redirected::Relay(callback) => Ok(self.relay(flow, provider, &callback)),
            Redirected::Completed(completed) => {
                self.log.warning = completed.warning;
                let outcome = [("connected", "success"), ("provider", provider.as_str())];
                Ok(respond::with_query(&flow.config.settings_url, &outcome))
            }
        }
    }

    /// The app finishes with its own JWT. The fragment never reaches a server, and the target is configuration only.
    fn relay(&mut self, flow: &Flow<'_>, provider: Provider, callback: &Callback) -> String {
        let refusal = callback.refusal(provider);
        self.log.cause = Some(refusal.map_or(Cause::RELAYED, |refusal| refusal.cause));
        let fragment = callback.relay_fragment(provider);
        format!("{}#{}", flow.config.settings_url, fragment.as_str())
    }

    fn error_location(&mut self, flow: &Flow<'_>, provider: Provider, failure: Failure) -> String {
        self.log.fail(&failure);
        let outcome = [
            ("connected", "error"),
            ("reason", failure.code.as_str()),
            ("provider", provider.as_str()),
        ];
        respond::with_query(&flow.config.settings_url, &outcome)
    }

    async fn status(&mut self, flow: &Flow<'_>) -> Result<String, Failure> {
        self.bounded_query()?;
        let session = self.header_session()?;
        respond::to_json(&flow.status(self.wire, &session).await?)
    }

    async fn disconnect(&mut self, flow: &Flow<'_>) -> Result<String, Failure> {
        let provider = route::only_parameter(self.bounded_query()?, Some("provider"))?
            .map(|name| route::provider(&name))
            .transpose()?;
        self.log.provider = provider;
        let session = self.header_session()?;
        respond::to_json(&flow.disconnect(self.wire, &session, provider).await?)
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

    fn without_parameters(&self) -> Result<(), Failure> {
        route::only_parameter(self.bounded_query()?, None).map(|_| ())
    }

    fn header_session(&mut self) -> Result<Session, NoSession> {
        let header = self.request.header("authorization").ok_or(NoSession)?;
        let session = Session::from_header(&header)?;
        self.log.set_user(&session);
        Ok(session)
    }

    fn cookie_session(&mut self, flow: &Flow<'_>) -> Option<Session> {
        let cookies = self.request.header("cookie")?;
        let now_ms = (flow.clock.now_ms)();
        let session = Session::from_cookies(&cookies, &flow.config.session_cookie, now_ms)?;
        self.log.set_user(&session);
        Some(session)
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

//! The function `calendar`: what users and their browsers call.

use super::route::{self, Entry, Kind, Route};
use super::{
    BODY_LIMIT, Exchange, Front, Handled, Outcome, health, misconfigured, navigation, respond,
};
use crate::cause::Cause;
use crate::config::Config;
use crate::error::{Code, Failure};
use crate::flow::{Clock, Connecting, Flow, Redirected};
use crate::http::{Incoming, Transport};
use crate::oauth::callback::Callback;
use crate::providers::Provider;
use crate::session::{NoSession, Session};
use crate::store::{Store, Which};
use crate::uuid::Uuid;

/// The function: everything it needs to answer requests, or what its configuration lacks.
pub struct Service {
    front: Front,
    deployment: Result<Deployment, Failure>,
}

struct Deployment {
    config: Config,
    store: Store,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Connect(Provider),
    Callback(Provider),
    Status,
    Disconnect,
    Health,
}

/// Every route.
pub(crate) const ROUTES: &[Entry<Endpoint>] = &[
    Entry {
        name: "connect",
        methods: "GET, POST",
        endpoint: Kind::OfProvider(Endpoint::Connect),
    },
    Entry {
        name: "callback",
        methods: "GET, POST",
        endpoint: Kind::OfProvider(Endpoint::Callback),
    },
    Entry {
        name: "status",
        methods: "GET",
        endpoint: Kind::Alone(Endpoint::Status),
    },
    Entry {
        name: "disconnect",
        methods: "DELETE",
        endpoint: Kind::Alone(Endpoint::Disconnect),
    },
    Entry {
        name: "health",
        methods: "GET, HEAD",
        endpoint: Kind::Alone(Endpoint::Health),
    },
];

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
        let front = Front {
            function: "calendar",
            origins,
            without_pages: &[],
            clock,
        };
        Self { front, deployment }
    }

    /// The origins whose pages may read the answers, also while the function is misconfigured.
    pub fn origins(&self) -> &[String] {
        &self.front.origins
    }

    /// Answers one request. Every request gets an answer, whatever is in it.
    pub async fn handle<I: Incoming, T: Transport>(&self, request: &I, transport: &T) -> Handled {
        let answer = async |exchange: &mut Exchange<'_, I, T>, route| match &self.deployment {
            Err(failure) => Outcome::Failed(failure.clone()),
            Ok(deployment) => {
                let flow = Flow {
                    config: &deployment.config,
                    store: &deployment.store,
                    clock: self.front.clock,
                };
                exchange.dispatch(&flow, route).await
            }
        };
        self.front.handle(request, transport, ROUTES, answer).await
    }
}

impl<I: Incoming, T: Transport> Exchange<'_, I, T> {
    async fn dispatch(&mut self, flow: &Flow<'_>, route: Route<Endpoint>) -> Outcome {
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
        Outcome::Redirect(match self.connect_with_cookie(flow, provider).await {
            Ok(connecting) => connecting.authorization_url,
            Err(failure) => self.error_location(flow, provider, failure),
        })
    }

    async fn connect_with_header(
        &mut self,
        flow: &Flow<'_>,
        provider: Provider,
    ) -> Result<String, Failure> {
        self.bounded_query()?;
        let session = self.header_session()?;
        let connection = self.connection()?;
        let connecting = flow.connect(self.wire, &session, provider, connection.as_ref());
        respond::to_json(&connecting.await?)
    }

    async fn connect_with_cookie(
        &mut self,
        flow: &Flow<'_>,
        provider: Provider,
    ) -> Result<Connecting, Failure> {
        let session = self.cookie_session(flow).ok_or(NoSession)?;
        let connection = self.connection()?;
        let connecting = flow.connect(self.wire, &session, provider, connection.as_ref());
        connecting.await.map_err(|failure| match connection {
            Some(connection) => failure.about(connection),
            None => failure,
        })
    }

    /// The connection that is to be connected again.
    fn connection(&self) -> Result<Option<Uuid>, Failure> {
        let [connection] = route::parameters(self.bounded_query()?, ["connection"])?;
        connection.map(|id| route::connection(&id)).transpose()
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
        self.facts.warning = completed.warning;
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
        self.facts.claimed_user = Some(session.user().clone());
        match flow
            .complete_redirect(self.wire, &session, provider, callback)
            .await?
        {
            Redirected::Relay(callback) => Ok(self.relay(flow, provider, &callback)),
            Redirected::Completed(completed) => {
                self.facts.warning = completed.warning;
                let outcome = [("connected", "success"), ("provider", provider.as_str())];
                Ok(respond::with_query(&flow.config.settings_url, &outcome))
            }
        }
    }

    /// The app finishes with its own JWT. The fragment never reaches a server, and the target is configuration only.
    fn relay(&mut self, flow: &Flow<'_>, provider: Provider, callback: &Callback) -> String {
        let refusal = callback.refusal(provider);
        self.facts.cause = Some(refusal.map_or(Cause::RELAYED, |refusal| refusal.cause));
        let fragment = callback.relay_fragment(provider);
        format!("{}#{}", flow.config.settings_url, fragment.as_str())
    }

    fn error_location(&mut self, flow: &Flow<'_>, provider: Provider, failure: Failure) -> String {
        let mut outcome = vec![
            ("connected", "error"),
            ("reason", failure.code.as_str()),
            ("provider", provider.as_str()),
        ];
        if let Some(connection) = &failure.connection {
            outcome.push(("connection", connection.as_str()));
        }
        let location = respond::with_query(&flow.config.settings_url, &outcome);
        self.facts.failure = Some(failure);
        location
    }

    async fn status(&mut self, flow: &Flow<'_>) -> Result<String, Failure> {
        self.bounded_query()?;
        let session = self.header_session()?;
        respond::to_json(&flow.status(self.wire, &session).await?)
    }

    async fn disconnect(&mut self, flow: &Flow<'_>) -> Result<String, Failure> {
        self.bounded_query()?;
        let session = self.header_session()?;
        let which = match route::parameters(self.query, ["provider", "connection"])? {
            [None, None] => Which::All,
            [Some(name), None] => Which::Provider(route::provider(&name)?),
            [None, Some(id)] => Which::Connection(route::connection(&id)?),
            [Some(_), Some(_)] => {
                return Err(Failure::new(
                    Code::InvalidRequest,
                    "Send provider or connection, not both.",
                )
                .because(Cause::PARAMETER_UNKNOWN));
            }
        };
        if let Which::Provider(provider) = which {
            self.facts.provider = Some(provider);
        }
        respond::to_json(&flow.disconnect(self.wire, &session, which).await?)
    }

    fn cookie_session(&mut self, flow: &Flow<'_>) -> Option<Session> {
        let cookies = self.request.header("cookie")?;
        let now_ms = (flow.clock.now_ms)();
        let session = Session::from_cookies(&cookies, &flow.config.session_cookie, now_ms)?;
        self.facts.claimed_user = Some(session.user().clone());
        Some(session)
    }
}

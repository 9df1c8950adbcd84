//! Plain values that cross the edges: requests out and their answers, requests in and our answers.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::error::messages;
#[cfg(feature = "sync")]
use crate::secret::{Bearer, SecretKey};
use crate::session::Session;

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What all requests of one kind have in common: a transport may prepare it once. No secret is in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// The method.
    pub method: Method,
    /// An absolute URL without credentials, or the beginning of one.
    pub url: String,
    /// `name: value` lines, each ended by a newline.
    pub headers: String,
}

/// A request to the database or to a provider.
pub struct OutboundRequest {
    /// What it has in common with others.
    pub template: Rc<Template>,
    /// What follows the template's URL; ASCII that needs no escaping, and no secret.
    pub url_tail: Option<String>,
    /// What the request proves its right with; the token endpoints take none.
    pub credential: Option<Credential>,
    /// The body, if the method takes one.
    pub body: Option<Zeroizing<String>>,
    /// Milliseconds until the answer's body must have been read.
    pub deadline_ms: u32,
    /// Maximum size of the decoded answer in bytes; reading stops beyond it.
    pub response_limit: u32,
}

impl OutboundRequest {
    /// The whole URL.
    pub fn url(&self) -> String {
        [
            &self.template.url,
            self.url_tail.as_deref().unwrap_or_default(),
        ]
        .concat()
    }
}

/// In whose name the database is asked.
#[derive(Clone, Debug)]
pub enum Authority {
    /// A signed-in user, by the JWT that came with their request: row-level security decides what it may do.
    User(Session),
    /// The project itself, by its secret key.
    #[cfg(feature = "sync")]
    Service(SecretKey),
}

/// The credential of an outbound request. The kinds are types of their own, so that a user's JWT never goes to a provider
/// and a provider's token never to the database.
#[derive(Clone, Debug)]
pub enum Credential {
    /// For the database.
    Database(Authority),
    /// For a provider's API.
    #[cfg(feature = "sync")]
    Resource(Bearer),
}

impl Credential {
    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> Option<&str> {
        match self {
            Self::Database(Authority::User(session)) => Some(session.authorization()),
            #[cfg(feature = "sync")]
            Self::Database(Authority::Service(key)) => key.authorization(),
            #[cfg(feature = "sync")]
            Self::Resource(bearer) => Some(bearer.authorization()),
        }
    }

    /// The value of the `apikey` header, where it is not the publishable key of the template.
    pub fn apikey(&self) -> Option<&str> {
        match self {
            Self::Database(Authority::User(_)) => None,
            #[cfg(feature = "sync")]
            Self::Database(Authority::Service(key)) => Some(key.expose()),
            #[cfg(feature = "sync")]
            Self::Resource(_) => None,
        }
    }
}

/// An answer of the database or of a provider. Redirects are answers, never followed.
pub struct OutboundResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The decoded body, at most [`OutboundRequest::response_limit`] bytes.
    pub body: Zeroizing<String>,
}

impl OutboundResponse {
    /// Seconds of the `Retry-After` header, at most an hour. Its date form is left to the caller's own pause.
    pub(crate) fn pause(&self) -> Option<u32> {
        let seconds: u32 = self.retry_after.as_deref()?.trim().parse().ok()?;
        Some(seconds.clamp(1, LONGEST_PAUSE))
    }
}

const LONGEST_PAUSE: u32 = 3600;

/// The [`OutboundRequest::response_limit`] of the database and of the token endpoints.
pub const RESPONSE_LIMIT: u32 = 64 * 1024;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The deadline passed.
    Timeout,
    /// The connection was refused, reset or cut off.
    Network,
    /// The answer was larger than [`OutboundRequest::response_limit`].
    TooLarge,
}

messages! { TransportError:
    Self::Timeout => "no answer before the deadline",
    Self::Network => "the connection was refused, reset or cut off",
    Self::TooLarge => "the answer is larger than its limit",
}

/// Sends a request: `fetch` in the Wasm, memory in native tests.
pub trait Transport {
    /// Sends one request and reads the answer, within the request's deadline and without following redirects.
    fn send(
        &self,
        request: OutboundRequest,
    ) -> impl Future<Output = Result<OutboundResponse, TransportError>>;
}

/// A transport that counts what it sends, for the request log.
pub struct Wire<'a, T> {
    transport: &'a T,
    database_calls: Cell<u32>,
    provider_calls: Cell<u32>,
    jwt_accepted: Cell<bool>,
}

impl<'a, T: Transport> Wire<'a, T> {
    /// Counts from zero.
    pub const fn new(transport: &'a T) -> Self {
        Self {
            transport,
            database_calls: Cell::new(0),
            provider_calls: Cell::new(0),
            jwt_accepted: Cell::new(false),
        }
    }

    /// Sends a request to the database.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer.
    pub async fn to_database(
        &self,
        request: OutboundRequest,
    ) -> Result<OutboundResponse, TransportError> {
        self.database_calls.set(self.database_calls.get() + 1);
        let answer = self.transport.send(request).await?;
        if (200..300).contains(&answer.status) {
            self.jwt_accepted.set(true);
        }
        Ok(answer)
    }

    /// Sends a request to a provider.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer.
    pub async fn to_provider(
        &self,
        request: OutboundRequest,
    ) -> Result<OutboundResponse, TransportError> {
        self.provider_calls.set(self.provider_calls.get() + 1);
        self.transport.send(request).await
    }

    /// Requests sent to the database so far.
    pub const fn database_calls(&self) -> u32 {
        self.database_calls.get()
    }

    /// Whether the database has done something under the caller's JWT, and so knows whose it is.
    pub const fn jwt_accepted(&self) -> bool {
        self.jwt_accepted.get()
    }

    /// Requests sent to a provider so far.
    pub const fn provider_calls(&self) -> u32 {
        self.provider_calls.get()
    }
}

/// A request that reached the function.
pub trait Incoming {
    /// The method in upper case.
    fn method(&self) -> &str;
    /// The URL; only its path and query mean anything, its host is the platform's own.
    fn url(&self) -> &str;
    /// A header's value, several joined by `, `.
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;
    /// The whole body, or why not; stops reading past `limit` bytes.
    fn body(&self, limit: u32) -> impl Future<Output = Result<Zeroizing<String>, BodyError>>;
}

/// Why a request's body could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Larger than the limit.
    TooLarge,
    /// Cut off, or not UTF-8.
    Unreadable,
}

messages! { BodyError:
    Self::TooLarge => "the body is larger than its limit",
    Self::Unreadable => "the body was cut off or is not UTF-8",
}

/// An answer to a caller.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values; values hold no control characters.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// A JSON text, or none.
    pub body: Option<String>,
}

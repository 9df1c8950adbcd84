//! Which use case a path and method ask for.

use url::form_urlencoded;

use super::log::LogLine;
use crate::error::{Code, Failure};
use crate::provider::Provider;

/// The function's name, and the path segment after which routes begin, whatever a gateway put before it.
const FUNCTION: &str = "calendar";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Connect(Provider),
    Callback(Provider),
    Status,
    Disconnect,
    Health,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) endpoint: Endpoint,
    method: &'static str,
}

/// Path and query of an absolute URL; a fragment never arrives.
pub(super) fn split(url: &str) -> (&str, &str) {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    // Behind `scheme:`, nothing and the host.
    (path.splitn(4, '/').nth(3).unwrap_or(""), query)
}

/// The path or query, if it has no control character, and no CR, LF or NUL percent-encoded: nothing of ours has any.
pub(super) fn without_control_characters(text: &str) -> Result<&str, Failure> {
    let raw = text.bytes().any(|byte| byte < 0x20);
    let encoded = text
        .as_bytes()
        .windows(3)
        .any(|window| matches!(window, [b'%', b'0', b'0' | b'a' | b'A' | b'd' | b'D']));
    if raw || encoded {
        return Err(Failure::new(
            Code::InvalidRequest,
            "The path or the query holds a control character; send it without.",
        ));
    }
    Ok(text)
}

/// The method, if it is one that a log line may name.
pub(super) fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

impl Route {
    /// The route, or the failure that names what is wrong with path or method. The log line learns what the path names also
    /// where the request fails by its provider or method.
    pub(super) fn find(path: &str, method: &str, log: &mut LogLine) -> Result<Self, Failure> {
        let mut segments = path
            .split('/')
            .skip_while(|segment| *segment != FUNCTION)
            .skip(1);
        let (route, endpoint) = match (segments.next(), segments.next(), segments.next()) {
            (Some("connect"), Some(name), None) => {
                ("connect", provider(name).map(Endpoint::Connect))
            }
            (Some("callback"), Some(name), None) => {
                ("callback", provider(name).map(Endpoint::Callback))
            }
            (Some("status"), None, None) => ("status", Ok(Endpoint::Status)),
            (Some("disconnect"), None, None) => ("disconnect", Ok(Endpoint::Disconnect)),
            (Some("health"), None, None) => ("health", Ok(Endpoint::Health)),
            _ => {
                return Err(Failure::new(
                    Code::NotFound,
                    "No such route; there are connect/{provider}, callback/{provider}, status, \
                     disconnect and health.",
                ));
            }
        };
        log.route = route;
        let endpoint = endpoint?;
        log.provider = endpoint.provider();
        let allowed = endpoint.allow();
        allowed
            .split(", ")
            .find(|allowed| *allowed == method)
            .map(|method| Self { endpoint, method })
            .ok_or_else(|| Failure {
                allow: Some(allowed),
                ..Failure::new(
                    Code::MethodNotAllowed,
                    format!("This route takes {allowed}."),
                )
            })
    }

    pub(super) fn is_get(self) -> bool {
        self.method == "GET"
    }
}

impl Endpoint {
    const fn provider(self) -> Option<Provider> {
        match self {
            Self::Connect(provider) | Self::Callback(provider) => Some(provider),
            Self::Status | Self::Disconnect | Self::Health => None,
        }
    }

    const fn allow(self) -> &'static str {
        match self {
            Self::Connect(_) | Self::Callback(_) => "GET, POST",
            Self::Status | Self::Health => "GET",
            Self::Disconnect => "DELETE",
        }
    }
}

/// The one provider a disconnect names, or none for all of them.
pub(super) fn provider_in_query(query: &str) -> Result<Option<Provider>, Failure> {
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "provider");
    let first = named.next();
    if named.next().is_some() {
        return Err(Failure::new(
            Code::InvalidRequest,
            "Send provider once: google, outlook, or none of them to disconnect all.",
        ));
    }
    first.map(|(_, value)| provider(&value)).transpose()
}

fn provider(name: &str) -> Result<Provider, Failure> {
    Provider::parse(name).ok_or_else(|| {
        Failure::new(
            Code::UnsupportedProvider,
            "The provider must be google or outlook.",
        )
    })
}

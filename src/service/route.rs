//! Which use case a path and method ask for.

use url::form_urlencoded;

use super::log::LogLine;
use crate::cause::Cause;
use crate::error::{Code, Failure};
use crate::providers::Provider;

/// The function's name: the path segment before every route, whatever a gateway put in front of it.
const FUNCTION: &str = "calendar";

/// supabase-js adds this parameter to the URL where the app chooses a region; the platform reads it, we do not.
const PLATFORM_PARAMETER: &str = "forceFunctionRegion";

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

/// The path, if it has no control character, raw or percent-encoded. A query may hold any: values that are used are checked
/// where they are read, and providers put line breaks into others.
pub(super) fn without_control_characters(path: &str) -> Result<&str, Failure> {
    let raw = path.bytes().any(|byte| byte.is_ascii_control());
    let encoded = path.as_bytes().windows(3).any(|window| {
        matches!(
            window,
            [b'%', b'0' | b'1', digit] if digit.is_ascii_hexdigit()
        ) || matches!(window, [b'%', b'7', b'f' | b'F'])
    });
    if raw || encoded {
        return Err(Failure::new(
            Code::InvalidRequest,
            "The path holds a control character; send it without.",
        )
        .because(Cause::PATH_CONTROL_CHARACTER));
    }
    Ok(path)
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
        // From the end, since a prefix may hold the function's name as well.
        let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
        let (route, endpoint) = match (segments.next(), segments.next(), segments.next()) {
            (Some(name), Some("connect"), Some(FUNCTION)) => {
                ("connect", provider(name).map(Endpoint::Connect))
            }
            (Some(name), Some("callback"), Some(FUNCTION)) => {
                ("callback", provider(name).map(Endpoint::Callback))
            }
            (Some("status"), Some(FUNCTION), _) => ("status", Ok(Endpoint::Status)),
            (Some("disconnect"), Some(FUNCTION), _) => ("disconnect", Ok(Endpoint::Disconnect)),
            (Some("health"), Some(FUNCTION), _) => ("health", Ok(Endpoint::Health)),
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
            Self::Status => "GET",
            Self::Health => "GET, HEAD",
            Self::Disconnect => "DELETE",
        }
    }
}

/// The value of the one parameter that a route takes. Any other parameter is refused, since a misspelt one would make the
/// request mean something else: a disconnect of everything, for one.
pub(super) fn only_parameter(query: &str, known: Option<&str>) -> Result<Option<String>, Failure> {
    let mut found = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == PLATFORM_PARAMETER {
            continue;
        }
        if Some(&*name) != known {
            return Err(Failure::new(
                Code::InvalidRequest,
                known.map_or_else(
                    || "This route takes no query; send none.".to_owned(),
                    |known| format!("This route takes no other parameter than {known}; send none."),
                ),
            )
            .because(Cause::PARAMETER_UNKNOWN));
        }
        if found.replace(value.into_owned()).is_some() {
            return Err(
                Failure::new(Code::InvalidRequest, format!("Send {name} once."))
                    .because(Cause::PARAMETER_DOUBLED),
            );
        }
    }
    Ok(found)
}

/// The provider of that name.
pub(super) fn provider(name: &str) -> Result<Provider, Failure> {
    Provider::parse(name).ok_or_else(|| {
        Failure::new(
            Code::UnsupportedProvider,
            "The provider must be google or outlook.",
        )
    })
}

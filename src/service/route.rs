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

/// One row of the routing table.
pub(crate) struct Entry {
    /// The segment that names the route.
    pub(crate) name: &'static str,
    /// The methods it takes, as the header `Allow` lists them.
    pub(crate) methods: &'static str,
    endpoint: Kind,
}

enum Kind {
    /// `/name`.
    Alone(Endpoint),
    /// `/name/{provider}`.
    OfProvider(fn(Provider) -> Endpoint),
}

/// Every route.
pub(crate) const ROUTES: &[Entry] = &[
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

impl Route {
    /// The route, or the failure that names what is wrong with path or method. The log line learns what the path names also
    /// where the request fails by its provider or method.
    pub(super) fn find(path: &str, method: &str, log: &mut LogLine) -> Result<Self, Failure> {
        let (entry, endpoint) = find(path).ok_or_else(|| {
            Failure::new(
                Code::NotFound,
                "No such route; there are connect/{provider}, callback/{provider}, status, \
                 disconnect and health.",
            )
        })?;
        log.route = entry.name;
        let endpoint = endpoint?;
        log.provider = endpoint.provider();
        let mut methods = entry.methods.split(", ");
        let method = methods.find(|allowed| *allowed == method);
        method
            .map(|method| Self { endpoint, method })
            .ok_or_else(|| Failure {
                allow: Some(entry.methods),
                ..Failure::new(
                    Code::MethodNotAllowed,
                    format!("This route takes {}.", entry.methods),
                )
            })
    }

    pub(super) fn is_get(self) -> bool {
        self.method == "GET"
    }
}

/// The entry that the end of a path names, and its endpoint. The beginning may be anything, also the function's name.
fn find(path: &str) -> Option<(&'static Entry, Result<Endpoint, Failure>)> {
    let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
    let (last, before, first) = (segments.next()?, segments.next()?, segments.next());
    ROUTES.iter().find_map(|entry| match entry.endpoint {
        Kind::Alone(endpoint) => {
            (last == entry.name && before == FUNCTION).then_some((entry, Ok(endpoint)))
        }
        Kind::OfProvider(endpoint) => (before == entry.name && first == Some(FUNCTION))
            .then(|| (entry, provider(last).map(endpoint))),
    })
}

impl Entry {
    /// The path, with `{provider}` where a provider's name stands.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn path(&self) -> String {
        match self.endpoint {
            Kind::Alone(_) => format!("/{}", self.name),
            Kind::OfProvider(_) => format!("/{}/{{provider}}", self.name),
        }
    }
}

impl Endpoint {
    const fn provider(self) -> Option<Provider> {
        match self {
            Self::Connect(provider) | Self::Callback(provider) => Some(provider),
            Self::Status | Self::Disconnect | Self::Health => None,
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
        let names: Vec<&str> = Provider::ALL.iter().map(|each| each.as_str()).collect();
        Failure::new(
            Code::UnsupportedProvider,
            format!("The provider must be {}.", names.join(" or ")),
        )
    })
}

//! Which endpoint a path and method ask for.

use url::form_urlencoded;

use crate::cause::Cause;
use crate::error::{Code, Failure};
use crate::providers::Provider;
use crate::uuid::Uuid;

/// supabase-js adds this parameter to the URL where the app chooses a region; the platform reads it, we do not.
const PLATFORM_PARAMETER: &str = "forceFunctionRegion";

/// One row of a function's routing table; `E` are its endpoints.
pub(crate) struct Entry<E: 'static> {
    /// The segment that names the route.
    pub(crate) name: &'static str,
    /// The methods it takes, as the header `Allow` lists them.
    pub(crate) methods: &'static str,
    pub(super) endpoint: Kind<E>,
}

pub(super) enum Kind<E> {
    /// `/name`.
    Alone(E),
    /// `/name/{provider}`.
    OfProvider(fn(Provider) -> E),
}

/// An endpoint, and the method by which it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route<E> {
    pub(super) endpoint: E,
    method: &'static str,
}

/// What a path names, also where the request then fails by its provider or its method.
pub(super) struct Found<E> {
    pub(super) name: &'static str,
    pub(super) provider: Option<Provider>,
    pub(super) route: Result<Route<E>, Failure>,
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

/// What the path names, by its end: the segment before the route is the function's name, and what stands before that may be
/// anything, also the function's name.
pub(super) fn find<E: Copy>(
    function: &str,
    routes: &'static [Entry<E>],
    path: &str,
    method: &str,
) -> Result<Found<E>, Failure> {
    let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
    let [last, before, first] = [segments.next(), segments.next(), segments.next()];
    for entry in routes {
        let (provider, endpoint) = match entry.endpoint {
            Kind::Alone(endpoint) if last == Some(entry.name) && before == Some(function) => {
                (None, Ok(endpoint))
            }
            Kind::OfProvider(endpoint) if before == Some(entry.name) && first == Some(function) => {
                let provider = provider(last.unwrap_or_default());
                (provider.as_ref().ok().copied(), provider.map(endpoint))
            }
            _ => continue,
        };
        return Ok(Found {
            name: entry.name,
            provider,
            route: endpoint.and_then(|endpoint| entry.route(endpoint, method)),
        });
    }
    let paths: Vec<String> = routes.iter().map(Entry::path).collect();
    Err(Failure::new(
        Code::NotFound,
        format!("No such route; there are {}.", paths.join(", ")),
    ))
}

impl<E> Entry<E> {
    /// The path, with `{provider}` where a provider's name stands.
    pub(crate) fn path(&self) -> String {
        match self.endpoint {
            Kind::Alone(_) => format!("/{}", self.name),
            Kind::OfProvider(_) => format!("/{}/{{provider}}", self.name),
        }
    }

    fn route(&self, endpoint: E, method: &str) -> Result<Route<E>, Failure> {
        let mut methods = self.methods.split(", ");
        methods
            .find(|allowed| *allowed == method)
            .map(|method| Route { endpoint, method })
            .ok_or_else(|| Failure {
                allow: Some(self.methods),
                ..Failure::new(
                    Code::MethodNotAllowed,
                    format!("This route takes {}.", self.methods),
                )
            })
    }
}

impl<E> Route<E> {
    pub(super) fn is_get(&self) -> bool {
        self.method == "GET"
    }
}

/// The values of the parameters that a route takes. Any other parameter is refused, since a misspelt one would make the
/// request mean something else: a disconnect of everything, for one.
pub(super) fn parameters<const N: usize>(
    query: &str,
    known: [&str; N],
) -> Result<[Option<String>; N], Failure> {
    let mut found = known.map(|_| None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == PLATFORM_PARAMETER {
            continue;
        }
        let place = known.iter().position(|known| *known == name);
        let Some(place) = place.and_then(|at| found.get_mut(at)) else {
            let message = format!(
                "This route takes {} and no other parameter; send none.",
                known.join(" or ")
            );
            return Err(
                Failure::new(Code::InvalidRequest, message).because(Cause::PARAMETER_UNKNOWN)
            );
        };
        if place.replace(value.into_owned()).is_some() {
            return Err(
                Failure::new(Code::InvalidRequest, format!("Send {name} once."))
                    .because(Cause::PARAMETER_DOUBLED),
            );
        }
    }
    Ok(found)
}

/// The id of a connection.
pub(super) fn connection(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse(text).ok_or_else(|| {
        Failure::new(
            Code::InvalidRequest,
            "connection must be the id of a connection; send one that the status names.",
        )
        .because(Cause::PARAMETER_MALFORMED)
    })
}

/// The provider of that name.
pub(super) fn provider(name: &str) -> Result<Provider, Failure> {
    Provider::parse(name).ok_or_else(|| {
        Failure::new(
            Code::UnsupportedProvider,
            format!("The provider must be {}.", Provider::names()),
        )
    })
}

//! Tells a person's navigation from a script's request. Source: Fetch Metadata Request Headers (W3C), and the
//! `Sec-Purpose` header of the Fetch standard. Cookies count on navigations only.

use crate::http::Incoming;

/// A top-level navigation, from wherever: what a provider's redirect is.
pub(super) fn is_any(request: &impl Incoming) -> bool {
    is_navigation(request, |_| true)
}

/// A top-level navigation that the app's own page or the person began: what may start a connection.
pub(super) fn is_own(request: &impl Incoming) -> bool {
    is_navigation(request, |site| matches!(site, "same-origin" | "none"))
}

fn is_navigation(request: &impl Incoming, from: impl Fn(&str) -> bool) -> bool {
    if request.header("sec-purpose").is_some() || request.header("purpose").is_some() {
        return false;
    }
    let metadata =
        ["sec-fetch-mode", "sec-fetch-dest", "sec-fetch-site"].map(|n| request.header(n));
    match metadata {
        [None, None, None] => request
            .header("accept")
            .is_some_and(|accept| accept.contains("text/html")),
        [mode, dest, site] => {
            mode.as_deref() == Some("navigate")
                && dest.as_deref() == Some("document")
                && site.as_deref().is_some_and(from)
        }
    }
}

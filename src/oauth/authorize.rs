//! The authorization request ([RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1),
//! [RFC 7636 §4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3)).

use url::form_urlencoded;

use crate::providers::Provider;
use crate::secret::State;

/// What one authorization request is made of.
pub struct AuthorizationRequest<'a> {
    /// Whose consent page.
    pub provider: Provider,
    /// Where that page is.
    pub endpoint: &'a str,
    /// The OAuth client.
    pub client_id: &'a str,
    /// Where the browser comes back; registered to the letter at the provider.
    pub redirect_uri: &'a str,
    /// Ties the callback to this request.
    pub state: &'a State,
    /// The S256 challenge of the verifier kept for the exchange.
    pub code_challenge: &'a str,
    /// The account to connect again, by its address; `None` lets the person choose one.
    pub login_hint: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// The URL the browser is sent to. Every parameter is ours; nothing of a caller's query reaches it.
    pub fn url(&self) -> String {
        let profile = self.provider.profile();
        let consent = self.provider.consent();
        let mut url = String::with_capacity(512);
        url.push_str(self.endpoint);
        url.push(if self.endpoint.contains('?') {
            '&'
        } else {
            '?'
        });
        let start = url.len();
        let mut query = form_urlencoded::Serializer::for_suffix(url, start);
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", profile.requested_scope)
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge", self.code_challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(match self.login_hint {
                Some(_) => consent.reconnect_extras,
                None => consent.authorization_extras,
            });
        if let Some(account) = self.login_hint {
            query.append_pair("login_hint", account);
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn parameters(provider: Provider, endpoint: &str) -> BTreeMap<String, String> {
        parameters_for(provider, endpoint, None)
    }

    fn parameters_for(
        provider: Provider,
        endpoint: &str,
        login_hint: Option<&str>,
    ) -> BTreeMap<String, String> {
        let state = State::new("S".repeat(43));
        let url = AuthorizationRequest {
            provider,
            endpoint,
            client_id: "id&scope=evil",
            redirect_uri: "https://app.example/functions/v1/calendar/callback/x?a=b",
            state: &state,
            code_challenge: "challenge",
            login_hint,
        }
        .url();
        let url = url::Url::parse(&url).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "a parameter is doubled");
        map
    }

    #[test]
    fn google_gets_exactly_its_parameters() {
        let sent = parameters(
            Provider::Google,
            "https://accounts.google.com/o/oauth2/v2/auth",
        );
        let expected = [
            ("access_type", "offline"),
            ("client_id", "id&scope=evil"),
            ("code_challenge", "challenge"),
            ("code_challenge_method", "S256"),
            ("prompt", "consent select_account"),
            (
                "redirect_uri",
                "https://app.example/functions/v1/calendar/callback/x?a=b",
            ),
            ("response_type", "code"),
            (
                "scope",
                "openid email https://www.googleapis.com/auth/calendar.readonly",
            ),
            ("state", "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS"),
        ];
        assert!(
            sent.iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .eq(expected)
        );
    }

    #[test]
    fn outlook_asks_for_offline_access_and_a_query_answer() {
        let sent = parameters(Provider::Outlook, "https://login.example/authorize");
        assert_eq!(
            sent["scope"],
            "openid profile email offline_access https://graph.microsoft.com/Calendars.Read"
        );
        assert_eq!(sent["response_mode"], "query");
        assert_eq!(sent["prompt"], "select_account");
        assert_eq!(sent["code_challenge_method"], "S256");
        assert_eq!(sent.len(), 9);
    }

    #[test]
    fn a_reconnect_names_its_account_and_lets_nobody_choose_another() {
        const HINT: &str = "ann+calendar@example.test&prompt=none";
        let hint = Some(HINT);
        let google = parameters_for(Provider::Google, "https://a.example/", hint);
        assert_eq!(google["login_hint"], HINT);
        assert_eq!(google["prompt"], "consent");
        assert_eq!(google["access_type"], "offline");
        let outlook = parameters_for(Provider::Outlook, "https://a.example/", hint);
        assert_eq!(outlook["login_hint"], HINT);
        assert_eq!(outlook.get("prompt"), None);
        assert_eq!(outlook["response_mode"], "query");
    }

    #[test]
    fn an_endpoint_with_a_query_keeps_it() {
        let sent = parameters(
            Provider::Google,
            "https://login.example/authorize?policy=one",
        );
        assert_eq!(sent["policy"], "one");
    }
}

//! Why a connection is not being read: a closed set of words that Rust, SQL and the client share.

macro_rules! reasons {
    ($($variant:ident, $text:literal, $reconnect:literal, $doc:literal;)*) => {
        /// Why a connection is not being read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $(#[doc = $doc] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the reference's table.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];

            /// The word in rows and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Reason::$variant => $text,)* }
            }

            /// Whether its user has to connect again.
            pub const fn needs_reconnect(self) -> bool {
                match self { $(Reason::$variant => $reconnect,)* }
            }

            /// What it means.
            #[cfg(not(target_arch = "wasm32"))]
            pub const fn meaning(self) -> &'static str {
                match self { $(Reason::$variant => $doc,)* }
            }
        }
    };
}

reasons! {
    GrantEnded, "grant_ended", true, "The provider no longer accepts the stored grant: it expired, or access was withdrawn.";
    SignInAgain, "sign_in_again", true, "The account's organisation asks its user to sign in again.";
    ScopeMissing, "scope_missing", true, "The grant does not include reading the calendar.";
    AccountUnusable, "account_unusable", false, "The account is disabled or deleted.";
    AdminBlocked, "admin_blocked", false, "An administrator of the account's organisation blocks the app; it is tried again every day.";
    ClientChanged, "client_changed", false, "The grant was made for another OAuth client than the one in the configuration.";
    KeyMissing, "key_missing", false, "The tokens were sealed with an encryption key that is not configured.";
    SealedUnreadable, "sealed_unreadable", false, "The stored tokens are damaged and cannot be opened.";
    ProviderUnavailable, "provider_unavailable", false, "The provider does not answer, or answers with an error that passes.";
    Throttled, "throttled", false, "The provider asks for a pause.";
    Operator, "operator", false, "The app's OAuth client is not accepted; its operator has to act.";
    NoMailbox, "no_mailbox", false, "The account has no calendar.";
    Quarantined, "quarantined", false, "Reading this connection ended abnormally several times, so it is tried rarely.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_unique_words_and_three_of_them_need_a_reconnect() {
        let words: std::collections::BTreeSet<_> =
            Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        for word in words {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        }
        let reconnect: Vec<_> = Reason::ALL
            .iter()
            .filter(|reason| reason.needs_reconnect())
            .map(|reason| reason.as_str())
            .collect();
        assert_eq!(reconnect, ["grant_ended", "sign_in_again", "scope_missing"]);
    }
}

//! The account that a person connected, as its provider names it.

use super::Provider;

/// The account that a person connected.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The stable id at the provider; `None` while it is unknown.
    pub id: Option<String>,
    /// The account's address. It is display text and never identity: Microsoft lets a tenant's administrator set it.
    pub label: Option<String>,
    /// What kind of account it is: one word of a closed set, `None` while the id is unknown.
    pub class: Option<&'static str>,
}

/// What an id_token says about its account. Issuer and audience were checked before.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) sub: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) preferred_username: Option<String>,
    /// Google: the domain of the Workspace organisation.
    pub(crate) hd: Option<String>,
    /// Microsoft: the tenant.
    pub(crate) tid: Option<String>,
    /// Microsoft: the account within its tenant.
    pub(crate) oid: Option<String>,
}

impl Provider {
    /// The account of these claims.
    pub(crate) fn account(self, claims: Claims) -> Account {
        let account = self.name_account(claims);
        Account {
            class: account.class.filter(|_| account.id.is_some()),
            ..account
        }
    }
}

//! Sealed tokens of the scene.

use crate::config::Config;
use crate::providers::Provider;
use crate::user::UserId;
use crate::vault::{Place, Purpose};

pub(super) struct Sealing<'a> {
    user: UserId,
    provider: Provider,
    account: &'a str,
    purpose: Purpose<'a>,
}

pub(super) fn place<'a>(
    user: &str,
    provider: &str,
    account: &'a str,
    purpose: Purpose<'a>,
) -> Sealing<'a> {
    Sealing {
        user: UserId::parse(user).unwrap(),
        provider: Provider::parse(provider).unwrap(),
        account,
        purpose,
    }
}

impl Sealing<'_> {
    fn place(&self) -> Place<'_> {
        Place {
            purpose: self.purpose,
            user: &self.user,
            provider: self.provider,
            account: Some(self.account),
        }
    }

    pub(super) fn seal(&self, config: &Config, token: &str) -> String {
        config.keyring.seal(self.place(), token).unwrap()
    }

    pub(super) fn open(&self, config: &Config, sealed: &str) -> String {
        config
            .keyring
            .open(self.place(), sealed)
            .unwrap()
            .to_string()
    }
}

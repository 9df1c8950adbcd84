//! What people and providers do in a scene.

use std::collections::BTreeMap;

use super::database::{Connection, State};
use super::network::now;
use super::provider::Account;
use super::sealing::place;
use super::{Action, Scene};
use crate::vault::Purpose;

impl Scene {
    /// Now and then somebody connects again while a worker is renewing the tokens of the old grant.
    pub(super) fn interrupt(&mut self) {
        let is_stormy = self.fault.get() > 0.0;
        if let Some(account) = self.providers.renewed.take().filter(|_| is_stormy)
            && self.below(50) == 0
        {
            let id = account.replace("account", "connection-");
            if self.database.connections.contains_key(&id) {
                let soon = now() + 0.3 * self.random.borrow_mut().unit();
                self.script(soon, Action::Reconnect(id));
            }
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.tell(|| format!("{action:?}"));
        match action {
            Action::Look(id) => {
                if let Some(connection) = self.database.connections.get_mut(&id) {
                    connection.state.last_seen_at = now();
                }
            }
            Action::Reconnect(id) => self.connect(&id),
            Action::Delete(id) => {
                self.database.connections.remove(&id);
            }
            Action::Withdraw(id) => self.account(&id).withdrawn = true,
            Action::Change(id) => self.account(&id).version += 1,
            Action::Begin(provider, trouble) => self.providers.troubles.push((provider, trouble)),
            Action::End(provider, trouble) => {
                self.providers
                    .troubles
                    .retain(|it| *it != (provider, trouble));
            }
            Action::Tick => self.start_worker(),
        }
    }

    pub(super) fn account(&mut self, id: &str) -> &mut Account {
        let account = id.replace("connection-", "account");
        self.providers.accounts.get_mut(&account).unwrap()
    }

    pub(super) fn connect(&mut self, id: &str) {
        let account = id.replace("connection-", "account");
        let provider = self.account(id).provider;
        let (access, refresh) = self.providers.grant(&account, now());
        let generation = self.account(id).generation;
        self.connected.insert(id.to_owned(), generation);
        self.leases.insert(id.to_owned(), None);
        let user = id.replace("connection-", "00000000-d9cb-469f-a165-00000000000");
        let seal = |purpose, token: &str| {
            place(&user, provider, &account, purpose).seal(&self.config, token)
        };
        let connection = Connection {
            provider,
            status: "active",
            sealed_access: seal(Purpose::AccessToken, &access),
            sealed_refresh: seal(Purpose::RefreshToken, &refresh),
            access_expires_at: now() + 3599.0,
            token_version: 1,
            state: State {
                due_at: now(),
                last_seen_at: now(),
                ..State::default()
            },
            calendars: BTreeMap::new(),
            user,
            account,
        };
        self.database.connect(id, connection);
    }
}

//! What must hold, whatever goes wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use super::database::{DAY, MINUTE};
use super::network::now;
use super::provider::{Providers, busy_minute};
use super::sealing::place;
use super::{CALLS_A_DAY, Scene};
use crate::vault::Purpose;

impl Scene {
    /// Only the newest lease settles, and tokens belong to the newest grant, whoever saved them last.
    pub(super) fn judge(&mut self, id: &str, item: &Value, counted: bool) {
        let Some(connection) = self.database.connections.get(id).filter(|_| counted) else {
            return;
        };
        if item["kind"] != "tokens" && self.leases[id] != item["fence"].as_u64() {
            self.broken = Some(format!("{id} was settled under an older lease"));
        }
        if item["kind"] == "tokens" {
            let place = place(
                &connection.user,
                connection.provider,
                &connection.account,
                Purpose::RefreshToken,
            );
            let token = place.open(&self.config, &connection.sealed_refresh);
            let (_, generation) = Providers::parse(&token);
            if generation != self.connected[id] {
                self.broken = Some(format!("{id} got the tokens of an older grant"));
            }
        }
    }

    /// A connection ends only where its grant was refused twice, at least ten minutes apart.
    pub(super) fn judge_flips(&mut self, before: &BTreeMap<String, &'static str>) {
        for (id, connection) in &self.database.connections {
            if connection.status == "active" || before.get(id) != Some(&"active") {
                continue;
            }
            let grant = (connection.account.clone(), self.connected[id]);
            let refusals = self
                .providers
                .refusals
                .get(&grant)
                .map_or(&[][..], Vec::as_slice);
            let (first, last) = (refusals.first(), refusals.last());
            let apart = last.zip(first).map_or(0.0, |(last, first)| last - first);
            // The calls are settled within a lease after they were made.
            if apart < 10.0 * MINUTE - 90.0 {
                self.broken = Some(format!("{id} was ended after refusals {apart:.0} s apart"));
            }
        }
    }

    /// After days without a fault: what lives is read, what is dead is told, and nobody was hammered.
    pub(super) fn judge_the_end(&mut self) {
        for (id, connection) in &self.database.connections {
            let account = &self.providers.accounts[&connection.account];
            let is_alive = !account.withdrawn && account.generation == self.connected[id];
            let state = &connection.state;
            let told = format!("{} {:?}", connection.status, state.reason);
            let problem = if !is_alive {
                (connection.status == "active")
                    .then(|| format!("its grant is dead and it is {told}"))
            } else if connection.status != "active" {
                // Ended before the week of daily tries was over, it heals.
                Some(format!("its grant is alive and it is {told}"))
            } else {
                let unread = state.last_ok_at.map_or(f64::INFINITY, |at| now() - at);
                let read = connection.calendars.get(&connection.account);
                let busy = busy_minute(account.version);
                let expected = format!("{{[{busy},{})}}", busy + 1);
                if unread > 8.5 * DAY {
                    Some(format!("it was not read for {:.1} days", unread / DAY))
                } else if read.is_none_or(|calendar| calendar.busy != expected) {
                    Some("what is known of its calendar is not so".to_owned())
                } else {
                    None
                }
            };
            if let Some(problem) = problem {
                self.broken = Some(format!("{id}: {problem}"));
            }
        }
        let mut asked = self.providers.asked.iter();
        if let Some(((account, day), calls)) = asked.find(|(_, calls)| **calls > CALLS_A_DAY) {
            self.broken = Some(format!("{account} was asked {calls} times on day {day}"));
        }
    }
}

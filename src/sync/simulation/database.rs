//! The database as the worker sees it: a model of `calendar_sync_claim`, `calendar_sync_settle`,
//! `calendar_sync_report` and of what users do to their connections. `tests/database/worker.test.ts` holds the SQL to the
//! same rules, and `conformance.json` holds the two to each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::minutes::Instant;

pub(super) const MINUTE: f64 = 60.0;
pub(super) const HOUR: f64 = 3600.0;
pub(super) const DAY: f64 = 86_400.0;
const LEASE: f64 = 90.0;

/// A rule of the database. A test takes each out, to see that the invariants notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A settlement counts under the newest lease only.
    Fence,
    /// Tokens replace those that they were made from only.
    TokenVersion,
    /// One refusal ends no connection.
    SecondStrike,
    /// A connection that has ended is tried again for a week.
    Healing,
    /// Leases run out.
    LeaseEnd,
    /// A failure is tried again after a pause.
    Backoff,
}

#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) user: String,
    pub(super) provider: &'static str,
    pub(super) account: String,
    pub(super) status: &'static str,
    pub(super) sealed_access: String,
    pub(super) sealed_refresh: String,
    pub(super) access_expires_at: f64,
    pub(super) token_version: u32,
    pub(super) state: State,
    pub(super) calendars: BTreeMap<String, Calendar>,
}

/// A row of `calendar_sync_states`.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) due_at: f64,
    pub(super) leased_until: Option<f64>,
    pub(super) fence: u32,
    pub(super) unsettled: u32,
    pub(super) failures: u32,
    pub(super) strikes: u32,
    pub(super) struck_at: Option<f64>,
    pub(super) flipped_at: Option<f64>,
    pub(super) last_seen_at: f64,
    pub(super) last_ok_at: Option<f64>,
    pub(super) listed_at: Option<f64>,
    pub(super) failing_since: Option<f64>,
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    pub(super) selected: bool,
    pub(super) busy: String,
    pub(super) read_at: Option<f64>,
    pub(super) reason: Option<String>,
}

#[derive(Default)]
pub(super) struct Database {
    pub(super) connections: BTreeMap<String, Connection>,
    runs: BTreeMap<String, Run>,
    made: u32,
    missing: Option<Missing>,
}

struct Run {
    began: f64,
    beat: f64,
    ended: bool,
}

impl Database {
    /// An empty database that lacks a rule, if one is named.
    pub(super) fn with(missing: Option<Missing>) -> Self {
        Self {
            missing,
            ..Self::default()
        }
    }

    /// A connect: a new row, or new tokens for the row of this id.
    pub(super) fn connect(&mut self, id: &str, connection: Connection) {
        let state = match self.connections.get(id) {
            None => State {
                due_at: connection.state.due_at,
                last_seen_at: connection.state.last_seen_at,
                ..State::default()
            },
            Some(before) => State {
                due_at: connection.state.due_at,
                last_seen_at: connection.state.last_seen_at,
                fence: before.state.fence + 1,
                ..State::default()
            },
        };
        let before = self.connections.get(id);
        let token_version = before.map_or(1, |before| before.token_version + 1);
        let calendars = before
            .map(|before| before.calendars.clone())
            .unwrap_or_default();
        self.connections.insert(
            id.to_owned(),
            Connection {
                state,
                token_version,
                calendars,
                ..connection
            },
        );
    }

    /// When something is due next.
    pub(super) fn next_due(&self) -> f64 {
        let due = self
            .connections
            .values()
            .map(|connection| connection.state.due_at);
        due.fold(f64::INFINITY, f64::min)
    }

    /// Answers one of the worker's calls.
    pub(super) fn call(&mut self, function: &str, p: &Value, now: f64, random: f64) -> Value {
        match function {
            "calendar_sync_claim" => self.claim(p, now),
            "calendar_sync_settle" => self.settle(p, now, random),
            "calendar_sync_report" => self.report(p, now),
            _ => panic!("the worker called {function}"),
        }
    }

    fn claim(&mut self, p: &Value, now: f64) -> Value {
        let provider = p["provider"].as_str().unwrap();
        let run = match p["run"].as_str() {
            Some(run) => self
                .runs
                .get_mut(run)
                .filter(|run| !run.ended)
                .and_then(|known| {
                    known.beat = now;
                    (known.began > now - 60.0).then(|| run.to_owned())
                }),
            None => self.begin(provider, now),
        };
        let Some(run) = run else {
            return json!({"run": null, "items": []});
        };
        let limit = p["limit"].as_u64().unwrap() as usize;
        let mut ids = self.due(provider, now, false);
        ids.truncate(limit);
        let quarantined = ids.is_empty();
        if quarantined {
            ids = self.due(provider, now, true);
            ids.truncate(1);
        }
        let items: Vec<Value> = ids
            .iter()
            .map(|id| self.lease(id, now, quarantined))
            .collect();
        json!({"run": run, "items": items})
    }

    fn begin(&mut self, provider: &str, now: f64) -> Option<String> {
        let is_due = |connection: &Connection| {
            connection.provider == provider && connection.state.due_at <= now
        };
        let alive = |run: &&Run| !run.ended && run.beat > now - 30.0;
        if !self.connections.values().any(is_due) || self.runs.values().filter(alive).count() >= 4 {
            return None;
        }
        self.made += 1;
        let id = format!("run-{}", self.made);
        self.runs.insert(
            id.clone(),
            Run {
                began: now,
                beat: now,
                ended: false,
            },
        );
        Some(id)
    }

    /// The ids of what is due, the longest due first.
    fn due(&self, provider: &str, now: f64, quarantined: bool) -> Vec<String> {
        let mut due: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, it)| {
                it.provider == provider
                    && it.state.due_at <= now
                    && (it.state.unsettled >= 3) == quarantined
            })
            .collect();
        due.sort_by(|(_, a), (_, b)| a.state.due_at.total_cmp(&b.state.due_at));
        due.into_iter().map(|(id, _)| id.clone()).collect()
    }

    fn lease(&mut self, id: &str, now: f64, quarantined: bool) -> Value {
        let missing = self.missing;
        let connection = self.connections.get_mut(id).unwrap();
        let state = &mut connection.state;
        state.leased_until = Some(now + LEASE);
        state.due_at = match missing {
            Some(Missing::LeaseEnd) => f64::INFINITY,
            _ if quarantined => {
                let hours = 2.0_f64.powi(state.unsettled.cast_signed() - 3);
                state.reason = Some("quarantined".to_owned());
                now + DAY.min(HOUR * hours)
            }
            _ => now + LEASE,
        };
        state.fence += 1;
        state.unsettled = (state.unsettled + 1).min(100);
        let midnight = (now / DAY).floor() * DAY;
        let mut calendars: Vec<_> = connection
            .calendars
            .iter()
            .filter(|(_, calendar)| calendar.selected)
            .collect();
        let read_at = |calendar: &Calendar| calendar.read_at.unwrap_or(f64::NEG_INFINITY);
        calendars.sort_by(|(_, a), (_, b)| read_at(a).total_cmp(&read_at(b)));
        let is_gone =
            |(_, calendar): &(&String, &Calendar)| calendar.reason.as_deref() == Some("gone");
        json!({
            "connection": id,
            "user": connection.user,
            "provider": connection.provider,
            "account": connection.account,
            "status": connection.status,
            "strikes": connection.state.strikes,
            "fence": connection.state.fence,
            "token_version": connection.token_version,
            "sealed_access_token": connection.sealed_access,
            "sealed_refresh_token": connection.sealed_refresh,
            "access_expires_in": connection.access_expires_at - now,
            "list_due": connection.state.listed_at.is_none_or(|at| at < now - 7.0 * DAY)
                || calendars.iter().any(is_gone),
            "tentative_counts": true,
            "window": {"from": Instant::text(midnight - DAY), "until": Instant::text(midnight + 45.0 * DAY)},
            "calendars": calendars.iter().take(20).map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        })
    }

    fn settle(&mut self, p: &Value, now: f64, random: f64) -> Value {
        let items = p["items"].as_array().unwrap();
        let answers: Vec<&str> = items
            .iter()
            .map(|item| self.settle_one(item, now, random))
            .collect();
        json!({ "answers": answers })
    }

    fn settle_one(&mut self, item: &Value, now: f64, random: f64) -> &'static str {
        let missing = self.missing;
        let Some(connection) = self
            .connections
            .get_mut(item["connection"].as_str().unwrap())
        else {
            return "gone";
        };
        if item["kind"] == "tokens" {
            let version = item["token_version"].as_u64().unwrap();
            if version != u64::from(connection.token_version)
                && missing != Some(Missing::TokenVersion)
            {
                return "stale";
            }
            item["sealed_access_token"]
                .as_str()
                .unwrap()
                .clone_into(&mut connection.sealed_access);
            if let Some(refresh) = item["sealed_refresh_token"].as_str() {
                refresh.clone_into(&mut connection.sealed_refresh);
            }
            connection.access_expires_at = now + item["expires_in"].as_f64().unwrap();
            connection.token_version += 1;
            return "ok";
        }
        let fence = item["fence"].as_u64().unwrap();
        if fence != u64::from(connection.state.fence) && missing != Some(Missing::Fence) {
            return "fenced";
        }
        match item["kind"].as_str().unwrap() {
            "read" => connection.read(item, now, random),
            "failed" => connection.failed(item, now, random, missing),
            "release" => {
                connection.state.due_at = now;
                connection.state.leased_until = None;
                connection.state.unsettled = connection.state.unsettled.saturating_sub(1);
            }
            kind => panic!("the worker settled {kind}"),
        }
        "ok"
    }

    fn report(&mut self, p: &Value, now: f64) -> Value {
        if let Some(run) = self.runs.get_mut(p["run"].as_str().unwrap()) {
            run.beat = now;
            run.ended |= p["end"] == true;
        }
        json!({})
    }
}

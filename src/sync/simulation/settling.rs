//! What a settlement changes: the rules of `calendar_private.settle_read` and `settle_failed`.

use serde_json::Value;

use super::database::{Calendar, Connection, DAY, HOUR, MINUTE, Missing, State};

impl Connection {
    pub(super) fn read(&mut self, item: &Value, now: f64, random: f64) {
        let unseen = now - self.state.last_seen_at;
        let pause = if unseen <= DAY {
            4.0 * HOUR
        } else if unseen <= 14.0 * DAY {
            DAY
        } else {
            7.0 * DAY
        };
        if let Some(listed) = item["listed"].as_array() {
            self.keep_list(listed);
            self.state.listed_at = Some(now);
        }
        for calendar in item["calendars"].as_array().unwrap() {
            self.keep_busy(calendar, now);
        }
        self.state = State {
            due_at: now + pause * jitter(random),
            leased_until: None,
            unsettled: 0,
            failures: 0,
            strikes: 0,
            struck_at: None,
            flipped_at: None,
            last_ok_at: Some(now),
            failing_since: None,
            reason: None,
            ..self.state.clone()
        };
        self.status = "active";
    }

    fn keep_list(&mut self, listed: &[Value]) {
        let ids: Vec<&str> = listed
            .iter()
            .filter_map(|item| item["id"].as_str())
            .collect();
        self.calendars.retain(|id, _| ids.contains(&id.as_str()));
        for item in listed {
            let id = item["id"].as_str().unwrap().to_owned();
            let is_primary = item["primary"] == true;
            self.calendars.entry(id).or_insert_with(|| Calendar {
                selected: is_primary,
                ..Calendar::default()
            });
        }
        if !self.calendars.values().any(|calendar| calendar.selected) {
            for item in listed.iter().filter(|item| item["primary"] == true) {
                if let Some(own) = self.calendars.get_mut(item["id"].as_str().unwrap()) {
                    own.selected = true;
                }
            }
        }
    }

    fn keep_busy(&mut self, read: &Value, now: f64) {
        let id = read["id"].as_str().unwrap();
        if let Some(fault) = read["fault"].as_str() {
            if let Some(calendar) = self.calendars.get_mut(id) {
                calendar.reason = Some(fault.to_owned());
            }
            return;
        }
        if matches!(id, "primary" | "default") {
            let own = self.calendars.entry(id.to_owned());
            own.or_insert_with(|| Calendar {
                selected: true,
                ..Calendar::default()
            });
        }
        if let Some(calendar) = self.calendars.get_mut(id) {
            read["busy"]
                .as_str()
                .unwrap()
                .clone_into(&mut calendar.busy);
            calendar.read_at = Some(now);
            calendar.reason = None;
        }
    }

    pub(super) fn failed(&mut self, item: &Value, now: f64, random: f64, missing: Option<Missing>) {
        let class = item["class"].as_str().unwrap();
        let reason = item["reason"].as_str().unwrap();
        let asked = item["retry_after"].as_f64();
        let state = &mut self.state;
        state.leased_until = None;
        state.unsettled = 0;
        let since = *state.failing_since.get_or_insert(now);
        if matches!(class, "transient" | "operator" | "admin" | "sealed") {
            state.failures = (state.failures + 1).min(1000);
        }
        let doubled = 2.0_f64.powi(state.failures.saturating_sub(1).min(20).cast_signed());
        let is_flipped = state.flipped_at.is_some();
        let daily = DAY * jitter(random);
        let mut pause = match class {
            "transient" => {
                if since <= now - DAY && !is_flipped {
                    state.reason = Some("provider_unavailable".to_owned());
                }
                let drawn = random * (6.0 * HOUR).min(MINUTE * doubled);
                drawn.max(15.0).max(asked.unwrap_or_default())
            }
            "throttled" => {
                if !is_flipped {
                    state.reason = Some("throttled".to_owned());
                }
                asked.unwrap_or(30.0 + 60.0 * random)
            }
            "operator" => {
                if !is_flipped {
                    state.reason = Some("operator".to_owned());
                }
                (0.5 + 0.5 * random) * (6.0 * HOUR).min(15.0 * MINUTE * doubled)
            }
            "admin" => {
                state.reason = Some("admin_blocked".to_owned());
                self.status = "error";
                if state.failures <= 7 {
                    daily
                } else {
                    7.0 * daily
                }
            }
            "sealed" => {
                state.reason = Some(reason.to_owned());
                if reason == "sealed_unreadable" {
                    self.status = "error";
                }
                daily
            }
            _ => {
                let spaced = 10.0 * MINUTE + 5.0 * MINUTE * random;
                let struck_at = state.struck_at.unwrap_or(now);
                if state.strikes == 0 && missing != Some(Missing::SecondStrike) {
                    state.strikes = 1;
                    state.struck_at = Some(now);
                    spaced
                } else if now - struck_at < 10.0 * MINUTE && missing != Some(Missing::SecondStrike)
                {
                    struck_at + spaced - now
                } else {
                    state.strikes = (state.strikes + 1).min(1000);
                    state.flipped_at.get_or_insert(now);
                    state.reason = Some(reason.to_owned());
                    self.status = match reason {
                        "scope_missing" | "account_unusable" | "no_mailbox" => "error",
                        _ => "expired",
                    };
                    daily
                }
            }
        };
        if missing == Some(Missing::Backoff) {
            pause = 0.0;
        }
        let ends = match missing {
            Some(Missing::Healing) => state.flipped_at.is_some(),
            _ => state.flipped_at.is_some_and(|at| at <= now - 7.0 * DAY),
        };
        state.due_at = if ends { f64::INFINITY } else { now + pause };
    }
}

fn jitter(random: f64) -> f64 {
    0.8 + 0.4 * random
}

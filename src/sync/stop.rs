//! When a run stops asking a provider: an outage or an operator's fault must cost a few calls, not one for each
//! connection. Nothing of this is kept beyond the run, so that no state can get stuck.

use std::collections::{HashMap, HashSet};

use super::settlement::Class;
use crate::providers::Provider;

/// Faults without a success between them after which a run stops.
const FAULTS: usize = 20;
/// Users that the faults must concern, so that no single user can stop the others' reading.
const USERS: usize = 3;

/// What a run has seen of each provider.
#[derive(Default)]
pub(crate) struct Stops(HashMap<Provider, Seen>);

#[derive(Default)]
struct Seen {
    faults: usize,
    users: HashSet<String>,
    stopped: bool,
}

impl Stops {
    /// Notes a success: whatever was wrong before has ended.
    pub(crate) fn succeeded(&mut self, provider: Provider) {
        if let Some(seen) = self.0.get_mut(&provider) {
            seen.faults = 0;
            seen.users.clear();
        }
    }

    /// Notes a failure. Answers whether the run stops asking the provider with this one.
    pub(crate) fn failed(&mut self, provider: Provider, user: &str, class: Class) -> bool {
        if !matches!(class, Class::Operator | Class::Throttled) {
            return false;
        }
        let seen = self.0.entry(provider).or_default();
        seen.faults += 1;
        seen.users.insert(user.to_owned());
        let stops = !seen.stopped && seen.faults >= FAULTS && seen.users.len() >= USERS;
        seen.stopped |= stops;
        stops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stops_after_twenty_faults_of_three_users() {
        let mut stops = Stops::default();
        for count in 1..FAULTS {
            let user = format!("user {}", count % 3);
            assert!(!stops.failed(Provider::Google, &user, Class::Operator));
        }
        assert!(stops.failed(Provider::Google, "user 0", Class::Throttled));
        assert!(
            !stops.failed(Provider::Google, "user 1", Class::Operator),
            "said once"
        );
        assert!(
            !stops.failed(Provider::Outlook, "user 2", Class::Operator),
            "the other provider counts by itself"
        );
    }

    #[test]
    fn one_user_stops_nobody() {
        let mut stops = Stops::default();
        for count in 0..1000 {
            let user = format!("user {}", count % 2);
            assert!(!stops.failed(Provider::Google, &user, Class::Operator));
        }
    }

    #[test]
    fn a_success_starts_the_count_anew() {
        let mut stops = Stops::default();
        for count in 0..FAULTS * 5 {
            let user = format!("user {count}");
            assert!(!stops.failed(Provider::Google, &user, Class::Operator));
            if count % (FAULTS - 1) == FAULTS - 2 {
                stops.succeeded(Provider::Google);
            }
        }
    }

    #[test]
    fn a_users_own_failures_do_not_count() {
        let mut stops = Stops::default();
        for count in 0..100 {
            let user = format!("user {count}");
            for class in [Class::User, Class::Admin, Class::Sealed, Class::Transient] {
                assert!(!stops.failed(Provider::Google, &user, class));
            }
        }
    }
}

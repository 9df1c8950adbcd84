//! Which of the granted scopes are kept with a connection.
//!
//! Microsoft lists every delegated permission that the app already holds in a tenant, which can be far more than what was
//! asked for. Only the calendar scope decides anything, so it is kept first and the others as far as they fit.

use super::Provider;

/// Most scopes that a connection keeps; the database checks the same number.
pub const SCOPE_COUNT_LIMIT: usize = 32;
/// Most bytes of scopes that a connection keeps, written as a Postgres array; the database checks the same number.
pub const SCOPE_BYTES_LIMIT: usize = 4096;

impl Provider {
    /// The scopes of a response to keep, the calendar scope first; `None` if the calendar scope was not granted.
    pub fn judge_scopes(self, granted: &str) -> Option<Vec<String>> {
        let scopes = granted.split_ascii_whitespace();
        let calendar = scopes.clone().find(|scope| self.is_calendar_scope(scope))?;
        let others = scopes.filter(|scope| !self.is_calendar_scope(scope));
        let mut kept = vec![calendar.to_owned()];
        let mut bytes = BRACES + array_bytes(calendar);
        for scope in others {
            let longer = bytes + array_bytes(scope);
            if kept.len() < SCOPE_COUNT_LIMIT && longer <= SCOPE_BYTES_LIMIT {
                kept.push(scope.to_owned());
                bytes = longer;
            }
        }
        Some(kept)
    }
}

const BRACES: usize = 2;

/// Most bytes that one text takes in a Postgres array: a comma, two quotes, and a backslash before what needs one.
fn array_bytes(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|byte| matches!(byte, b'"' | b'\\'))
        .count();
    text.len() + escaped + 3
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: &str = "https://graph.microsoft.com/Calendars.Read";

    #[test]
    fn the_calendar_scope_is_kept_wherever_it_stands_among_a_hundred() {
        let others = |from: usize, to: usize| {
            (from..to).map(|n| format!("https://graph.microsoft.com/Some.Permission.{n} "))
        };
        let granted: String = others(0, 60)
            .chain([format!("{CALENDAR} ")])
            .chain(others(60, 100))
            .collect();
        let kept = Provider::Outlook.judge_scopes(&granted).unwrap();
        assert_eq!(kept.len(), SCOPE_COUNT_LIMIT);
        assert_eq!(kept[0], CALENDAR);
        assert_eq!(kept[1], "https://graph.microsoft.com/Some.Permission.0");
    }

    #[test]
    fn what_is_kept_fits_into_the_database_whatever_it_is_made_of() {
        for piece in ["x", "\"", "\\", "a,b", "{}"] {
            let long = piece.repeat(300);
            let granted = format!("{} {CALENDAR}", format!("{long} ").repeat(40));
            let kept = Provider::Outlook.judge_scopes(&granted).unwrap();
            assert_eq!(kept[0], CALENDAR);
            let written = postgres_array(&kept);
            assert!(written.len() <= SCOPE_BYTES_LIMIT, "{}", written.len());
            assert!(kept.len() > 1, "{piece} left no room for others");
        }
    }

    #[test]
    fn a_scope_that_does_not_fit_leaves_room_for_shorter_ones() {
        let granted = format!("{} {CALENDAR} openid", "x".repeat(SCOPE_BYTES_LIMIT));
        assert_eq!(
            Provider::Outlook.judge_scopes(&granted).unwrap(),
            [CALENDAR, "openid"]
        );
    }

    #[test]
    fn without_the_calendar_scope_nothing_is_kept() {
        assert_eq!(Provider::Outlook.judge_scopes("openid profile"), None);
        assert_eq!(Provider::Google.judge_scopes(""), None);
    }

    /// The text form of a `text[]` in Postgres.
    fn postgres_array(scopes: &[String]) -> String {
        let quoted = scopes.iter().map(|scope| {
            let escaped = scope.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{escaped}\"")
        });
        format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
    }
}

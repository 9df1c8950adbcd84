//! The project's secret keys, which only the worker is handed.

use crate::json;
use crate::secret::SecretKey;

/// The keys, first the one that is named for this function. What is no key is left out.
pub(super) fn read(variable: &impl Fn(&str) -> Option<String>) -> Vec<SecretKey> {
    let map = variable("SUPABASE_SECRET_KEYS").unwrap_or_default();
    let legacy = variable("SUPABASE_SERVICE_ROLE_KEY");
    let keys = json::object(&map).unwrap_or_default();
    let mut named: Vec<(&str, &str)> = keys.texts().collect();
    named.sort_by_key(|(name, _)| match *name {
        "calendar_sync" => 0,
        "default" => 1,
        _ => 2,
    });
    let named = named.into_iter().map(|(_, key)| key);
    named
        .chain(legacy.as_deref())
        .filter_map(SecretKey::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(map: Option<&str>, legacy: Option<&str>) -> Vec<String> {
        let read = read(&|name: &str| match name {
            "SUPABASE_SECRET_KEYS" => map.map(str::to_owned),
            "SUPABASE_SERVICE_ROLE_KEY" => legacy.map(str::to_owned),
            _ => None,
        });
        read.iter().map(|key| key.expose().to_owned()).collect()
    }

    #[test]
    fn the_workers_own_key_comes_first_and_the_legacy_key_last() {
        let map = r#"{"other":"sb_c","default":"sb_b","calendar_sync":"sb_a"}"#;
        assert_eq!(
            keys(Some(map), Some("ey.legacy")),
            ["sb_a", "sb_b", "sb_c", "ey.legacy"]
        );
        assert_eq!(keys(None, Some("ey.legacy")), ["ey.legacy"]);
    }

    #[test]
    fn what_is_no_key_is_left_out() {
        for map in [
            "",
            "[]",
            "junk",
            r#"{"default":7}"#,
            r#"{"default":""}"#,
            r#"{"default":"a b"}"#,
        ] {
            assert!(keys(Some(map), None).is_empty(), "{map}");
        }
    }
}

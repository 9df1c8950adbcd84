//! Reads JSON objects, and objects only: serde would take an array for a struct as well.

use serde::Deserialize;

/// The value, if `text` is one JSON object of its shape. Nesting is bounded by serde_json (128 levels).
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if !text
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with('{')
    {
        return None;
    }
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    #[derive(serde::Deserialize)]
    struct One {
        value: Option<u8>,
    }

    #[test]
    fn an_array_is_no_object() {
        assert!(super::object::<One>("[1]").is_none());
        assert_eq!(
            super::object::<One>(" {\"value\":1}").and_then(|one| one.value),
            Some(1)
        );
        assert!(super::object::<One>("{\"value\":1,\"value\":2}").is_none());
    }

    #[test]
    fn deep_nesting_is_refused_not_a_stack_overflow() {
        let deep = format!("{{\"other\":{}", "[".repeat(100_000));
        assert!(super::object::<One>(&deep).is_none());
    }
}

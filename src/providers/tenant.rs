//! Microsoft's tenant, as it stands in the addresses of its endpoints.

/// `common`, `organizations`, `consumers`, or a directory's id or domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

impl Default for Tenant {
    /// Work, school and personal accounts.
    fn default() -> Self {
        Self("common".to_owned())
    }
}

impl Tenant {
    /// The tenant, if it can stand in a URL's path as one segment.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        let is_segment =
            (1..=255).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(fits);
        is_segment.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The template with `{tenant}` replaced.
    pub fn fill(&self, template: &str) -> String {
        template.replace("{tenant}", &self.0)
    }

    /// Whether it is a directory's id, which Microsoft's issuer then names. For a domain the issuer names the id instead.
    pub(crate) fn is_id(&self) -> bool {
        crate::uuid::Uuid::parse(&self.0).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_one_segment_of_a_path() {
        for good in [
            "common",
            "contoso.onmicrosoft.com",
            "0F8FAD5B-d9cb-469f-a165-70867728950e",
        ] {
            assert!(Tenant::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "..",
            "a/b",
            "a?b",
            "x/../../evil?",
            "a b",
            "é",
            &"a".repeat(256),
        ] {
            assert_eq!(Tenant::parse(bad), None, "{bad}");
        }
    }
}

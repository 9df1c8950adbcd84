//! Whose connection it is.

use std::fmt;

use crate::uuid::Uuid;

/// A Supabase user's id.
#[derive(Clone, PartialEq, Eq)]
pub struct UserId(Uuid);

impl UserId {
    /// Parses the hyphenated text form, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse(text).map(Self)
    }

    /// The 36 lower-case characters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({})", self.0)
    }
}

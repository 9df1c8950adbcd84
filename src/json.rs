//! Reads JSON as plain values. One visitor serves every shape, which keeps the Wasm small, and it is stricter than serde's
//! derived readers: an array is never an object, and a name that comes twice is refused wherever it is not read past.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// A JSON value, borrowed from its text wherever nothing in it is escaped.
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Text<'a>),
    List(Vec<Value<'a>>),
    Object(Object<'a>),
}

impl Value<'_> {
    /// The value, if it is a whole number from 1 to `most`.
    pub(crate) fn count(&self, most: u32) -> Option<u32> {
        match self {
            Self::Number(value)
                if value.fract() == 0.0 && *value >= 1.0 && *value <= f64::from(most) =>
            {
                Some(*value as u32)
            }
            _ => None,
        }
    }
}

/// A text. A copy is zeroized when dropped, since any text may be a secret.
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// A JSON object whose members are taken out by name; the rest is ignored.
#[derive(Default)]
pub(crate) struct Object<'a>(Vec<(Text<'a>, Value<'a>)>);

/// More members than anything of ours has; it bounds the search for doubled names.
const MEMBER_LIMIT: usize = 1024;

/// A member is there and of another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

/// The value of a whole text. Nesting is bounded by serde_json (128 levels).
pub(crate) fn parse(text: &str) -> Option<Value<'_>> {
    serde_json::from_str(text).ok()
}

/// The object of a whole text.
pub(crate) fn object(text: &str) -> Option<Object<'_>> {
    match parse(text)? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The named members of a whole text that is an object. The rest is read past, which costs much less than keeping it.
pub(crate) fn members<'a>(text: &'a str, wanted: &'static [&'static str]) -> Option<Object<'a>> {
    let mut source = serde_json::Deserializer::from_str(text);
    let value = (&mut source)
        .deserialize_any(AnyValue {
            wanted: Some(wanted),
        })
        .ok()?;
    source.end().ok()?;
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The JSON text of a value. None where serde_json cannot write it, which no type of ours comes to.
pub(crate) fn write(value: &impl Serialize) -> Option<String> {
    // Room for most of what is written here, so that it is not moved while it grows.
    let mut text = Vec::with_capacity(1024);
    serde_json::to_writer(&mut text, value).ok()?;
    String::from_utf8(text).ok()
}

impl<'a> Object<'a> {
    /// The names of the members that are left, in the order of the text.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// The member of that name; null where there is none.
    pub(crate) fn take(&mut self, name: &str) -> Value<'a> {
        match self.0.iter_mut().find(|(member, _)| **member == *name) {
            Some((_, value)) => std::mem::replace(value, Value::Null),
            None => Value::Null,
        }
    }

    /// Every member whose value is a text, by its name.
    #[cfg(feature = "sync")]
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| match value {
            Value::Text(text) => Some((&**name, &**text)),
            _ => None,
        })
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<Text<'a>>, WrongType> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(WrongType),
        }
    }

    /// A text to keep.
    pub(crate) fn secret_text(
        &mut self,
        name: &str,
    ) -> Result<Option<Zeroizing<String>>, WrongType> {
        Ok(self.text(name)?.map(Text::into_secret))
    }

    /// A text to keep that is no secret.
    pub(crate) fn plain_text(&mut self, name: &str) -> Result<Option<String>, WrongType> {
        Ok(self.text(name)?.map(|text| (*text).to_owned()))
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, WrongType> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Boolean(value) => Ok(Some(value)),
            _ => Err(WrongType),
        }
    }

    pub(crate) fn number(&mut self, name: &str) -> Result<Option<f64>, WrongType> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Number(value) => Ok(Some(value)),
            _ => Err(WrongType),
        }
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn count(&mut self, name: &str, most: u32) -> Result<Option<u32>, WrongType> {
        match self.take(name) {
            Value::Null => Ok(None),
            value => value.count(most).map(Some).ok_or(WrongType),
        }
    }

    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<Value<'a>>, WrongType> {
        match self.take(name) {
            Value::Null => Ok(Vec::new()),
            Value::List(list) => Ok(list),
            _ => Err(WrongType),
        }
    }

    pub(crate) fn plain_texts(&mut self, name: &str) -> Result<Vec<String>, WrongType> {
        let text = |value| match value {
            Value::Text(text) => Ok((*text).to_owned()),
            _ => Err(WrongType),
        };
        self.list(name)?.into_iter().map(text).collect()
    }
}

impl Text<'_> {
    fn into_secret(self) -> Zeroizing<String> {
        match self {
            Self::Borrowed(text) => Zeroizing::new(text.to_owned()),
            Self::Unescaped(text) => text,
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue { wanted: None })
    }
}

/// Takes every value; of an object only the wanted members, where some are named.
struct AnyValue {
    wanted: Option<&'static [&'static str]>,
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Text::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Text::Unescaped(Zeroizing::new(
            value.to_owned(),
        ))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object: Vec<(Text<'de>, Value<'de>)> = Vec::new();
        // A name is a text, in JSON as here.
        while let Some(Value::Text(name)) = members.next_key()? {
            if self.wanted.is_some_and(|wanted| !wanted.contains(&&*name)) {
                members.next_value::<IgnoredAny>()?;
            } else if object.len() == MEMBER_LIMIT
                || object.iter().any(|(known, _)| **known == *name)
            {
                return Err(A::Error::custom(
                    "a name comes twice, or there are too many",
                ));
            } else {
                object.push((name, members.next_value()?));
            }
        }
        Ok(Value::Object(Object(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_an_object_and_its_names_come_once() {
        for bad in [
            "",
            "null",
            "[1]",
            "{",
            "{\"a\":1,\"a\":2}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "{} x",
        ] {
            assert!(object(bad).is_none(), "{bad}");
        }
        assert!(object(" {} ").is_some());
    }

    #[test]
    fn members_are_taken_by_name_and_type() {
        let mut read =
            object(r#"{"t":"x","n":2,"b":true,"l":["y"],"f":1.5,"z":null,"m":-1}"#).unwrap();
        assert_eq!(read.plain_text("t"), Ok(Some("x".to_owned())));
        assert_eq!(read.plain_text("t"), Ok(None));
        assert_eq!(read.plain_text("z"), Ok(None));
        assert_eq!(read.boolean("n"), Err(WrongType));
        assert_eq!(read.boolean("b"), Ok(Some(true)));
        assert_eq!(read.plain_texts("l"), Ok(vec!["y".to_owned()]));
        assert_eq!(read.count("f", 9), Err(WrongType));
        assert_eq!(read.count("m", 9), Err(WrongType));
        let count = |text: &str| object(text).unwrap().count("n", 9);
        assert_eq!(count(r#"{"n":9}"#), Ok(Some(9)));
        for bad in ["0", "10", "-1", "1.5", "1e308", "\"3\"", "true"] {
            assert_eq!(count(&format!("{{\"n\":{bad}}}")), Err(WrongType), "{bad}");
        }
    }

    #[test]
    fn members_are_read_past_unless_they_are_wanted() {
        fn wanted(text: &str) -> Option<Object<'_>> {
            members(text, &["a", "b"])
        }
        let mut read = wanted(r#"{"x":{"deep":[1,{"a":3}]},"\u0061":1,"y":"z"}"#).unwrap();
        assert_eq!(read.number("a"), Ok(Some(1.0)));
        assert_eq!(read.number("b"), Ok(None));
        assert_eq!(read.plain_text("y"), Ok(None));
        for bad in [
            "",
            "[]",
            "null",
            "{",
            "{} x",
            r#"{"a":1,"a":2}"#,
            r#"{"x":}"#,
            "[1,2]",
        ] {
            assert!(wanted(bad).is_none(), "{bad}");
        }
        assert!(wanted(&format!("{{\"x\":{}", "[".repeat(100_000))).is_none());
    }

    #[test]
    fn deep_nesting_is_refused_not_a_stack_overflow() {
        let deep = format!("{{\"other\":{}", "[".repeat(100_000));
        assert!(object(&deep).is_none());
    }
}

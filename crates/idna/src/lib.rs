//! Host names in ASCII only: stands in for the crate `idna` under `url` (`[patch.crates-io]` in the project's Cargo.toml).
//!
//! Every host this project parses comes from its operator's configuration, and DNS has it in ASCII; an internationalised
//! name is given in its `xn--` form. The tables and the Punycode decoder of the full crate would make up a tenth of the Wasm.

use std::borrow::Cow;

/// The host is not ASCII, or holds a character no host may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Errors;

/// Which ASCII characters are refused; `url` asks for one list only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsciiDenyList;

impl AsciiDenyList {
    /// The forbidden domain code points of the URL standard.
    pub const URL: Self = Self;
}

/// The host in lower case.
///
/// # Errors
/// [`Errors`] for anything but ASCII, and for the URL standard's forbidden domain code points.
pub fn domain_to_ascii_from_cow(
    domain: Cow<'_, [u8]>,
    _: AsciiDenyList,
) -> Result<Cow<'_, str>, Errors> {
    if domain.iter().any(|byte| is_forbidden(*byte)) {
        return Err(Errors);
    }
    match domain {
        Cow::Borrowed(bytes) if !bytes.iter().any(u8::is_ascii_uppercase) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Errors)
        }
        bytes => {
            let lower = bytes.to_ascii_lowercase();
            String::from_utf8(lower).map(Cow::Owned).map_err(|_| Errors)
        }
    }
}

/// The host as it is: nothing is decoded.
pub fn domain_to_unicode(domain: &str) -> (String, Result<(), Errors>) {
    (domain.to_owned(), Ok(()))
}

fn is_forbidden(byte: u8) -> bool {
    !byte.is_ascii() || byte <= b' ' || byte == 0x7f || b"#%/:<>?@[\\]^|".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(host: &str) -> Result<String, Errors> {
        domain_to_ascii_from_cow(host.as_bytes().into(), AsciiDenyList::URL).map(Cow::into_owned)
    }

    #[test]
    fn ascii_hosts_come_out_in_lower_case() {
        assert_eq!(ascii("App.Example").as_deref(), Ok("app.example"));
        assert_eq!(ascii("xn--bcher-kva.example").as_deref(), Ok("xn--bcher-kva.example"));
    }

    #[test]
    fn others_are_refused() {
        for bad in ["bücher.example", "a b", "a%2eb", "a/b", "a:b", "a<b", "a\u{7f}", "a\0"] {
            assert_eq!(ascii(bad), Err(Errors), "{bad:?}");
        }
    }
}

//! The caller's Supabase session: a JWT from the `Authorization` header or from the SSR session cookie.
//!
//! Nothing is verified here: PostgREST verifies the signature of every token it is given. What is checked is the *kind*
//! of token, because row level security is no authority for all that PostgREST accepts (a service-role key, for one).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::error::messages;
use crate::json::{self, Value};
use crate::secret::Authorization;
use crate::user::UserId;

/// Longest token in bytes.
pub const JWT_LIMIT: usize = 16 * 1024;
const COOKIE_HEADER_LIMIT: usize = 64 * 1024;
const CHUNK_LIMIT: usize = 16;

/// A signed-in user's token, of the right kind though not yet verified.
#[derive(Clone, Debug)]
pub struct Session {
    authorization: Authorization,
    user: UserId,
}

/// The token is not a signed-in user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSession;

messages! { NoSession:
    NoSession => "the token is not a signed-in user's",
}

/// What decides about a token's kind.
struct Claims {
    sub: Option<String>,
    role: Option<String>,
    is_anonymous: bool,
    of_oauth_client: bool,
    exp: Option<f64>,
}

impl Claims {
    fn parse(payload: &str) -> Option<Self> {
        let mut claims = json::members(
            payload,
            &["sub", "role", "is_anonymous", "client_id", "exp"],
        )?;
        Some(Self {
            sub: claims.plain_text("sub").ok()?,
            role: claims.plain_text("role").ok()?,
            is_anonymous: claims.boolean("is_anonymous").ok()?.unwrap_or(false),
            of_oauth_client: !matches!(claims.take("client_id"), Value::Null),
            exp: claims.number("exp").ok()?,
        })
    }
}

impl Session {
    /// The session of an `Authorization` header: `Bearer`, then the token.
    ///
    /// # Errors
    /// [`NoSession`] for anything but the token of a signed-in user.
    pub fn from_header(value: &str) -> Result<Self, NoSession> {
        let (scheme, token) = value.split_once(' ').ok_or(NoSession)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(NoSession);
        }
        Self::from_jwt(token.trim_matches(' '), None)
    }

    /// The session of the cookie `name`, as `@supabase/ssr` writes it: `base64-` and base64url of the session's JSON,
    /// in one cookie or in chunks `name.0`, `name.1` and so on. None where there is no usable, unexpired session.
    pub fn from_cookies(header: &str, name: &str, now_ms: u64) -> Option<Self> {
        if header.len() > COOKIE_HEADER_LIMIT {
            return None;
        }
        let encoded = assemble(header, name)?;
        let encoded = encoded.strip_prefix("base64-")?.trim_end_matches('=');
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let mut session = json::members(std::str::from_utf8(&decoded).ok()?, &["access_token"])?;
        let token = session.text("access_token").ok()??;
        Self::from_jwt(&token, Some(now_ms)).ok()
    }

    fn from_jwt(token: &str, now_ms: Option<u64>) -> Result<Self, NoSession> {
        if token.len() > JWT_LIMIT || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoSession);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoSession);
        };
        if header.is_empty() || signature.is_empty() {
            return Err(NoSession);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| NoSession)?;
        let payload = std::str::from_utf8(&payload).map_err(|_| NoSession)?;
        let claims = Claims::parse(payload).ok_or(NoSession)?;
        let expired = match (now_ms, claims.exp) {
            (Some(now_ms), Some(exp)) => exp * 1000.0 <= now_ms as f64,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if expired
            || claims.role.as_deref() != Some("authenticated")
            || claims.is_anonymous
            || claims.of_oauth_client
        {
            return Err(NoSession);
        }
        Ok(Self {
            authorization: Authorization::bearer(token),
            user: claims
                .sub
                .as_deref()
                .and_then(UserId::parse)
                .ok_or(NoSession)?,
        })
    }

    /// Whose session it says it is.
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// The `Authorization` header for PostgREST, which decides whether the token is true.
    pub fn authorization(&self) -> &str {
        self.authorization.expose()
    }
}

/// The cookie's text, its chunks joined. Two different cookies of one name are no session: one of them was planted.
fn assemble(header: &str, name: &str) -> Option<Zeroizing<String>> {
    let mut whole: Option<&str> = None;
    let mut chunks: [Option<&str>; CHUNK_LIMIT] = [None; CHUNK_LIMIT];
    for pair in header.split(';') {
        let Some((key, value)) = pair.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let slot = match key.strip_prefix(name) {
            Some("") => &mut whole,
            Some(rest) => {
                let Some(slot) = rest
                    .strip_prefix('.')
                    .and_then(chunk_index)
                    .and_then(|index| chunks.get_mut(index))
                else {
                    continue;
                };
                slot
            }
            None => continue,
        };
        if slot.replace(value).is_some_and(|earlier| earlier != value) {
            return None;
        }
    }
    if let Some(whole) = whole.filter(|whole| !whole.is_empty()) {
        // Beside chunks it is another cookie of this name: one of them was planted.
        let alone = chunks.iter().all(Option::is_none);
        return alone.then(|| Zeroizing::new(whole.to_owned()));
    }
    let count = chunks.iter().take_while(|chunk| chunk.is_some()).count();
    let (joined, rest) = chunks.split_at(count);
    if count == 0 || rest.iter().any(Option::is_some) {
        return None;
    }
    Some(Zeroizing::new(joined.iter().flatten().copied().collect()))
}

/// `0`, `1` and so on, written as `@supabase/ssr` writes it.
fn chunk_index(text: &str) -> Option<usize> {
    let index = text.parse::<usize>().ok()?;
    (index.to_string() == text).then_some(index)
}

#[cfg(test)]
mod tests;

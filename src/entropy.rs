//! The one source of randomness: `crypto.getRandomValues` in the Wasm, the operating system in native tests.

/// The platform's random number generator failed; nothing can be started safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyUnavailable;

crate::error::messages! { EntropyUnavailable:
    EntropyUnavailable => "the platform's random number generator failed",
}

/// `N` random bytes.
///
/// # Errors
/// [`EntropyUnavailable`] when the platform has no working generator.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyUnavailable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| EntropyUnavailable)?;
    Ok(bytes)
}

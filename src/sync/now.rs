//! Reads one user's connections while they wait: the same reading as a run's, for what the user's own call has marked.

use futures_util::future::join_all;

use super::connection::{End, Outcome, Reader};
use crate::http::Transport;
use crate::store::StoreError;
use crate::store::worker::{CLAIMED, Claim, Counts, Purpose};
use crate::user::UserId;

/// Milliseconds for the providers' answers, so that the whole call ends within 8 seconds.
const READING_MS: u64 = 4_500;

/// What became of one user's connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) counts: Counts,
    /// Whether some of them are still being read, by another worker or because time ran out here.
    pub(crate) unfinished: bool,
}

/// Reads the user's marked connections, all at the same time.
///
/// # Errors
/// [`StoreError`] of the claim.
pub(crate) async fn read<T: Transport>(
    reader: &Reader<'_, T>,
    user: &UserId,
    kid: &str,
) -> Result<Now, StoreError> {
    let now_ms = (reader.clock.now_ms)();
    let claim = Claim {
        run: None,
        purpose: Purpose::Read,
        provider: None,
        user: Some(user.as_str()),
        connection: None,
        limit: CLAIMED,
        kid,
        clock: now_ms / 1000,
    };
    let items = reader.store.claim(reader.wire, &claim).await?.items;
    // The claim is made with the project's key: nothing but this user's rows may come of it.
    let own = items.iter().filter(|item| item.user == *user);
    let until_ms = now_ms.saturating_add(READING_MS);
    let outcomes: Vec<Outcome> = join_all(own.map(|item| reader.read(item, until_ms))).await;
    let mut now = Now::default();
    now.counts.claimed = u32::try_from(outcomes.len()).unwrap_or_default();
    for Outcome { refreshed, end } in outcomes {
        now.counts.refreshed += u32::from(refreshed);
        match end {
            End::Read => now.counts.read += 1,
            End::Failed(_) => now.counts.failed += 1,
            End::Superseded | End::Unsettled(_) => now.unfinished = true,
        }
    }
    Ok(now)
}

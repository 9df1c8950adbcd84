//! One run of the worker: claims what is due and reads it in lanes, until nothing is left or its time is up.

use std::collections::{BTreeSet, VecDeque};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::connection::{End, Outcome, Reader};
use super::fault::Fault;
use super::settlement::{Class, Settlement};
use super::stop::Stops;
use crate::cause::Cause;
use crate::http::Transport;
use crate::providers::Provider;
use crate::store::StoreError;
use crate::store::worker::{CLAIMED, Claim, Counts, Item, Purpose};

/// Connections that are read at the same time.
const LANES: usize = 16;
/// Milliseconds after its start in which a run claims.
const CLAIMING_MS: u64 = 60_000;
/// Milliseconds that one connection may take.
const ITEM_MS: u64 = 30_000;

/// What a run has done, for its log line and for a caller that waited.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The run; `None` where nothing was due, or enough runs are alive.
    pub(crate) run: Option<String>,
    pub(crate) counts: Counts,
    /// Words of a closed set: what the operator has to act on.
    pub(crate) alarms: BTreeSet<Cause>,
}

/// Reads what is due, until nothing is left or the run's time is up.
///
/// # Errors
/// [`StoreError`] of the first claim. A later one ends the claiming; what the run holds by then is read and settled.
pub(crate) async fn work<T: Transport>(
    mut reader: Reader<'_, T>,
    kid: &str,
) -> Result<Summary, StoreError> {
    let mut claims = Claims::new(&reader, kid);
    let mut progress = Progress::default();
    let mut waiting = claims.next(&reader).await?;
    let Some(run) = claims.run.clone() else {
        return Ok(progress.summary);
    };
    reader.run = Some(run.clone());
    let reader = &reader;
    let mut lanes = FuturesUnordered::new();
    loop {
        while lanes.len() < LANES {
            if waiting.is_empty() {
                waiting = claims.next(reader).await.unwrap_or_default();
            }
            match waiting.pop_front() {
                Some(item) if claims.is_open(item.provider) => lanes.push(read(reader, item)),
                Some(item) => progress.unread.push(item),
                None => break,
            }
        }
        let Some((item, outcome)) = lanes.next().await else {
            break;
        };
        if progress.note(&item, outcome) {
            claims.close(item.provider);
        }
    }
    let mut summary = progress.summary;
    summary.counts.claimed = claims.claimed;
    give_back(reader, &progress.unread).await;
    let alarms: Vec<Cause> = summary.alarms.iter().copied().collect();
    // A report that is lost costs nothing: a run without a heartbeat counts as ended after half a minute.
    let _ = reader
        .store
        .report(reader.wire, &run, summary.counts, &alarms)
        .await;
    summary.run = Some(run);
    Ok(summary)
}

async fn read<T: Transport>(reader: &Reader<'_, T>, item: Item) -> (Item, Outcome) {
    let until_ms = (reader.clock.now_ms)().saturating_add(ITEM_MS);
    let outcome = reader.read(&item, until_ms).await;
    (item, outcome)
}

/// Ends the leases of items that were not tried, so that they do not look like items that killed their worker.
async fn give_back<T: Transport>(reader: &Reader<'_, T>, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    let released: Vec<Settlement<'_>> = items
        .iter()
        .map(|item| Settlement::Release {
            connection: &item.connection,
            fence: item.fence,
        })
        .collect();
    // A lease that is not given back runs out.
    let _ = reader
        .store
        .settle(reader.wire, reader.run.as_deref(), &released)
        .await;
}

/// The claims of one run: the providers take turns, so that a slow one does not hold up the other.
struct Claims<'a> {
    run: Option<String>,
    kid: &'a str,
    started_ms: u64,
    claimed: u32,
    /// Providers that may have more to claim.
    open: VecDeque<Provider>,
}

impl<'a> Claims<'a> {
    fn new<T>(reader: &Reader<'_, T>, kid: &'a str) -> Self {
        Self {
            run: None,
            kid,
            started_ms: (reader.clock.now_ms)(),
            claimed: 0,
            open: reader.config.providers().collect(),
        }
    }

    /// The next items, none where nothing is due or the run's time is up.
    async fn next<T: Transport>(
        &mut self,
        reader: &Reader<'_, T>,
    ) -> Result<VecDeque<Item>, StoreError> {
        while let Some(provider) = self.open.pop_front() {
            let now_ms = (reader.clock.now_ms)();
            if now_ms.saturating_sub(self.started_ms) >= CLAIMING_MS {
                self.open.clear();
                break;
            }
            let claim = Claim {
                run: self.run.as_deref(),
                purpose: Purpose::Read,
                provider: Some(provider),
                user: None,
                connection: None,
                limit: CLAIMED,
                kid: self.kid,
                clock: now_ms / 1000,
            };
            let claimed = reader.store.claim(reader.wire, &claim).await?;
            self.run = claimed.run.or_else(|| self.run.take());
            self.claimed += u32::try_from(claimed.items.len()).unwrap_or_default();
            if !claimed.items.is_empty() {
                self.open.push_back(provider);
                return Ok(claimed.items.into());
            }
        }
        Ok(VecDeque::new())
    }

    fn is_open(&self, provider: Provider) -> bool {
        self.open.contains(&provider)
    }

    fn close(&mut self, provider: Provider) {
        self.open.retain(|open| *open != provider);
    }
}

/// What a run has seen so far.
#[derive(Default)]
struct Progress {
    summary: Summary,
    stops: Stops,
    unread: Vec<Item>,
}

impl Progress {
    /// Notes an outcome. Answers whether the run asks this provider no more.
    fn note(&mut self, item: &Item, outcome: Outcome) -> bool {
        let counts = &mut self.summary.counts;
        counts.refreshed += u32::from(outcome.refreshed);
        match outcome.end {
            End::Read => {
                counts.read += 1;
                self.stops.succeeded(item.provider);
                false
            }
            End::Failed(fault) => {
                counts.failed += 1;
                self.stopped_by(item, fault)
            }
            // Somebody else has read it, or will.
            End::Superseded => false,
            End::Unsettled(_) => {
                counts.failed += 1;
                self.summary.alarms.insert(Cause::SETTLE_FAILED);
                false
            }
        }
    }

    fn stopped_by(&mut self, item: &Item, fault: Fault) -> bool {
        let user = item.user.as_str();
        let stops = self.stops.failed(item.provider, user, fault.class);
        if fault.class == Class::Operator || stops {
            self.summary.alarms.insert(fault.cause);
        }
        stops
    }
}

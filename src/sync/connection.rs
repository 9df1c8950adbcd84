//! One leased connection: a good access token, its calendars, and one settlement that says what became of it.

use super::calendars::Account;
use super::fault::Fault;
use super::settlement::{CalendarRead, Class, Settlement};
use crate::cause::Cause;
use crate::config::{Config, ProviderConfig};
use crate::flow::Clock;
use crate::http::{Transport, Wire};
use crate::oauth::token::{Client, refresh};
use crate::reading::{Listed, ReadError};
use crate::reason::Reason;
use crate::secret::{AccessToken, Bearer, RefreshToken};
use crate::store::StoreError;
use crate::store::worker::{Item, Settled, WorkerStore};
use crate::vault::{Place, Purpose};

/// An access token that lives less than this is renewed first, in seconds.
const SHORTEST_LIFE: f64 = 300.0;

/// Reads leased connections.
pub(crate) struct Reader<'a, T> {
    pub(crate) config: &'a Config,
    pub(crate) store: &'a WorkerStore,
    pub(crate) wire: &'a Wire<'a, T>,
    pub(crate) clock: Clock,
    pub(crate) run: Option<String>,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) refreshed: bool,
    pub(crate) end: End,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its calendars were read.
    Read,
    /// It was not read, and the database knows why.
    Failed(Fault),
    /// Somebody else has it by now; nothing was changed.
    Superseded,
    /// The database did not take the settlement. The lease runs out by itself.
    Unsettled(StoreError),
}

/// An access token that is good, and what has to be kept of the refresh that brought it.
struct Access<'a> {
    token: AccessToken,
    /// New tokens that are not saved yet.
    unsaved: Option<Settlement<'a>>,
    refreshed: bool,
}

/// Why a connection's calendars were not read.
enum Interrupted {
    Fault(Fault),
    Superseded,
    Unsettled(StoreError),
}

impl From<Fault> for Interrupted {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Interrupted {
    fn from(error: StoreError) -> Self {
        Self::Unsettled(error)
    }
}

/// What was read of an account.
struct Content {
    listed: Option<Vec<Listed>>,
    calendars: Vec<CalendarRead>,
}

impl<T: Transport> Reader<'_, T> {
    /// Reads one connection and settles it. `until_ms` is when all of it must have ended, by the function's clock.
    pub(crate) async fn read(&self, item: &Item, until_ms: u64) -> Outcome {
        let mut refreshed = false;
        let end = match self.attempt(item, until_ms, &mut refreshed).await {
            Ok(settlements) => self.settle(&settlements, End::Read).await,
            Err(Interrupted::Fault(fault)) => {
                let failed = Settlement::Failed {
                    connection: &item.connection,
                    fence: item.fence,
                    class: fault.class,
                    reason: fault.reason,
                    retry_after: fault.retry_after,
                };
                self.settle(&[failed], End::Failed(fault)).await
            }
            Err(Interrupted::Superseded) => End::Superseded,
            Err(Interrupted::Unsettled(error)) => End::Unsettled(error),
        };
        Outcome { refreshed, end }
    }

    /// The settlements of a read that succeeded: tokens that are not saved yet, and what was read.
    async fn attempt<'i>(
        &self,
        item: &'i Item,
        until_ms: u64,
        refreshed: &mut bool,
    ) -> Result<Vec<Settlement<'i>>, Interrupted> {
        let provider = self.config.provider(item.provider).ok_or(Fault::new(
            Class::Operator,
            Reason::Operator,
            Cause::PROVIDER_NOT_CONFIGURED,
        ))?;
        let mut access = match self.kept(item)? {
            Some(token) => Access {
                token,
                unsaved: None,
                refreshed: false,
            },
            None => self.refresh(item, provider, until_ms, refreshed).await?,
        };
        let mut content = self.content(item, provider, &access, until_ms).await;
        if matches!(content, Err(ReadError::TokenRefused)) && !access.refreshed {
            access = self.refresh(item, provider, until_ms, refreshed).await?;
            content = self.content(item, provider, &access, until_ms).await;
        }
        let content = match content {
            Ok(content) => content,
            Err(error) => {
                // The new tokens are good whatever the calendars say.
                self.save(access.unsaved.take()).await?;
                return Err(Fault::from(error).into());
            }
        };
        let label = content
            .listed
            .iter()
            .flatten()
            .find_map(|calendar| calendar.owner.clone());
        let mut settlements: Vec<Settlement<'i>> = access.unsaved.into_iter().collect();
        settlements.push(Settlement::Read {
            connection: &item.connection,
            fence: item.fence,
            account: item.account.as_deref(),
            label,
            listed: content.listed,
            calendars: content.calendars,
            refreshed: access.refreshed,
        });
        Ok(settlements)
    }

    /// The access token that is kept, where it lives long enough. One that does not open is no loss while the refresh
    /// token does.
    fn kept(&self, item: &Item) -> Result<Option<AccessToken>, Fault> {
        let lives = item
            .access_expires_in
            .is_some_and(|seconds| seconds > SHORTEST_LIFE);
        let Some(sealed) = item.sealed_access_token.as_deref().filter(|_| lives) else {
            return Ok(None);
        };
        let opened = self
            .config
            .keyring
            .open(place(item, Purpose::AccessToken), sealed);
        Ok(opened.ok().map(AccessToken::new))
    }

    /// A new access token. New tokens are saved at once where the refresh token was replaced: it is the only copy.
    async fn refresh<'i>(
        &self,
        item: &'i Item,
        provider: &ProviderConfig,
        until_ms: u64,
        refreshed: &mut bool,
    ) -> Result<Access<'i>, Interrupted> {
        let keyring = &self.config.keyring;
        let sealed = item.sealed_refresh_token.as_str();
        let opened = keyring.open(place(item, Purpose::RefreshToken), sealed);
        let refresh_token = opened.map(RefreshToken::new).map_err(|_| {
            if keyring.knows(sealed) {
                Fault::new(
                    Class::Sealed,
                    Reason::SealedUnreadable,
                    Cause::SEALED_UNREADABLE,
                )
            } else {
                Fault::new(Class::Sealed, Reason::KeyMissing, Cause::KEY_MISSING)
            }
        })?;
        let client = Client {
            provider: item.provider,
            token_endpoint: &provider.token_endpoint,
            client_id: &provider.client_id,
            client_secret: &provider.client_secret,
            deadline_ms: self.left_ms(until_ms).min(self.config.exchange_timeout_ms),
        };
        let request = refresh::request(&client, &refresh_token);
        let answered = self.wire.to_provider(request).await;
        let tokens = refresh::judge(item.provider, refresh_token, answered).map_err(Fault::from)?;
        *refreshed = true;
        let seal = |purpose, text: &str| {
            keyring
                .seal(place(item, purpose), text)
                .map_err(|_| Fault::new(Class::Transient, Reason::ProviderUnavailable, Cause::SEAL))
        };
        let rotated = tokens.rotated.then(|| tokens.refresh_token.expose());
        let unsaved = Settlement::Tokens {
            connection: &item.connection,
            token_version: item.token_version,
            sealed_access_token: seal(Purpose::AccessToken, tokens.access_token.expose())?,
            sealed_refresh_token: rotated
                .map(|token| seal(Purpose::RefreshToken, token))
                .transpose()?,
            expires_in: tokens.expires_in,
            grant_expires_in: tokens.grant_expires_in,
        };
        let mut unsaved = Some(unsaved);
        if rotated.is_some() {
            self.save(unsaved.take()).await?;
        }
        Ok(Access {
            token: tokens.access_token,
            unsaved,
            refreshed: true,
        })
    }

    async fn content(
        &self,
        item: &Item,
        provider: &ProviderConfig,
        access: &Access<'_>,
        until_ms: u64,
    ) -> Result<Content, ReadError> {
        let account = Account {
            wire: self.wire,
            provider: item.provider,
            api_url: &provider.api_url,
            token: Bearer::new(&access.token),
            window: &item.window,
            tentative_counts: item.tentative_counts,
            now_ms: self.clock.now_ms,
            until_ms,
        };
        let listed = if item.list_due || item.calendars.is_empty() {
            match account.list().await {
                Ok(listed) => Some(listed),
                // Lists of calendars have failed for weeks where calendars could still be read.
                Err(ReadError::Unavailable { .. } | ReadError::Gone | ReadError::Malformed) => None,
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        let selected = selected(item, listed.as_deref());
        let calendars = account.read(&selected).await?;
        Ok(Content { listed, calendars })
    }

    /// Milliseconds until `until_ms`, at least one.
    fn left_ms(&self, until_ms: u64) -> u32 {
        let left = until_ms.saturating_sub((self.clock.now_ms)());
        u32::try_from(left).unwrap_or(u32::MAX).max(1)
    }

    async fn save(&self, tokens: Option<Settlement<'_>>) -> Result<(), Interrupted> {
        let Some(tokens) = tokens else { return Ok(()) };
        match self.settle(&[tokens], End::Read).await {
            End::Unsettled(error) => Err(error.into()),
            End::Superseded => Err(Interrupted::Superseded),
            End::Read | End::Failed(_) => Ok(()),
        }
    }

    /// Settles; `end` where the database took all of it. A settlement that went unanswered is sent once more: repeating it
    /// changes nothing.
    async fn settle(&self, settlements: &[Settlement<'_>], end: End) -> End {
        let attempt = || {
            self.store
                .settle(self.wire, self.run.as_deref(), settlements)
        };
        let settled = match attempt().await {
            Err(StoreError::Unreachable(_) | StoreError::Unavailable) => attempt().await,
            settled => settled,
        };
        match settled {
            Err(error) => End::Unsettled(error),
            Ok(answers) if answers.contains(&Settled::Superseded) => End::Superseded,
            Ok(_) => end,
        }
    }
}

/// The calendars to read: those that are selected and still there; before anything is selected, the account's own one.
fn selected<'a>(item: &'a Item, listed: Option<&'a [Listed]>) -> Vec<&'a str> {
    let is_there =
        |id: &&str| listed.is_none_or(|listed| listed.iter().any(|calendar| calendar.id == *id));
    let chosen: Vec<&str> = item
        .calendars
        .iter()
        .map(String::as_str)
        .filter(is_there)
        .collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let own = listed.and_then(|listed| listed.iter().find(|calendar| calendar.is_primary));
    let default = item.provider.consent().default_calendar;
    vec![own.map_or(default, |calendar| calendar.id.as_str())]
}

fn place<'a>(item: &'a Item, purpose: Purpose<'a>) -> Place<'a> {
    Place {
        purpose,
        user: &item.user,
        provider: item.provider,
        account: item.account.as_deref(),
    }
}

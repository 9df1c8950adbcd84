//! Reads the calendars of one account, at either provider, with an access token that is good.

use std::rc::Rc;

use super::settlement::CalendarRead;
use crate::http::{Credential, OutboundRequest, OutboundResponse, Template, Transport, Wire};
use crate::providers::Provider;
use crate::reading::{
    ApiRequest, Busy, CalendarFault, LISTED_CALENDARS, Listed, Page, ReadError, Window, google,
    microsoft,
};
use crate::secret::Bearer;

/// Maximum size of one page of a calendar API's answer, in bytes.
const RESPONSE_LIMIT: u32 = 256 * 1024;
/// Milliseconds that one call of a calendar API may take.
const CALL_MS: u64 = 10_000;

/// One account at a calendar API.
pub(crate) struct Account<'a, T> {
    pub(crate) wire: &'a Wire<'a, T>,
    pub(crate) provider: Provider,
    pub(crate) api_url: &'a str,
    pub(crate) token: Bearer,
    pub(crate) window: &'a Window,
    pub(crate) tentative_counts: bool,
    pub(crate) now_ms: fn() -> u64,
    /// When everything about this connection must have ended, in milliseconds of the same clock.
    pub(crate) until_ms: u64,
}

impl<T: Transport> Account<'_, T> {
    /// The account's calendars.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>, ReadError> {
        let mut next = Some(match self.provider {
            Provider::Google => google::calendar_list(None),
            Provider::Outlook => microsoft::calendars(),
        });
        let mut listed = Vec::new();
        while let Some(request) = next.filter(|_| listed.len() < LISTED_CALENDARS) {
            let answer = self.ask(request).await?;
            let page: Page<Vec<Listed>> = match self.provider {
                Provider::Google => google::judge_calendar_list(&answer)?,
                Provider::Outlook => microsoft::judge_calendars(&answer, self.api_url)?,
            };
            listed.extend(page.items);
            next = page.next;
        }
        listed.truncate(LISTED_CALENDARS);
        Ok(listed)
    }

    /// What is known of these calendars, in this order. Where time runs out, or one fails after others were read, the
    /// rest is left out: it keeps its last answer, and comes first next time.
    pub(crate) async fn read(&self, calendars: &[&str]) -> Result<Vec<CalendarRead>, ReadError> {
        match self.provider {
            Provider::Google => self.query(calendars).await,
            Provider::Outlook => self.view_each(calendars).await,
        }
    }

    async fn query(&self, calendars: &[&str]) -> Result<Vec<CalendarRead>, ReadError> {
        let mut read = Vec::with_capacity(calendars.len());
        for asked in calendars.chunks(google::QUERIED_CALENDARS) {
            let request = google::free_busy(self.window, asked).ok_or(ReadError::Malformed)?;
            let answer = self.ask(request).await?;
            let answers = google::judge_free_busy(&answer, self.window, asked)?;
            read.extend(asked.iter().zip(answers).map(|(id, answer)| CalendarRead {
                id: (*id).to_owned(),
                read: answer,
                until: None,
            }));
        }
        Ok(read)
    }

    /// One after the other: a mailbox takes four requests at a time, and other apps ask as well.
    async fn view_each(&self, calendars: &[&str]) -> Result<Vec<CalendarRead>, ReadError> {
        let mut read: Vec<CalendarRead> = Vec::with_capacity(calendars.len());
        for id in calendars {
            let (answer, until) = match self.view(id).await {
                Ok((busy, until)) => (Ok(busy), until),
                Err(ReadError::Gone) => (Err(CalendarFault::Gone), None),
                Err(error) if read.is_empty() => return Err(error),
                Err(_) => break,
            };
            read.push(CalendarRead {
                id: (*id).to_owned(),
                read: answer,
                until,
            });
        }
        Ok(read)
    }

    async fn view(&self, id: &str) -> Result<(Busy, Option<i32>), ReadError> {
        let named = (id != Provider::Outlook.consent().default_calendar).then_some(id);
        let first = microsoft::calendar_view(named, self.window);
        // An id that cannot stand in a URL is nothing a provider gave us.
        let mut next = Some(first.ok_or(ReadError::Gone)?);
        let mut whole = Busy::default();
        let mut reached = None;
        for _ in 0..microsoft::PAGES {
            let Some(request) = next.take() else { break };
            let answer = self.ask(request).await?;
            let page = microsoft::judge_calendar_view(
                &answer,
                self.api_url,
                self.window,
                self.tentative_counts,
            )?;
            reached = page
                .items
                .minutes
                .ranges()
                .last()
                .map(|range| range.start())
                .or(reached);
            whole.add(page.items);
            next = page.next;
        }
        // Events come in the order of their start: beyond the last one that was seen, nothing is known.
        let until = next.and(Some(reached.unwrap_or(self.window.range().start())));
        Ok((whole, until))
    }

    async fn ask(&self, request: ApiRequest) -> Result<OutboundResponse, ReadError> {
        let left = self.until_ms.saturating_sub((self.now_ms)()).min(CALL_MS);
        let deadline_ms = match u32::try_from(left) {
            Ok(ms @ 1..) => ms,
            _ => return Err(ReadError::Unavailable { retry_after: None }),
        };
        let request = OutboundRequest {
            template: Rc::new(Template {
                method: request.method,
                url: self.api_url.to_owned(),
                headers: request.headers.to_owned(),
            }),
            url_tail: Some(request.path),
            credential: Some(Credential::Resource(self.token.clone())),
            body: request.body.map(Into::into),
            deadline_ms,
            response_limit: RESPONSE_LIMIT,
        };
        Ok(self.wire.to_provider(request).await?)
    }
}

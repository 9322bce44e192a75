//! Microsoft Graph as a client: a token, pages, and Microsoft's limit of calls.
//!
//! May touch: network, DNS and clock, through their handles.
//! Standards: RFC 6749 §4.4 (client credentials), RFC 9110 §10.2.3 (Retry-After), RFC 6585 §4 (429).

use std::collections::VecDeque;
use std::time::Duration;

use hyper::header;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use world::{Clock, World};

use super::spec::ExchangeOnlineAccess;
use super::web::{Address, CallOf, Caller, Reply, escaped};

/// Calls of the message trace that a tenant may make in [`CALLS_WITHIN`], details included.
pub(super) const CALLS_MAX: usize = 100;
/// See [`CALLS_MAX`].
pub(super) const CALLS_WITHIN: Duration = Duration::from_secs(300);
/// Of them so many are kept for details somebody waits for.
pub(super) const CALLS_FOR_DETAILS: usize = 20;
/// What is waited where the service names no time, and at most.
const THROTTLED_DEFAULT: Duration = Duration::from_secs(60);
const THROTTLED_MAX: Duration = Duration::from_secs(3_600);
/// A token is renewed so long before its end.
const TOKEN_MARGIN: Duration = Duration::from_secs(120);
/// Characters of a service's error that are shown.
const ERROR_CHARS_MAX: usize = 300;

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum GraphError {
    /// Too many calls; so long is to be waited.
    #[error("Exchange Online takes no more calls for {} s", .0.as_secs())]
    Throttled(Duration),
    /// The service says no: asking again changes nothing until somebody mends it.
    #[error("{0}")]
    Refused(String),
    /// The link to a page is no longer known.
    #[error("the link to the next page has expired")]
    Expired,
    /// It did not work this time.
    #[error("{0}")]
    Broken(String),
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// The reading that goes on by itself.
    Reading,
    /// Somebody waits.
    Asked,
}

/// One tenant's Graph.
#[derive(Debug)]
pub(super) struct Graph {
    access: ExchangeOnlineAccess,
    address: Address,
    caller: Caller,
    clock: Clock,
    /// The token, and until when it is used.
    token: tokio::sync::Mutex<Option<(String, Duration)>>,
    calls: Mutex<Calls>,
}

/// When calls were made, in time since the start, and until when none may be.
#[derive(Debug, Default)]
struct Calls {
    made: VecDeque<Duration>,
    closed_until: Duration,
}

impl Calls {
    /// Takes a place among the calls; or says how long to wait for one.
    fn take(&mut self, now: Duration, urgency: Urgency) -> Result<(), Duration> {
        if now < self.closed_until {
            return Err(self.closed_until.saturating_sub(now));
        }
        while self.made.front().is_some_and(|at| now.saturating_sub(*at) >= CALLS_WITHIN) {
            self.made.pop_front();
        }
        let most = match urgency {
            Urgency::Reading => CALLS_MAX.saturating_sub(CALLS_FOR_DETAILS),
            Urgency::Asked => CALLS_MAX,
        };
        let Some(over) = self.made.len().checked_sub(most) else {
            self.made.push_back(now);
            return Ok(());
        };
        let free_after = self.made.get(over).copied().unwrap_or(now).saturating_add(CALLS_WITHIN);
        Err(free_after.saturating_sub(now).max(Duration::from_secs(1)))
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

impl Graph {
    pub(super) fn new(world: &World, access: &ExchangeOnlineAccess) -> Result<Graph, String> {
        Ok(Graph {
            access: access.clone(),
            address: Address::read(&access.graph, "https", "http")?,
            caller: Caller::new(world)?,
            clock: world.clock.clone(),
            token: tokio::sync::Mutex::new(None),
            calls: Mutex::new(Calls::default()),
        })
    }

    /// The address of message traces received from a time on up to another.
    pub(super) fn list_url(&self, start: jiff::Timestamp, end: jiff::Timestamp, top: usize) -> String {
        let filter = format!("receivedDateTime ge {start:.3} and receivedDateTime le {end:.3}");
        format!(
            "{}/v1.0/admin/exchange/tracing/messageTraces?$filter={}&$top={top}",
            self.address.text,
            escaped(&filter)
        )
    }

    /// The address of the details of one recipient.
    pub(super) fn details_url(&self, id: &str, recipient: &str) -> String {
        let quoted = recipient.replace('\'', "''");
        format!(
            "{}/v1.0/admin/exchange/tracing/messageTraces/{id}/getDetailsByRecipient(recipientAddress='{}')",
            self.address.text,
            escaped(&quoted)
        )
    }

    /// Reads a page: its objects, and where the next one is.
    pub(super) async fn page(
        &self,
        url: &str,
        urgency: Urgency,
    ) -> Result<(Vec<Value>, Option<String>), GraphError> {
        if !self.address.is_same_service(url, "https", "http") {
            let why = "the service gave a link to another one, which is not followed";
            return Err(GraphError::Refused(why.to_owned()));
        }
        let reply = self.get(url, urgency).await?;
        let mut body: Value = serde_json::from_slice(&reply.body)
            .map_err(|error| GraphError::Broken(format!("the answer is no JSON: {error}")))?;
        let next = body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
        match body.get_mut("value").map(Value::take) {
            Some(Value::Array(objects)) => Ok((objects, next)),
            _ => Err(GraphError::Broken("the answer has no list \"value\"".to_owned())),
        }
    }

    /// One call; with a fresh token if the one there is was not taken.
    async fn get(&self, url: &str, urgency: Urgency) -> Result<Reply, GraphError> {
        let mut is_first = true;
        loop {
            self.calls.lock().take(self.clock.elapsed(), urgency).map_err(GraphError::Throttled)?;
            let token = self.token().await?;
            let called = Box::pin(self.caller.call(url, CallOf::Get { bearer: &token }));
            let reply = called.await.map_err(GraphError::Broken)?;
            match reply.status {
                200 => return Ok(reply),
                401 if is_first => {
                    is_first = false;
                    *self.token.lock().await = None;
                }
                _ => return Err(self.failure(&reply)),
            }
        }
    }

    fn failure(&self, reply: &Reply) -> GraphError {
        let said = said(reply);
        match reply.status {
            429 | 503 => {
                let wait = retry_after(reply).unwrap_or(THROTTLED_DEFAULT).min(THROTTLED_MAX);
                self.calls.lock().closed_until = self.clock.elapsed().saturating_add(wait);
                GraphError::Throttled(wait)
            }
            410 => GraphError::Expired,
            status @ 400..=499 => GraphError::Refused(format!("Exchange Online answered {status}: {said}")),
            status => GraphError::Broken(format!("Exchange Online answered {status}: {said}")),
        }
    }

    async fn token(&self) -> Result<String, GraphError> {
        let mut known = self.token.lock().await;
        let now = self.clock.elapsed();
        if let Some((token, _)) = known.as_ref().filter(|(_, until)| now < *until) {
            return Ok(token.clone());
        }
        let ExchangeOnlineAccess { tenant, application, secret, graph, login } = &self.access;
        let url = format!("{}/{}/oauth2/v2.0/token", login.trim_end_matches('/'), escaped(tenant));
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
            escaped(application),
            escaped(secret.reveal()),
            escaped(&format!("{}/.default", graph.trim_end_matches('/')))
        );
        let reply = Box::pin(self.caller.call(&url, CallOf::PostForm { body: &form })).await;
        let reply = reply.map_err(GraphError::Broken)?;
        if reply.status != 200 {
            let why = format!("no token was given out (HTTP {}): {}", reply.status, said(&reply));
            let is_refusal = (400..500).contains(&reply.status) && reply.status != 429;
            return Err(if is_refusal { GraphError::Refused(why) } else { GraphError::Broken(why) });
        }
        let token: Token = serde_json::from_slice(&reply.body)
            .map_err(|_| GraphError::Broken("the answer to the request for a token has none".to_owned()))?;
        let lasts = Duration::from_secs(token.expires_in).saturating_sub(TOKEN_MARGIN);
        *known = Some((token.access_token.clone(), self.clock.elapsed().saturating_add(lasts)));
        Ok(token.access_token)
    }
}

/// The error's message, bounded; never what we sent.
fn said(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let message = body.pointer("/error/message").or_else(|| body.get("error_description"));
    let text = message.and_then(Value::as_str).unwrap_or("it says no more");
    let first = text.lines().next().unwrap_or_default();
    first.chars().filter(|ch| !ch.is_control()).take(ERROR_CHARS_MAX).collect()
}

/// In seconds, or as a date.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = text.parse() {
        return Some(Duration::from_secs(secs));
    }
    let date = |text| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp());
    let sent = reply.headers.get(header::DATE)?.to_str().ok().and_then(date)?;
    Some(date(text)?.duration_since(sent).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_stay_under_the_limit_and_leave_room_for_details() {
        let mut calls = Calls::default();
        let at = Duration::from_secs;
        let reading = CALLS_MAX - CALLS_FOR_DETAILS;
        for number in 0..reading {
            assert_eq!(calls.take(at(number as u64), Urgency::Reading), Ok(()));
        }
        assert_eq!(calls.take(at(100), Urgency::Reading), Err(at(200)), "the first call is 300 s old then");
        for _ in 0..CALLS_FOR_DETAILS {
            assert_eq!(calls.take(at(100), Urgency::Asked), Ok(()));
        }
        assert_eq!(calls.take(at(100), Urgency::Asked), Err(at(200)));
        assert_eq!(calls.take(at(300), Urgency::Asked), Ok(()));
        let mut most = 0;
        let mut calls = Calls::default();
        let mut made: Vec<Duration> = Vec::new();
        for tick in 0..2_000 {
            if calls.take(at(tick), Urgency::Asked).is_ok() {
                made.push(at(tick));
            }
            most =
                most.max(made.iter().filter(|call| at(tick).saturating_sub(**call) < CALLS_WITHIN).count());
        }
        assert_eq!(most, CALLS_MAX);
        calls.closed_until = at(5_000);
        assert_eq!(calls.take(at(4_990), Urgency::Asked), Err(at(10)));
    }
}

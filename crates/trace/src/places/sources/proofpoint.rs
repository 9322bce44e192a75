//! A source of type ProofpointPoD: the log service's two streams over websockets.
//!
//! May touch: network, clock and executor through their handles, the disk (where reading stopped), the store.
//! Standards: RFC 6455 §4.1 (opening), §5.5.2 (ping).
//! A stream that breaks is opened again from the time of its last record, with a minute to spare: records that come
//! twice change nothing.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use world::BoxedIo;

use super::super::exchange_online::moment;
use super::super::format::Format;
use super::super::tally::AHEAD;
use super::super::work::ImportError;
use super::intake::{Intake, Text};
use super::spec::SourceKind;
use super::task::Task;
use super::web::{Address, Caller, escaped};

/// The streams of the service.
pub(super) const STREAMS: [&str; 2] = ["message", "maillog"];
/// A new source begins so far back.
const FIRST_BACK: SignedDuration = SignedDuration::from_hours(1);
/// How far back the service reaches.
const REACH: SignedDuration = SignedDuration::from_hours(29 * 24);
/// A stream that is opened again begins so long before its last record.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// Longest record, in octets: one with thousands of recipients and links.
const RECORD_BYTES_MAX: usize = 16 << 20;
/// What came is written after so many octets, or so long.
const WRITE_BYTES: usize = 1 << 20;
const WRITE_AFTER: Duration = Duration::from_secs(1);
/// A stream on which nothing comes, not even a ping, for so long is opened again.
const SILENCE_MAX: Duration = Duration::from_secs(300);
/// The opening may take so long.
const OPENING_MAX: Duration = Duration::from_secs(60);
/// After an error: at first, and at most.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Only the time of a record.
#[derive(Deserialize)]
struct Timed {
    ts: Option<String>,
}

/// One of the streams while it is read.
struct Stream {
    task: Task,
    caller: Caller,
    intake: Arc<Mutex<Intake>>,
    name: &'static str,
    /// The time of its last record that was written.
    through: Option<Timestamp>,
    /// What came and is not written yet, and the time of its newest record.
    text: Vec<u8>,
    newest: Option<Timestamp>,
    /// When that is written at the latest, in time since the start.
    due: Option<Duration>,
}

impl Task {
    /// Reads both streams until it is stopped. They share an intake: a message of one has its deliveries in the other.
    pub(super) async fn proofpoint(self) {
        let caller = match Caller::new(&self.own.0.world) {
            Ok(caller) => caller,
            Err(error) => return self.fail(&error),
        };
        let Some(intake) = self.intake(Some(Format::ProofpointPoD), true) else { return };
        let intake = Arc::new(Mutex::new(intake));
        for name in STREAMS {
            let through: Option<Timestamp> = self.recall(name).await;
            let stream = Stream {
                task: self.of_part(name),
                caller: caller.clone(),
                intake: Arc::clone(&intake),
                name,
                through: through.map(|at| not_ahead(at, self.own.0.world.clock.now())),
                text: Vec::new(),
                newest: None,
                due: None,
            };
            self.own.0.world.exec.spawn("trace source stream", stream.run());
        }
    }
}

impl Stream {
    async fn run(mut self) {
        let mut pause = PAUSE_FIRST;
        while !self.task.is_stopped() {
            // What was not written comes again.
            (self.text, self.newest, self.due) = (Vec::new(), None, None);
            let before = self.through;
            let ended = match self.open().await {
                Ok(socket) => self.read(socket).await,
                Err(why) => Err(why),
            };
            if self.through > before {
                pause = PAUSE_FIRST;
            }
            if let Err(why) = ended {
                self.task.fail(&format!("the {} stream: {why}", self.name));
            }
            if !self.task.pause(pause).await {
                return;
            }
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
        }
    }

    async fn open(&self) -> Result<WebSocketStream<BoxedIo>, String> {
        let SourceKind::ProofpointPoD { cluster, token, url } = &self.task.spec.kind else {
            return Err("not a source of this type".to_owned());
        };
        let now = self.task.own.0.world.clock.now();
        let back = |at: Timestamp, by| at.checked_sub(by).unwrap_or(at);
        let since = match self.through {
            Some(through) => back(through, OVERLAP).max(back(now, REACH)),
            None => back(now, FIRST_BACK),
        };
        let to = Address::read(url, "wss", "ws")?;
        let since = escaped(&format!("{since:.3}"));
        let full =
            format!("{}/v1/stream?cid={}&type={}&sinceTime={since}", to.text, escaped(cluster), self.name);
        let mut request = full.into_client_request().map_err(|error| error.to_string())?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
            .map_err(|_| "the token holds a control character".to_owned())?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let io = self.caller.connect(&to).await?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(RECORD_BYTES_MAX))
            .max_frame_size(Some(RECORD_BYTES_MAX));
        let opening = client_async_with_config(request, io, Some(config));
        match self.task.own.0.world.clock.timeout(OPENING_MAX, opening).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(WsError::Http(answer))) => {
                Err(format!("the service answered {}{}", answer.status(), hint(answer.status().as_u16())))
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the service did not answer".to_owned()),
        }
    }

    /// Reads until the stream ends.
    async fn read(&mut self, mut socket: WebSocketStream<BoxedIo>) -> Result<(), String> {
        let clock = self.task.own.0.world.clock.clone();
        let mut stopped = self.task.stopped.clone();
        self.task.well();
        loop {
            let wait = self.due.map_or(SILENCE_MAX, |due| due.saturating_sub(clock.elapsed()));
            let next = tokio::select! {
                next = clock.timeout(wait, socket.next()) => next,
                _ = stopped.changed() => return self.write().await,
            };
            match next {
                Ok(Some(Ok(Message::Text(text)))) => self.came(text.as_bytes()),
                Ok(Some(Ok(Message::Binary(bytes)))) => self.came(&bytes),
                // Pings are answered by the next call of `next`.
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => {
                    self.write().await?;
                    return Err(format!("it broke off: {error}"));
                }
                Ok(None) => {
                    self.write().await?;
                    return Err("the service closed it".to_owned());
                }
                Err(_) if self.due.is_none() => return Err("nothing came for too long".to_owned()),
                Err(_) => {}
            }
            // A stream that never pauses is written as often as one that does.
            if self.text.len() >= WRITE_BYTES || self.due.is_some_and(|due| clock.elapsed() >= due) {
                self.write().await?;
            }
        }
    }

    fn came(&mut self, record: &[u8]) {
        let timed: Option<Timed> = serde_json::from_slice(record).ok();
        let at = timed.and_then(|timed| moment(&timed.ts?, &TimeZone::UTC));
        // A record of another year says nothing of how far the stream is.
        let now = self.task.own.0.world.clock.now();
        let newest = now.checked_add(AHEAD).unwrap_or(now);
        self.newest = self.newest.max(at.filter(|at| *at <= newest).map(|at| not_ahead(at, now)));
        self.text.extend_from_slice(record);
        self.text.push(b'\n');
        let latest = self.task.own.0.world.clock.elapsed().saturating_add(WRITE_AFTER);
        self.due = self.due.or(Some(latest));
    }

    /// Writes what came, and notes how far that is.
    async fn write(&mut self) -> Result<(), String> {
        let text = std::mem::take(&mut self.text);
        self.due = None;
        let (intake, places) = (Arc::clone(&self.intake), self.task.own.0.places.clone());
        let now = self.task.own.0.world.clock.now();
        let work = move || -> Result<_, ImportError> { intake.lock().take(&text, Text::Lines, &places, now) };
        let polled = self.task.own.0.world.exec.blocking(work).await.map_err(|error| error.to_string())?;
        self.task.told(&polled).await;
        if self.newest > self.through {
            self.through = self.newest;
            self.task.remember(self.name, self.through).await;
        }
        Ok(())
    }
}

/// A time from which a stream that is opened again does not begin in the future, where all would be passed over.
fn not_ahead(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(now.checked_add(OVERLAP).unwrap_or(now))
}

/// What to do about a status of the service.
fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "; check the token and the cluster id",
        409 => "; another program reads this stream with the same token",
        429 => "; it is asked too often",
        _ => "",
    }
}

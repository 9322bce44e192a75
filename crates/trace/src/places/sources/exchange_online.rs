//! A source of type ExchangeOnline: Graph's message traces window by window, and details when somebody asks.
//!
//! May touch: network, clock and executor through their handles, the disk (where reading stopped), the store.
//! Rows appear minutes late and change their status for a while, so what was read is read again: the last hour each
//! minute, the last day every six hours. Reading a row again changes nothing.
//! Known gaps: a status that changes after more than a day is seen when its details are asked for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mail::NetworkMessageId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::format::Format;
use super::super::work::ImportError;
use super::Sources;
use super::graph::{Graph, GraphError, Urgency};
use super::intake::{Intake, Text};
use super::task::{POSITION, Task};
use crate::search::Gap;

/// Rows of a page: the most Graph gives.
const ROWS_AT_ONCE: usize = 5_000;
/// The longest window of one question.
const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(10 * 24);
/// How far back the service reaches.
const REACH: SignedDuration = SignedDuration::from_hours(89 * 24);
/// A new source begins so far back.
const FIRST_BACK: SignedDuration = SignedDuration::from_hours(10 * 24);
/// What was read last is read again.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);
/// Now and then so much is read again.
const SWEEP: SignedDuration = SignedDuration::from_hours(24);
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// How often the newest rows are asked for.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// After an error: at first, and at most.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// Somebody who asks for details waits so long.
const DETAILS_WAIT: Duration = Duration::from_secs(20);
/// The same details are not asked for again within this.
const DETAILS_AGAIN_AFTER: Duration = Duration::from_secs(300);
/// Details remembered as asked for.
const DETAILS_REMEMBERED: usize = 10_000;

/// Where reading stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Position {
    /// Everything received before this was read at least once.
    through: Option<Timestamp>,
    /// When the last day was read again.
    swept: Option<Timestamp>,
    /// The window in the middle of which reading stands.
    window: Option<Window>,
}

/// A question of several pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    start: Timestamp,
    end: Timestamp,
    /// Whether it is read again.
    is_sweep: bool,
    /// The link to the next page.
    next: Option<String>,
}

impl Position {
    /// The window to read now; `None` if all is read.
    fn begin(&mut self, now: Timestamp) -> Option<Window> {
        if let Some(window) = self.window.clone() {
            return Some(window);
        }
        let earliest = back(now, REACH);
        let caught_up = self.through.is_some_and(|through| now.duration_since(through) <= OVERLAP);
        let sweep_due = self.swept.is_none_or(|swept| now.duration_since(swept) >= SWEEP_EVERY);
        let window = if caught_up && sweep_due {
            Window { start: back(now, SWEEP), end: now, is_sweep: true, next: None }
        } else {
            let start = match self.through {
                Some(through) => back(through, OVERLAP).max(earliest),
                None => back(now, FIRST_BACK),
            };
            let end = start.saturating_add(WINDOW_MAX).unwrap_or(now).min(now);
            Window { start, end, is_sweep: false, next: None }
        };
        self.window = Some(window.clone());
        Some(window)
    }

    /// A page was read; whether that was the window's last.
    fn page_read(&mut self, next: Option<String>, now: Timestamp) -> bool {
        let Some(window) = self.window.as_mut() else { return true };
        if next.is_some() {
            window.next = next;
            return false;
        }
        if window.is_sweep {
            self.swept = Some(now);
        } else if self.through.is_none() {
            // The first window was read just now: there is nothing to read again.
            (self.through, self.swept) = (Some(window.end), Some(now));
        } else {
            self.through = Some(window.end);
        }
        self.window = None;
        true
    }
}

fn back(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

impl Task {
    /// Asks until it is stopped.
    pub(super) async fn exchange_online(self, graph: Arc<Graph>) {
        let Some(mut intake) = self.intake(Some(Format::Graph), true) else { return };
        let mut position: Position = self.recall(POSITION).await.unwrap_or_default();
        let (clock, mut pause) = (self.own.0.world.clock.clone(), PAUSE_FIRST);
        while !self.is_stopped() {
            let now = clock.now();
            let Some(window) = position.begin(now) else { return };
            let asked = match &window.next {
                Some(next) => graph.page(next, Urgency::Reading).await,
                None => {
                    let url = graph.list_url(window.start, window.end, ROWS_AT_ONCE);
                    graph.page(&url, Urgency::Reading).await
                }
            };
            let wait = match asked {
                Ok((rows, next)) => {
                    let taken;
                    (intake, taken) = self.rows(intake, &rows).await;
                    match taken {
                        Ok(()) => {
                            pause = PAUSE_FIRST;
                            let is_last = position.page_read(next, now);
                            self.remember(POSITION, position.clone()).await;
                            let is_behind =
                                position.through.is_none_or(|through| now.duration_since(through) > OVERLAP);
                            (is_last && !is_behind).then_some(ASK_EVERY)
                        }
                        Err(error) => Some(self.failed(&error, &mut pause)),
                    }
                }
                Err(GraphError::Throttled(wait)) => {
                    self.fail(&format!(
                        "Exchange Online wants a pause after {} calls",
                        super::graph::CALLS_MAX
                    ));
                    Some(wait)
                }
                Err(GraphError::Expired) => {
                    position.window = None;
                    Some(PAUSE_FIRST)
                }
                Err(error @ GraphError::Refused(_)) => {
                    // A link that is refused may have expired; the window is asked for again from its beginning.
                    position.window = None;
                    self.fail(&error);
                    Some(PAUSE_MAX)
                }
                Err(error) => Some(self.failed(&error, &mut pause)),
            };
            if let Some(wait) = wait
                && !self.pause(wait).await
            {
                return;
            }
        }
    }

    fn failed(&self, error: &dyn std::fmt::Display, pause: &mut Duration) -> Duration {
        self.fail(error);
        let wait = *pause;
        *pause = pause.saturating_mul(2).min(PAUSE_MAX);
        wait
    }

    /// Takes the rows of a page in.
    async fn rows(&self, mut intake: Intake, rows: &[Value]) -> (Intake, Result<(), ImportError>) {
        let text = lines(rows);
        let (places, now) = (self.own.0.places.clone(), self.own.0.world.clock.now());
        let work = move || {
            let taken = intake.take(text.as_bytes(), Text::Lines, &places, now);
            (intake, taken)
        };
        let (intake, taken) = self.own.0.world.exec.blocking(work).await;
        let taken = match taken {
            Ok(polled) => {
                self.told(&polled).await;
                self.state.lock().last_read = Some(now);
                Ok(())
            }
            Err(error) => Err(error),
        };
        (intake, taken)
    }
}

/// One object a line.
fn lines(rows: &[Value]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.to_string());
        text.push('\n');
    }
    text
}

/// Which details were asked for, and when, in time since the start.
#[derive(Debug, Default)]
pub(super) struct Asked(HashMap<(NetworkMessageId, String), Duration>);

impl Asked {
    /// Whether they are to be asked for now; then they count as asked for.
    fn is_due(&mut self, id: NetworkMessageId, recipient: &str, now: Duration) -> bool {
        let key = (id, recipient.to_lowercase());
        if self.0.get(&key).is_some_and(|at| now.saturating_sub(*at) < DETAILS_AGAIN_AFTER) {
            return false;
        }
        if self.0.len() >= DETAILS_REMEMBERED {
            self.0.clear();
        }
        self.0.insert(key, now);
        true
    }

    fn forget(&mut self, id: NetworkMessageId, recipient: &str) {
        self.0.remove(&(id, recipient.to_lowercase()));
    }
}

impl Sources {
    /// Asks Exchange Online for the details of a recipient and takes them into the trace, where a source of that type
    /// knows the message. What could not be asked for is given back as gaps.
    pub async fn ask_for_details(&self, id: NetworkMessageId, recipient: &str) -> Vec<Gap> {
        let cloud: Vec<(Task, Arc<Graph>)> = {
            let sources = self.0.sources.lock();
            sources
                .values()
                .filter_map(|one| Some((one.task.clone()?, Arc::clone(one.graph.as_ref()?))))
                .collect()
        };
        let mut gaps = Vec::new();
        for (task, graph) in cloud {
            let (places, place) = (self.0.places.clone(), task.spec.place.clone());
            let found = self.0.world.exec.blocking(move || places.ids_at(id, &place)).await;
            for own in found.unwrap_or_default() {
                if !self.0.asked.lock().is_due(own, recipient, self.0.world.clock.elapsed()) {
                    continue;
                }
                if let Err(cause) = task.details(&graph, own, recipient).await {
                    self.0.asked.lock().forget(own, recipient);
                    gaps.push(Gap {
                        source: task.spec.name.clone(),
                        start: None,
                        end: None,
                        count: None,
                        cause: format!(
                            "details of the trace source {} could not be read: {cause}",
                            task.spec.name
                        ),
                    });
                }
            }
        }
        gaps
    }
}

impl Task {
    async fn details(&self, graph: &Graph, id: NetworkMessageId, recipient: &str) -> Result<(), String> {
        let url = graph.details_url(&id.to_string(), recipient);
        let asked = self.own.0.world.clock.timeout(DETAILS_WAIT, graph.page(&url, Urgency::Asked)).await;
        let (mut rows, _) = match asked {
            Ok(asked) => asked.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("no answer within {} s", DETAILS_WAIT.as_secs())),
        };
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            row.insert("messageTraceId".to_owned(), id.to_string().into());
            row.insert("recipientAddress".to_owned(), recipient.into());
            if let Some(at) = row.get("date").cloned().filter(|_| !row.contains_key("dateTime")) {
                row.insert("dateTime".to_owned(), at);
            }
        }
        let Some(mut intake) = self.intake(Some(Format::Graph), true) else { return Ok(()) };
        let (places, now) = (self.own.0.places.clone(), self.own.0.world.clock.now());
        let text = lines(&rows);
        let work = move || intake.take(text.as_bytes(), Text::Lines, &places, now);
        self.own.0.world.exec.blocking(work).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_one_another_overlap_and_are_swept() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut position = Position::default();
        let now = at("2026-11-22T12:00:00Z");
        let first = position.begin(now).unwrap();
        assert_eq!((first.start, first.end, first.is_sweep), (at("2026-11-12T12:00:00Z"), now, false));
        assert!(!position.page_read(Some("next".into()), now));
        assert_eq!(position.begin(now).unwrap().next.as_deref(), Some("next"), "a restart goes on there");
        assert!(position.page_read(None, now));
        let now = at("2026-11-22T12:01:00Z");
        let second = position.begin(now).unwrap();
        assert_eq!((second.start, second.end, second.is_sweep), (at("2026-11-22T11:00:00Z"), now, false));
        assert!(position.page_read(None, now));
        // Weeks away: windows of ten days, one after another.
        let later = at("2026-12-15T00:00:00Z");
        let mut windows = Vec::new();
        while position.through.is_none_or(|through| later.duration_since(through) > OVERLAP) {
            let window = position.begin(later).unwrap();
            windows.push((window.start, window.end));
            position.page_read(None, later);
        }
        assert_eq!(windows.len(), 3);
        assert_eq!(windows[0].0, at("2026-11-22T11:01:00Z"));
        assert!(windows.iter().all(|(start, end)| end.duration_since(*start) <= WINDOW_MAX));
        assert!(position.begin(later).unwrap().is_sweep);
    }
}

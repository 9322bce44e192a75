//! A long cmdlet over HTTP: what it says of its progress as server-sent events, and then its answer.
//! May touch: what the cmdlet touches; clock, executor.
//! Standards: HTML Living Standard, server-sent events (`text/event-stream`).
//!
//! Events: `call` (the id it can be stopped by, see `calls.rs`), `progress` (a sentence), then once `answer` (the status
//! and body the call would have had). A caller that hangs up stops the cmdlet.

mod client;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use futures::channel::oneshot;
use futures::future::{Either, select};
use parking_lot::Mutex;
use serde_json::json;
use world::Clock;

use super::calls::{Calls, Running};
use crate::answer;
use crate::arguments::Arguments;
use crate::cmdlet::Effect;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::registry;
pub use client::{Told, stop_over, watch_over};

/// Time between two looks at the progress.
const TICK: Duration = Duration::from_millis(500);

/// How far a cmdlet has come, for whoever waits for it. Cheap to clone; nobody may be waiting.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    said: Mutex<String>,
    is_stopped: AtomicBool,
}

impl Progress {
    /// Says how far it is, in a short sentence.
    pub(crate) fn say(&self, sentence: String) {
        *self.0.said.lock() = sentence;
    }

    /// Asks the cmdlet to end.
    pub(crate) fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end: somebody said so, or the caller has hung up.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }
}

/// Stops the cmdlet when the connection is gone.
struct Watcher(Progress);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Whether a caller wants to see the progress.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|value| value.as_bytes() == b"text/event-stream")
}

/// An answer that is told as it comes.
struct Telling {
    watcher: Watcher,
    clock: Clock,
    answer: Option<oneshot::Receiver<Result<Output, CmdletError>>>,
    last: String,
    /// Whether the id was told.
    is_named: bool,
    call: Option<Running>,
}

/// Runs a cmdlet in a task of its own. One that only reads ends where nobody waits for it any more; one that changes
/// something comes to an end of its own. What is `held` is let go then.
fn begin(
    context: Context,
    arguments: Arguments,
    held: impl Send + 'static,
) -> oneshot::Receiver<Result<Output, CmdletError>> {
    let (mut done, answer) = oneshot::channel();
    context.world.exec.clone().spawn("cmdlet", async move {
        let call = registry::invoke(&context, &arguments);
        let ended = match arguments.cmdlet().effect {
            Effect::Reads => while_listened(&mut done, call).await,
            Effect::Changes | Effect::Destroys(_) => Some(call.await),
        };
        if let Some(ended) = ended {
            // An error says that the caller has hung up.
            let _ = done.send(ended);
        }
        drop(held);
    });
    answer
}

/// What the work comes to; `None` if whoever it is for hangs up before.
async fn while_listened<T>(to: &mut oneshot::Sender<T>, work: impl Future<Output = T>) -> Option<T> {
    match select(std::pin::pin!(work), to.cancellation()).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// Runs the cmdlet for a caller who sees no progress: who hangs up stops it too, and what is `held` stays until it has ended.
pub(super) async fn while_awaited(
    context: Context,
    arguments: Arguments,
    held: impl Send + 'static,
) -> Result<Output, CmdletError> {
    let _watcher = Watcher(context.progress.clone());
    begin(context, arguments, held).await.unwrap_or_else(|_| Err(broke_off()))
}

fn broke_off() -> CmdletError {
    CmdletError::internal("the cmdlet broke off; the service log says why", "no answer")
}

/// Runs the cmdlet and tells its progress. What is `held` is let go when the cmdlet has ended.
pub(super) fn respond(
    context: Context,
    arguments: Arguments,
    calls: &Calls,
    held: impl Send + 'static,
) -> Response {
    let (progress, clock) = (context.progress.clone(), context.world.clock.clone());
    let id = context.world.chance.uuid_v4();
    let call = calls.begin(id, &context.actor, &progress);
    let answer = begin(context, arguments, held);
    let watcher = Watcher(progress);
    let telling =
        Telling { watcher, clock, answer: Some(answer), last: String::new(), is_named: false, call };
    let events = futures::stream::unfold(telling, Telling::next);
    let kind = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (kind, Body::from_stream(events)).into_response()
}

impl Telling {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Telling)> {
        if let Some(call) = self.call.as_ref().filter(|_| !self.is_named) {
            let text = format!("event: call\ndata: {}\n\n", json!(call.id.to_string()));
            self.is_named = true;
            return Some((Ok(Bytes::from(text)), self));
        }
        let mut answer = self.answer.take()?;
        let text = match select(&mut answer, std::pin::pin!(self.clock.sleep(TICK))).await {
            Either::Left((ended, _)) => {
                let result = ended.unwrap_or_else(|_| Err(broke_off()));
                let (status, body) = match &result {
                    Ok(output) => (200, answer::success(output)),
                    Err(error) => (error.http_status(), answer::failure(error)),
                };
                if let Err(CmdletError::Internal { public, cause }) = &result {
                    tracing::error!(public, cause, "a cmdlet failed inside");
                }
                format!("event: answer\ndata: {}\n\n", json!({ "status": status, "body": body }))
            }
            Either::Right(_) => {
                self.answer = Some(answer);
                let said = self.watcher.0.0.said.lock().clone();
                if said == self.last {
                    ": alive\n\n".to_owned()
                } else {
                    self.last.clone_from(&said);
                    format!("event: progress\ndata: {}\n\n", json!(said))
                }
            }
        };
        Some((Ok(Bytes::from(text)), self))
    }
}

#[cfg(test)]
mod tests {
    use world::sim::SimWorld;

    use super::*;

    #[test]
    fn progress_is_told_then_the_answer_and_who_hangs_up_stops_it() {
        let sim = SimWorld::new(1);
        let begin = |progress: &Progress| {
            let (done, answer) = oneshot::channel();
            let watcher = Watcher(progress.clone());
            let clock = sim.world().clock;
            let last = String::new();
            (done, Telling { watcher, clock, answer: Some(answer), last, is_named: false, call: None })
        };
        let progress = Progress::default();
        let (done, telling) = begin(&progress);
        sim.run(async {
            let text = |bytes: &Result<Bytes, Infallible>| {
                String::from_utf8(bytes.as_ref().unwrap().to_vec()).unwrap()
            };
            progress.say("a.log: 5 % of 10 MB, 3 events".into());
            let (told, telling) = telling.next().await.unwrap();
            assert_eq!(text(&told), "event: progress\ndata: \"a.log: 5 % of 10 MB, 3 events\"\n\n");
            let (told, telling) = telling.next().await.unwrap();
            assert_eq!(text(&told), ": alive\n\n");
            done.send(Err(CmdletError::NotFound("no such file".into()))).unwrap();
            let (told, telling) = telling.next().await.unwrap();
            let told = text(&told);
            assert!(told.starts_with("event: answer\n") && told.contains("\"status\":404"), "{told}");
            assert!(!progress.is_stopped());
            assert!(telling.next().await.is_none(), "the answer is the end");
        });
        let progress = Progress::default();
        let (_done, telling) = begin(&progress);
        assert!(!progress.is_stopped());
        drop(telling);
        assert!(progress.is_stopped());
    }

    #[test]
    fn what_only_reads_ends_where_nobody_listens_any_more() {
        let sim = SimWorld::new(1);
        let (mut done, answer) = oneshot::channel();
        assert_eq!(sim.run(while_listened(&mut done, async { 1 })), Some(1));
        drop(answer);
        assert_eq!(sim.run(while_listened(&mut done, std::future::pending())), None);
    }
}

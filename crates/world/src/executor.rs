//! The executor: tasks, blocking work, and writers that take whole groups of jobs.
//!
//! May touch: tokio's runtime and threads (the real executor only).

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

/// What a simulated executor has to be able to do; see `sim/tasks.rs`.
pub(crate) trait TaskHost: Send + Sync {
    fn spawn(&self, name: &'static str, future: BoxFuture<'static, ()>);
}

/// Second threads at work at once.
const SECOND_THREADS_MAX: usize = 8;

/// Counts a second thread until it is dropped.
struct Permit<'a>(&'a AtomicUsize);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Clone)]
enum Host {
    /// The runtime, and how many second threads are at work.
    Real(tokio::runtime::Handle, Arc<AtomicUsize>),
    Sim(Arc<dyn TaskHost>),
}

/// A handle on where work runs. Cheap to clone.
#[derive(Clone)]
pub struct Executor(Host);

impl Executor {
    /// Tasks run on `runtime`, each writer on a thread of its own.
    #[must_use]
    pub fn real(runtime: tokio::runtime::Handle) -> Self {
        Self(Host::Real(runtime, Arc::default()))
    }

    pub(crate) fn simulated(host: Arc<dyn TaskHost>) -> Self {
        Self(Host::Sim(host))
    }

    /// Starts a task. A task that panics is logged under `name` and ends; in simulation the panic reaches the test.
    pub fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        match &self.0 {
            Host::Real(runtime, _) => {
                let guarded = AssertUnwindSafe(future).catch_unwind().map(move |ended| {
                    if ended.is_err() {
                        tracing::error!(task = name, "a task panicked");
                    }
                });
                drop(runtime.spawn(guarded));
            }
            Host::Sim(host) => host.spawn(name, Box::pin(future)),
        }
    }

    /// Runs work that blocks (files, SQLite, password hashing) where it holds up no task. A panic in `work` goes on in
    /// the caller. If the caller is dropped the work still ends. In simulation `work` runs in the calling task.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match &self.0 {
            Host::Real(runtime, _) => match runtime.spawn_blocking(work).await {
                Ok(done) => done,
                Err(failed) => match failed.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // Cancelled: the runtime is shutting down and drops the caller next.
                    Err(_) => std::future::pending().await,
                },
            },
            Host::Sim(_) => {
                // Other tasks may run between the call and its effect, as they may with a thread.
                YieldOnce(false).await;
                work()
            }
        }
    }

    /// Does `work` on this thread and on another at once, for a caller that may block: work that divides itself. Gives
    /// what each came to. A panic goes on in the caller. In simulation, and while [`SECOND_THREADS_MAX`] others are at
    /// work or no thread can be had, it is done here alone.
    pub fn on_two_threads<T: Send>(&self, work: impl Fn() -> T + Sync) -> Vec<T> {
        let Host::Real(_, second) = &self.0 else { return Vec::from([work()]) };
        let permit = Permit(second);
        if second.fetch_add(1, Ordering::AcqRel) >= SECOND_THREADS_MAX {
            return Vec::from([work()]);
        }
        std::thread::scope(|scope| {
            let other = std::thread::Builder::new().name("second".to_owned()).spawn_scoped(scope, &work);
            let mut done = Vec::from([work()]);
            match other.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(half)) => done.push(half),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(error) => tracing::debug!(%error, "no second thread; the work was done by one"),
            }
            drop(permit);
            done
        })
    }

    /// Starts a writer: `handler` is handed every job that waits, oldest first, at most `max_batch` (at least 1) at a
    /// time, so that one sync can serve a whole group. In production the handler has a thread of its own and may
    /// block; in simulation it runs as a task. It ends after [`Writer::close`] or when the last clone is dropped, in
    /// both cases after handling what waits. If the handler panics, waiting jobs are dropped and senders get
    /// [`WriterGone`].
    pub fn writer<J: Send + 'static>(
        &self,
        name: &'static str,
        handler: impl FnMut(Vec<J>) + Send + 'static,
        max_batch: usize,
    ) -> Writer<J> {
        let queue = Arc::new(JobQueue::new(max_batch.max(1)));
        let ended = EndOfWriter(Arc::clone(&queue));
        match &self.0 {
            Host::Real(..) => {
                let thread = std::thread::Builder::new().name(name.to_owned());
                if let Err(error) = thread.spawn(move || run_on_thread(&ended, handler)) {
                    tracing::error!(writer = name, %error, "cannot start a writer thread");
                    queue.end();
                }
            }
            Host::Sim(host) => host.spawn(name, Box::pin(run_as_task(ended, handler))),
        }
        Writer { owner: Arc::new(WriterOwner(queue)), name }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Host::Real(..) => "Executor(real)",
            Host::Sim(_) => "Executor(simulated)",
        })
    }
}

/// The writer has been closed or its handler has panicked; the job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writer has ended")]
pub struct WriterGone;

/// Sends jobs to a writer, see [`Executor::writer`]. Cheap to clone.
pub struct Writer<J> {
    owner: Arc<WriterOwner<J>>,
    name: &'static str,
}

impl<J> Writer<J> {
    /// Hands over a job without waiting. The channel has no bound of its own: callers bound what they send by
    /// [`Writer::queued`] or by permits.
    pub fn send(&self, job: J) -> Result<(), WriterGone> {
        self.owner.0.send(job)
    }

    /// Jobs sent and not yet done: those waiting and those in the handler's hands.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.owner.0.queued.load(Ordering::Acquire)
    }

    /// Takes no more jobs and waits until the handler has done the rest and is dropped.
    pub async fn close(&self) {
        self.owner.0.close();
        let mut done = self.owner.0.done.subscribe();
        // An error would mean the sender is gone, and `self` holds it.
        let _ = done.wait_for(|done| *done).await;
    }
}

impl<J> Clone for Writer<J> {
    fn clone(&self) -> Self {
        Self { owner: Arc::clone(&self.owner), name: self.name }
    }
}

impl<J> fmt::Debug for Writer<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({}, {} queued)", self.name, self.queued())
    }
}

/// Closes the queue when the last [`Writer`] is dropped.
struct WriterOwner<J>(Arc<JobQueue<J>>);

impl<J> Drop for WriterOwner<J> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Marks the queue as ended when the handler's thread or task ends, by return, panic or crash.
struct EndOfWriter<J>(Arc<JobQueue<J>>);

impl<J> Drop for EndOfWriter<J> {
    fn drop(&mut self) {
        self.0.end();
    }
}

struct JobQueue<J> {
    waiting: Mutex<Waiting<J>>,
    arrived: Condvar,
    arrived_waker: AtomicWaker,
    queued: AtomicUsize,
    done: watch::Sender<bool>,
    max_batch: usize,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    closed: bool,
}

impl<J> JobQueue<J> {
    fn new(max_batch: usize) -> Self {
        Self {
            waiting: Mutex::new(Waiting { jobs: VecDeque::new(), closed: false }),
            arrived: Condvar::new(),
            arrived_waker: AtomicWaker::new(),
            queued: AtomicUsize::new(0),
            done: watch::Sender::new(false),
            max_batch,
        }
    }

    fn send(&self, job: J) -> Result<(), WriterGone> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(WriterGone);
        }
        self.queued.fetch_add(1, Ordering::AcqRel);
        waiting.jobs.push_back(job);
        drop(waiting);
        self.wake();
        Ok(())
    }

    fn wake(&self) {
        self.arrived.notify_one();
        self.arrived_waker.wake();
    }

    fn close(&self) {
        self.waiting.lock().closed = true;
        self.wake();
    }

    fn end(&self) {
        let mut waiting = self.waiting.lock();
        waiting.closed = true;
        let left = std::mem::take(&mut waiting.jobs);
        drop(waiting);
        self.queued.store(0, Ordering::Release);
        // Dropping the jobs outside the lock: a job may hold a sender whose drop wakes a task.
        drop(left);
        self.done.send_replace(true);
    }

    fn take(&self, waiting: &mut Waiting<J>) -> Vec<J> {
        let count = waiting.jobs.len().min(self.max_batch);
        waiting.jobs.drain(..count).collect()
    }

    /// Blocks until jobs wait; `None` when closed and empty.
    fn next_batch(&self) -> Option<Vec<J>> {
        let mut waiting = self.waiting.lock();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return None;
            }
            self.arrived.wait(&mut waiting);
        }
        Some(self.take(&mut waiting))
    }

    /// The same for a task.
    fn poll_batch(&self, context: &mut Context<'_>) -> Poll<Option<Vec<J>>> {
        self.arrived_waker.register(context.waker());
        let mut waiting = self.waiting.lock();
        if !waiting.jobs.is_empty() {
            return Poll::Ready(Some(self.take(&mut waiting)));
        }
        if waiting.closed { Poll::Ready(None) } else { Poll::Pending }
    }

    fn finished(&self, count: usize) {
        self.queued.fetch_sub(count, Ordering::AcqRel);
    }
}

fn run_on_thread<J>(writer: &EndOfWriter<J>, mut handler: impl FnMut(Vec<J>)) {
    while let Some(batch) = writer.0.next_batch() {
        let count = batch.len();
        handler(batch);
        writer.0.finished(count);
    }
}

async fn run_as_task<J>(writer: EndOfWriter<J>, mut handler: impl FnMut(Vec<J>)) {
    while let Some(batch) = std::future::poll_fn(|context| writer.0.poll_batch(context)).await {
        let count = batch.len();
        handler(batch);
        writer.0.finished(count);
        YieldOnce(false).await;
    }
}

/// Lets every other ready task run once.
struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

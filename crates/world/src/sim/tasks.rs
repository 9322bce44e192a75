//! Simulated time and tasks: a single-threaded executor that moves the clock when nothing else can happen.
//!
//! May touch: nothing (pure).

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use super::dice::Dice;
use crate::clock::ClockSource;
use crate::executor::TaskHost;

/// Polls at one instant of simulated time before the simulation is taken for a loop without end.
const POLLS_PER_INSTANT_MAX: u64 = 5_000_000;
/// Default bound of simulated time.
const TIME_MAX_DEFAULT: Duration = Duration::from_secs(400 * 24 * 3600);

/// Identifies a task; [`MAIN`] is the future given to `run`.
type TaskId = u64;
const MAIN: TaskId = 0;

/// Tasks, timers and the clock of one simulation.
pub(super) struct Core {
    start: Timestamp,
    dice: Dice,
    state: Mutex<State>,
    ready: Arc<Mutex<VecDeque<TaskId>>>,
}

struct State {
    now: Duration,
    time_max: Duration,
    shuffle: bool,
    /// Counts crashes: handles of an earlier generation start nothing.
    generation: u64,
    polls_at_now: u64,
    last_id: TaskId,
    tasks: BTreeMap<TaskId, Task>,
    timers: BTreeMap<(Duration, u64), Waker>,
    last_timer: u64,
}

struct Task {
    name: &'static str,
    /// `None` while it is being polled.
    future: Option<BoxFuture<'static, ()>>,
    waker: Arc<TaskWaker>,
}

struct TaskWaker {
    id: TaskId,
    queued: AtomicBool,
    ready: Arc<Mutex<VecDeque<TaskId>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.lock().push_back(self.id);
        }
    }
}

impl Core {
    pub(super) fn new(start: Timestamp, dice: Dice) -> Self {
        Self {
            start,
            dice,
            state: Mutex::new(State {
                now: Duration::ZERO,
                time_max: TIME_MAX_DEFAULT,
                shuffle: false,
                generation: 0,
                polls_at_now: 0,
                last_id: MAIN,
                tasks: BTreeMap::new(),
                timers: BTreeMap::new(),
                last_timer: 0,
            }),
            ready: Arc::default(),
        }
    }

    pub(super) fn host(self: &Arc<Self>) -> SimHost {
        SimHost { core: Arc::clone(self), generation: self.state.lock().generation }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.state.lock().now
    }

    pub(super) fn set_shuffle(&self, shuffle: bool) {
        self.state.lock().shuffle = shuffle;
    }

    pub(super) fn set_time_max(&self, limit: Duration) {
        self.state.lock().time_max = limit;
    }

    pub(super) fn task_names(&self) -> Vec<&'static str> {
        self.state.lock().tasks.values().map(|task| task.name).collect()
    }

    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let main = self.new_waker(MAIN);
        let waker = Waker::from(Arc::clone(&main));
        waker.wake_by_ref();
        loop {
            while let Some(id) = self.next_ready() {
                if id == MAIN {
                    main.queued.store(false, Ordering::Release);
                    self.count_poll("the future given to run");
                    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return output;
                    }
                } else {
                    self.poll_task(id);
                }
            }
            if !self.pass_to_next_timer(None) {
                self.stuck();
            }
        }
    }

    pub(super) fn run_until_stalled(&self) {
        // `run` may be under way further up: its future calls us. What woke it must not be lost.
        let mut main_woken = false;
        while let Some(id) = self.next_ready() {
            if id == MAIN {
                main_woken = true;
            } else {
                self.poll_task(id);
            }
        }
        if main_woken {
            self.ready.lock().push_back(MAIN);
        }
    }

    pub(super) fn advance(&self, duration: Duration) {
        let target = self.elapsed().saturating_add(duration);
        loop {
            self.run_until_stalled();
            if !self.pass_to_next_timer(Some(target)) {
                break;
            }
        }
        let mut state = self.state.lock();
        state.now = target;
        state.polls_at_now = 0;
    }

    /// Drops every task and refuses new ones from handles given out so far.
    pub(super) fn drop_tasks(&self) {
        let mut state = self.state.lock();
        state.generation += 1;
        let tasks = std::mem::take(&mut state.tasks);
        drop(state);
        // Outside the lock: a task's parts wake others and remove their timers as they go.
        drop(tasks);
        self.ready.lock().retain(|id| *id == MAIN);
    }

    fn new_waker(&self, id: TaskId) -> Arc<TaskWaker> {
        Arc::new(TaskWaker { id, queued: AtomicBool::new(false), ready: Arc::clone(&self.ready) })
    }

    fn next_ready(&self) -> Option<TaskId> {
        let shuffle = self.state.lock().shuffle;
        let mut ready = self.ready.lock();
        if !shuffle || ready.len() < 2 {
            return ready.pop_front();
        }
        let count = u64::try_from(ready.len()).unwrap_or(1);
        let pick = usize::try_from(self.dice.next() % count).unwrap_or(0);
        ready.swap_remove_front(pick)
    }

    fn poll_task(&self, id: TaskId) {
        let (mut future, waker, name) = {
            let mut state = self.state.lock();
            let Some(task) = state.tasks.get_mut(&id) else { return };
            let Some(future) = task.future.take() else { return };
            task.waker.queued.store(false, Ordering::Release);
            (future, Arc::clone(&task.waker), task.name)
        };
        self.count_poll(name);
        let poll = future.as_mut().poll(&mut Context::from_waker(&Waker::from(waker)));
        let mut state = self.state.lock();
        if poll.is_ready() {
            state.tasks.remove(&id);
        } else if let Some(task) = state.tasks.get_mut(&id) {
            task.future = Some(future);
            return;
        }
        // Ended, or dropped by a crash it caused itself.
        drop(state);
        drop(future);
    }

    #[expect(clippy::panic, reason = "a simulation without end is a mistake of the test, which has to fail")]
    fn count_poll(&self, name: &str) {
        let mut state = self.state.lock();
        state.polls_at_now += 1;
        if state.polls_at_now > POLLS_PER_INSTANT_MAX {
            drop(state);
            panic!("simulation: {POLLS_PER_INSTANT_MAX} polls and time stands still; polled last: {name}");
        }
    }

    /// Moves the clock to the earliest timer (not past `until`) and wakes all that fall due. `false` if there is none.
    #[expect(clippy::panic, reason = "a simulation without end is a mistake of the test, which has to fail")]
    fn pass_to_next_timer(&self, until: Option<Duration>) -> bool {
        let mut state = self.state.lock();
        let Some((&(when, _), _)) = state.timers.first_key_value() else { return false };
        if until.is_some_and(|until| when > until) {
            return false;
        }
        if when > state.time_max {
            let names: Vec<_> = state.tasks.values().map(|task| task.name).collect();
            let limit = state.time_max;
            drop(state);
            panic!("simulation: time went beyond {limit:?}; tasks: {names:?}");
        }
        state.now = state.now.max(when);
        state.polls_at_now = 0;
        let later = state.timers.split_off(&(when, u64::MAX));
        let due = std::mem::replace(&mut state.timers, later);
        drop(state);
        due.into_values().for_each(Waker::wake);
        true
    }

    #[expect(clippy::panic, reason = "a deadlock is what the test has to fail with")]
    fn stuck(&self) -> ! {
        panic!("simulation: deadlock, everything waits and no timer runs; tasks: {:?}", self.task_names());
    }
}

/// The clock that the simulation moves.
pub(super) struct SimClock(pub(super) Arc<Core>);

impl ClockSource for SimClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.0.elapsed()).unwrap_or(SignedDuration::MAX);
        self.0.start.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let deadline = self.0.elapsed().saturating_add(duration);
        Box::pin(SimSleep { core: Arc::clone(&self.0), deadline, timer: None })
    }

    fn wall_clock_recheck(&self) -> Duration {
        Duration::MAX
    }
}

struct SimSleep {
    core: Arc<Core>,
    deadline: Duration,
    timer: Option<u64>,
}

impl Future for SimSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let core = Arc::clone(&self.core);
        let mut state = core.state.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let number = *self.timer.get_or_insert_with(|| {
            state.last_timer += 1;
            state.last_timer
        });
        state.timers.insert((self.deadline, number), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for SimSleep {
    fn drop(&mut self) {
        if let Some(number) = self.timer {
            let removed = self.core.state.lock().timers.remove(&(self.deadline, number));
            // The waker is dropped outside the lock.
            drop(removed);
        }
    }
}

/// Starts tasks for one generation of a machine's processes.
pub(super) struct SimHost {
    core: Arc<Core>,
    generation: u64,
}

impl TaskHost for SimHost {
    fn spawn(&self, name: &'static str, future: BoxFuture<'static, ()>) {
        let mut state = self.core.state.lock();
        if state.generation != self.generation {
            drop(state);
            return;
        }
        state.last_id += 1;
        let id = state.last_id;
        let waker = self.core.new_waker(id);
        state.tasks.insert(id, Task { name, future: Some(future), waker: Arc::clone(&waker) });
        drop(state);
        waker.wake();
    }
}

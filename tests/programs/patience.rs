//! Waiting for what another process will say, with an end.
//!
//! May touch: time. The only pause in these tests stands here.

use std::time::{Duration, Instant};

/// Long enough for a machine that builds something else meanwhile; a test that passes never waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two questions to a process.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer. `what` says in the failure what was waited for.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited {} s in vain for: {what}", PATIENCE.as_secs());
        std::thread::sleep(PAUSE);
    }
}

/// Asks until the answer is what it should be; the failure shows the last one.
pub(crate) fn until_eq<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, mut ask: impl FnMut() -> T) {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = ask();
        if answer == *wanted {
            return;
        }
        assert!(Instant::now() < end, "waited in vain for {what}: wanted {wanted:?}, last seen {answer:?}");
        std::thread::sleep(PAUSE);
    }
}

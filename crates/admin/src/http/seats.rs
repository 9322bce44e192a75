//! The seats of searches that stay open: how many may be open at once, in all and of one person.
//! May touch: nothing (pure).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::CmdletError;

/// Open searches at once on one server; a further one is told to come back.
pub const STREAMS_MAX: usize = 100;
/// Open searches of one person at once, so that nobody takes every seat.
const STREAMS_PER_ACTOR_MAX: usize = 10;

/// The seats, by who has them: at most [`STREAMS_MAX`] people.
#[derive(Debug, Clone, Default)]
pub struct Seats {
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// One of them, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    actor: String,
}

impl Seats {
    /// # Errors
    /// `Unavailable` while as many are open as may be, by everybody or by this one.
    pub(super) fn take(&self, actor: &str) -> Result<Seat, CmdletError> {
        let mut taken = self.taken.lock();
        if taken.values().fold(0, |sum: usize, open| sum.saturating_add(*open)) >= STREAMS_MAX {
            return Err(CmdletError::Unavailable(format!(
                "{STREAMS_MAX} searches are open already; close one or come back later"
            )));
        }
        let open = taken.entry(actor.to_owned()).or_default();
        if *open >= STREAMS_PER_ACTOR_MAX {
            return Err(CmdletError::Unavailable(format!(
                "{actor} has {STREAMS_PER_ACTOR_MAX} searches open already; close one"
            )));
        }
        *open = open.saturating_add(1);
        Ok(Seat { seats: self.clone(), actor: actor.to_owned() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        if let Some(open) = taken.get_mut(&self.actor) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                taken.remove(&self.actor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_open() {
        let seats = Seats::default();
        let name = |number: usize| format!("user{}", number / STREAMS_PER_ACTOR_MAX);
        let mut taken: Vec<_> = (0..STREAMS_MAX).map(|number| seats.take(&name(number)).unwrap()).collect();
        assert!(seats.take("another").is_err());
        taken.pop();
        assert!(seats.take(&name(0)).unwrap_err().to_string().contains("user0 has 10 searches open"));
        assert!(seats.take("another").is_ok());
        drop(taken);
        assert!(seats.taken.lock().is_empty(), "nobody is remembered");
    }
}

//! The places for searches that stay open, and the look-ups just made that one of them goes on with.
//! May touch: clock.
//!
//! One look of one person is one row of the audit log: whoever is shown the rows of a search and then keeps it open has
//! not looked twice.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use directory::{AuditEnd, CommandId};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::stream::{CMDLET, NOT_IN_STREAMS};
use crate::arguments::Arguments;
use crate::audit;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, Row};
use crate::role::Via;
use crate::row_names::RowNames;

/// Open searches at once on one server; a further one is told to come back.
pub const STREAMS_MAX: usize = 100;
/// Open searches of one person at once, so that nobody takes every place.
const STREAMS_PER_ACTOR_MAX: usize = 10;
/// Rows shown that are remembered, of each stream: of an older one it is not told that it is gone.
const SHOWN_MAX: usize = 10_000;
/// Addresses kept of those whose mail a stream showed.
const ADDRESSES_MAX: usize = 1_000;
/// So long after a look-up a search that stays open goes on with its record.
const JUST_MADE: Duration = Duration::from_secs(60);
/// Look-ups remembered for that.
const LOOK_UPS_MAX: usize = 100;
/// One that showed more rows is not remembered.
const ROWS_MAX: usize = 1_000;
/// What is no part of a question: how much of the answer is wanted, and in whose zone it is told.
const NOT_ASKED: &[&str] = &["ResultSize", "TimeZone"];

/// The places for open searches, by who has them: at most [`STREAMS_MAX`] people.
#[derive(Debug, Clone, Default)]
pub struct Places {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    look_ups: Arc<Mutex<VecDeque<LookUp>>>,
}

/// One of them, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    actor: String,
}

/// Who asked, and what.
#[derive(Debug, PartialEq)]
struct Question {
    actor: String,
    via: Via,
    session: Option<Uuid>,
    asked: Map<String, Value>,
}

#[derive(Debug)]
struct LookUp {
    question: Question,
    at: Timestamp,
    id: CommandId,
    shown: Shown,
}

/// What a look-up showed so far, for the audit log.
#[derive(Debug)]
pub(super) struct Shown {
    rows: u64,
    about: BTreeSet<String>,
    names: RowNames,
}

impl Places {
    /// # Errors
    /// `Unavailable` while as many are open as may be, by everybody or by this one.
    pub(super) fn take(&self, actor: &str) -> Result<Place, CmdletError> {
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
        Ok(Place { places: self.clone(), actor: actor.to_owned() })
    }

    /// Remembers a look-up that was recorded, for the search that may stay open after it.
    pub(super) fn remember(&self, context: &Context, arguments: &Arguments, output: &Output) {
        // Other cmdlets do not even know the parameters asked about below.
        if arguments.cmdlet().name != CMDLET || output.rows.len() > ROWS_MAX {
            return;
        }
        let Some(id) = context.command() else { return };
        if NOT_IN_STREAMS.iter().any(|name| arguments.is_given(name)) {
            return;
        }
        let mut shown = Shown::default();
        output.rows.iter().for_each(|row| shown.add(row));
        let (question, at) = (Question::of(context, arguments), context.world.clock.now());
        let mut look_ups = self.look_ups.lock();
        look_ups.push_back(LookUp { question, at, id, shown });
        if look_ups.len() > LOOK_UPS_MAX {
            look_ups.pop_front();
        }
    }

    /// The record of the same person's look-up of the same question, made a moment ago, and what it showed. Only one search
    /// goes on with it.
    pub(super) fn just_made(&self, context: &Context, arguments: &Arguments) -> Option<(CommandId, Shown)> {
        let (question, now) = (Question::of(context, arguments), context.world.clock.now());
        let mut look_ups = self.look_ups.lock();
        look_ups.retain(|one| now.duration_since(one.at).unsigned_abs() <= JUST_MADE);
        let at = look_ups.iter().rposition(|one| one.question == question)?;
        look_ups.remove(at).map(|one| (one.id, one.shown))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        if let Some(open) = taken.get_mut(&self.actor) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                taken.remove(&self.actor);
            }
        }
    }
}

impl Question {
    fn of(context: &Context, arguments: &Arguments) -> Question {
        let mut asked = arguments.to_json();
        NOT_ASKED.iter().for_each(|name| {
            asked.remove(*name);
        });
        let actor = &context.actor;
        Question { actor: actor.name.clone(), via: actor.via, session: actor.session, asked }
    }
}

impl Default for Shown {
    fn default() -> Shown {
        Shown { rows: 0, about: BTreeSet::new(), names: RowNames::new(SHOWN_MAX) }
    }
}

impl Shown {
    /// Keeps that a row was shown, and whose mail it is. One shown before counts once.
    pub(super) fn add(&mut self, row: &Row) {
        if !self.names.add(row) {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        if let Some(to) = row.get("RecipientAddress").and_then(Value::as_str)
            && self.about.len() < ADDRESSES_MAX
        {
            self.about.insert(to.to_owned());
        }
    }

    /// Forgets a row that is no longer shown; whether it was.
    pub(super) fn take(&mut self, row: &Row) -> bool {
        self.names.take(row)
    }

    /// What the audit log keeps of it at the end.
    pub(super) fn end(&self) -> AuditEnd {
        let about = audit::about_addresses(self.about.iter().map(String::as_str).collect());
        AuditEnd { error: None, rows: Some(self.rows), about }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_open() {
        let places = Places::default();
        let name = |number: usize| format!("user{}", number / STREAMS_PER_ACTOR_MAX);
        let mut taken: Vec<_> = (0..STREAMS_MAX).map(|number| places.take(&name(number)).unwrap()).collect();
        assert!(places.take("another").is_err());
        taken.pop();
        assert!(places.take(&name(0)).unwrap_err().to_string().contains("user0 has 10 searches open"));
        assert!(places.take("another").is_ok());
        drop(taken);
        assert!(places.taken.lock().is_empty(), "nobody is remembered");
    }
}

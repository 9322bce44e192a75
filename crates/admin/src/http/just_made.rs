//! The look-ups just made, for the search that stays open after one of them.
//! May touch: clock.
//!
//! One look of one person is one row of the audit log: whoever is shown the rows of a search and then keeps it open has
//! not looked twice.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use directory::CommandId;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::open_record::Shown;
use super::stream::{CMDLET, NOT_IN_STREAMS};
use crate::arguments::Arguments;
use crate::context::Context;
use crate::output::Output;
use crate::role::Via;

/// So long after a look-up a search that stays open goes on with its record.
const JUST_MADE: Duration = Duration::from_secs(60);
/// Look-ups remembered for that.
const LOOK_UPS_MAX: usize = 100;
/// One that showed more rows is not remembered.
const ROWS_MAX: usize = 1_000;
/// What is no part of a question: how much of the answer is wanted, and in whose zone it is told.
const NOT_ASKED: &[&str] = &["ResultSize", "TimeZone"];

/// The look-ups of the last minute, at most [`LOOK_UPS_MAX`]. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct JustMade(Arc<Mutex<VecDeque<LookUp>>>);

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

impl JustMade {
    /// Remembers a look-up that was recorded, for the search that may stay open after it.
    pub(crate) fn remember(&self, context: &Context, arguments: &Arguments, output: &Output) {
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
        output.also_about.iter().for_each(|address| shown.tell_of(address));
        let (question, at) = (Question::of(context, arguments), context.world.clock.now());
        let mut look_ups = self.0.lock();
        look_ups.push_back(LookUp { question, at, id, shown });
        if look_ups.len() > LOOK_UPS_MAX {
            look_ups.pop_front();
        }
    }

    /// The record of the same person's look-up of the same question, made a moment ago, and what it showed. Only one search
    /// goes on with it.
    pub(crate) fn take(&self, context: &Context, arguments: &Arguments) -> Option<(CommandId, Shown)> {
        let (question, now) = (Question::of(context, arguments), context.world.clock.now());
        let mut look_ups = self.0.lock();
        // Either way: after the clock was set back, a look-up from what is now the future is no look of a moment ago.
        look_ups.retain(|one| now.duration_since(one.at).unsigned_abs() <= JUST_MADE);
        let at = look_ups.iter().rposition(|one| one.question == question)?;
        look_ups.remove(at).map(|one| (one.id, one.shown))
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

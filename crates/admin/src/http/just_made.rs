//! The look-ups just made, for their further pages and for the search that stays open after one of them.
//! May touch: clock.
//!
//! One look of one person is one row of the audit log: whoever is shown the rows of a search, reads on and keeps it open has
//! not looked twice.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::look::{Look, REMEMBERED_MAX, Shown};
use super::stream::{CMDLET, NOT_IN_STREAMS};
use crate::arguments::Arguments;
use crate::context::Context;
use crate::output::Output;
use crate::role::Via;

/// So long after a look-up a search that stays open goes on with its record.
const JUST_MADE: Duration = Duration::from_secs(60);
/// So long after a look-up its further pages are of the same look.
const READ_ON: Duration = Duration::from_secs(60 * 60);
/// Look-ups remembered for that.
const LOOK_UPS_MAX: usize = 100;
/// What is no part of a question: which part of the answer is wanted, and in whose zone it is told.
const NOT_ASKED: &[&str] = &["Cursor", "ResultSize", "TimeZone"];

/// The look-ups of the last hour, at most [`LOOK_UPS_MAX`]. Cheap to clone.
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
    look: Look,
    /// Whether a search may still stay open after it.
    can_be_open: bool,
}

impl JustMade {
    /// Remembers a look-up that was recorded as a look of its own.
    pub(crate) fn remember(&self, context: &Context, arguments: &Arguments, output: &Output) {
        // Other cmdlets do not even know the parameters asked about below; a file is no part of what is compared.
        if arguments.cmdlet().name != CMDLET || arguments.is_given("PasteFile") {
            return;
        }
        let Some(id) = context.command() else { return };
        let is_open_question = !NOT_IN_STREAMS.iter().any(|name| arguments.is_given(name));
        let can_be_open = is_open_question && output.rows.len() <= REMEMBERED_MAX;
        if !can_be_open && output.next.is_none() {
            return;
        }
        let (question, at) = (Question::of(context, arguments), context.world.clock.now());
        let look = Look::new(id, Shown::of(output));
        let mut look_ups = self.0.lock();
        look_ups.push_back(LookUp { question, at, look, can_be_open });
        if look_ups.len() > LOOK_UPS_MAX {
            look_ups.pop_front();
        }
    }

    /// The same person's look-up of the same question, made a moment ago. Only one search goes on with it.
    pub(crate) fn take(&self, context: &Context, arguments: &Arguments) -> Option<Look> {
        self.last(context, arguments, JUST_MADE, |one| std::mem::take(&mut one.can_be_open))
    }

    /// The same person's look of which a page is asked for.
    pub(crate) fn read_on(&self, context: &Context, arguments: &Arguments) -> Option<Look> {
        if arguments.cmdlet().name != CMDLET || !arguments.is_given("Cursor") {
            return None;
        }
        self.last(context, arguments, READ_ON, |_| true)
    }

    fn last(
        &self,
        context: &Context,
        arguments: &Arguments,
        within: Duration,
        mut is_it: impl FnMut(&mut LookUp) -> bool,
    ) -> Option<Look> {
        let (question, now) = (Question::of(context, arguments), context.world.clock.now());
        // Either way: after the clock was set back, a look-up from what is now the future is no look of a moment ago.
        let is_within = |one: &LookUp, time: Duration| now.duration_since(one.at).unsigned_abs() <= time;
        let mut look_ups = self.0.lock();
        look_ups.retain(|one| is_within(one, READ_ON));
        // The newest first.
        let found = look_ups.iter_mut().rev().find_map(|one| {
            (one.question == question && is_within(one, within) && is_it(one)).then_some(one)
        });
        found.map(|one| one.look.clone())
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

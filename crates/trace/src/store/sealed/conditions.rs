//! Conditions of a query, as one message or row of a sealed day is asked them.
//!
//! May touch: a file.

use events::Directionality;

use super::StoreError;
use super::blocks::Blocks;
use super::packed::Column;
use super::sets::{MessageSet, NumberSet};
use super::subject::SubjectTest;
use crate::status::{HANDED_ON_CODE, Status};
use crate::store::day::DAY_MICROS;

/// A condition on a message.
#[expect(
    clippy::large_enum_variant,
    reason = "a query has a handful of them, read for every message: a box would cost more"
)]
pub(super) enum MessageTest<'a> {
    /// MAIL FROM or, where the second column is there, From.
    Names {
        sender: Column<'a>,
        author: Option<Column<'a>>,
        set: NumberSet,
        not: bool,
    },
    /// From alone: the author if it is another than the sender.
    From {
        sender: Column<'a>,
        author: Column<'a>,
        set: NumberSet,
    },
    /// A small number of which some are wanted.
    OneOf(Column<'a>, Vec<bool>),
    /// A number plus one in a set.
    Ip(Column<'a>, NumberSet),
    Size(Column<'a>, u64, u64),
    In(MessageSet),
    Subject {
        blocks: Blocks<'a>,
        test: SubjectTest,
        not: bool,
    },
    /// Has an event at or after this, in microseconds since midnight.
    Since {
        last: Column<'a>,
        slot: Column<'a>,
        since: i64,
    },
}

/// A condition on a row.
pub(super) enum RowTest<'a> {
    Address {
        column: Column<'a>,
        set: NumberSet,
        not: bool,
    },
    /// Statuses as bits; messages from the number on that have only GettingStatus count as Pending.
    Status {
        column: Column<'a>,
        bits: u16,
        overdue: u64,
    },
    /// Not handed on to a host of which nothing is read, in messages of which nothing was recorded since.
    Expected {
        column: Column<'a>,
        last: Column<'a>,
        slot: Column<'a>,
        since: i64,
    },
    ToIp(Column<'a>, NumberSet),
    Ended(Column<'a>),
    /// To an address of a set, or of a message that one of it sent from inside.
    Within {
        recipient: Column<'a>,
        direction: Column<'a>,
        sender: Column<'a>,
        set: NumberSet,
    },
}

impl MessageTest<'_> {
    pub(super) fn holds(&mut self, message: u64) -> Result<bool, StoreError> {
        Ok(match self {
            MessageTest::Names { sender, author, set, not } => {
                let found = named(sender.get(message)?, set)
                    || match author {
                        Some(author) => named(author.get(message)?, set),
                        None => false,
                    };
                found != *not
            }
            MessageTest::From { sender, author, set } => match author.get(message)? {
                0 => named(sender.get(message)?, set),
                author => named(author, set),
            },
            MessageTest::OneOf(column, wanted) => {
                let value = usize::try_from(column.get(message)?).unwrap_or(usize::MAX);
                wanted.get(value).copied().unwrap_or(false)
            }
            MessageTest::Ip(column, set) => named(column.get(message)?, set),
            MessageTest::Size(column, low, high) => (*low..=*high).contains(&column.get(message)?),
            MessageTest::In(set) => set.contains(message),
            MessageTest::Subject { blocks, test, not } => test.matches(blocks.item(message)?) != *not,
            MessageTest::Since { last, slot, since } => last_event(last, slot, message)? >= *since,
        })
    }
}

/// When the last event of a message was, in microseconds since midnight; at most a second late.
fn last_event(last: &mut Column<'_>, slot: &mut Column<'_>, message: u64) -> Result<i64, StoreError> {
    let seconds = i64::try_from(last.get(message)?).unwrap_or(i64::MAX);
    let left = i64::try_from(slot.get(message)?).unwrap_or(0);
    Ok(DAY_MICROS.saturating_sub(left).saturating_add(seconds.saturating_mul(1_000_000)))
}

/// Whether a number plus one is in a set; nothing is 0.
pub(super) fn named(value: u64, set: &NumberSet) -> bool {
    value.checked_sub(1).is_some_and(|number| set.contains(number))
}

impl RowTest<'_> {
    pub(super) fn holds(&mut self, message: u64, row: u64) -> Result<bool, StoreError> {
        Ok(match self {
            RowTest::Address { column, set, not } => set.contains(column.get(row)?) != *not,
            RowTest::Status { column, bits, overdue } => {
                let mut status = column.get(row)?;
                if status == u64::from(Status::GettingStatus.code()) && message >= *overdue {
                    status = u64::from(Status::Pending.code());
                }
                if status == u64::from(HANDED_ON_CODE) {
                    status = u64::from(Status::Pending.code());
                }
                let bit = u32::try_from(status).ok().and_then(|status| 1_u16.checked_shl(status));
                *bits & bit.unwrap_or(0) != 0
            }
            RowTest::Expected { column, last, slot, since } => {
                column.get(row)? != u64::from(HANDED_ON_CODE) || last_event(last, slot, message)? >= *since
            }
            RowTest::ToIp(column, set) => named(column.get(row)?, set),
            RowTest::Ended(column) => column.get(row)? > 0,
            RowTest::Within { recipient, direction, sender, set } => {
                set.contains(recipient.get(row)?)
                    || (direction.get(message)? == u64::from(Directionality::Originating.code())
                        && named(sender.get(message)?, set))
            }
        })
    }
}

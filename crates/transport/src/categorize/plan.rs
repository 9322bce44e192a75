//! What the categorizer decided about one message: steps in the order of the pipeline, before any of them is done.
//!
//! May touch: nothing (pure).

use events::Reason;
use mail::Address;
use spool::EntryNo;

use crate::envelope::Entry;
use crate::failure::Failure;
use crate::queue::key::QueueKey;

/// A recipient on its way through the categorizer: an entry of the spool, or one made by expansion.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The entry it is in the spool; none yet for members and forwards.
    pub stored: Option<EntryNo>,
    /// The recipient and what goes with it.
    pub entry: Entry,
}

/// One decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An address gave way to another: a proxy to its primary, a contact to its target.
    Resolve {
        /// Before.
        from: Address,
        /// After.
        to: Address,
    },
    /// A forwarding address took over, or joined.
    Redirect {
        /// The forwarding recipient.
        from: Address,
        /// Where its mail goes.
        to: Address,
    },
    /// A group became its members.
    Expand {
        /// The group.
        group: Address,
        /// All members as they were then.
        members: Vec<String>,
        /// The spool entry that ends with it, if the sender addressed the group itself.
        ends: Option<EntryNo>,
        /// Asked for by NOTIFY=SUCCESS: the sender gets an `expanded` report.
        report: Option<Box<Entry>>,
    },
    /// A recipient reached a second time.
    Duplicate {
        /// The recipient.
        recipient: Address,
        /// The group or forwarding address that led to it again.
        from: Address,
        /// By which step.
        by: DuplicateBy,
    },
    /// A recipient that will not get the message.
    Fail {
        /// Who.
        candidate: Box<Candidate>,
        /// Why.
        failure: Failure,
        /// Whether its report goes elsewhere than to the sender.
        fork: Fork,
    },
    /// A recipient whose copy ends without a report.
    Drop {
        /// Who.
        candidate: Box<Candidate>,
        /// Why.
        reason: Reason,
    },
    /// A recipient with its next hop.
    Queue {
        /// Who.
        candidate: Box<Candidate>,
        /// The queue.
        key: QueueKey,
        /// Whether its reports go elsewhere than to the sender.
        fork: Fork,
    },
}

/// Which step met a recipient again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateBy {
    /// Group expansion.
    Expansion,
    /// Forwarding.
    Redirection,
}

/// Whether a recipient needs an envelope of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fork {
    /// The message as it came.
    Original,
    /// Reports go to the group's owner: another MAIL FROM, hence another message on this server (TRANSFER).
    ReportTo(Address),
}

/// The whole decision.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// In order.
    pub steps: Vec<Step>,
    /// Spool entries that end because something else took their place (resolved, forwarded, duplicate).
    pub replaced: Vec<EntryNo>,
}

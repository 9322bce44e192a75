//! The whole message as one tree: groups, members, forwards, counts, and the messages linked to it.
//!
//! May touch: the store (reading).

use std::collections::{BTreeMap, HashMap, HashSet};

use events::{Event, EventId, Source};
use jiff::Timestamp;
use mail::NetworkMessageId;
use serde::Serialize;

use crate::places::{REPORTS_ON, queue_id_of};
use crate::search::{MessageView, TraceRow};
use crate::status::{EventKey, Replacement, Row, Status, fold, roll_up};
use crate::store::{Day, Lookup, Store, StoreError, StoredMessage, message_id_number, reference_number};

/// Groups within groups followed; what is deeper is cut and said so.
const DEPTH_MAX: usize = 32;
/// Linked messages shown.
const LINKS_MAX: usize = 100;
/// How far links of links are followed: a copy by an Inbox rule, its report, the report's journal copy.
const LINK_STEPS_MAX: usize = 4;

/// Everything about one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The message's rows, in grid order; nodes point into them.
    pub rows: Vec<TraceRow>,
    /// What the sender addressed.
    pub roots: Vec<Node>,
    /// Rows by status, Expanded and Resolved left out.
    pub counts: Vec<(Status, u64)>,
    /// Reports, rule forwards, journal reports, and the message this one came from.
    pub linked: Vec<Linked>,
}

/// A recipient and what it was replaced by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its row: index into [`Tree::rows`].
    pub row: usize,
    /// Why it has children.
    pub replacement: Option<Replacement>,
    /// What it stands for. A recipient reached by several paths is shown whole at the first one only.
    pub children: Vec<Node>,
    /// Whether it is shown whole elsewhere in the tree.
    pub shown_before: bool,
    /// Leaves below by status.
    pub counts: Vec<(Status, u64)>,
}

impl Tree {
    /// The members of a group, of groups within it too, by status: each counts once, whatever it was replaced by.
    pub fn members(&self, group: usize) -> BTreeMap<Status, u64> {
        let places: HashMap<&str, usize> =
            self.rows.iter().enumerate().map(|(place, row)| (row.row.key.as_str(), place)).collect();
        let (mut seen, mut open) = (HashSet::from([group]), Vec::from([group]));
        let mut members = BTreeMap::new();
        while let Some(row) = open.pop().and_then(|place| self.rows.get(place)) {
            if row.status == Status::Expanded {
                let below = row.row.targets.iter().filter_map(|key| places.get(key.as_str()).copied());
                open.extend(below.filter(|target| seen.insert(*target)));
                continue;
            }
            let count: &mut u64 = members.entry(row.own_status()).or_default();
            *count = count.saturating_add(1);
        }
        members
    }
}

/// How another message belongs to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Relation {
    /// A report on this message.
    Report,
    /// A copy an Inbox rule sent on.
    RuleForward,
    /// A copy an agent made.
    AgentCopy,
    /// A journal report.
    Journal,
    /// This message is a report on, or a copy of, that one.
    Origin,
}

/// How sure a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Basis {
    /// By this server's own number.
    Certain,
    /// By Message-ID, sender and time.
    Probable,
}

/// A message linked to this one: an own message with own rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// How it belongs here.
    pub relation: Relation,
    /// How sure that is.
    pub basis: Basis,
    /// The linked message that led to this one; none where the message of the tree did itself.
    pub via: Option<NetworkMessageId>,
    /// Which message.
    pub network_message_id: NetworkMessageId,
    /// When it was received.
    pub received: Timestamp,
    /// Its subject.
    pub subject: Option<String>,
    /// Its sender.
    pub sender_address: String,
    /// Its rows: address and status.
    pub recipients: Vec<(String, Status)>,
    /// Its leaf rows by status.
    pub counts: Vec<(Status, u64)>,
}

/// The tree of a message from its rows, and its links from the store.
/// `by_queue_id` gives the ids that messages are kept under which a place knows by a queue id.
pub(crate) fn tree(
    store: &Store,
    message: &StoredMessage,
    rows: Vec<TraceRow>,
    by_queue_id: &ByQueueId<'_>,
) -> Result<Tree, StoreError> {
    let folded: Vec<Row> = rows.iter().map(|row| row.row.clone()).collect();
    let places: HashMap<&str, usize> =
        folded.iter().enumerate().map(|(place, row)| (row.key.as_str(), place)).collect();
    let mut builder = Builder { rows: &folded, places: &places, shown: HashSet::new() };
    let addressed: Vec<usize> = builder.addressed(&message.events);
    let mut roots: Vec<Node> = addressed.into_iter().map(|place| builder.node(place, 0)).collect();
    // A row that nothing leads to is shown too: none may be missing.
    for place in 0..folded.len() {
        if !builder.shown.contains(&place) {
            roots.push(builder.node(place, 0));
        }
    }
    let linked = links(store, message, by_queue_id)?;
    Ok(Tree { counts: roll_up(&folded).into_iter().collect(), roots, linked, rows })
}

/// The ids messages are kept under that a place knows by this queue id.
type ByQueueId<'a> = dyn Fn(&str) -> Result<Vec<NetworkMessageId>, StoreError> + 'a;

struct Builder<'a> {
    rows: &'a [Row],
    places: &'a HashMap<&'a str, usize>,
    shown: HashSet<usize>,
}

impl Builder<'_> {
    /// The rows RECEIVE names, or those without parents if it is not there.
    fn addressed(&self, events: &[(EventKey, Event)]) -> Vec<usize> {
        let mut seen = HashSet::new();
        let entered =
            events.iter().filter(|(_, event)| matches!(event.event_id, EventId::Receive | EventId::Dsn));
        let named = entered.flat_map(|(_, event)| &event.recipients).filter_map(|recipient| {
            let key = crate::status::address_key(&recipient.address);
            self.places.get(key.as_ref()).copied().filter(|place| seen.insert(*place))
        });
        let named: Vec<usize> = named.collect();
        if !named.is_empty() {
            return named;
        }
        let orphans = self.rows.iter().enumerate().filter(|(_, row)| row.parents.is_empty());
        orphans.map(|(place, _)| place).collect()
    }

    fn node(&mut self, place: usize, depth: usize) -> Node {
        let shown_before = !self.shown.insert(place);
        let Some(row) = self.rows.get(place) else {
            return Node {
                row: place,
                replacement: None,
                children: Vec::new(),
                shown_before,
                counts: Vec::new(),
            };
        };
        let whole = !shown_before && depth < DEPTH_MAX;
        let targets: Vec<usize> =
            row.targets.iter().filter_map(|key| self.places.get(key.as_str()).copied()).collect();
        let children = if whole {
            targets.into_iter().map(|target| self.node(target, depth.saturating_add(1))).collect()
        } else {
            Vec::new()
        };
        Node { row: place, replacement: row.replacement, children, shown_before, counts: self.leaves(place) }
    }

    /// Leaves below a row, each once.
    fn leaves(&self, place: usize) -> Vec<(Status, u64)> {
        let mut seen = HashSet::from([place]);
        let mut open: Vec<usize> = Vec::from([place]);
        let mut leaves = Vec::new();
        while let Some(next) = open.pop() {
            let Some(row) = self.rows.get(next) else { continue };
            if row.status.is_leaf() {
                leaves.push(row);
            }
            let below = row.targets.iter().filter_map(|key| self.places.get(key.as_str()).copied());
            open.extend(below.filter(|target| seen.insert(*target)));
        }
        roll_up(leaves).into_iter().collect()
    }
}

/// Messages this one led to or came from, and what those led to in turn, nearest first.
fn links(
    store: &Store,
    message: &StoredMessage,
    by_queue_id: &ByQueueId<'_>,
) -> Result<Vec<Linked>, StoreError> {
    let mut seen = HashSet::from([MessageView::of(&message.events).network_message_id]);
    let mut linked = Vec::new();
    let mut open: Vec<(StoredMessage, Option<NetworkMessageId>)> = Vec::from([(message.clone(), None)]);
    for _ in 0..LINK_STEPS_MAX {
        let mut next = Vec::new();
        for (of, via) in open {
            for (other, relation, basis) in neighbours(store, &of, by_queue_id)? {
                let view = MessageView::of(&other.events);
                let id = view.network_message_id;
                // What a copy came from is this message, or nothing that belongs here.
                let is_back = via.is_some() && relation == Relation::Origin;
                if !is_back && linked.len() < LINKS_MAX && seen.insert(id) {
                    linked.push(link(relation, basis, via, &other, view));
                    // From where this one came, other copies may have gone: they are not of this message.
                    if relation != Relation::Origin {
                        next.push((other, Some(id)));
                    }
                }
            }
        }
        open = next;
    }
    Ok(linked)
}

type Neighbour = (StoredMessage, Relation, Basis);

/// Messages that name this one as their origin, then those it names as its own.
fn neighbours(
    store: &Store,
    message: &StoredMessage,
    by_queue_id: &ByQueueId<'_>,
) -> Result<Vec<Neighbour>, StoreError> {
    let own = MessageView::of(&message.events);
    let from = Some(Day::of(message.received));
    let mut found = Vec::new();
    if let Some(number) = own.internal_message_id {
        let others = store.look_up(Lookup::Reference(reference_number(&number.to_string())), from)?;
        add(&mut found, others, |other| Some((descent(other)?, Basis::Certain)));
    }
    if let Some(id) = &own.message_id {
        let others = store.look_up(Lookup::Reference(message_id_number(id)), from)?;
        add(&mut found, others, |other| {
            let relation = descent(other)?;
            let basis = basis(relation, &message.events, &other.events);
            (basis == Basis::Certain || fits(relation, other, &own)).then_some((relation, basis))
        });
    }
    let entered =
        message.events.iter().filter(|(_, event)| matches!(event.event_id, EventId::Receive | EventId::Dsn));
    let relation = descent(message);
    for reference in entered.flat_map(|(_, event)| &event.reference) {
        match reference.parse::<u64>() {
            Ok(number) => {
                let others = store.look_up(Lookup::InternalId(number), None)?;
                add(&mut found, others, |_| relation.map(|_| (Relation::Origin, Basis::Certain)));
            }
            Err(_) => {
                let others = store.look_up(Lookup::MessageId(reference_number(reference)), None)?;
                add(&mut found, others, |other| {
                    let relation = relation?;
                    let theirs = MessageView::of(&other.events);
                    let basis = basis(relation, &other.events, &message.events);
                    (basis == Basis::Certain || fits(relation, message, &theirs))
                        .then_some((Relation::Origin, basis))
                });
            }
        }
    }
    stated(store, message, by_queue_id, &mut found)?;
    Ok(found)
}

/// Reports on this message, and the message this report is on, that the log of a place states by queue ids alone: the
/// Message-ID of a message that was done with before its report was made does not stand beside it.
fn stated(
    store: &Store,
    message: &StoredMessage,
    by_queue_id: &ByQueueId<'_>,
    found: &mut Vec<Neighbour>,
) -> Result<(), StoreError> {
    let from = Some(Day::of(message.received));
    let of_places = || message.events.iter().map(|(_, event)| event).filter(|one| one.detail.place.is_some());
    let queue_ids: HashSet<&str> = of_places().filter_map(queue_id_of).collect();
    for id in queue_ids.into_iter().take(LINKS_MAX) {
        let others = store.look_up(Lookup::Reference(reference_number(id)), from)?;
        add(found, others, |other| {
            let is_stated = other.events.iter().any(|(_, report)| is_stated(report, &message.events));
            is_stated.then_some((Relation::Report, Basis::Certain))
        });
    }
    for report in of_places() {
        let Some((_, of)) = report.custom_data.iter().find(|(name, _)| name == REPORTS_ON) else { continue };
        for id in by_queue_id(of)?.into_iter().take(LINKS_MAX) {
            let others = store.look_up(Lookup::NetworkId(id), None)?;
            add(found, others, |other| {
                is_stated(report, &other.events).then_some((Relation::Origin, Basis::Certain))
            });
        }
    }
    Ok(())
}

fn add(
    found: &mut Vec<Neighbour>,
    others: Vec<StoredMessage>,
    relate: impl Fn(&StoredMessage) -> Option<(Relation, Basis)>,
) {
    for other in others {
        if let Some((relation, basis)) = relate(&other) {
            found.push((other, relation, basis));
        }
    }
}

/// How sure it is that a message that names this origin is of it. A failure names the report made of it, as in
/// Exchange, and a mail log the message a report is made of: where both are told of each other nothing is guessed.
fn basis(relation: Relation, origin: &[(EventKey, Event)], other: &[(EventKey, Event)]) -> Basis {
    if relation != Relation::Report {
        return Basis::Probable;
    }
    if other.iter().any(|(_, report)| is_stated(report, origin)) {
        return Basis::Certain;
    }
    let view = MessageView::of(other);
    let Some(id) = view.message_id.as_ref() else { return Basis::Probable };
    let number = message_id_number(id);
    let ends = origin.iter().filter(|(_, event)| matches!(event.event_id, EventId::Fail | EventId::Defer));
    let names_it =
        ends.flat_map(|(_, event)| &event.reference).any(|reference| reference_number(reference) == number);
    if names_it { Basis::Certain } else { Basis::Probable }
}

/// Whether the log of a place states that a report is made of this message there.
fn is_stated(report: &Event, origin: &[(EventKey, Event)]) -> bool {
    let Some((_, of)) = report.custom_data.iter().find(|(name, _)| name == REPORTS_ON) else { return false };
    report.detail.place.is_some()
        && origin.iter().any(|(_, event)| {
            event.detail.place == report.detail.place && queue_id_of(event) == Some(of.as_str())
        })
}

/// What a message that names an origin is to it.
fn descent(message: &StoredMessage) -> Option<Relation> {
    message.events.iter().find_map(|(_, event)| match (event.event_id, event.source) {
        (EventId::Dsn, _) => Some(Relation::Report),
        (EventId::Receive, Source::MailboxRule) => Some(Relation::RuleForward),
        (EventId::Receive, Source::Agent) if is_journal(event) => Some(Relation::Journal),
        (EventId::Receive, Source::Agent) => Some(Relation::AgentCopy),
        (EventId::Receive, Source::Dsn) => Some(Relation::Report),
        _ => None,
    })
}

/// The journaling agent names itself, as it does in logs of Exchange.
fn is_journal(event: &Event) -> bool {
    event.source_context.as_deref().is_some_and(|agent| agent.to_ascii_lowercase().contains("journal"))
}

/// A Message-ID alone joins nothing, since programs repeat them: a report must go to the sender of its origin.
fn fits(relation: Relation, other: &StoredMessage, origin: &MessageView) -> bool {
    if relation != Relation::Report {
        return true;
    }
    let sender = origin.sender_address.to_lowercase();
    other
        .events
        .iter()
        .flat_map(|(_, event)| &event.recipients)
        .any(|recipient| recipient.address.to_lowercase() == sender)
}

fn link(
    relation: Relation,
    basis: Basis,
    via: Option<NetworkMessageId>,
    other: &StoredMessage,
    view: MessageView,
) -> Linked {
    let rows = fold(&other.events);
    Linked {
        relation,
        basis,
        via,
        counts: roll_up(&rows).into_iter().collect(),
        network_message_id: view.network_message_id,
        received: other.received,
        subject: view.subject,
        sender_address: view.sender_address,
        recipients: rows.into_iter().map(|row| (row.recipient_address, row.status)).collect(),
    }
}

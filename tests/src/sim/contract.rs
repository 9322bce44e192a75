//! The trace contract: every recipient that was accepted reaches exactly one end or waits where it can be seen, and the
//! trace says so.
//!
//! May touch: the server of the scenario (reading; feeding the trace again must change nothing).

use std::collections::{BTreeMap, BTreeSet};

use events::{Event, EventId};
use mail::NetworkMessageId;
use spool::MessageNo;
use trace::{EventKey, NodeId, Stage, Status, TraceRow};
use world::sim::SimWorld;

use super::Fault;
use super::house::House;
use super::show;

/// The node that the trace's default configuration names.
const NODE: NodeId = NodeId(1);

/// What the events say of one recipient of one message.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Account {
    /// RECEIVE, or made by an expansion, resolution or redirection.
    begun: u32,
    /// DELIVER, DUPLICATEDELIVER, SEND, SENDEXTERNAL, FAIL, DROP.
    ends: u32,
    /// Replaced by another address.
    replaced: bool,
    /// Entries in a queue.
    waiting: u32,
}

type Accounts = BTreeMap<(NetworkMessageId, String), Account>;

/// Checks the contract; every breach is one line of the fault.
pub fn check(sim: &SimWorld, house: &House) -> Result<(), Fault> {
    house.settle(sim);
    let breaches = sim.run(Box::pin(breaches(house)))?;
    if breaches.is_empty() {
        Ok(())
    } else {
        Err(format!("the trace contract is broken:\n  {}", breaches.join("\n  ")))
    }
}

/// Panics where [`check`] finds a breach.
pub fn assert_trace_contract(sim: &SimWorld, house: &House) {
    if let Err(fault) = check(sim, house) {
        panic!("{fault}");
    }
}

async fn breaches(house: &House) -> Result<Vec<String>, Fault> {
    let mut breaches = Vec::new();
    let events = show::events(house).await?;
    let mut accounts = keep_accounts(&events, &mut breaches);
    places(house, &mut accounts, &mut breaches);
    judge(&accounts, &mut breaches);
    let lag = house.feed.lag();
    if lag.events > 0 || lag.unreadable > 0 || lag.failure.is_some() {
        breaches.push(format!("the trace is not caught up: {lag:?}"));
    }
    let before = show::trace_rows(house, show::everything()).await?;
    rows(&before, &accounts, &mut breaches);
    let again: Vec<(EventKey, Event)> =
        events.into_iter().map(|(seq, event)| (EventKey { node: NODE, seq }, event)).collect();
    let fresh = house.trace.store().import(again).map_err(|error| error.to_string())?;
    if fresh > 0 {
        breaches.push(format!("{fresh} events of the spool were not in the trace"));
    }
    if show::trace_rows(house, show::everything()).await? != before {
        breaches.push("feeding the trace again changed its rows".to_owned());
    }
    Ok(breaches)
}

fn keep_accounts(events: &[(u64, Event)], breaches: &mut Vec<String>) -> Accounts {
    let mut accounts = Accounts::new();
    let mut known = BTreeSet::new();
    for (_, event) in events {
        let id = event.network_message_id;
        if matches!(event.event_id, EventId::Receive | EventId::Dsn) {
            known.insert(id);
        }
        if !known.contains(&id) {
            breaches.push(format!("{} for {id}, which was never received", event.event_id.as_str()));
        }
        let key = |address: &str| (id, address.to_lowercase());
        if let Some(related) = &event.related_recipient_address {
            let replaces = matches!(event.event_id, EventId::Expand | EventId::Resolve | EventId::Redirect);
            accounts.entry(key(related)).or_default().replaced |= replaces;
        }
        for recipient in &event.recipients {
            let account = accounts.entry(key(&recipient.address)).or_default();
            match event.event_id {
                EventId::Receive | EventId::Dsn | EventId::Expand | EventId::Resolve | EventId::Redirect => {
                    account.begun += 1;
                }
                EventId::Deliver
                | EventId::DuplicateDeliver
                | EventId::Send
                | EventId::SendExternal
                | EventId::Fail
                | EventId::Drop => account.ends += 1,
                _ => {}
            }
        }
    }
    accounts
}

/// Every recipient has begun, and has one end or waits once; a replaced one may have neither.
fn judge(accounts: &Accounts, breaches: &mut Vec<String>) {
    for ((message, address), account) in accounts {
        let now = account.ends + account.waiting;
        let fine = if account.replaced { now <= 1 } else { now == 1 };
        if account.begun == 0 || !fine {
            breaches.push(format!("{address} of {message}: {account:?}"));
        }
    }
}

/// Every entry of the spool must stand in a queue that is shown, and every one shown must be in the spool.
fn places(house: &House, accounts: &mut Accounts, breaches: &mut Vec<String>) {
    let mut stored: Vec<(u64, String)> = Vec::new();
    for message in house.spool.messages() {
        let Ok(envelope) = transport::format::decode_envelope(&message.envelope) else {
            breaches.push(format!("the envelope of message {} cannot be read", message.no.0));
            continue;
        };
        if message.entries.is_empty() {
            breaches.push(format!("message {} lives without a recipient", message.no.0));
        }
        for (_, bytes) in &message.entries {
            match transport::format::decode_entry(bytes) {
                Ok(entry) => {
                    let address = entry.recipient.as_str().to_lowercase();
                    accounts.entry((envelope.network_message_id, address.clone())).or_default().waiting += 1;
                    stored.push((message.no.0, address));
                }
                Err(error) => {
                    breaches.push(format!("an entry of message {} cannot be read: {error}", message.no.0))
                }
            }
        }
    }
    let mut shown: Vec<(u64, String)> = Vec::new();
    for view in house.transport.queued_messages(None) {
        let number =
            view.identity.rsplit('\\').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let recipients = view.recipients.iter().map(|recipient| (number, recipient.address.to_lowercase()));
        shown.extend(recipients);
    }
    stored.sort();
    shown.sort();
    if stored != shown {
        breaches.push(format!("in the spool {stored:?}, in queues {shown:?}"));
    }
    let counted: usize = house.transport.queues().iter().map(|queue| queue.message_count).sum();
    let messages: BTreeSet<MessageNo> = house.spool.message_numbers().into_iter().collect();
    if counted < messages.len() {
        breaches.push(format!("Get-Queue counts {counted} messages of {}", messages.len()));
    }
}

/// The rows of the trace say of every recipient what the events say.
fn rows(rows: &[TraceRow], accounts: &Accounts, breaches: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for row in rows.iter().filter(|row| row.stage != Stage::NotReceived) {
        let key = (row.network_message_id, row.recipient_address.to_lowercase());
        let shown = format!("the row {} {} of {}", row.recipient_address, row.status, row.network_message_id);
        if !seen.insert(key.clone()) {
            breaches.push(format!("{shown} stands twice"));
        }
        let Some(account) = accounts.get(&key) else {
            breaches.push(format!("{shown} has no events"));
            continue;
        };
        let fits = match row.status {
            Status::Expanded | Status::Resolved => account.replaced,
            Status::Pending | Status::GettingStatus => {
                account.waiting > 0 && account.ends == 0 || is_handed_on(row)
            }
            _ => account.ends > 0,
        };
        if !fits {
            breaches.push(format!("{shown} contradicts {account:?}"));
        }
    }
    for (message, address) in accounts.keys() {
        if !seen.contains(&(*message, address.clone())) {
            breaches.push(format!("{address} of {message} has no row"));
        }
    }
}

/// Accepted by a server of ours that has not reported it: no end yet, and rightly not in a queue here.
fn is_handed_on(row: &TraceRow) -> bool {
    use trace::SubStatus;
    matches!(row.row.sub_status, Some(SubStatus::InTransit | SubStatus::NotSeenThereYet))
}

#[cfg(test)]
mod tests {
    use events::Source;
    use world::sim::SIM_START;

    use super::*;

    fn event(id: EventId, to: &[&str], related: Option<&str>) -> (u64, Event) {
        let mut event = Event::new(SIM_START, id, Source::Smtp, NetworkMessageId::default());
        for address in to {
            event = event.recipient(*address, "");
        }
        event.related_recipient_address = related.map(str::to_owned);
        (0, event)
    }

    fn breaches(events: &[(u64, Event)]) -> usize {
        let mut breaches = Vec::new();
        let accounts = keep_accounts(events, &mut breaches);
        judge(&accounts, &mut breaches);
        breaches.len()
    }

    #[test]
    fn one_end_each_and_no_more() {
        let received = || event(EventId::Receive, &["a", "g"], None);
        let expanded = || event(EventId::Expand, &["a", "b"], Some("g"));
        let end = |id, to: &str| event(id, &[to], None);
        assert_eq!(
            breaches(&[received(), expanded(), end(EventId::Deliver, "A"), end(EventId::Fail, "b")]),
            0
        );
        assert_eq!(breaches(&[received(), expanded(), end(EventId::Deliver, "a")]), 1, "b has no end");
        let twice = [
            received(),
            expanded(),
            end(EventId::Deliver, "a"),
            end(EventId::Fail, "a"),
            end(EventId::Drop, "b"),
        ];
        assert_eq!(breaches(&twice), 1, "a has two ends");
        assert_eq!(
            breaches(&[end(EventId::Deliver, "a")]),
            2,
            "an end of what never began, of a message never received"
        );
    }
}

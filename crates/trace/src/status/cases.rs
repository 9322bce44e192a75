//! The 57 cases of the status rules as a table, each fed in order, backwards, rotated, and twice.
//!
//! May touch: nothing (tests).
//! Notation: `SOURCE/EVENT[recipients] | field=value | …`, one event a line; a line that begins `2:` is
//! another message. a, b, m = mailboxes, g, h = groups, x = outside.

use events::{DomainKind, Event, EventId, NextHop, Reason, Source};
use jiff::Timestamp;
use mail::NetworkMessageId;
use uuid::Uuid;

use super::{EventKey, NodeId, Row, Stage, Status, fold, roll_up};

/// One case: events in, rows out as `address Status Stage [words]`.
pub(super) struct Case {
    pub(super) id: &'static str,
    pub(super) given: &'static [&'static str],
    pub(super) rows: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { id: "S01", given: &["SMTP/RECEIVE[a]"], rows: &["a GettingStatus Received"] },
    Case { id: "S02", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a]"], rows: &["a GettingStatus Received"] },
    Case { id: "S03", given: &["SMTP/RECEIVE[a]", "QUEUE/QUEUED[a] | queue=mx1\\3"], rows: &["a Pending Processed queued"] },
    Case { id: "S04", given: &["SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a] | folder=Inbox"], rows: &["a Delivered Delivered in Inbox"] },
    Case { id: "S05", given: &["STOREDRIVER/NOTIFYMAPI[]", "STOREDRIVER/RECEIVE[a]", "STOREDRIVER/SUBMIT[a]", "SMTP/HAREDIRECT[a]", "SMTP/RECEIVE[a]",
        "AGENT/AGENTINFO[a]", "SMTP/SEND[a]", "STOREDRIVER/DELIVER[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S06", given: &["SMTP/RECEIVE[x]", "SMTP/SENDEXTERNAL[x] | status=250 2.1.5 Recipient OK | reply=250 2.0.0 Ok: queued as 4C1F2 | host=mx.example | rqid=4C1F2"],
        rows: &["x Delivered HandedOn handed on"] },
    Case { id: "S07", given: &["SMTP/RECEIVE[a]", "SMTP/SEND[a] | connector=Intra-Organization SMTP Send Connector"],
        rows: &["a Pending Processed in transit inside the organization"] },
    Case { id: "S08", given: &["SMTP/RECEIVE[x]", "SMTP/SEND[x] | connector=To Internet"], rows: &["x Delivered HandedOn handed on"] },
    Case { id: "S09", given: &["SMTP/RECEIVE[a]", "SMTP/DEFER[a] | status=451 4.7.1 Greylisted | attempts=1 | next=60 | expires=172800"],
        rows: &["a Pending Processed deferred"] },
    Case { id: "S10", given: &["SMTP/RECEIVE[a]", "SMTP/DEFER[a]", "STOREDRIVER/DELIVER[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S11", given: &["SMTP/RECEIVE[a]", "ROUTING/FAIL[a] | status=550 5.1.10 RESOLVER.ADR.RecipientNotFound | reference=<dsn@us>",
        "2:DSN/DSN[sender] | reference=<original@them>"], rows: &["a Failed NotDelivered rejected"] },
    Case { id: "S12", given: &["SMTP/RECEIVE[a]", "QUEUE/FAIL[a] | status=550 4.4.7 QUEUE.Expired"], rows: &["a Failed NotDelivered expired"] },
    Case { id: "S13", given: &["SMTP/RECEIVE[a]", "AGENT/DROP[a] | reason=TransportRule"], rows: &["a Failed NotDelivered dropped silently"] },
    Case { id: "S14", given: &["SMTP/RECEIVE[g]", "ROUTING/EXPAND[m1;m2] | related=g", "STOREDRIVER/DELIVER[m1;m2]"],
        rows: &["g Expanded Delivered", "m1 Delivered Delivered", "m2 Delivered Delivered"] },
    Case { id: "S15", given: &["SMTP/RECEIVE[g]", "ROUTING/EXPAND[m1;m2] | related=g", "STOREDRIVER/DELIVER[m1]", "ROUTING/FAIL[m2]"],
        rows: &["g Expanded Processed", "m1 Delivered Delivered", "m2 Failed NotDelivered rejected"] },
    Case { id: "S16", given: &["SMTP/RECEIVE[g]", "ROUTING/EXPAND[h;m1] | related=g", "ROUTING/EXPAND[m1;m2] | related=h",
        "ROUTING/DUPLICATEEXPAND[m1]", "STOREDRIVER/DELIVER[m1;m2]"],
        rows: &["g Expanded Delivered", "h Expanded Delivered", "m1 Delivered Delivered", "m2 Delivered Delivered"] },
    Case { id: "S17", given: &["SMTP/RECEIVE[g]", "ROUTING/EXPAND[] | related=g"], rows: &["g Expanded Processed 0 members"] },
    Case { id: "S18", given: &["SMTP/RECEIVE[a2]", "ROUTING/RESOLVE[a] | related=a2", "STOREDRIVER/DELIVER[a]"],
        rows: &["a2 Resolved Delivered -> a Delivered", "a Delivered Delivered"] },
    Case { id: "S19", given: &["SMTP/RECEIVE[a]", "ROUTING/RESOLVE[a] | related=A", "STOREDRIVER/DELIVER[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S20", given: &["SMTP/RECEIVE[a]", "ROUTING/REDIRECT[b] | related=a", "STOREDRIVER/DELIVER[b]"],
        rows: &["a Resolved Delivered -> b Delivered", "b Delivered Delivered"] },
    Case { id: "S21", given: &["SMTP/RECEIVE[a]", "ROUTING/REDIRECT[b] | related=a", "STOREDRIVER/DELIVER[a]", "STOREDRIVER/DELIVER[b]"],
        rows: &["a Delivered Delivered", "b Delivered Delivered"] },
    Case { id: "S22", given: &["SMTP/RECEIVE[a;b]", "ROUTING/REDIRECT[b] | related=a", "ROUTING/DUPLICATEREDIRECT[b]", "STOREDRIVER/DELIVER[b]"],
        rows: &["a Resolved Delivered -> b Delivered", "b Delivered Delivered"] },
    Case { id: "S23", given: &["SMTP/RECEIVE[a]", "ROUTING/REDIRECT[b] | related=a", "ROUTING/REDIRECT[a] | related=b",
        "ROUTING/FAIL[a] | status=550 5.4.6 loop | reason=ForwardingLoop"],
        rows: &["a Failed NotDelivered rejected", "b Resolved Processed -> a Failed"] },
    Case { id: "S24", given: &["SMTP/RECEIVE[a]", "STOREDRIVER/DELIVER[a] | folder=Inbox", "2:MAILBOXRULE/RECEIVE[x] | reference=17",
        "2:SMTP/SENDEXTERNAL[x]"], rows: &["a Delivered Delivered in Inbox", "2:x Delivered HandedOn handed on"] },
    Case { id: "S25", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:SFA=SFV=SPM|DI=SQ", "AGENT/QUARANTINE[a] | folder=Quarantine"],
        rows: &["a Quarantined NotDelivered held in quarantine"] },
    Case { id: "S26", given: &["SMTP/RECEIVE[a]", "AGENT/QUARANTINE[a]", "ADMIN/RELEASE[a]", "STOREDRIVER/DELIVER[a] | folder=Inbox"],
        rows: &["a Delivered Delivered in Inbox"] },
    Case { id: "S27", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:SFA=SFV=SPM|DI=SD", "AGENT/FAIL[a] | status=550 5.7.1"],
        rows: &["a FilteredAsSpam NotDelivered rejected"] },
    Case { id: "S28", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:SFA=SFV=SPM|DI=SJ", "STOREDRIVER/DELIVER[a] | folder=Junk Email"],
        rows: &["a Delivered Delivered Junk Email in Junk Email"] },
    Case { id: "S29", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:AMA=EV|engine|Eicar|x.zip|action=b", "AGENT/FAIL[a] | reason=Malware"],
        rows: &["a Failed NotDelivered rejected"] },
    Case { id: "S30", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:TRA=ETR|ruleId=7|action=RejectMessage",
        "AGENT/FAIL[a] | status=550 5.7.1 TRANSPORT.RULES.RejectMessage | reason=TransportRule"], rows: &["a Failed NotDelivered rejected"] },
    Case { id: "S31", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:TRA=ETRP|ruleId=7", "STOREDRIVER/DELIVER[a]"], rows: &["a Delivered Delivered"] },
    Case { id: "S32", given: &["SMTP/RECEIVE[a]", "AGENT/AGENTINFO[a] | S:TRA=ETR|ruleId=7|action=RedirectMessage", "ROUTING/REDIRECT[b] | related=a",
        "STOREDRIVER/DELIVER[b]"], rows: &["a Resolved Delivered -> b Delivered", "b Delivered Delivered"] },
    Case { id: "S33", given: &["SMTP/RECEIVE[m]", "APPROVAL/INITMESSAGECREATED[m]"], rows: &["m Pending Received waiting for a moderator"] },
    Case { id: "S34", given: &["SMTP/RECEIVE[m]", "APPROVAL/INITMESSAGECREATED[m]", "APPROVAL/MODERATORAPPROVE[m]", "STOREDRIVER/DELIVER[m]",
        "2:APPROVAL/DROP[moderator]"], rows: &["m Delivered Delivered"] },
    Case { id: "S35", given: &["SMTP/RECEIVE[m]", "APPROVAL/INITMESSAGECREATED[m]", "APPROVAL/MODERATORREJECT[m]"], rows: &["m Failed NotDelivered moderation"] },
    Case { id: "S36", given: &["SMTP/RECEIVE[m]", "APPROVAL/INITMESSAGECREATED[m]", "APPROVAL/MODERATIONEXPIRE[m]"], rows: &["m Failed NotDelivered moderation"] },
    Case { id: "S37", given: &["SMTP/RECEIVE[m]", "APPROVAL/INITMESSAGECREATED[m]", "APPROVAL/MODERATORSALLNDR[m]"], rows: &["m Failed NotDelivered moderation"] },
];

const EPOCH_S: i64 = 1_700_000_000;

/// Reads one line of the notation; `number` gives the time and the identity.
pub(super) fn parse(line: &str, number: usize) -> (EventKey, Event) {
    let (message, line) = line.strip_prefix("2:").map_or((1_u128, line), |rest| (2, rest));
    let mut fields = line.split(" | ");
    let (head, recipients) = fields.next().unwrap().strip_suffix(']').unwrap().split_once('[').unwrap();
    let (source, event_id) = head.split_once('/').unwrap();
    let seconds = |count: i64| Timestamp::from_second(EPOCH_S + count).unwrap();
    let id = NetworkMessageId(Uuid::from_u128(message));
    let mut event = Event::new(
        seconds(i64::try_from(number).unwrap()),
        event_id.parse::<EventId>().unwrap(),
        source.parse::<Source>().unwrap(),
        id,
    );
    let mut status = "";
    for field in fields {
        let (name, value) = field.split_once('=').unwrap();
        match name {
            "status" => status = value,
            "related" => event.related_recipient_address = Some(value.into()),
            "reference" => event.reference.push(value.into()),
            "connector" => event.connector_id = Some(value.into()),
            "folder" => event.detail.folder = Some(value.into()),
            "queue" => event.detail.queue = Some(value.into()),
            "reply" => event.detail.remote_reply = Some(value.into()),
            "host" => event.detail.remote_host = Some(value.into()),
            "rqid" => event.detail.remote_queue_id = Some(value.into()),
            "attempts" => event.detail.attempts = Some(value.parse().unwrap()),
            "next" => event.detail.next_retry = Some(seconds(value.parse().unwrap())),
            "expires" => event.detail.expires = Some(seconds(value.parse().unwrap())),
            "reason" => event.detail.reason = Some(value.parse::<Reason>().unwrap()),
            "domain" => event.detail.domain = Some(value.parse::<DomainKind>().unwrap()),
            "hop" if value == "outside" => event.detail.next_hop = Some(NextHop::Outside),
            "hop" if value == "internal" => event.detail.next_hop = Some(NextHop::Internal),
            "hop" => event.detail.next_hop = Some(NextHop::Place(value.into())),
            _ if name.starts_with("S:") => event.custom_data.push((name.into(), value.into())),
            other => panic!("unknown field {other}"),
        }
    }
    for recipient in recipients.split(';').filter(|address| !address.is_empty()) {
        event = event.recipient(recipient, status);
    }
    (EventKey { node: NodeId(1), seq: u64::try_from(number).unwrap() }, event)
}

/// The rows of all messages in the events, as the table writes them, sorted.
pub(super) fn shown(events: &[(EventKey, Event)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, prefix) in [(1_u128, ""), (2, "2:")] {
        let own: Vec<_> = events
            .iter()
            .filter(|(_, event)| event.network_message_id.0.as_u128() == number)
            .cloned()
            .collect();
        // Of a second message only what the table asks for is compared: its rows never mix with the first's.
        lines.extend(fold(&own).iter().map(|row| format!("{prefix}{}", show(row))));
    }
    lines.sort();
    lines
}

fn show(row: &Row) -> String {
    let mut line = format!("{} {} {}", row.recipient_address, row.status, row.stage);
    if let Some(sub_status) = row.sub_status {
        line += &format!(" {}", sub_status.label());
    }
    if let Some(folder) = &row.folder
        && row.status == Status::Delivered
    {
        line += &format!(" in {folder}");
    }
    if let (Some(address), Some(status)) = (&row.final_recipient_address, row.final_status) {
        line += &format!(" -> {address} {status}");
    }
    line
}

pub(super) fn check(case: &Case) {
    let given: Vec<_> = case.given.iter().enumerate().map(|(number, line)| parse(line, number)).collect();
    let mut expected: Vec<String> = case.rows.iter().map(ToString::to_string).collect();
    expected.sort();
    let first_only = !expected.iter().any(|line| line.starts_with("2:"));
    let mut backwards = given.clone();
    backwards.reverse();
    let twice: Vec<_> = given.iter().chain(&backwards).cloned().collect();
    let mut orders = vec![given.clone(), backwards, twice];
    for turn in 1..given.len() {
        let mut turned = given.clone();
        turned.rotate_left(turn);
        orders.push(turned);
    }
    for order in orders {
        let mut lines = shown(&order);
        if first_only {
            lines.retain(|line| !line.starts_with("2:"));
        }
        assert_eq!(lines, expected, "{}", case.id);
    }
}

#[test]
fn cases_s01_to_s37() {
    CASES.iter().for_each(check);
    assert_eq!(CASES.len(), 37);
}

#[test]
fn a_failed_member_shows_in_the_roll_up_not_in_the_group() {
    let case = CASES.iter().find(|case| case.id == "S15").unwrap();
    let events: Vec<_> = case.given.iter().enumerate().map(|(number, line)| parse(line, number)).collect();
    let counts = roll_up(&fold(&events));
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(Status::Delivered, 1), (Status::Failed, 1)]);
}

#[test]
fn a_nested_group_names_both_paths_of_a_member() {
    let lines = ["SMTP/RECEIVE[g]", "ROUTING/EXPAND[h;m1] | related=g", "ROUTING/EXPAND[m1;m2] | related=h"];
    let events: Vec<_> = lines.iter().enumerate().map(|(number, line)| parse(line, number)).collect();
    let rows = fold(&events);
    let member = rows.iter().find(|row| row.key == "m1").unwrap();
    assert_eq!(member.parents, ["g", "h"]);
    assert_eq!(member.stage, Stage::Processed);
}

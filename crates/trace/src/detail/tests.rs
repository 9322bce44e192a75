//! The detail of a row: the budget adds up, the cause names its evidence, the directory is as it was.
//!
//! May touch: nothing (pure).

use events::{Directionality, Event, EventId, MessageFacts, Reason, Source};
use jiff::{SignedDuration, Timestamp};
use mail::NetworkMessageId;

use super::*;
use crate::search::MessageView;
use crate::status::{NodeId, fold};

const KIM: &str = "kim@contoso.example";

fn start() -> Timestamp {
    "2026-11-20T09:03:11.000400Z".parse().unwrap()
}

fn at(micros: i64) -> Timestamp {
    start() + SignedDuration::from_micros(micros)
}

fn event(micros: i64, id: EventId, source: Source, to: &[&str]) -> Event {
    let mut event = Event::new(at(micros), id, source, NetworkMessageId::default());
    event.received = start();
    event.server_hostname = Some("mx1.contoso.example".to_owned());
    for address in to {
        event = event.recipient(*address, "");
    }
    event
}

fn receive(to: &[&str]) -> Event {
    let mut event = event(0, EventId::Receive, Source::Smtp, to);
    event.message = Some(MessageFacts {
        subject: "Invoice".to_owned(),
        sender_address: "ann@contoso.example".to_owned(),
        from_address: Some("ann@contoso.example".to_owned()),
        return_path: "ann@contoso.example".to_owned(),
        directionality: Directionality::Originating,
        authenticated_as: Some("ann@contoso.example".to_owned()),
        ..MessageFacts::default()
    });
    event
}

fn detail(events: Vec<Event>, recipient: &str) -> Detail {
    let last = events.iter().map(|event| event.at).max().unwrap();
    detail_at(events, recipient, last)
}

fn detail_at(events: Vec<Event>, recipient: &str, now: Timestamp) -> Detail {
    let keyed: Vec<(EventKey, Event)> =
        (0..).zip(events).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    let view = MessageView::of(&keyed);
    let rows: Vec<TraceRow> =
        fold(&keyed).into_iter().map(|row| view.row(row, start(), "mx1.contoso.example")).collect();
    let last_end = last_end_behind(&rows, recipient);
    let found = Detail::of(choose(rows, recipient).unwrap(), keyed, &crate::Cut::default(), now);
    found.with_last_end(last_end)
}

fn adds_up(budget: &TimeBudget) {
    let parts: i64 = budget.parts.iter().map(|part| part.ms).sum();
    assert_eq!(parts, budget.total_ms, "{budget:?}");
    let whole = budget.end.as_millisecond() - budget.start.as_millisecond();
    assert_eq!(budget.total_ms, whole, "{budget:?}");
}

fn put_off(micros: i64, reply: &str, next: i64) -> Event {
    let mut defer = event(micros, EventId::Defer, Source::Smtp, &[KIM]);
    defer.detail.remote_reply = Some(reply.to_owned());
    defer.detail.reason = Some(Reason::RemoteTransient);
    defer.detail.remote_host = Some("mx.fabrikam.example".to_owned());
    defer.detail.next_retry = Some(at(next));
    defer
}

#[test]
fn the_parts_of_a_way_through_group_queue_and_retry_add_up() {
    let mut expand = event(2_700, EventId::Expand, Source::Routing, &[KIM, "x@fabrikam.example"]);
    expand.related_recipient_address = Some("sales@contoso.example".to_owned());
    let mut sent = event(61_999_999, EventId::SendExternal, Source::Smtp, &[KIM]);
    sent.detail.remote_host = Some("mx.fabrikam.example".to_owned());
    let other = event(70_000_000, EventId::Deliver, Source::StoreDriver, &["x@fabrikam.example"]);
    let events = vec![
        receive(&["sales@contoso.example"]),
        expand,
        event(3_900, EventId::Queued, Source::Queue, &[KIM]),
        put_off(1_000_999, "450 4.2.0 Greylisted", 61_000_999),
        sent,
        other,
    ];
    let found = detail(events, KIM);
    let budget = found.budget.unwrap();
    adds_up(&budget);
    assert!(budget.is_final);
    let parts: Vec<(&str, i64)> = budget.parts.iter().map(|part| (part.what.as_str(), part.ms)).collect();
    assert_eq!(
        parts,
        [
            ("Categorizer", 4),
            ("Waiting in a queue, with an attempt at mx.fabrikam.example", 997),
            ("Waiting for the next attempt", 60_000),
            ("Hand-on to mx.fabrikam.example", 999)
        ]
    );
    assert_eq!(budget.parts.iter().filter(|part| part.is_slowest).count(), 1);
    assert!(budget.parts[2].is_slowest);
    assert_eq!(found.directory.groups[0].members, [KIM, "x@fabrikam.example"]);
    assert_eq!(found.directory.sent_by.unwrap().right, Some("Self"));
}

#[test]
fn what_a_queue_tried_without_the_message_is_waiting_and_no_slow_host() {
    let mut sent = event(2_100_000_000, EventId::SendExternal, Source::Smtp, &[KIM]);
    sent.detail.remote_host = Some("mx.fabrikam.example".to_owned());
    let deferred = put_off(1_000_000, "450 4.2.0 Greylisted", 61_000_000);
    let events = vec![receive(&[KIM]), event(3_900, EventId::Queued, Source::Queue, &[KIM]), deferred, sent];
    let budget = detail(events.clone(), KIM).budget.unwrap();
    adds_up(&budget);
    let last = budget.parts.last().unwrap();
    let what = "Waiting for later attempts of the queue, and hand-on to mx.fabrikam.example";
    assert_eq!((last.what.as_str(), last.ms, last.is_slowest), (what, 2_039_000, true));
    // A log of another system has a line for each attempt.
    let of_log = |mut event: Event| {
        event.detail.place = Some("gateway".to_owned());
        event
    };
    let budget = detail(events.into_iter().map(of_log).collect(), KIM).budget.unwrap();
    assert!(!budget.parts.last().unwrap().what.contains("later attempts"), "{budget:?}");
}

/// A note of an agent that spent so much.
fn spent(micros: i64, agent: &str, component: &str, seconds: &str) -> Event {
    let mut note = event(micros, EventId::AgentInfo, Source::Agent, &[KIM]);
    note.source_context = Some(agent.to_owned());
    note.custom_data =
        vec![("Spent".to_owned(), seconds.to_owned()), ("Component".to_owned(), component.to_owned())];
    note
}

#[test]
fn each_agent_is_a_line_within_its_part() {
    let events = vec![
        receive(&[KIM]),
        spent(40_000, "Header Firewall", "SMR", "0.010000"),
        spent(40_000, "Malware Agent", "SMR", "0.029600"),
        event(340_000, EventId::Queued, Source::Queue, &[KIM]),
        spent(340_100, "Transport Rule Agent", "CAT", "0.250000"),
        spent(340_100, "Journal Agent", "CAT", "0.060000"),
        event(400_000, EventId::Deliver, Source::StoreDriver, &[KIM]),
    ];
    let budget = detail(events, KIM).budget.unwrap();
    adds_up(&budget);
    let lines: Vec<String> = budget
        .parts
        .iter()
        .flat_map(|part| {
            let agents = part.agents.iter().map(|agent| format!("  {} {}", agent.agent, agent.ms));
            [format!("{} {}", part.what, part.ms)].into_iter().chain(agents).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        lines,
        [
            "SMTP reception 40",
            "  Header Firewall 10",
            "  Malware Agent 30",
            "Categorizer 300",
            "  Transport Rule Agent 250",
            // It says 60; the part has only so much left.
            "  Journal Agent 50",
            "Waiting in a queue, and delivery to the mailbox 60",
        ]
    );
}

/// Whatever the times are, nothing is lost and nothing counted twice.
#[test]
fn any_times_add_up() {
    let mut dice = 7_u64;
    for _ in 0..500 {
        let mut roll = |below: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((dice >> 33) % below).unwrap()
        };
        let mut now = 0;
        let mut events = vec![receive(&[KIM])];
        for _ in 0..roll(6) {
            now += roll(5_000_000);
            events.push(put_off(now, "451 later", now + roll(9_000_000) - 2_000_000));
        }
        now += roll(5_000_000);
        if roll(2) == 0 {
            events.push(event(now, EventId::Deliver, Source::StoreDriver, &[KIM]));
        }
        adds_up(&detail(events, KIM).budget.unwrap());
    }
}

#[test]
fn the_latencies_of_exchange_add_up_with_what_lies_between_its_servers() {
    let mut deliver = event(1_234_000, EventId::Deliver, Source::StoreDriver, &[KIM]);
    deliver.message_info = Some("2026-11-20T09:03:10.000Z;SRV=fe.contoso.example:TOTAL-FE=0.140|SMR=0.114(SMRPI=0.1(SMRPI-Proxy Agent=0.095))|SMS=0.020;LSRV=mx1.contoso.example:TOTAL-HUB=0.500|CAT=0.300(CATRS-Transport Rule Agent=0.25)|SDD=0.200".to_owned());
    let budget = detail(vec![receive(&[KIM]), deliver], KIM).budget.unwrap();
    adds_up(&budget);
    assert_eq!(budget.start, "2026-11-20T09:03:10Z".parse().unwrap());
    assert_eq!(budget.total_ms, 2_234);
    let parts: Vec<(Option<&str>, &str, i64)> =
        budget.parts.iter().map(|part| (part.hop.as_deref(), part.what.as_str(), part.ms)).collect();
    assert_eq!(
        parts,
        [
            (Some("fe.contoso.example"), "SMTP reception", 114),
            (Some("fe.contoso.example"), "SMTP sending", 20),
            (Some("fe.contoso.example"), "Other work", 6),
            (Some("mx1.contoso.example"), "Categorizer", 300),
            (Some("mx1.contoso.example"), "Mailbox delivery", 200),
            (None, "Between the servers", 1_594)
        ]
    );
    assert_eq!(budget.parts[3].agents[0].agent, "Transport Rule Agent");
}

#[test]
fn what_an_expired_message_met_last_is_its_cause() {
    let mut fail = event(9_000_000, EventId::Fail, Source::Queue, &[]);
    fail = fail.recipient(KIM, "550 4.4.7 QUEUE.Expired; message expired");
    fail.detail.reason = Some(Reason::QueueExpired);
    let full = "452-4.2.2 The recipient's inbox is out of storage space. - gsmtp";
    let found = detail(vec![receive(&[KIM]), put_off(1_000, full, 2_000), fail], KIM);
    let cause = found.cause.unwrap();
    assert_eq!(found.headline, "We found an issue");
    assert_eq!((cause.name, cause.actor), (Some("QueueExpired"), crate::causes::Actor::Recipient));
    assert!(cause.cause.contains("mailbox is full"), "{}", cause.cause);
    assert_eq!(cause.evidence.as_deref(), Some(full));
    adds_up(&found.budget.unwrap());
}

/// Nothing is tried again behind an end, and somebody has to act.
#[test]
fn an_expired_message_is_not_said_to_be_tried_again() {
    let met = [
        (
            "421 4.3.2 Service not available",
            crate::causes::Actor::Administrator,
            "The reply of the last attempt",
        ),
        (
            "451 4.7.1 Greylisted, try again later",
            crate::causes::Actor::Administrator,
            "The reply of the last",
        ),
        (
            "450 xyzzy",
            crate::causes::Actor::Remote,
            "Ask the administrator there with the reply. Then the sender",
        ),
    ];
    for (reply, actor, fix) in met {
        let mut fail = event(9_000_000, EventId::Fail, Source::Queue, &[]);
        fail = fail.recipient(KIM, "550 4.4.7 QUEUE.Expired; message expired");
        fail.detail.reason = Some(Reason::QueueExpired);
        let cause = detail(vec![receive(&[KIM]), put_off(1_000, reply, 2_000), fail], KIM).cause.unwrap();
        assert_eq!(cause.actor, actor, "{cause:?}");
        assert!(cause.fix.starts_with(fix) && !cause.fix.contains("by itself"), "{cause:?}");
    }
}

/// No cause known promises another attempt to a recipient that has failed for good.
#[test]
fn no_fix_of_a_failure_promises_another_attempt() {
    for known in crate::causes::all() {
        let (actor, fix) = super::cause::after_the_last_attempt(&known.explanation());
        assert!(!fix.contains("by itself") && fix.ends_with('.') && fix.len() > 10, "{}: {fix}", known.name);
        assert!(fix.starts_with(|letter: char| letter.is_uppercase()), "{}: {fix}", known.name);
        let promises = known.fix.contains("by itself");
        assert!(!promises || actor != crate::causes::Actor::Nobody, "{}", known.name);
    }
}

#[test]
fn a_log_without_reasons_is_explained_by_its_reply() {
    let fail = event(5_000, EventId::Fail, Source::Routing, &[])
        .recipient(KIM, "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required");
    let cause = detail(vec![receive(&[KIM]), fail], KIM).cause.unwrap();
    assert_eq!(cause.name, Some("AuthRequiredGroup"));
    let fail = event(5_000, EventId::Fail, Source::Smtp, &[]).recipient(KIM, "550 xyzzy");
    let cause = detail(vec![receive(&[KIM]), fail], KIM).cause.unwrap();
    assert_eq!((cause.name, cause.evidence.as_deref()), (None, Some("550 xyzzy")));
}

#[test]
fn a_delivered_row_has_no_cause_and_an_open_one_counts_up_to_its_last_event() {
    let deliver = event(4_000, EventId::Deliver, Source::StoreDriver, &[KIM]);
    let found = detail(vec![receive(&[KIM]), deliver], KIM);
    assert_eq!((found.headline, found.cause), ("We found your message", None));
    let queued = event(4_000, EventId::Queued, Source::Queue, &[KIM]);
    let budget = detail(vec![receive(&[KIM]), queued], KIM).budget.unwrap();
    assert!(!budget.is_final);
    adds_up(&budget);
}

#[test]
fn the_time_of_what_waits_goes_on() {
    let events = vec![
        receive(&[KIM]),
        event(3_900, EventId::Queued, Source::Queue, &[KIM]),
        put_off(48_000, "450 4.2.0 Greylisted", 900_000_000),
    ];
    let waiting = detail_at(events.clone(), KIM, at(240_000_000));
    let sentence = format!("The message for {KIM} waits and is tried again. Deferred");
    assert!(waiting.sentence.starts_with(&sentence), "{}", waiting.sentence);
    let budget = waiting.budget.unwrap();
    adds_up(&budget);
    assert_eq!((budget.is_final, budget.total_ms, budget.end), (false, 240_000, at(240_000_000)));
    let last = budget.parts.last().unwrap();
    assert_eq!(
        (last.what.as_str(), last.ms, last.is_slowest),
        ("Waiting for the next attempt", 239_952, true)
    );
    // A place whose clock is ahead of ours takes nothing away.
    assert_eq!(detail_at(events, KIM, at(0)).budget.unwrap().total_ms, 48);
    let ended = vec![receive(&[KIM]), event(400_000, EventId::Deliver, Source::StoreDriver, &[KIM])];
    assert_eq!(detail_at(ended, KIM, at(240_000_000)).budget.unwrap().total_ms, 400);
}

/// A message that ended at another place.
fn ended_at_place(reason: Option<Reason>, status: &str, remote: Option<&str>) -> Cause {
    let mut fail = event(400_000, EventId::Fail, Source::Smtp, &[]).recipient(KIM, status);
    fail.detail.place = Some("partner".to_owned());
    fail.detail.reason = reason;
    fail.detail.remote_reply = remote.map(str::to_owned);
    detail(vec![receive(&[KIM]), fail], KIM).cause.unwrap()
}

#[test]
fn what_another_place_decided_is_not_mended_with_our_cmdlets() {
    let full = ended_at_place(Some(Reason::MailboxFull), "552 5.2.2 mailbox full", None);
    assert_eq!(full.name, Some("RemoteMailboxFull"));
    assert!(!full.fix.contains("Set-"), "{full:?}");
    let access = ended_at_place(Some(Reason::SourceBlocked), "", None);
    assert!(access.cause.contains("partner") && !access.cause.contains("connector"), "{access:?}");
    assert!(access.fix.contains("administrator of partner"), "{access:?}");
    let rule = ended_at_place(Some(Reason::TransportRule), "", None);
    assert!(rule.cause.starts_with("At partner: ") && !rule.fix.contains("Set-"), "{rule:?}");
    let gone = "Reason: [{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup}]";
    assert_eq!(ended_at_place(None, gone, None).name, Some("RemoteUserUnknown"));
}

/// One directory knows the address or not, and it is that of the place: event and cause name the same.
#[test]
fn the_event_of_another_places_failure_says_what_its_cause_says() {
    let said = "550 5.1.1 User unknown";
    let mut fail = event(400_000, EventId::Fail, Source::Smtp, &[]).recipient(KIM, said);
    fail.detail.place = Some("gw1".to_owned());
    fail.detail.reason = Some(Reason::RecipientNotFound);
    let mut silent = fail.clone();
    let found = detail(vec![receive(&[KIM]), fail], KIM);
    let cause = found.cause.unwrap();
    assert_eq!(cause.name, Some("RemoteUserUnknown"));
    let told = &found.events.last().unwrap().detail;
    assert_eq!(told, &format!("{}: {said}", cause.cause.trim_end_matches('.')));
    silent.recipients[0].status.clear();
    let found = detail(vec![receive(&[KIM]), silent], KIM);
    let (told, cause) = (&found.events.last().unwrap().detail, found.cause.unwrap().cause);
    assert!(told.starts_with("At gw1: ") && *told == cause, "{told} {cause}");
}

#[test]
fn a_failure_told_by_a_summary_is_explained_by_its_detail() {
    let place = Some("exo".to_owned());
    let gone = "550 5.1.10 RESOLVER.ADR.RecipientNotFound";
    let mut told = event(300_000, EventId::Fail, Source::Smtp, &[]).recipient(KIM, gone);
    told.detail.place.clone_from(&place);
    let mut summary = event(400_000, EventId::Fail, Source::Smtp, &[KIM]);
    summary.detail.place = place;
    let cause = detail(vec![receive(&[KIM]), told, summary], KIM).cause.unwrap();
    assert_eq!(cause.name, Some("RemoteUserUnknown"));
    assert_eq!(cause.evidence.as_deref(), Some(gone));
}

#[test]
fn the_times_shown_differ_by_what_the_budget_says() {
    let mut received = receive(&[KIM]);
    received.at = at(583_500);
    let delivered = event(613_700, EventId::Deliver, Source::StoreDriver, &[KIM]);
    let budget = detail(vec![received, delivered], KIM).budget.unwrap();
    assert_eq!(budget.total_ms, 31, "from .583 to .614: {budget:?}");
    adds_up(&budget);
}

/// Exchange Online's details come when somebody looks; its summary has told the same by one word before.
#[test]
fn details_of_exchange_online_stand_once_and_in_plain_words() {
    let place = Some("exo".to_owned());
    let wrapped = "Reason: [{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound};{MSG=};{FQDN=};{IP=};{LRT=}]";
    let told = |millis, id, word: &str, said: &str| {
        let mut event = event(millis, id, Source::Smtp, &[]).recipient(KIM, said);
        event.detail.place.clone_from(&place);
        event.custom_data = vec![("Event".to_owned(), word.to_owned())];
        event
    };
    let mut summary = [receive(&[KIM]), event(0, EventId::Fail, Source::Smtp, &[KIM])];
    summary.iter_mut().for_each(|event| event.detail.place.clone_from(&place));
    let details = [
        told(1, EventId::AgentInfo, "Receive", "Message received by: X"),
        told(2, EventId::AgentInfo, "Spam Diagnostics", "not spam"),
        told(300, EventId::Fail, "Fail", wrapped),
    ];
    let found = detail(summary.into_iter().chain(details).collect(), KIM);
    let shown: Vec<(&str, &str)> =
        found.events.iter().map(|event| (event.event, event.detail.as_str())).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown[0].0 == "Receive" && shown[0].1.ends_with(": Message received by: X"), "{shown:?}");
    assert_eq!(shown[1], ("Agent info", "Spam Diagnostics: not spam"));
    assert!(
        shown[2].0 == "Fail" && shown[2].1.ends_with("550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
        "{shown:?}"
    );
    assert!(!shown[2].1.contains("LED="), "{shown:?}");
    let cause = found.cause.unwrap();
    assert_eq!(cause.evidence.as_deref(), Some("550 5.1.10 RESOLVER.ADR.RecipientNotFound"));
}

#[test]
fn what_exchange_wraps_is_shown_as_it_was_said() {
    for (text, said) in [
        ("[{LED=550 5.7.1 no};{MSG=};{FQDN=};{IP=}]", "550 5.7.1 no"),
        ("{[{LRT=};{LED=250 2.1.5}]};250 ok", "250 2.1.5 250 ok"),
        (
            "Reason: [{LED=550 no};{IP=}]. OutboundProxyTargetIP: 192.0.2.1",
            "550 no OutboundProxyTargetIP: 192.0.2.1",
        ),
        ("[{LED=};{IP=}]", "[{LED=};{IP=}]"),
        ("550 5.1.1 unknown", "550 5.1.1 unknown"),
    ] {
        assert_eq!(crate::status::unwrapped(text), said);
    }
}

/// What a mailbox forwards where it may not is lost there, and its own row says so and why.
#[test]
fn a_forward_that_failed_is_explained_where_it_began() {
    let (ann, out) = ("ann@contoso.example", "x@full.example");
    let mut redirect = event(1_000, EventId::Redirect, Source::Routing, &[out]);
    redirect.related_recipient_address = Some(ann.to_owned());
    let mut drop = event(2_000, EventId::Drop, Source::Routing, &[out]);
    drop.detail.reason = Some(Reason::AutoForwardBlocked);
    let events = vec![receive(&[ann]), redirect, drop];
    let keyed: Vec<(EventKey, Event)> =
        (0..).zip(events).map(|(seq, event)| (EventKey { node: NodeId(1), seq }, event)).collect();
    let view = MessageView::of(&keyed);
    let rows: Vec<TraceRow> =
        fold(&keyed).into_iter().map(|row| view.row(row, start(), "mx1.contoso.example")).collect();
    let failed = failed_behind(&rows, ann).unwrap();
    assert_eq!(failed.recipient_address, out);
    let (address, cause) = cause_of(failed, &keyed).unwrap();
    let found = Detail::of(choose(rows, ann).unwrap(), keyed, &crate::Cut::default(), at(3_000));
    assert_eq!((found.cause.clone(), found.headline), (None, "We found your message"));
    let found = found.with_cause_behind(&address, cause);
    let cause = found.cause.unwrap();
    assert_eq!((found.headline, cause.name), ("We found an issue", Some("AutoForwardBlocked")));
    assert!(
        cause.cause.starts_with("What was sent on to x@full.example failed. Automatic forwarding"),
        "{cause:?}"
    );
    assert!(cause.fix.contains("-DeliverToMailboxAndForward"), "{cause:?}");
}

/// A shadow copy that could not be made changes no status; the row and its detail say so.
#[test]
fn a_message_without_a_shadow_copy_is_told_as_not_redundant() {
    let mut alone = event(0, EventId::HaRedirectFail, Source::Smtp, &[]);
    alone.source_context = Some("No suitable shadow servers".to_owned());
    let deliver = event(1_000, EventId::Deliver, Source::StoreDriver, &[KIM]);
    let found = detail(vec![alone, receive(&[KIM]), deliver.clone()], KIM);
    assert_eq!((found.row.status, found.headline), (Status::Delivered, "We found your message"));
    assert_eq!(found.row.detail.as_deref(), Some("Delivered to the mailbox; not redundant in transit"));
    assert!(found.sentence.contains("It was not redundant in transit: no shadow copy"), "{}", found.sentence);
    let told: Vec<&str> = found.events.iter().map(|event| event.detail.as_str()).collect();
    assert!(told.contains(&"No shadow copy of it could be made: No suitable shadow servers"), "{told:?}");
    let found = detail(vec![receive(&[KIM]), deliver], KIM);
    assert_eq!(found.row.detail.as_deref(), Some("Delivered to the mailbox"));
    assert!(!found.sentence.contains("redundant"), "{}", found.sentence);
}

#[test]
fn events_are_named_as_people_read_them_and_of_whom_they_speak() {
    let (group, kim) = ("sales@contoso.example", KIM);
    let mut again = event(1_000, EventId::DuplicateExpand, Source::Routing, &[kim]);
    again.related_recipient_address = Some(group.to_owned());
    let mut expand = event(900, EventId::Expand, Source::Routing, &[kim]);
    expand.related_recipient_address = Some(group.to_owned());
    let told = |recipient: &str| {
        let found = detail(vec![receive(&[group, kim]), expand.clone(), again.clone()], recipient);
        found.events.last().map(|event| (event.event, event.detail.clone())).unwrap()
    };
    assert_eq!(told(group), ("Duplicate expand", format!("Not added again: {kim} had the message already")));
    assert_eq!(told(kim).1, "A recipient already: nothing to expand again");
    for id in EventId::ALL {
        let name = events_in_words::name(*id);
        assert!(name == "DSN" || name.bytes().any(|letter| letter.is_ascii_lowercase()), "{name}");
        let told = events_in_words::shown(event(1_000, *id, Source::Smtp, &[kim]), None, kim).detail;
        // One that stands there by its name alone was given no words.
        assert!(told.contains(' ') || told.ends_with("ed"), "{id}: {told}");
        assert!(!told.eq_ignore_ascii_case(name), "{id}: {told}");
    }
}

/// A queue counts anew after a restart; the attempts that its events tell of were made.
#[test]
fn a_queue_that_counts_anew_takes_no_attempt_back() {
    let attempt = |micros, attempts| {
        let mut defer = put_off(micros, "450 4.2.0 Greylisted", 900_000_000);
        defer.detail.attempts = Some(attempts);
        defer
    };
    let events = vec![receive(&[KIM]), attempt(10_000, 1), attempt(60_000, 1), attempt(70_000, 2)];
    assert_eq!(detail_at(events.clone(), KIM, at(240_000)).row.row.attempts, Some(3));
    let waiting = |attempts| Waiting {
        queue: "mx1\\2".to_owned(),
        held: None,
        next_retry: None,
        attempts,
        last_error: Some("450 4.2.0 Greylisted".to_owned()),
    };
    let after = |attempts| detail_at(events.clone(), KIM, at(240_000)).with_waiting(&waiting(attempts));
    assert_eq!((after(1).row.row.attempts, after(5).row.row.attempts), (Some(3), Some(5)));
    assert!(after(1).sentence.contains("after 3 attempts"), "{}", after(1).sentence);
}

#[test]
fn no_event_is_told_by_its_name_alone() {
    for id in [EventId::Submit, EventId::Dsn, EventId::Transfer, EventId::PoisonMessage] {
        let found = detail(vec![receive(&[KIM]), event(4_000, id, Source::StoreDriver, &[KIM])], KIM);
        let told = found.events.iter().find(|event| event.data.event_id == id).unwrap();
        assert_ne!(told.event, told.detail, "{id:?}");
    }
}

/// A group is delivered when the last member is, those of groups within it too, and not when it was expanded.
#[test]
fn a_group_is_delivered_with_its_last_member() {
    let (all, team, bob) = ("all@contoso.example", "team@contoso.example", "bob@contoso.example");
    let expanded = |micros, group: &str, to: &[&str]| {
        let mut expand = event(micros, EventId::Expand, Source::Routing, to);
        expand.related_recipient_address = Some(group.to_owned());
        expand
    };
    let delivered = |micros, to| event(micros, EventId::Deliver, Source::StoreDriver, &[to]);
    let mut events = vec![
        receive(&[all]),
        expanded(1_000, all, &[team, KIM]),
        expanded(2_000, team, &[KIM, bob]),
        delivered(3_000, KIM),
    ];
    let third = |found: &Detail| (found.bar[2].state, found.bar[2].at);
    assert_eq!(third(&detail(events.clone(), all)), (StepState::Open, None));
    events.push(delivered(600_000_000, bob));
    for group in [all, team] {
        assert_eq!(third(&detail(events.clone(), group)), (StepState::Done, Some(at(600_000_000))));
    }
    assert_eq!(third(&detail(events, KIM)), (StepState::Done, Some(at(3_000))));
}

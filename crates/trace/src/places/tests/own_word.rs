//! What an Exchange of ours decided itself: its rule, its filters, its directory.
//!
//! May touch: nothing (pure).

use super::told::{detail, told};
use super::*;
use crate::causes::Actor;
use crate::detail::Detail;
use crate::status::Status;

const KIM: &str = "kim@contoso.example";
const FIELDS: &str = "#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,message-subject,sender-address,return-path,total-bytes,custom-data";

/// A message that came at second 2, and what else is told of it: time, source and event, recipient, status, custom-data.
fn log(to: &str, lines: &[(&str, &str, &str)]) -> String {
    let head = |second: usize| format!("2026-11-22T00:00:{second:02}.000Z,EXCH01");
    let ids = "7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555";
    let mut text = format!(
        "{FIELDS}\n{},SMTP,RECEIVE,{ids},{to},,Offer,m@fabrikam.example,m@fabrikam.example,10,\n",
        head(2)
    );
    for (number, (what, status, custom)) in lines.iter().enumerate() {
        text += &format!("{},{what},{ids},{to},\"{status}\",,,,,\"{custom}\"\n", head(number + 3));
    }
    text
}

fn found(to: &str, lines: &[(&str, &str, &str)]) -> Detail {
    detail(&read("exch", &log(to, lines)).0, to)
}

const RULE: (&str, &str, &str) =
    ("AGENT,AGENTINFO", "", "S:TRA=ETR|ruleId=cccccccc-1111|st=x|action=RejectMessage|mode=Enforce");
const BY_RULE: (&str, &str, &str) = (
    "AGENT,FAIL",
    "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
    "",
);

#[test]
fn a_rule_of_ours_is_ours_and_named() {
    let detail = found(KIM, &[RULE, BY_RULE]);
    let cause = detail.cause.as_ref().unwrap();
    assert_eq!((cause.name, cause.actor), (Some("TransportRule"), Actor::Administrator));
    assert_eq!(cause.cause, "At exch: The mail flow rule cccccccc-1111 rejected or deleted it.");
    assert_eq!(detail.rules.matched[0].rule_id, "cccccccc-1111");
    assert!(cause.evidence.as_deref().unwrap().starts_with("550 5.7.1 TRANSPORT.RULES"));
    assert!(
        told(&detail)[1].contains("The mail flow rule cccccccc-1111 did RejectMessage"),
        "{:?}",
        told(&detail)
    );
    // Without the note of the rule it is a rule of ours all the same.
    let cause = found(KIM, &[BY_RULE]).cause.unwrap();
    assert_eq!((cause.name, cause.actor), (Some("TransportRule"), Actor::Administrator));
}

#[test]
fn who_may_not_see_rules_is_not_told_which() {
    let (events, _) = read("exch", &log(KIM, &[RULE, BY_RULE]));
    let rows = fold(&events);
    let received = events[0].1.received;
    let view = crate::search::MessageView::of(&events);
    let row = view.row(rows[0].clone(), received, "mx1.contoso.example");
    let cut = crate::Cut { rules: true, ..crate::Cut::default() };
    let detail = Detail::of(row, events, &cut, now());
    assert!(detail.rules.matched.is_empty());
    assert!(!format!("{:?}{:?}", detail.cause, told(&detail)).contains("cccccccc"), "{:?}", detail.cause);
}

#[test]
fn what_our_directory_and_queues_say_is_not_a_strangers_word() {
    for (what, status) in [
        (
            "ROUTING,FAIL",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        ),
        (
            "SMTP,FAIL",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        ),
        ("QUEUE,FAIL", "550 4.4.7 QUEUE.Expired; message expired"),
        ("AGENT,FAIL", "550 5.7.1 Delivery not authorized, message refused"),
    ] {
        let cause = found(KIM, &[(what, status, "")]).cause.unwrap();
        assert_eq!(cause.actor, Actor::Administrator, "{what}: {cause:?}");
        assert!(cause.cause.starts_with("At exch: "), "{what}: {cause:?}");
        assert!(!cause.name.unwrap().starts_with("Remote"), "{what}: {cause:?}");
    }
    // What a host outside answered is its own word.
    for (to, status, custom) in [
        ("x@northwind.example", "550 5.7.1 TRANSPORT.RULES.RejectMessage; refused", ""),
        (KIM, "550 5.7.1 TRANSPORT.RULES.RejectMessage; refused", "S:IsSmtpResponseFromExternalServer=True"),
        (
            KIM,
            "[{LED=550 5.7.1 TRANSPORT.RULES.RejectMessage};{MSG=};{FQDN=mx.far.example};{IP=192.0.2.3}]",
            "",
        ),
    ] {
        let cause = found(to, &[("SMTP,FAIL", status, custom)]).cause.unwrap();
        assert_eq!((cause.name, cause.actor), (Some("RemoteMailFlowRule"), Actor::Remote), "{status}");
    }
}

#[test]
fn malware_is_named_with_its_file() {
    let note =
        ("AGENT,AGENTINFO", "", "S:AMA=SUM|v=1|action=b;S:AMA=EV|engine=M|v=1|name=Win32/Evil|file=bad.exe");
    let detail = found(KIM, &[note, ("AGENT,FAIL", "550 5.7.1 message refused", "")]);
    assert_eq!(detail.row.status, Status::Failed);
    let cause = detail.cause.as_ref().unwrap();
    assert_eq!((cause.name, cause.actor), (Some("Malware"), Actor::Administrator));
    assert_eq!(cause.cause, "At exch: A filter found malware in it: Win32/Evil in bad.exe.");
    let words = &told(&detail)[1];
    assert_eq!(words, "Agent info: The malware filter found Win32/Evil in bad.exe; blocked");
}

#[test]
fn a_spam_verdict_names_the_folder() {
    let note = |action: &'static str| ("AGENT,AGENTINFO", "", action);
    let detail = found(KIM, &[note("S:SFA=SUM|SFV=SPM|SCL=9|DI=SJ"), ("STOREDRIVER,DELIVER", "", "")]);
    assert_eq!(
        (detail.row.status, detail.row.detail.as_deref()),
        (Status::Delivered, Some("Junk Email: spam verdict"))
    );
    assert_eq!(detail.row.folder.as_deref(), Some("Junk Email"));
    assert_eq!(told(&detail)[1], "Agent info: The spam filter's verdict: spam (SCL 9); to Junk Email");
    let detail = found(KIM, &[note("S:SFA=SUM|SFV=NSPM|SCL=1|DI=SJ"), ("STOREDRIVER,DELIVER", "", "")]);
    assert_eq!(
        (detail.row.folder.as_deref(), detail.row.detail.as_deref()),
        (None, Some("Delivered to the mailbox"))
    );
}

#[test]
fn a_spam_verdict_that_quarantines_is_told_without_an_event_of_the_store() {
    let note = ("AGENT,AGENTINFO", "", "S:SFA=SUM|SFV=SPM|SCL=9|DI=SQ");
    let detail = found(KIM, &[note]);
    assert_eq!(
        (detail.row.status, detail.row.detail.as_deref()),
        (Status::Quarantined, Some("Held in quarantine: spam verdict"))
    );
    let cause = detail.cause.unwrap();
    assert_eq!((cause.name, cause.actor), (Some("Spam"), Actor::Administrator));
    assert!(cause.cause.contains("in quarantine at exch") && cause.cause.contains("spam"), "{cause:?}");
    // Let out, it is delivered; refused, it failed.
    assert_eq!(found(KIM, &[note, ("STOREDRIVER,DELIVER", "", "")]).row.status, Status::Delivered);
    assert_eq!(found(KIM, &[note, ("AGENT,FAIL", "550 5.7.1 x", "")]).row.status, Status::FilteredAsSpam);
}

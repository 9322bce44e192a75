//! The knowledge base as a whole: nothing emitted is without a cause, and no two causes say the same.
//!
//! May touch: nothing (pure).

use std::collections::{BTreeSet, HashMap};

use super::*;

/// Each of these replies is this cause, and no other.
pub(super) fn recognised(cause: &KnownCause, replies: &[&str]) {
    assert!(!replies.is_empty());
    for reply in replies {
        let found = recognise(reply, cause.side).map(|found| found.name);
        assert_eq!(found, Some(cause.name), "{reply}");
        assert!(cause.clues.iter().any(|clue| clue.weight(&Reply::read(reply)).is_some()));
    }
}

/// Events with this cause's reasons are explained by it.
pub(super) fn named_by_reason(cause: &KnownCause) {
    assert!(!cause.reasons.is_empty());
    for reason in cause.reasons {
        assert_eq!(explain(*reason), cause.explanation());
    }
}

#[test]
fn every_cause_has_a_name_and_words_of_its_own() {
    let mut names = BTreeSet::new();
    let mut said = HashMap::new();
    for cause in all() {
        assert!(names.insert(cause.name), "{} twice", cause.name);
        assert!(cause.meaning.ends_with('.') && cause.fix.ends_with('.'), "{}", cause.name);
        assert_eq!(said.insert(cause.meaning, cause.name), None, "{} says what another says", cause.name);
        assert!(!cause.reasons.is_empty() || !cause.clues.is_empty(), "{} is never recognised", cause.name);
        assert_eq!(cause.side == Side::Remote, cause.name.starts_with("Remote") && cause.reasons.is_empty());
        for clue in cause.clues {
            assert!(clue.words.iter().all(|word| word.to_lowercase() == **word), "{clue:?}");
        }
    }
    assert!(names.len() >= 40, "{} causes", names.len());
}

#[test]
fn every_reason_has_a_cause() {
    for reason in Reason::ALL {
        let named = ours::ALL.iter().filter(|cause| cause.reasons.contains(reason)).count();
        assert_eq!(named, 1, "{reason}: one file under causes/ours names each reason");
    }
}

/// The replies of the SMTP sessions and the categorizer.
#[test]
fn every_reply_we_emit_has_a_cause_here_and_at_the_other_end() {
    let lines = || mail::codes::ALL.iter().map(mail::codes::Code::line);
    let unknown = |side| -> Vec<String> { lines().filter(|line| recognise(line, side).is_none()).collect() };
    assert_eq!(unknown(Side::Ours), Vec::<String>::new(), "no cause under causes/ours knows these");
    // A server of the same kind may be the next hop.
    assert_eq!(unknown(Side::Remote), Vec::<String>::new(), "no cause under causes/remote knows these");
}

/// The enhanced codes written in the sources that end or defer a recipient.
#[test]
fn every_code_written_in_the_pipeline_has_a_cause() {
    let sources = [
        include_str!("../../../transport/src/failure.rs"),
        include_str!("../../../transport/src/send/unreached.rs"),
        include_str!("../../../transport/src/receive/policy.rs"),
    ];
    let mut codes = BTreeSet::new();
    for source in sources {
        let shipped = source.split("#[cfg(test)]").next().unwrap();
        let words = shipped.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
        codes.extend(words.filter(|word| mail::codes::is_enhanced(word) && !word.starts_with('2')));
    }
    assert!(codes.len() > 10, "{codes:?}");
    let mut unknown = Vec::new();
    for code in codes {
        // The class of the reply is that of the code, as the pipeline writes it.
        let reply = format!("{}50 {code} refused", code.chars().next().unwrap());
        let found = recognise(&reply, Side::Ours).or_else(|| recognise(&reply, Side::Remote));
        unknown.extend(found.is_none().then_some(code));
    }
    assert_eq!(unknown, Vec::<&str>::new(), "no cause knows these");
}

#[test]
fn a_reply_is_read_across_its_lines() {
    let reply = Reply::read(
        "550-5.7.1 Our system has detected\r\n550-5.7.1 that this message is\r\n550 5.7.1 likely unsolicited mail",
    );
    assert_eq!(reply.text, "our system has detected that this message is likely unsolicited mail");
    assert!(reply.codes.contains(&"550".to_owned()) && reply.codes.contains(&"5.7.1".to_owned()));
    assert_eq!(Reply::read("").codes, Vec::<String>::new());
    assert_eq!(Reply::read("550").text, "");
    // Hostile input costs no more than its first part.
    assert!(Reply::read(&"5.1.1 ".repeat(100_000)).codes.len() < 1_000);
}

#[test]
fn the_reply_says_more_than_that_there_was_one() {
    let listed = "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org";
    let told = explain_reply(Some(Reason::RemotePermanent), Some(listed), None).unwrap();
    assert_eq!((told.name, told.actor), ("RemoteDnsBlockList", Actor::Administrator));
    // What we found ourselves is not explained by what somebody wrote.
    let told = explain_reply(Some(Reason::MailboxFull), None, Some("552 5.2.2 Mailbox full")).unwrap();
    assert_eq!(told.name, "MailboxFull");
    // A log of Exchange has replies, and no reasons.
    let told = explain_reply(None, None, Some("550 4.4.7 QUEUE.Expired;<mx.fabrikam.example>")).unwrap();
    assert_eq!(told.name, "QueueExpired");
    let told = explain_reply(None, None, Some("550 5.7.705 Access denied, tenant has exceeded threshold"));
    assert_eq!(told.unwrap().name, "RemoteTenantOverThreshold");
    let told = explain_reply(Some(Reason::RemotePermanent), Some("550 xyzzy"), None).unwrap();
    assert_eq!(told.name, "RemotePermanent");
    assert_eq!(explain_reply(None, None, Some("250 2.1.5 Recipient OK")), None);
}

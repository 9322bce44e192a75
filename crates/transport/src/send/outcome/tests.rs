//! What a server's answer means, as a table.

use super::*;
use smtp::{EnhancedCode, Reply};

const POLICIES: [(&str, &[ErrorPolicy]); 3] = [
    ("default", &[]),
    ("downgrade", &[ErrorPolicy::DowngradeCustomFailures]),
    ("upgrade", &[ErrorPolicy::UpgradeCustomFailures]),
];

fn host() -> Host {
    Host { name: "mx1.fabrikam.example".to_owned(), address: "192.0.2.1:25".parse().unwrap() }
}

fn replied(
    step: SendStep,
    class: OutcomeClass,
    status: (u8, u16, u16),
    reply: &'static str,
) -> RecipientOutcome {
    let (code, text) = reply.split_once(' ').unwrap();
    let status = EnhancedCode::new(status.0, status.1, status.2);
    let reply = Some(Reply::fixed(code.parse().unwrap(), Some(status), text));
    RecipientOutcome { class, status, step, cause: SmtpCause::Reply, reply }
}

fn broke(step: SendStep, class: OutcomeClass, cause: SmtpCause) -> RecipientOutcome {
    RecipientOutcome { class, status: EnhancedCode::new(4, 4, 2), step, cause, reply: None }
}

/// `FAIL 5.1.1 RemotePermanent`, `DEFER RemoteTransient`, `SENT`.
fn shown(end: &End) -> String {
    match end {
        End::HandedOn(_) => "SENT".to_owned(),
        End::Failed(failure) => format!("FAIL {} {:?}", failure.status, failure.reason),
        End::Later(later) => format!("DEFER {:?}", later.reason),
    }
}

#[test]
fn what_an_answer_means() {
    use OutcomeClass::{Permanent, Success, Transient};
    use SendStep::{Data, EndOfData, Mail, Rcpt};
    let dropped = "DEFER ConnectionDropped";
    for (outcome, default, downgrade, upgrade) in [
        (replied(EndOfData, Success, (2, 0, 0), "250 Ok"), "SENT", "SENT", "SENT"),
        (
            replied(Rcpt, Permanent, (5, 1, 1), "550 User unknown"),
            "FAIL 5.1.1 RemotePermanent",
            "DEFER RemotePermanent",
            "FAIL 5.1.1 RemotePermanent",
        ),
        (
            replied(Mail, Permanent, (5, 7, 1), "554 no"),
            "FAIL 5.7.1 RemotePermanent",
            "DEFER RemotePermanent",
            "FAIL 5.7.1 RemotePermanent",
        ),
        (
            replied(Rcpt, Transient, (4, 2, 2), "450 full"),
            "DEFER RemoteTransient",
            "DEFER RemoteTransient",
            "FAIL 5.2.2 RemoteTransient",
        ),
        (
            replied(Data, Transient, (4, 3, 2), "451 later"),
            "DEFER RemoteTransient",
            "DEFER RemoteTransient",
            "FAIL 5.3.2 RemoteTransient",
        ),
        // The policies are about what a server says, not about what the network does or the message needs.
        (broke(EndOfData, Transient, SmtpCause::ConnectionLost), dropped, dropped, dropped),
        (
            broke(Mail, Transient, SmtpCause::TimedOut),
            "DEFER ConnectionTimedOut",
            "DEFER ConnectionTimedOut",
            "DEFER ConnectionTimedOut",
        ),
        (
            broke(Mail, Permanent, SmtpCause::NeedsBinaryMime),
            "FAIL 5.6.1 NeedsBinaryMime",
            "FAIL 5.6.1 NeedsBinaryMime",
            "FAIL 5.6.1 NeedsBinaryMime",
        ),
        (
            broke(Mail, Permanent, SmtpCause::NeedsSmtpUtf8),
            "FAIL 5.6.7 NeedsSmtpUtf8",
            "FAIL 5.6.7 NeedsSmtpUtf8",
            "FAIL 5.6.7 NeedsSmtpUtf8",
        ),
        (
            broke(Mail, Permanent, SmtpCause::TooLarge),
            "FAIL 5.3.4 RemotePermanent",
            "FAIL 5.3.4 RemotePermanent",
            "FAIL 5.3.4 RemotePermanent",
        ),
        (
            broke(Mail, Permanent, SmtpCause::BadAddress),
            "FAIL 5.1.3 InvalidAddress",
            "FAIL 5.1.3 InvalidAddress",
            "FAIL 5.1.3 InvalidAddress",
        ),
    ] {
        for ((name, policies), expected) in POLICIES.iter().zip([default, downgrade, upgrade]) {
            let end = decide(&outcome, &host(), policies, Notices::Ours, None);
            assert_eq!(shown(&end), expected, "{name}: {outcome}");
        }
    }
}

#[test]
fn the_reply_and_the_host_are_kept() {
    let refused = replied(SendStep::Rcpt, OutcomeClass::Permanent, (5, 1, 1), "550 User unknown");
    let End::Failed(failure) = decide(&refused, &host(), &[], Notices::Theirs, None) else { panic!() };
    assert_eq!(failure.reply, "550 5.1.1 User unknown");
    assert_eq!(failure.remote.unwrap().host, "mx1.fabrikam.example [192.0.2.1]");

    let large = broke(SendStep::Mail, OutcomeClass::Permanent, SmtpCause::TooLarge);
    let End::Failed(failure) = decide(&large, &host(), &[], Notices::Theirs, None) else { panic!() };
    assert!(
        failure.reply.ends_with("of mx1.fabrikam.example") && failure.remote.is_none(),
        "{}",
        failure.reply
    );

    let taken = replied(SendStep::EndOfData, OutcomeClass::Success, (2, 0, 0), "250 Ok: queued as 4711");
    let End::HandedOn(receipt) = decide(&taken, &host(), &[], Notices::Theirs, Some("4711")) else {
        panic!()
    };
    let expected = HandedOn {
        reply: "250 2.0.0 Ok: queued as 4711".to_owned(),
        remote_id: Some("4711".to_owned()),
        notices: Notices::Theirs,
    };
    assert_eq!(receipt, expected);
}

#[test]
fn a_lost_receipt_is_said_to_be_one() {
    let lost = |step| {
        let lost = broke(step, OutcomeClass::Transient, SmtpCause::ConnectionLost);
        let End::Later(later) = decide(&lost, &host(), &[], Notices::Ours, None) else { panic!() };
        later.error
    };
    assert!(lost(SendStep::EndOfData).ends_with("it may arrive twice"));
    assert_eq!(lost(SendStep::Rcpt), "451 4.4.2 Connection dropped");
}

#[test]
fn servers_of_the_organization_are_inside() {
    use SmartHostAuthMechanism as Auth;
    for (auth, expected) in [
        (Auth::None, NextHop::Outside),
        (Auth::BasicAuth, NextHop::Outside),
        (Auth::ExternalAuthoritative, NextHop::Outside),
        (Auth::ExchangeServer, NextHop::Internal),
    ] {
        let mut connector = SendConnector::new(uuid::Uuid::nil(), "Internet", Vec::new());
        connector.smart_host_auth_mechanism = auth;
        assert_eq!(next_hop(&connector), expected);
    }
}

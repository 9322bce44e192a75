//! Who is refused at RCPT, with which reply.
//!
//! May touch: the simulated world (a directory in it).

use std::path::Path;
use std::sync::Arc;

use directory::{
    AcceptedDomain, Directory, DomainPattern, PasswordHash, Permission, PermissionSet, Seed, SessionIdentity,
    Snapshot,
};
use mail::Address;
use uuid::Uuid;
use world::sim::SimWorld;

use super::*;
use crate::context::{Envelope, Session};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// contoso.example is authoritative, open.example too but without Recipient Lookup, relay.example internal relay.
fn organization() -> Arc<Snapshot> {
    let sim = SimWorld::new(1);
    let world = sim.world();
    world.disk.create_dir_all(Path::new("/data")).unwrap();
    let directory =
        Directory::open(&world.disk, Path::new("/data/directory.db"), &world.clock, &world.chance).unwrap();
    directory
        .change("test", |draft| {
            let password = PasswordHash::from_phc("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".to_owned());
            draft.seed(&Seed { domain: "contoso.example", server_name: "mx1", password })?;
            for (name, kind, lookup) in [
                ("open.example", AcceptedDomainType::Authoritative, false),
                ("relay.example", AcceptedDomainType::InternalRelay, false),
            ] {
                let pattern = DomainPattern::parse("DomainName", name)?;
                let mut domain = AcceptedDomain::new(draft.new_guid(), name, pattern, kind);
                domain.address_book_enabled = lookup;
                draft.put_accepted_domain(domain)?;
            }
            let now = draft.now();
            let mut make = |kind, name: &str, edit: &dyn Fn(&mut Recipient)| {
                let primary = address(&format!("{name}@contoso.example"));
                let mut recipient = Recipient::new(draft.new_guid(), kind, name, name, primary, now);
                edit(&mut recipient);
                draft.put_recipient(recipient).map(|made| made.guid)
            };
            let outside = |target: &'static str| {
                move |contact: &mut Recipient| {
                    contact.external_email_address = Some(address(target));
                    contact.require_sender_authentication_enabled = false;
                }
            };
            let friend = make(RecipientKind::MailContact, "friend", &outside("friend@fabrikam.example"))?;
            let foe = make(RecipientKind::MailContact, "foe", &outside("foe@fabrikam.example"))?;
            make(RecipientKind::UserMailbox, "ann", &|_| ())?;
            make(RecipientKind::UserMailbox, "inner", &|one| {
                one.require_sender_authentication_enabled = true
            })?;
            make(RecipientKind::UserMailbox, "picky", &|one| one.accept_messages_only_from = vec![friend])?;
            make(RecipientKind::UserMailbox, "wary", &|one| one.reject_messages_from = vec![foe])?;
            make(RecipientKind::MailUniversalDistributionGroup, "staff", &|_| ())?;
            make(RecipientKind::MailUniversalDistributionGroup, "public", &|one| {
                one.require_sender_authentication_enabled = false;
            })?;
            make(RecipientKind::MailUniversalDistributionGroup, "club", &|one| {
                one.require_sender_authentication_enabled = false;
                one.accept_messages_only_from = vec![friend];
            })?;
            make(RecipientKind::MailUser, "partner", &|one| {
                one.external_email_address = Some(address("partner@fabrikam.example"));
                one.require_sender_authentication_enabled = true;
            })?;
            Ok(())
        })
        .unwrap();
    directory.snapshot()
}

fn ask(snapshot: &Snapshot, session: &Session, from: &str, to: &str) -> Option<(String, Reason)> {
    let reverse_path = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(address(from)) };
    let envelope = Envelope { reverse_path: Some(reverse_path), ..Envelope::default() };
    let to = address(to);
    let context = Context::new(session, &envelope, snapshot).with_recipient(&to);
    let mut actions = RecipientFilter.on(Point::RcptToCommand, &context);
    assert!(actions.len() <= 1);
    match actions.pop() {
        None => None,
        Some(Action::Reject(rejection)) => {
            let enhanced = rejection.reply.enhanced().unwrap();
            let line = format!("{} {enhanced} {}", rejection.reply.code(), rejection.reply.text());
            assert!(!rejection.detail.is_empty());
            Some((line, rejection.reason))
        }
        Some(other) => panic!("not a rejection: {other:?}"),
    }
}

fn session(permissions: PermissionSet, principal: Option<Uuid>) -> Session {
    Session {
        client_ip: Some([192, 0, 2, 7].into()),
        client_hostname: Some("client.fabrikam.example".to_owned()),
        principal,
        permissions,
        connector: "Default Frontend mx1".to_owned(),
        tls: false,
    }
}

const UNKNOWN: &str = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup";
const GROUP: &str = "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery \
                     restriction check failed because the sender was not authenticated when sending to this group";
const MAILBOX: &str = "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required; Delivery \
                       restriction check failed because the sender was not authenticated when sending to this mailbox";

#[test]
fn anonymous_senders_are_refused_recipient_by_recipient() {
    let snapshot = organization();
    let anonymous = session(SessionIdentity::Anonymous.permissions(), None);
    let stranger = "someone@fabrikam.example";
    let friend = "friend@contoso.example";
    let not_allowed = "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized";
    let not_allowed_group =
        "550 5.7.124 RESOLVER.RST.NotAuthorized; not authorized; Sender not in allowed-senders list";
    let list = Reason::SenderNotAllowed;
    // MAIL FROM, RCPT TO, reply
    let table = [
        (stranger, "ann@contoso.example", None),
        (stranger, "ANN@Contoso.Example", None),
        ("", "ann@contoso.example", None),
        (stranger, "nobody@contoso.example", Some((UNKNOWN, Reason::RecipientNotFound))),
        ("", "nobody@contoso.example", Some((UNKNOWN, Reason::RecipientNotFound))),
        (stranger, "nobody@open.example", None),
        (stranger, "nobody@relay.example", None),
        (stranger, "nobody@elsewhere.example", None),
        (stranger, "staff@contoso.example", Some((GROUP, Reason::AuthRequiredGroup))),
        ("", "staff@contoso.example", Some((GROUP, Reason::AuthRequiredGroup))),
        ("ann@contoso.example", "staff@contoso.example", Some((GROUP, Reason::AuthRequiredGroup))),
        ("postmaster@contoso.example", "staff@contoso.example", Some((GROUP, Reason::AuthRequiredGroup))),
        (stranger, "public@contoso.example", None),
        (stranger, "inner@contoso.example", Some((MAILBOX, Reason::AuthRequiredRecipient))),
        (stranger, "picky@contoso.example", Some((not_allowed, list))),
        (friend, "picky@contoso.example", None),
        ("", "picky@contoso.example", Some((not_allowed, list))),
        (stranger, "wary@contoso.example", None),
        ("foe@contoso.example", "wary@contoso.example", Some((not_allowed, list))),
        (stranger, "club@contoso.example", Some((not_allowed_group, list))),
        (friend, "club@contoso.example", None),
    ];
    for (from, to, expected) in table {
        let expected = expected.map(|(line, reason): (&str, Reason)| (line.to_owned(), reason));
        assert_eq!(ask(&snapshot, &anonymous, from, to), expected, "{from} to {to}");
    }
    let (line, reason) = ask(&snapshot, &anonymous, stranger, "partner@contoso.example").unwrap();
    assert!(line.starts_with("550 5.7.136 RESOLVER.RST.SenderNotAuthenticatedForMailUser;"), "{line}");
    assert_eq!(reason, Reason::AuthRequiredRecipient);
}

#[test]
fn inside_senders_get_a_report_instead() {
    let snapshot = organization();
    let ann = snapshot.recipient_by_address(&address("ann@contoso.example")).unwrap().guid;
    let user = session(SessionIdentity::User.permissions(), Some(ann));
    let trusted = session(SessionIdentity::ExternallySecured.permissions(), None);
    for session in [user, trusted] {
        for to in ["nobody@contoso.example", "staff@contoso.example", "picky@contoso.example"] {
            assert_eq!(ask(&snapshot, &session, "ann@contoso.example", to), None, "{to}");
        }
    }
    // The right to relay alone does not make a sender internal.
    let relay = PermissionSet::of(&[Permission::Submit, Permission::AcceptAnyRecipient]);
    let refused = ask(&snapshot, &session(relay, None), "ann@contoso.example", "staff@contoso.example");
    assert_eq!(refused.map(|(_, reason)| reason), Some(Reason::AuthRequiredGroup));
}

#[test]
fn without_a_recipient_there_is_nothing_to_say() {
    let (envelope, snapshot) = (Envelope::default(), Snapshot::default());
    let session = session(PermissionSet::EMPTY, None);
    assert_eq!(RecipientFilter.on(Point::RcptToCommand, &Context::new(&session, &envelope, &snapshot)), []);
}

//! Who may open, send as, send on behalf of and write to whom.
//!
//! May touch: a temporary directory.

use super::*;
use RecipientKind as K;

/// As Exchange does it.
#[test]
fn send_as_send_on_behalf_and_full_access() {
    let house = House::seeded();
    let (as_it, for_it, both, opens, none) = (
        house.add(K::UserMailbox, "as-it"),
        house.add(K::UserMailbox, "for-it"),
        house.add(K::UserMailbox, "both"),
        house.add(K::UserMailbox, "opens"),
        house.add(K::UserMailbox, "none"),
    );
    let desk = house.add(K::SharedMailbox, "desk");
    house
        .edit(desk, |desk| {
            desk.send_as = vec![as_it, both];
            desk.grant_send_on_behalf_to = vec![for_it, both];
            desk.full_access = vec![FullAccess { user: opens, auto_mapping: true }];
        })
        .unwrap();
    let now = house.now();
    let refused = SendRight::Refused(SendRefusal::NotGranted);
    for (who, right, opens_it) in [
        (as_it, SendRight::SendAs, false),
        (for_it, SendRight::OnBehalf, false),
        (both, SendRight::SendAs, false),
        (opens, refused, true),
        (none, refused, false),
        (desk, SendRight::Own, true),
    ] {
        assert_eq!(now.send_right(who, desk), right);
        assert_eq!(now.may_send_as(who, desk), matches!(right, SendRight::Own | SendRight::SendAs));
        assert_eq!(now.may_send_on_behalf(who, desk), right == SendRight::OnBehalf);
        assert_eq!(now.has_full_access(who, desk), opens_it);
    }
    assert_eq!(now.send_right(none, Uuid::from_u128(1)), SendRight::Refused(SendRefusal::Unknown));
    house.edit(desk, |desk| desk.hidden_from_address_lists_enabled = true).unwrap();
    let now = house.now();
    assert_eq!(now.send_right(as_it, desk), SendRight::Refused(SendRefusal::Hidden));
    assert_eq!(now.send_right(none, desk), refused);
    assert_eq!(now.send_right(desk, desk), SendRight::Own);
    assert!(!now.has_full_access(opens, desk));
}

#[test]
fn permissions_pass_through_security_groups_only() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let (inner, outer) = (
        house.add(K::MailUniversalSecurityGroup, "inner"),
        house.add(K::MailUniversalSecurityGroup, "outer"),
    );
    let list = house.add(K::MailUniversalDistributionGroup, "list");
    let desk = house.add(K::SharedMailbox, "desk");
    house.edit(inner, |group| group.members = vec![ann, outer]).unwrap();
    house.edit(outer, |group| group.members = vec![inner]).unwrap();
    house.edit(list, |group| group.members = vec![ann]).unwrap();
    house.edit(desk, |desk| desk.send_as = vec![outer]).unwrap();
    assert!(house.now().may_send_as(ann, desk));
    house.edit(outer, |group| group.members = vec![list]).unwrap();
    assert!(!house.now().may_send_as(ann, desk), "a distribution group hands on no permission");
    let groups = house.now().groups_of(ann, Through::AllGroups);
    assert_eq!(groups.len(), 3, "the loop ends");
    house
        .edit(desk, |desk| {
            desk.send_as.clear();
            desk.grant_send_on_behalf_to = vec![inner];
            desk.full_access = vec![FullAccess { user: inner, auto_mapping: false }];
        })
        .unwrap();
    assert!(house.now().may_send_on_behalf(ann, desk) && house.now().has_full_access(ann, desk));
}

#[test]
fn restrictions_on_senders() {
    let house = House::seeded();
    let (ann, bob, zoe) = (
        house.add(K::UserMailbox, "ann"),
        house.add(K::UserMailbox, "bob"),
        house.add(K::MailContact, "zoe"),
    );
    let (inner, outer) = (
        house.add(K::MailUniversalDistributionGroup, "inner"),
        house.add(K::MailUniversalDistributionGroup, "outer"),
    );
    house.edit(inner, |group| group.members = vec![ann]).unwrap();
    house.edit(outer, |group| group.members = vec![inner, bob]).unwrap();
    let team = house.add(K::MailUniversalDistributionGroup, "team");
    let inside = |guid| Sender { recipient: Some(guid), authenticated: true, system: false };
    let outside = |guid| Sender { recipient: guid, authenticated: false, system: false };
    let ask = |sender| {
        let now = house.now();
        let decision = now.check_sender(now.recipient(team).unwrap(), sender);
        let accepted = decision.action == SenderAction::Accept;
        assert_eq!(
            accepted,
            matches!(
                decision.reason,
                SenderReason::Unrestricted | SenderReason::System | SenderReason::OnAcceptList
            )
        );
        decision.reason
    };
    assert_eq!(ask(outside(None)), SenderReason::AuthenticationRequired);
    assert_eq!(ask(outside(Some(zoe))), SenderReason::AuthenticationRequired);
    assert_eq!(ask(inside(ann)), SenderReason::Unrestricted);
    assert_eq!(ask(Sender { recipient: None, authenticated: false, system: true }), SenderReason::System);

    house.edit(team, |team| team.require_sender_authentication_enabled = false).unwrap();
    assert_eq!(ask(outside(None)), SenderReason::Unrestricted);

    house.edit(team, |team| team.accept_messages_only_from = vec![bob, zoe]).unwrap();
    assert_eq!(ask(inside(bob)), SenderReason::OnAcceptList);
    assert_eq!(ask(inside(ann)), SenderReason::NotOnAcceptList);
    assert_eq!(ask(outside(Some(zoe))), SenderReason::OnAcceptList);
    assert_eq!(ask(outside(Some(bob))), SenderReason::NotOnAcceptList, "anybody can write Bob's address");
    assert_eq!(ask(outside(None)), SenderReason::NotOnAcceptList);

    house.edit(team, |team| team.accept_messages_only_from_dl_members = vec![outer]).unwrap();
    assert_eq!(ask(inside(ann)), SenderReason::OnAcceptList, "through the nested group");

    house.edit(team, |team| team.reject_messages_from = vec![bob]).unwrap();
    assert_eq!(ask(inside(bob)), SenderReason::OnRejectList, "reject wins over accept");
    house.edit(team, |team| team.reject_messages_from_dl_members = vec![inner]).unwrap();
    assert_eq!(ask(inside(ann)), SenderReason::OnRejectList);
    assert_eq!(ask(Sender { recipient: Some(ann), authenticated: true, system: true }), SenderReason::System);

    house
        .edit(team, |team| {
            team.accept_messages_only_from.clear();
            team.accept_messages_only_from_dl_members.clear();
        })
        .unwrap();
    assert_eq!(ask(outside(None)), SenderReason::Unrestricted);
}

//! Rules of recipients: uniqueness, kinds, references, removal, identity.
//!
//! May touch: a temporary directory.

use super::*;
use RecipientKind as K;

#[test]
fn the_seed_makes_a_working_organization() {
    let house = House::seeded();
    let now = house.now();
    assert_eq!(now.organization().server_name, "mx1");
    assert_eq!(now.organization().server_fqdn, "mx1.contoso.example");
    assert_eq!(now.default_domain().unwrap().domain(), "contoso.example");
    for local in ["administrator", "postmaster", "ABUSE", "Postmaster"] {
        let found = now.recipient_by_address(&address(&format!("{local}@Contoso.example"))).unwrap();
        assert_eq!(found.name, "Administrator", "{local}");
    }
    let system = now.system_recipient().unwrap();
    assert_eq!(system.kind, K::MicrosoftExchange);
    assert!(now.is_system_sender(&system.primary_smtp_address));
    assert!(now.is_system_sender(&address("postmaster@contoso.example")));
    assert!(!now.is_system_sender(&address("administrator@contoso.example")));
    assert!(now.administrator("ADMINISTRATOR").unwrap().enabled);
    let names: Vec<_> = now.receive_connectors().map(|connector| connector.name.clone()).collect();
    for name in ["Default Frontend mx1", "Client Frontend mx1", "Loopback mx1"] {
        assert!(names.contains(&name.to_owned()), "{name}");
    }
    assert_eq!(now.send_connectors().count(), 0);
    assert!(matches!(now.select_send_connector("fabrikam.example", 1), Selection::NoMatch));
    let remote = now.remote_domain("fabrikam.example").unwrap();
    assert!(!remote.auto_forward_enabled && !remote.auto_reply_enabled && remote.ndr_enabled);
    let seed = Seed { domain: "b.example", server_name: "mx1", password: some_hash() };
    let error = house.change(|draft| draft.seed(&seed)).unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
}

#[test]
fn lookup_tells_known_unknown_and_outside() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    house.edit(ann, |ann| ann.email_addresses.push(address("Ann.Smith@contoso.example"))).unwrap();
    let contact = house.add(K::MailContact, "zoe");
    let now = house.now();
    for (text, expected) in [
        ("ANN@contoso.EXAMPLE", Some(ann)),
        ("ann.smith@contoso.example", Some(ann)),
        ("zoe@outside.example", Some(contact)),
    ] {
        match now.lookup(&address(text)) {
            Lookup::Recipient(found) => assert_eq!(Some(found.guid), expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(now.lookup(&address("nobody@contoso.example")), Lookup::Unknown(_)));
    assert!(matches!(now.lookup(&address("nobody@outside.example")), Lookup::Outside));
    assert!(matches!(now.lookup(&address("nobody@[192.0.2.1]")), Lookup::Outside));
}

#[test]
fn an_address_belongs_to_one_recipient() {
    let house = House::seeded();
    house.add(K::UserMailbox, "ann");
    let bob = house.add(K::SharedMailbox, "bob");
    let error = house.edit_error(bob, |bob| bob.email_addresses.push(address("ANN@Contoso.example")));
    assert_eq!(
        error,
        "The proxy address \"smtp:ANN@Contoso.example\" is already used by the mailbox \"ann\"; remove it there first or choose another."
    );
    let error = house.edit_error(bob, |bob| bob.set_primary(address("ann@contoso.example")));
    assert!(error.starts_with("The proxy address \"SMTP:ann@contoso.example\""), "{error}");
    let error = house.edit_error(bob, |bob| bob.email_addresses.push(address("bob@CONTOSO.example")));
    assert!(error.contains("given twice"), "{error}");
    house.edit(bob, |bob| bob.other_addresses.push("X500:/o=Contoso/cn=bob".to_owned())).unwrap();
    let cid = house.add(K::UserMailbox, "cid");
    let error = house.edit_error(cid, |cid| cid.other_addresses.push("x500:/O=contoso/CN=BOB".to_owned()));
    assert!(error.contains("already used by the mailbox \"bob\""), "{error}");
    let error = house.edit_error(cid, |cid| cid.other_addresses.push("smtp:x@contoso.example".to_owned()));
    assert!(error.contains("is not a proxy address"), "{error}");
}

#[test]
fn an_address_moves_within_one_change() {
    let house = House::seeded();
    let (ann, bob) = (house.add(K::UserMailbox, "ann"), house.add(K::UserMailbox, "bob"));
    house.edit(ann, |ann| ann.email_addresses.push(address("info@contoso.example"))).unwrap();
    house
        .change(|draft| {
            let mut giver = Recipient::clone(draft.snapshot().recipient(ann).unwrap());
            giver.email_addresses.clear();
            draft.put_recipient(giver)?;
            let mut taker = Recipient::clone(draft.snapshot().recipient(bob).unwrap());
            taker.email_addresses.push(address("info@contoso.example"));
            draft.put_recipient(taker)
        })
        .unwrap();
    assert_eq!(house.now().recipient_by_address(&address("info@contoso.example")).unwrap().guid, bob);
    let again =
        Directory::open(&Disk::real(), &house.path(), &house.world.clock, &house.world.chance).unwrap();
    assert_eq!(again.snapshot().recipient_by_address(&address("info@contoso.example")).unwrap().guid, bob);
}

#[test]
fn names_aliases_and_principal_names_are_unique_and_well_formed() {
    let house = House::seeded();
    house.add(K::UserMailbox, "ann");
    let bob = house.add(K::UserMailbox, "bob");
    type Edit = fn(&mut Recipient);
    let table: &[(&str, Edit)] = &[
        ("The Name \"ANN\" is already used", |bob| bob.name = "ANN".to_owned()),
        ("The Alias \"Ann\" is already used", |bob| bob.alias = "Ann".to_owned()),
        ("Alias:", |bob| bob.alias = "a b".to_owned()),
        ("Alias:", |bob| bob.alias = "a..b".to_owned()),
        ("Alias:", |bob| bob.alias = "x".repeat(65)),
        ("Name:", |bob| bob.name = String::new()),
        ("Name:", |bob| bob.name = "x".repeat(65)),
        ("DisplayName:", |bob| bob.display_name = "x".repeat(257)),
        ("The UserPrincipalName \"ANN@contoso.example\" is already used", |bob| {
            bob.account.as_mut().unwrap().user_principal_name = "ANN@contoso.example".to_owned();
        }),
        ("The UserPrincipalName \"postmaster@contoso.example\" is already used", |bob| {
            bob.account.as_mut().unwrap().user_principal_name = "postmaster@contoso.example".to_owned();
        }),
        ("UserPrincipalName:", |bob| bob.account.as_mut().unwrap().user_principal_name = "bob".to_owned()),
    ];
    for (expected, edit) in table {
        let error = house.edit_error(bob, edit);
        assert!(error.starts_with(expected), "{error} should begin with {expected}");
    }
    house.edit(bob, |bob| bob.display_name = "ann".to_owned()).unwrap();
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table, a row per rule")]
fn a_kind_has_what_it_may_have() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let desk = house.add(K::SharedMailbox, "desk");
    let contact = house.add(K::MailContact, "zoe");
    let group = house.add(K::MailUniversalDistributionGroup, "team");
    let security = house.add(K::MailUniversalSecurityGroup, "staff");
    type Edit = Box<dyn Fn(&mut Recipient)>;
    let table: Vec<(uuid::Uuid, &str, Edit)> = vec![
        (ann, "ExternalEmailAddress:", Box::new(|r| r.external_email_address = Some(address("x@y.example")))),
        (contact, "ExternalEmailAddress:", Box::new(|r| r.external_email_address = None)),
        (
            contact,
            "FullAccess:",
            Box::new(move |r| r.full_access.push(FullAccess { user: ann, auto_mapping: true })),
        ),
        (contact, "SendAs:", Box::new(move |r| r.send_as.push(ann))),
        (contact, "ForwardingAddress:", Box::new(move |r| r.forwarding_address = Some(ann))),
        (ann, "Members:", Box::new(move |r| r.members.push(desk))),
        (ann, "ForwardingAddress:", Box::new(move |r| r.forwarding_address = Some(ann))),
        (
            ann,
            "ForwardingSmtpAddress:",
            Box::new(|r| r.forwarding_smtp_address = Some(address("ANN@contoso.example"))),
        ),
        (ann, "SendAs:", Box::new(move |r| r.send_as.push(contact))),
        (ann, "SendAs:", Box::new(move |r| r.send_as.push(group))),
        (ann, "SendAs:", Box::new(move |r| r.send_as.push(ann))),
        (ann, "GrantSendOnBehalfTo:", Box::new(move |r| r.grant_send_on_behalf_to = vec![desk, desk])),
        (ann, "AcceptMessagesOnlyFrom:", Box::new(move |r| r.accept_messages_only_from.push(group))),
        (
            ann,
            "RejectMessagesFromDLMembers:",
            Box::new(move |r| r.reject_messages_from_dl_members.push(desk)),
        ),
        (ann, "Members:", Box::new(|r| r.members.push(uuid::Uuid::from_u128(99)))),
        (group, "Members:", Box::new(|r| r.members.push(uuid::Uuid::from_u128(99)))),
        (group, "Members:", Box::new(move |r| r.members.push(group))),
        (group, "Members:", Box::new(move |r| r.members = vec![ann, ann])),
        (group, "ManagedBy:", Box::new(move |r| r.managed_by.push(contact))),
        (group, "ReportToManagerEnabled:", Box::new(|r| r.report_to_manager_enabled = true)),
        (
            group,
            "ReportToManagerEnabled:",
            Box::new(|r| {
                r.report_to_originator_enabled = false;
                r.report_to_manager_enabled = true;
            }),
        ),
        (group, "ModerationEnabled:", Box::new(|r| r.moderation.enabled = true)),
        (
            security,
            "MemberJoinRestriction:",
            Box::new(|r| r.group.member_join_restriction = MemberJoinRestriction::Open),
        ),
        (
            security,
            "MemberJoinRestriction:",
            Box::new(|r| r.group.member_depart_restriction = MemberDepartRestriction::Open),
        ),
        (desk, "AccountDisabled:", Box::new(|r| r.account.as_mut().unwrap().enabled = true)),
        (ann, "MailTip:", Box::new(|r| r.mail_tip = Some("x".repeat(176)))),
        (ann, "ProhibitSendQuota:", Box::new(|r| r.quotas.issue_warning_quota = Some(u64::MAX))),
        (ann, "RulesQuota:", Box::new(|r| r.quotas.rules_quota = 1)),
        (ann, "MaxSendSize:", Box::new(|r| r.max_send_size = Some(u64::MAX))),
        (ann, "PrimarySmtpAddress:", Box::new(|r| r.primary_smtp_address = address("ann@fabrikam.example"))),
        (ann, "EmailAddresses:", Box::new(|r| r.email_addresses.push(address("ann@fabrikam.example")))),
        (ann, "EmailAddresses:", Box::new(|r| r.email_addresses.push(address("ann@[192.0.2.1]")))),
        (ann, "A mailbox cannot become a group", Box::new(|r| r.kind = K::MailUniversalDistributionGroup)),
        (
            ann,
            "CustomAttribute:",
            Box::new(|r| {
                r.person.custom_attributes.insert(16, "x".to_owned());
            }),
        ),
    ];
    for (guid, expected, edit) in table {
        let error = house.edit_error(guid, edit);
        assert!(error.starts_with(expected), "{error} should begin with {expected}");
        assert!(error.ends_with('.'), "{error}");
    }
    house.edit(group, |r| r.managed_by.push(ann)).unwrap();
    let error = house.edit_error(group, |r| r.managed_by.clear());
    assert!(error.starts_with("ManagedBy: a group keeps at least one owner"), "{error}");
}

#[test]
fn new_groups_take_mail_from_inside_only_and_mailboxes_have_database_quotas() {
    let house = House::seeded();
    for (kind, inside_only) in [
        (K::MailUniversalDistributionGroup, true),
        (K::MailUniversalSecurityGroup, true),
        (K::DynamicDistributionGroup, true),
        (K::UserMailbox, false),
        (K::MailContact, false),
    ] {
        let guid = house.add(kind, &format!("a-{kind}"));
        let made = house.now().recipient(guid).unwrap().clone();
        assert_eq!(made.require_sender_authentication_enabled, inside_only, "{kind}");
        let quotas = made.quotas.in_force();
        assert_eq!(quotas.issue_warning_quota, Some(2_039_480_320));
        assert_eq!(quotas.prohibit_send_quota, Some(2_147_483_648));
        assert_eq!(quotas.prohibit_send_receive_quota, Some(2_469_396_480));
    }
}

#[test]
fn conversions_between_kinds() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    house
        .edit(ann, |ann| {
            ann.kind = K::SharedMailbox;
            ann.account.as_mut().unwrap().enabled = false;
        })
        .unwrap();
    house
        .edit(ann, |ann| {
            ann.kind = K::RemoteUserMailbox;
            ann.external_email_address = Some(address("ann@contoso.onmicrosoft.example"));
        })
        .unwrap();
    assert_eq!(house.now().recipient(ann).unwrap().kind.recipient_type(), "MailUser");
}

#[test]
fn a_removed_mailbox_is_kept_without_its_addresses_and_can_come_back() {
    let house = House::seeded();
    let (ann, bob) = (house.add(K::UserMailbox, "ann"), house.add(K::UserMailbox, "bob"));
    let group = house.add(K::MailUniversalDistributionGroup, "team");
    house.edit(ann, |ann| ann.email_addresses.push(address("info@contoso.example"))).unwrap();
    house.edit(group, |group| group.members = vec![ann, bob]).unwrap();
    house
        .edit(bob, |bob| {
            bob.forwarding_address = Some(ann);
            bob.send_as = vec![ann];
            bob.full_access = vec![FullAccess { user: ann, auto_mapping: true }];
            bob.accept_messages_only_from = vec![ann];
        })
        .unwrap();
    house.change(|draft| draft.remove_recipient(ann)).unwrap();
    let now = house.now();
    assert!(now.recipient(ann).is_none());
    assert!(matches!(now.lookup(&address("ann@contoso.example")), Lookup::Unknown(_)));
    assert_eq!(now.recipient(group).unwrap().members, [bob]);
    let changed = now.recipient(bob).unwrap();
    assert_eq!((changed.forwarding_address, changed.send_as.len(), changed.full_access.len()), (None, 0, 0));
    assert_eq!(changed.accept_messages_only_from, [ann], "the last entry of an accept list keeps it closed");
    assert!(now.soft_deleted_mailbox(ann).unwrap().account.as_ref().is_some_and(|account| !account.enabled));
    assert_eq!(now.resolve_soft_deleted("ANN@contoso.example").unwrap().guid, ann);

    // Somebody else takes one of the freed addresses; the rest comes back.
    house.edit(bob, |bob| bob.email_addresses.push(address("info@contoso.example"))).unwrap();
    let back = house.change(|draft| draft.restore_mailbox(ann)).unwrap();
    assert_eq!(back.email_addresses, []);
    assert_eq!(house.now().recipient_by_address(&address("ann@contoso.example")).unwrap().guid, ann);

    house.change(|draft| draft.remove_recipient(ann)).unwrap();
    house.add(K::UserMailbox, "ann");
    let error = house.change(|draft| draft.restore_mailbox(ann)).unwrap_err().to_string();
    assert!(error.contains("already used"), "{error}");
}

#[test]
fn removed_mailboxes_are_due_after_thirty_days() {
    let house = House::seeded();
    let (ann, bob) = (house.add(K::UserMailbox, "ann"), house.add(K::UserMailbox, "bob"));
    let group = house.add(K::MailUniversalDistributionGroup, "team");
    house.change(|draft| draft.remove_recipient(ann)).unwrap();
    house.change(|draft| draft.remove_recipient(group)).unwrap();
    house.sim.advance(std::time::Duration::from_secs(86_400));
    house.change(|draft| draft.remove_recipient(bob)).unwrap();
    let start = house.world.clock.now();
    let due = |hours: i64| -> Vec<uuid::Uuid> {
        let then = start + jiff::SignedDuration::from_hours(hours);
        house.now().due_for_purge(then).iter().map(|mailbox| mailbox.guid).collect()
    };
    assert!(due(29 * 24 - 1).is_empty());
    assert_eq!(due(29 * 24), [ann]);
    assert_eq!(due(30 * 24), [ann, bob]);
    house.change(|draft| draft.purge_mailbox(ann)).unwrap();
    assert_eq!(due(30 * 24), [bob]);
    assert!(house.change(|draft| draft.purge_mailbox(ann)).is_err());
    assert!(house.change(|draft| draft.remove_recipient(group)).is_err());
}

#[test]
fn what_the_system_needs_cannot_be_removed() {
    let house = House::seeded();
    let now = house.now();
    let system = now.system_recipient().unwrap().guid;
    assert!(house.change(|draft| draft.remove_recipient(system)).is_err());
    let administrator = now.resolve_recipient("Administrator").unwrap().guid;
    let error = house.change(|draft| draft.remove_recipient(administrator)).unwrap_err().to_string();
    assert!(error.contains("postmaster@contoso.example"), "{error}");
    let error = house.edit_error(administrator, |a| a.email_addresses.clear());
    assert!(error.contains("postmaster@contoso.example"), "{error}");
    let only = now.administrators().next().unwrap().guid;
    // The administrator's mailbox administers too.
    house
        .change(|draft| {
            let everything = crate::BuiltInRoleGroup::OrganizationManagement.guid();
            let group =
                draft.snapshot().role_groups().find(|group| group.guid == everything).unwrap().clone();
            let mut group = crate::RoleGroup::clone(&group);
            assert!(group.members.contains(&administrator), "{group:?}");
            group.members.retain(|member| *member != administrator);
            draft.put_role_group(group)
        })
        .unwrap();
    let error = house.change(|draft| draft.remove_administrator(only)).unwrap_err().to_string();
    assert!(error.contains("last member of Organization Management"), "{error}");
}

#[test]
fn identities_are_resolved_as_exchange_does() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    house
        .edit(ann, |ann| {
            ann.name = "Ann Smith".to_owned();
            ann.display_name = "Smith, Ann".to_owned();
            ann.email_addresses.push(address("as@contoso.example"));
            ann.account.as_mut().unwrap().user_principal_name = "asmith@corp.example".to_owned();
        })
        .unwrap();
    let now = house.now();
    for identity in [
        &ann.to_string(),
        "ANN",
        "ann smith",
        "ASMITH@corp.example",
        "ann@contoso.example",
        "smtp:as@contoso.example",
        "SMTP:AS@Contoso.example",
        "smith, ann",
    ] {
        assert_eq!(now.resolve_recipient(identity).unwrap().guid, ann, "{identity}");
    }
    let error = now.resolve_recipient("nobody").unwrap_err().to_string();
    assert_eq!(error, "There is no recipient \"nobody\"; check the name with Get-Recipient.");

    // One recipient's alias, another's name.
    let bob = house.add(K::UserMailbox, "bob");
    house.edit(bob, |bob| bob.name = "ann".to_owned()).unwrap();
    let error = house.now().resolve_recipient("ann").unwrap_err();
    assert!(matches!(&error, DirectoryError::Ambiguous { matches, .. } if matches.len() == 2), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("Ann Smith <ann@contoso.example>") && text.contains("ann <bob@contoso.example>"),
        "{text}"
    );

    // Equal display names are ambiguous, but do not hide a unique alias.
    house.edit(bob, |bob| bob.display_name = "Smith, Ann".to_owned()).unwrap();
    assert!(matches!(house.now().resolve_recipient("Smith, Ann"), Err(DirectoryError::Ambiguous { .. })));
    assert_eq!(house.now().resolve_recipient("bob").unwrap().guid, bob);
}

//! The file: what was written is read back, newer and foreign files are refused, changes are audited and signalled.
//!
//! May touch: a temporary directory.

use super::*;
use RecipientKind as K;
use world::SqliteMode;

fn reopen(house: &House) -> Result<Directory, DirectoryError> {
    Directory::open(&Disk::real(), &house.path(), &house.world.clock, &house.world.chance)
}

#[test]
fn everything_is_read_back() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let group = house.add(K::MailUniversalDistributionGroup, "team");
    house.edit(group, |group| group.members = vec![ann]).unwrap();
    let gone = house.add(K::RoomMailbox, "room");
    house.change(|draft| draft.remove_recipient(gone)).unwrap();
    house
        .change(|draft| {
            let new = SendConnector::new(draft.new_guid(), "out", vec!["*".parse()?]);
            draft.put_send_connector(new)
        })
        .unwrap();
    let (before, after) = (house.now(), reopen(&house).unwrap().snapshot());
    assert_eq!(before.change_number(), after.change_number());
    assert_eq!(before.recipient_count(), after.recipient_count());
    for recipient in before.recipients() {
        assert_eq!(after.recipient(recipient.guid), Some(recipient));
    }
    assert_eq!(after.soft_deleted_mailbox(gone), before.soft_deleted_mailbox(gone));
    assert!(after.groups_of(ann, Through::AllGroups).contains(&group));
    assert_eq!(after.system_recipient(), before.system_recipient());
    let connectors = |snapshot: &Snapshot| snapshot.receive_connectors().cloned().collect::<Vec<_>>();
    assert_eq!(connectors(&before), connectors(&after));
    assert_eq!(after.send_connectors().count(), 1);
    assert_eq!(after.organization(), before.organization());
    assert_eq!(after.accepted_domains().count(), 1);
    assert_eq!(after.administrators().count(), 1);
}

#[test]
fn a_failed_change_leaves_nothing() {
    let house = House::seeded();
    let before = house.now();
    let error = house
        .change(|draft| {
            let new = draft_recipient(draft, K::UserMailbox, "ann");
            draft.put_recipient(new)?;
            Err::<(), _>(DirectoryError::refused("no"))
        })
        .unwrap_err();
    assert_eq!(error.to_string(), "no");
    assert!(Arc::ptr_eq(&before, &house.now()));
    assert!(reopen(&house).unwrap().snapshot().resolve_recipient("ann").is_err());
}

#[test]
fn a_change_is_signalled_and_one_that_changes_nothing_is_not() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let mut signal = house.directory.changes();
    signal.mark_unchanged();
    let number = house.now().change_number();
    house.edit(ann, |_| {}).unwrap();
    assert_eq!(house.now().change_number(), number);
    assert!(!signal.has_changed().unwrap());
    house.edit(ann, |ann| ann.display_name = "Ann".to_owned()).unwrap();
    assert_eq!(house.now().change_number(), number + 1);
    assert!(signal.has_changed().unwrap());
    assert_eq!(*signal.borrow_and_update(), number + 1);
}

#[test]
fn who_changed_what_is_kept_without_secrets() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    house
        .directory
        .change("kim", |draft| {
            let mut changed = Recipient::clone(draft.snapshot().recipient(ann).unwrap());
            changed.display_name = "Ann".to_owned();
            changed.account.as_mut().unwrap().password_hash = Some(some_hash());
            draft.put_recipient(changed)
        })
        .unwrap();
    house.directory.change("kim", |draft| draft.remove_recipient(ann)).unwrap();
    house.directory.change("clean-up", |draft| draft.purge_mailbox(ann)).unwrap();
    let rows = house.directory.audit(&AuditQuery { object: Some(ann), ..AuditQuery::default() }).unwrap();
    let shown: Vec<_> = rows.iter().map(|row| (row.actor.as_str(), row.action)).collect();
    assert_eq!(
        shown,
        [
            ("clean-up", AuditAction::Removed),
            ("kim", AuditAction::Changed),
            ("kim", AuditAction::Changed),
            ("test", AuditAction::Created)
        ]
    );
    let edit = &rows[2];
    assert_eq!((edit.kind, edit.guid, edit.name.as_str()), (ObjectKind::Recipient, ann, "ann"));
    assert_eq!(edit.at, house.world.clock.now());
    let (before, after) = (edit.before.as_ref().unwrap(), edit.after.as_ref().unwrap());
    assert!(before.contains("\"display_name\":\"ann\"") && after.contains("\"display_name\":\"Ann\""));
    assert!(!before.contains("alias"), "only what differs: {before}");
    assert!(after.contains("(hidden)"), "{after}");
    let all = house.directory.audit(&AuditQuery::default()).unwrap();
    assert!(all.iter().all(|row| !format!("{row:?}").contains("argon2id")));
    let page = house.directory.audit(&AuditQuery { limit: 2, ..AuditQuery::default() }).unwrap();
    let next = AuditQuery { before_id: Some(page[1].id), limit: 1, ..AuditQuery::default() };
    assert_eq!(house.directory.audit(&next).unwrap()[0], all[2]);
    let later = house.world.clock.now() + jiff::SignedDuration::from_secs(1);
    assert_eq!(house.directory.trim_audit(later).unwrap(), all.len());
    assert!(house.directory.audit(&AuditQuery::default()).unwrap().is_empty());
}

#[test]
fn a_long_list_is_audited_by_what_came_and_went() {
    let house = House::seeded();
    let group = house.add(K::MailUniversalDistributionGroup, "team");
    let members: Vec<Uuid> = house
        .change(|draft| {
            (0..150)
                .map(|number| {
                    let new = draft_recipient(draft, K::UserMailbox, &format!("u{number}"));
                    draft.put_recipient(new).map(|made| made.guid)
                })
                .collect()
        })
        .unwrap();
    house.edit(group, |group| group.members = members[1..].to_vec()).unwrap();
    house.edit(group, |group| group.members = members[..149].to_vec()).unwrap();
    let row = &house.directory.audit(&AuditQuery { limit: 1, ..AuditQuery::default() }).unwrap()[0];
    let (before, after) = (row.before.as_ref().unwrap(), row.after.as_ref().unwrap());
    assert!(
        before.contains(&members[149].to_string()) && !before.contains(&members[5].to_string()),
        "{before}"
    );
    assert!(after.contains(&members[0].to_string()) && after.contains("\"count\":149"), "{after}");
}

#[test]
fn newer_foreign_and_damaged_files_are_refused() {
    let house = House::seeded();
    let path = house.path();
    drop(house.directory.clone());
    let with = |sql: &str| {
        let connection = Disk::real().sqlite(&path, SqliteMode::ReadWriteCreate).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    let refused = || reopen(&house).unwrap_err();
    with("PRAGMA user_version = 99");
    let error = refused();
    assert!(matches!(error, DirectoryError::NewerFormat { found: 99, known: SCHEMA_VERSION, .. }), "{error}");
    assert!(error.to_string().contains("run the newer program"), "{error}");
    with("PRAGMA user_version = 1; UPDATE object SET version = 7 WHERE kind = 'Organization'");
    assert!(matches!(refused(), DirectoryError::NewerFormat { found: 7, .. }));
    with("UPDATE object SET version = 1; DELETE FROM address WHERE key = 'abuse@contoso.example'");
    assert!(matches!(refused(), DirectoryError::Damaged(_)));
    with(
        "INSERT INTO address SELECT 'abuse@contoso.example', guid FROM address WHERE key = 'postmaster@contoso.example'",
    );
    reopen(&house).unwrap();
    with("UPDATE address SET guid = zeroblob(16) WHERE key = 'abuse@contoso.example'");
    assert!(matches!(refused(), DirectoryError::Damaged(_)));
    with("PRAGMA application_id = 5");
    assert!(refused().to_string().contains("is not a directory file"));
}

#[test]
fn a_commit_that_was_not_seen_to_succeed_is_picked_up() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    // Another handle on the same file stands for the commit whose answer was lost.
    let other = reopen(&house).unwrap();
    other.change("test", |draft| draft.remove_recipient(ann)).unwrap();
    assert!(house.now().recipient(ann).is_some());
    let bob = house.add(K::UserMailbox, "bob");
    let now = house.now();
    assert!(now.recipient(ann).is_none() && now.recipient(bob).is_some());
    assert_eq!(now.change_number(), other.snapshot().change_number() + 1);
}

#[test]
fn ten_thousand_recipients() {
    let house = House::seeded();
    let members: Vec<Uuid> = house
        .change(|draft| {
            (0..10_000)
                .map(|number| {
                    let new = draft_recipient(draft, K::UserMailbox, &format!("user{number}"));
                    draft.put_recipient(new).map(|made| made.guid)
                })
                .collect()
        })
        .unwrap();
    let group = house.add(K::MailUniversalDistributionGroup, "everybody");
    house.edit(group, |group| group.members.clone_from(&members)).unwrap();
    let before = house.now();
    house.edit(members[5_000], |user| user.display_name = "Somebody".to_owned()).unwrap();
    let after = house.now();
    // What did not change is shared, not copied.
    assert!(Arc::ptr_eq(before.recipient(members[1]).unwrap(), after.recipient(members[1]).unwrap()));
    assert!(!Arc::ptr_eq(
        before.recipient(members[5_000]).unwrap(),
        after.recipient(members[5_000]).unwrap()
    ));
    let again = reopen(&house).unwrap().snapshot();
    assert_eq!(again.recipient_count(), 10_003);
    assert_eq!(again.resolve_recipient("USER9999@contoso.example").unwrap().guid, members[9_999]);
    assert!(again.groups_of(members[77], Through::AllGroups).contains(&group));
}

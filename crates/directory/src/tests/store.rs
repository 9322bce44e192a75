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
    let shown: Vec<_> =
        rows.iter().map(|row| (row.command.actor.as_str(), row.object.as_ref().unwrap().action)).collect();
    assert_eq!(
        shown,
        [
            ("clean-up", AuditAction::Removed),
            ("kim", AuditAction::Changed),
            ("kim", AuditAction::Changed),
            ("test", AuditAction::Created)
        ]
    );
    assert_eq!(rows[2].at, house.world.clock.now());
    assert_eq!((rows[2].command.via, rows[2].outcome), (AuditVia::Server, Some(AuditOutcome::Succeeded)));
    let edit = rows[2].object.as_ref().unwrap();
    assert_eq!((edit.kind, edit.guid, edit.name.as_str()), (ObjectKind::Recipient, ann, "ann"));
    let (before, after) = (edit.before.as_ref().unwrap(), edit.after.as_ref().unwrap());
    assert!(before.contains("\"display_name\":\"ann\"") && after.contains("\"display_name\":\"Ann\""));
    assert!(!before.contains("alias"), "only what differs: {before}");
    assert!(after.contains("(hidden)"), "{after}");
    let all = house.directory.audit(&AuditQuery::default()).unwrap();
    assert!(all.iter().all(|row| !format!("{row:?}").contains("argon2id")));
    let page = house.directory.audit(&AuditQuery { limit: 2, ..AuditQuery::default() }).unwrap();
    let next = AuditQuery { before: Some(page[1].cursor()), limit: 1, ..AuditQuery::default() };
    assert_eq!(house.directory.audit(&next).unwrap()[0], all[2]);
    let later = house.world.clock.now() + jiff::SignedDuration::from_secs(1);
    let mut commands: Vec<_> = all.iter().map(|row| row.id).collect();
    commands.dedup();
    assert_eq!(house.directory.trim_audit(later).unwrap(), commands.len());
    assert!(house.directory.audit(&AuditQuery::default()).unwrap().is_empty());
}

fn command(cmdlet: &str, is_look_up: bool) -> AuditedCommand {
    AuditedCommand {
        actor: "kim".to_owned(),
        via: AuditVia::Http,
        cmdlet: Some(cmdlet.to_owned()),
        parameters: Some("{}".to_owned()),
        is_look_up,
    }
}

#[test]
fn a_cmdlet_is_recorded_before_its_change_and_with_its_end() {
    let house = House::seeded();
    let directory = &house.directory;
    let newest = |with_look_ups| {
        directory.audit(&AuditQuery { with_look_ups, limit: 1, ..AuditQuery::default() }).unwrap().remove(0)
    };
    let id = directory.begin_command(&command("Set-TransportConfig", false)).unwrap();
    assert_eq!((newest(false).id, newest(false).outcome, newest(false).object), (id, None, None));
    let edit = |draft: &mut Draft| {
        let mut config = TransportConfig::clone(draft.snapshot().transport_config());
        config.set("MaxReceiveSize", "25MB")?;
        draft.set_transport_config(config)
    };
    directory.change_by("kim", Some(id), edit).unwrap();
    directory
        .end_command(id, &AuditEnd { error: Some("too late".to_owned()), rows: None, about: None })
        .unwrap();
    let row = newest(false);
    assert_eq!((row.id, row.outcome), (id, Some(AuditOutcome::Failed)));
    assert_eq!(row.error.as_deref(), Some("too late"));
    assert_eq!(row.object.unwrap().kind, ObjectKind::TransportConfig);
    let end = AuditEnd { error: None, rows: Some(12), about: Some("kim@contoso.example".to_owned()) };
    let looked = directory.record_command(&command("Get-MessageTrace", true), &end).unwrap();
    assert_eq!(newest(false).id, id, "look-ups are asked for by name");
    let row = newest(true);
    assert_eq!((row.id, row.rows, row.outcome), (looked, Some(12), Some(AuditOutcome::Succeeded)));
    assert_eq!(row.about.as_deref(), Some("kim@contoso.example"));
    assert_eq!(reopen(&house).unwrap().audit(&AuditQuery::default()).unwrap()[0].id, id);
}

#[test]
fn a_file_of_version_1_keeps_its_audit_log() {
    let house = House::seeded();
    let ann = house.add(K::UserMailbox, "ann");
    let before = house.directory.audit(&AuditQuery::default()).unwrap();
    let connection = Disk::real().sqlite(&house.path(), SqliteMode::ReadWriteCreate).unwrap();
    let back = "DROP TABLE command; DROP INDEX audit_command; ALTER TABLE audit DROP COLUMN command;
                PRAGMA user_version = 1;";
    connection.execute_batch(back).unwrap();
    let directory = reopen(&house).unwrap();
    let after = directory.audit(&AuditQuery::default()).unwrap();
    let shown = |rows: &[AuditRow]| -> Vec<_> {
        rows.iter().map(|row| (row.at, row.command.clone(), row.object.clone())).collect()
    };
    assert_eq!(shown(&after), shown(&before));
    directory.change("test", |draft| draft.remove_recipient(ann)).unwrap();
    assert_eq!(directory.audit(&AuditQuery::default()).unwrap().len(), before.len() + 1);
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
    let row = row.object.as_ref().unwrap();
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
    with("PRAGMA user_version = 3; UPDATE object SET version = 7 WHERE kind = 'Organization'");
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

//! Role groups and users without a mailbox: who stays, who is forgotten, what is refused.
//!
//! May touch: a temporary directory.

use super::*;

fn user(house: &House, name: &str) -> Uuid {
    let made = house.change(|draft| {
        draft.put_administrator(Administrator {
            guid: draft.new_guid(),
            user_name: name.to_owned(),
            password_hash: some_hash(),
            enabled: true,
            when_created: draft.now(),
            password_changed: draft.now(),
        })
    });
    made.unwrap().guid
}

fn edit_group(
    house: &House,
    name: &str,
    edit: impl FnOnce(&mut RoleGroup),
) -> Result<Arc<RoleGroup>, DirectoryError> {
    house.change(|draft| {
        let mut group = RoleGroup::clone(&*draft.snapshot().resolve_role_group(name)?);
        edit(&mut group);
        draft.put_role_group(group)
    })
}

fn make_group(house: &House, name: &str, edit: impl FnOnce(&mut RoleGroup)) -> Result<(), DirectoryError> {
    house
        .change(|draft| {
            let mut group = RoleGroup {
                guid: draft.new_guid(),
                name: name.to_owned(),
                description: String::new(),
                own_roles: vec![ManagementRole::MessageTracking],
                members: Vec::new(),
                managed_by: Vec::new(),
                recipient_domain_scope: Vec::new(),
                when_created: draft.now(),
            };
            edit(&mut group);
            draft.put_role_group(group)
        })
        .map(|_| ())
}

const TOP: &str = "Organization Management";

#[test]
fn an_organization_begins_with_its_role_groups_and_keeps_them() {
    let house = House::seeded();
    let now = house.now();
    assert_eq!(now.role_groups().count(), BuiltInRoleGroup::ALL.len());
    let first = now.administrators().next().unwrap().guid;
    assert_eq!(now.role_groups_of(first).map(|group| group.name.as_str()).collect::<Vec<_>>(), [TOP]);
    for group in now.role_groups() {
        assert!(house.change(|draft| draft.remove_role_group(group.guid)).is_err(), "{}", group.name);
        let renamed = edit_group(&house, &group.name, |group| group.name.push('x'));
        assert!(renamed.unwrap_err().to_string().contains("fixed"));
        let more = edit_group(&house, &group.name, |group| group.own_roles.push(ManagementRole::AuditLogs));
        assert!(more.is_err(), "{}", group.name);
    }
    assert!(now.resolve_role_group("help desk").unwrap().roles() == [ManagementRole::ViewOnlyRecipients]);
}

#[test]
fn somebody_who_can_sign_in_stays_in_organization_management() {
    let house = House::seeded();
    let first = house.now().administrators().next().unwrap().guid;
    let only = "last member of Organization Management";
    let refused = |result: Result<(), DirectoryError>| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(only), "{error}");
    };
    refused(edit_group(&house, TOP, |group| group.members.clear()).map(|_| ()));
    // The administrator's mailbox is a member from the start.
    edit_group(&house, TOP, |group| group.members.retain(|member| *member == first)).unwrap();
    refused(house.change(|draft| draft.remove_administrator(first)));
    // A mailbox without a password does not count.
    let kim = house.add(RecipientKind::UserMailbox, "kim");
    edit_group(&house, TOP, |group| group.members.push(kim)).unwrap();
    refused(house.change(|draft| draft.remove_administrator(first)));
    house.edit(kim, |kim| kim.account.as_mut().unwrap().password_hash = Some(some_hash())).unwrap();
    house.change(|draft| draft.remove_administrator(first)).unwrap();
    refused(house.edit(kim, |kim| kim.account.as_mut().unwrap().enabled = false));
    refused(house.change(|draft| draft.remove_recipient(kim)));
}

#[test]
fn who_is_removed_is_forgotten() {
    let house = House::seeded();
    let (kim, help) = (house.add(RecipientKind::UserMailbox, "kim"), user(&house, "help"));
    edit_group(&house, "Help Desk", |group| {
        group.members = vec![kim, help];
        group.managed_by = vec![kim];
    })
    .unwrap();
    house.change(|draft| draft.remove_recipient(kim)).unwrap();
    let group = house.now().resolve_role_group("Help Desk").unwrap();
    assert_eq!((&group.members, &group.managed_by), (&vec![help], &Vec::new()));
    house.change(|draft| draft.remove_administrator(help)).unwrap();
    assert!(house.now().resolve_role_group("Help Desk").unwrap().members.is_empty());
}

#[test]
fn what_a_role_group_cannot_be_is_said() {
    let house = House::seeded();
    let team = house.add(RecipientKind::MailUniversalDistributionGroup, "team");
    let shared = house.add(RecipientKind::SharedMailbox, "orders");
    let error = |edit: fn(&mut RoleGroup)| make_group(&house, "Ours", edit).unwrap_err().to_string();
    assert!(error(|group| group.name = "help DESK".into()).contains("already used"));
    assert!(error(|group| group.members = vec![Uuid::max()]).contains("no user"));
    assert!(
        error(|group| group.recipient_domain_scope = vec!["fabrikam.example".into()])
            .contains("accepted domain")
    );
    let wide = error(|group| {
        group.recipient_domain_scope = vec!["contoso.example".into()];
        group.own_roles = vec![ManagementRole::MessageTracking, ManagementRole::RoleManagement];
    });
    assert!(wide.contains("Role Management"), "{wide}");
    for nobody in [team, shared] {
        let result = make_group(&house, "Ours", |group| group.members = vec![nobody]);
        assert!(result.unwrap_err().to_string().contains("nobody signs in"));
    }
    make_group(&house, "Ours", |group| group.recipient_domain_scope = vec!["contoso.example".into()])
        .unwrap();
    let ours = house.now().resolve_role_group("ours").unwrap();
    assert!(ours.covers("CONTOSO.example") && !ours.covers("x.contoso.example"));
}

#[test]
fn one_name_signs_in_one_person() {
    let house = House::seeded();
    let kim = house.add(RecipientKind::UserMailbox, "kim");
    let take = |house: &House, name: &str| {
        house.change(|draft| {
            draft.put_administrator(Administrator {
                guid: draft.new_guid(),
                user_name: name.to_owned(),
                password_hash: some_hash(),
                enabled: true,
                when_created: draft.now(),
                password_changed: draft.now(),
            })
        })
    };
    let error = take(&house, "KIM@contoso.example").unwrap_err().to_string();
    assert!(error.contains("already used"), "{error}");
    user(&house, "help@contoso.example");
    let error = house.edit_error(kim, |kim| kim.email_addresses.push(address("help@contoso.example")));
    assert!(error.contains("user without a mailbox"), "{error}");
}

#[test]
fn a_directory_from_before_role_groups_keeps_its_administrators() {
    let house = House::seeded();
    let file = Disk::real().sqlite(&house.path(), world::SqliteMode::ReadWriteCreate).unwrap();
    let back = "DELETE FROM object WHERE kind = 'RoleGroup'; ALTER TABLE command DROP COLUMN about;
                PRAGMA user_version = 2;";
    file.execute_batch(back).unwrap();
    let world = &house.world;
    let directory = Directory::open(&Disk::real(), &house.path(), &world.clock, &world.chance).unwrap();
    let now = directory.snapshot();
    let first = now.administrators().next().unwrap().guid;
    assert_eq!(now.role_groups().count(), BuiltInRoleGroup::ALL.len());
    assert_eq!(now.resolve_role_group(TOP).unwrap().members, [first]);
}

//! Changes people without a mailbox and role groups: who may sign in, and who may do what.
//!
//! May touch: nothing (pure).

use std::sync::Arc;

use uuid::Uuid;

use super::{Draft, existing, unique};
use crate::DirectoryError;
use crate::administrator::Administrator;
use crate::name::fold;
use crate::object::ObjectKind;
use crate::role_group::{BuiltInRoleGroup, ROLE_GROUPS_MAX, RoleGroup};
use crate::snapshot::{Snapshot, with, without};

impl Draft {
    /// Adds or replaces a user without a mailbox.
    pub fn put_administrator(
        &mut self,
        administrator: Administrator,
    ) -> Result<Arc<Administrator>, DirectoryError> {
        administrator.check()?;
        let name = administrator.user_name.clone();
        unique(&self.next.administrators, administrator.guid, "UserName", &name, |other| {
            other.user_name.clone()
        })?;
        let guid = administrator.guid;
        if let Some(holder) = signs_in_as(&self.next, &name) {
            return Err(DirectoryError::NameInUse {
                property: "UserName",
                value: name,
                holder_kind: holder.kind.words(),
                holder: holder.display_name.clone(),
            });
        }
        let administrator = Arc::new(administrator);
        self.touch::<Administrator>(guid);
        self.next.administrators = with(&self.next.administrators, guid, Arc::clone(&administrator));
        Ok(administrator)
    }

    /// Removes a user without a mailbox; role groups forget them.
    pub fn remove_administrator(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        existing(&self.next.administrators, guid)?;
        self.touch::<Administrator>(guid);
        self.next.administrators = without(&self.next.administrators, guid);
        self.forget_in_role_groups(guid);
        Ok(())
    }

    /// Adds or replaces a role group.
    pub fn put_role_group(&mut self, group: RoleGroup) -> Result<Arc<RoleGroup>, DirectoryError> {
        group.check()?;
        let (guid, name) = (group.guid, group.name.clone());
        unique(&self.next.role_groups, guid, "Name", &name, |other| other.name.clone())?;
        let old = self.next.role_groups.get(&guid).cloned();
        if old.is_none() && self.next.role_groups.len() >= ROLE_GROUPS_MAX {
            return Err(DirectoryError::refused(format!(
                "There are {ROLE_GROUPS_MAX} role groups, the most there may be; remove one first."
            )));
        }
        for (property, list) in [("Members", &group.members), ("ManagedBy", &group.managed_by)] {
            for person in list {
                check_person(&self.next, property, *person)?;
            }
        }
        for domain in &group.recipient_domain_scope {
            let is_known = old.as_ref().is_some_and(|old| old.recipient_domain_scope.contains(domain));
            if !is_known && self.next.accepted_domain(domain).is_none() {
                return Err(DirectoryError::invalid(
                    "RecipientDomainScope",
                    format!("\"{domain}\" is not an accepted domain; Get-AcceptedDomain lists them."),
                ));
            }
        }
        let group = Arc::new(group);
        self.touch::<RoleGroup>(guid);
        self.next.role_groups = with(&self.next.role_groups, guid, Arc::clone(&group));
        Ok(group)
    }

    /// Removes a role group that is not built in.
    pub fn remove_role_group(&mut self, guid: Uuid) -> Result<(), DirectoryError> {
        let group = existing(&self.next.role_groups, guid)?;
        if let Some(built_in) = group.built_in() {
            return Err(DirectoryError::refused(format!(
                "The role group \"{built_in}\" is built in and cannot be removed; remove its members instead."
            )));
        }
        self.touch::<RoleGroup>(guid);
        self.next.role_groups = without(&self.next.role_groups, guid);
        Ok(())
    }

    /// Makes the built-in role groups that are not there. In a directory of before there were role groups everybody
    /// who could administer goes on to.
    pub(crate) fn seed_role_groups(&mut self) -> Result<(), DirectoryError> {
        let is_first = self.next.role_groups.is_empty();
        for built_in in BuiltInRoleGroup::ALL {
            if self.next.role_groups.contains_key(&built_in.guid()) {
                continue;
            }
            let mut group = RoleGroup::built_in_group(*built_in, self.now);
            if is_first && *built_in == BuiltInRoleGroup::OrganizationManagement {
                group.members = self.next.administrators.keys().copied().collect();
            }
            self.put_role_group(group)?;
        }
        Ok(())
    }

    /// Takes somebody who is gone out of every role group.
    pub(super) fn forget_in_role_groups(&mut self, gone: Uuid) {
        let naming: Vec<Arc<RoleGroup>> = self
            .next
            .role_groups
            .values()
            .filter(|group| group.members.contains(&gone) || group.managed_by.contains(&gone))
            .cloned()
            .collect();
        for group in naming {
            let mut changed = RoleGroup::clone(&group);
            changed.members.retain(|member| *member != gone);
            changed.managed_by.retain(|manager| *manager != gone);
            self.touch::<RoleGroup>(changed.guid);
            self.next.role_groups = with(&self.next.role_groups, changed.guid, Arc::new(changed));
        }
    }

    /// Somebody must be able to give rights: a member of Organization Management who can sign in.
    pub(super) fn check_organization_management(&self) -> Result<(), DirectoryError> {
        let guid = BuiltInRoleGroup::OrganizationManagement.guid();
        let Some(group) = self.next.role_groups.get(&guid) else { return Ok(()) };
        if group.members.iter().any(|member| self.next.may_sign_in(*member)) {
            return Ok(());
        }
        Err(DirectoryError::refused(
            "The last member of Organization Management who can sign in cannot be removed or disabled; add another first.",
        ))
    }
}

/// The recipient who signs in with this name.
fn signs_in_as<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a Arc<crate::recipient::Recipient>> {
    let folded = fold(name);
    snapshot
        .recipient_by_principal_name(name)
        .or_else(|| snapshot.recipient(*snapshot.by_address.get(folded.as_str())?))
}

fn check_person(snapshot: &Snapshot, property: &'static str, guid: Uuid) -> Result<(), DirectoryError> {
    if snapshot.administrators.contains_key(&guid) {
        return Ok(());
    }
    let Some(recipient) = snapshot.recipient(guid) else {
        return Err(DirectoryError::NotFound { kind: ObjectKind::Administrator, identity: guid.to_string() });
    };
    if recipient.account.is_some() && recipient.kind.may_sign_in() {
        return Ok(());
    }
    Err(DirectoryError::invalid(
        property,
        format!(
            "\"{}\" is a {}, which nobody signs in to; name a user, with a mailbox or without one.",
            recipient.display_name,
            recipient.kind.words()
        ),
    ))
}

//! The User object: somebody who signs in.
//! May touch: nothing (pure).

use directory::{Administrator, Recipient, Snapshot};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cmdlets::recipient::rows;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

/// What a user without a mailbox is.
pub(super) const KIND: &str = "User";

/// `-Identity` of cmdlets about one user without a mailbox.
pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The user, by name or GUID.").required().positional();

/// What cmdlets of users put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "User",
    properties: &[
        Property::text("Name"),
        Property::text("RecipientTypeDetails"),
        Property::text("UserPrincipalName"),
        Property::text("AccountDisabled"),
        Property::text("RoleGroups"),
        Property::text("Guid"),
        Property::time("WhenCreated"),
        Property::time("PasswordLastSet"),
    ],
    settings: None,
    table: &["Name", "RecipientTypeDetails", "UserPrincipalName", "AccountDisabled", "RoleGroups"],
};

fn role_groups(snapshot: &Snapshot, person: Uuid) -> Value {
    let mut names: Vec<&str> = snapshot.role_groups_of(person).map(|group| group.name.as_str()).collect();
    names.sort_unstable();
    names.into()
}

/// A user without a mailbox.
pub(super) fn row(user: &Administrator, snapshot: &Snapshot) -> Row {
    rows::row_of(json!({
        "Name": user.user_name,
        "RecipientTypeDetails": KIND,
        "UserPrincipalName": user.user_name,
        "AccountDisabled": !user.enabled,
        "RoleGroups": role_groups(snapshot, user.guid),
        "Guid": user.guid.to_string(),
        "WhenCreated": user.when_created.to_string(),
        "PasswordLastSet": user.password_changed.to_string(),
    }))
}

/// A recipient who signs in; `None` for one that has no account.
pub(super) fn recipient_row(recipient: &Recipient, snapshot: &Snapshot) -> Option<Row> {
    let account = recipient.account.as_ref()?;
    Some(rows::row_of(json!({
        "Name": recipient.name,
        "RecipientTypeDetails": recipient.kind.as_str(),
        "UserPrincipalName": account.user_principal_name,
        "AccountDisabled": !account.enabled,
        "RoleGroups": role_groups(snapshot, recipient.guid),
        "Guid": recipient.guid.to_string(),
        "WhenCreated": recipient.when_created.to_string(),
        "PasswordLastSet": account.password_changed.map(|at| at.to_string()),
    })))
}

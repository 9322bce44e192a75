//! A Full Access grant as cmdlets name and show it.
//! May touch: nothing (pure).

use std::sync::Arc;

use directory::{FullAccess, Recipient, Snapshot};
use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlets::recipient::{find, rows};
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(super) const OUTPUT: OutputType = OutputType {
    name: "MailboxPermission",
    properties: &[
        Property::text("Identity"),
        Property::text("User"),
        Property::text("AccessRights"),
        Property::text("AutoMapping"),
        Property::text("IsInherited"),
        Property::text("Deny"),
    ],
    settings: None,
    table: &["Identity", "User", "AccessRights", "IsInherited", "Deny"],
};

/// What names a grant.
pub(super) const NAMING: &[Parameter] = &[
    find::IDENTITY,
    Parameter::new("User", Kind::Identity, "The user or mail-enabled security group.").required(),
    Parameter::new(
        "AccessRights",
        Kind::List(&Kind::Enum(&["FullAccess"])),
        "FullAccess: open the whole mailbox.",
    )
    .required(),
    Parameter::new("InheritanceType", Kind::Enum(&["All"]), "All: the right is for every folder."),
];

/// The mailbox and the user of a call.
pub(super) fn parties(
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Result<(Arc<Recipient>, Arc<Recipient>), CmdletError> {
    let mailbox = find::one(snapshot, &find::MAILBOX, arguments.required("Identity")?)?;
    let user = find::one(snapshot, &find::ANY, arguments.required("User")?)?;
    Ok((mailbox, user))
}

pub(super) fn row(mailbox: &Recipient, grant: &FullAccess, snapshot: &Snapshot) -> Row {
    let user = snapshot.recipient(grant.user);
    let name = user.map_or_else(|| grant.user.to_string(), |user| user.primary_smtp_address.to_string());
    rows::row_of(json!({
        "Identity": mailbox.name,
        "User": name,
        "AccessRights": ["FullAccess"],
        "AutoMapping": grant.auto_mapping,
        "IsInherited": false,
        "Deny": false,
    }))
}

//! A Send As grant as cmdlets name and show it.
//! May touch: nothing (pure).

use std::sync::Arc;

use directory::{Recipient, Snapshot};
use serde_json::json;
use uuid::Uuid;

use crate::arguments::Arguments;
use crate::cmdlets::recipient::{find, rows};
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};

pub(super) const OUTPUT: OutputType = OutputType {
    name: "RecipientPermission",
    properties: &[
        Property::text("Identity"),
        Property::text("Trustee"),
        Property::text("AccessControlType"),
        Property::text("AccessRights"),
        Property::text("IsInherited"),
    ],
    settings: None,
    table: &["Identity", "Trustee", "AccessControlType", "AccessRights"],
};

/// What names a grant.
pub(super) const NAMING: &[Parameter] = &[
    find::IDENTITY,
    Parameter::new("Trustee", Kind::Identity, "The user or mail-enabled security group.").required(),
    Parameter::new(
        "AccessRights",
        Kind::List(&Kind::Enum(&["SendAs"])),
        "SendAs: send as if it were the recipient.",
    )
    .required(),
];

/// The recipient and the trustee of a call.
pub(super) fn parties(
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Result<(Arc<Recipient>, Arc<Recipient>), CmdletError> {
    let recipient = find::one(snapshot, &find::ANY, arguments.required("Identity")?)?;
    let trustee = find::one(snapshot, &find::ANY, arguments.required("Trustee")?)?;
    Ok((recipient, trustee))
}

pub(super) fn row(recipient: &Recipient, trustee: Uuid, snapshot: &Snapshot) -> Row {
    let found = snapshot.recipient(trustee);
    let name = found.map_or_else(|| trustee.to_string(), |found| found.primary_smtp_address.to_string());
    rows::row_of(json!({
        "Identity": recipient.name,
        "Trustee": name,
        "AccessControlType": "Allow",
        "AccessRights": ["SendAs"],
        "IsInherited": false,
    }))
}

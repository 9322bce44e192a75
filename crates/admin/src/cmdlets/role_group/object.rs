//! The RoleGroup object, and the parameters that make and change one.
//! May touch: nothing (pure).

use directory::{RoleGroup, Snapshot};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::arguments::{Arguments, usage};
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

/// `-Identity` of cmdlets about one role group.
pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The role group, by name or GUID.").required().positional();

/// `-Member`.
pub(super) const MEMBER: Parameter = Parameter::new(
    "Member",
    Kind::Identity,
    "The user: one without a mailbox by user name, one with a mailbox by name, alias, address or GUID.",
)
.required();

/// What New- and Set- take beside the name.
pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new("Roles", Kind::Change(&Kind::Text), "Its roles, as Get-ManagementRole lists them."),
    Parameter::new("Description", Kind::Text, "What it is for."),
    Parameter::new(
        "ManagedBy",
        Kind::Change(&Kind::Identity),
        "Users who may change its members, beside those with the role Role Management.",
    ),
    Parameter::new(
        "RecipientDomainScope",
        Kind::Change(&Kind::Text),
        "Accepted domains whose recipients, and whose mail in the trace, the roles are for; none is the whole organization.",
    ),
];

/// What cmdlets of role groups put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "RoleGroup",
    properties: &[
        Property::text("Identity"),
        Property::text("Name"),
        Property::text("Guid"),
        Property::text("Description"),
        Property::text("Roles"),
        Property::text("Members"),
        Property::text("ManagedBy"),
        Property::text("RecipientDomainScope"),
        Property::text("BuiltIn"),
        Property::time("WhenCreated"),
    ],
    settings: None,
    table: &["Name", "Roles", "Members", "RecipientDomainScope"],
};

/// What the cmdlets of members put out.
pub(super) const MEMBER_OUTPUT: OutputType = OutputType {
    name: "RoleGroupMember",
    properties: &[
        Property::text("Name"),
        Property::text("RecipientTypeDetails"),
        Property::text("UserPrincipalName"),
        Property::text("PrimarySmtpAddress"),
        Property::text("RoleGroup"),
        Property::text("Guid"),
    ],
    settings: None,
    table: &["Name", "RecipientTypeDetails", "UserPrincipalName", "RoleGroup"],
};

/// A role group as a row.
pub(super) fn row(group: &RoleGroup, snapshot: &Snapshot) -> Row {
    let names = |people: &[Uuid]| -> Value {
        let mut names: Vec<String> = people.iter().map(|guid| name_of(snapshot, *guid)).collect();
        // A user and a mailbox may have one name: the mailbox is told apart by its address, which names it as well.
        let doubles: Vec<String> = names.clone();
        for (name, guid) in names.iter_mut().zip(people) {
            if doubles.iter().filter(|other| other.eq_ignore_ascii_case(name)).count() > 1
                && let Some(recipient) = snapshot.recipient(*guid)
            {
                *name = recipient.primary_smtp_address.to_string();
            }
        }
        names.sort_by_key(|name| name.to_lowercase());
        names.into()
    };
    let managers = match group.managed_by.as_slice() {
        [] => json!([crate::role::RoleGroup::OrganizationManagement.as_str()]),
        people => names(people),
    };
    rows::row_of(json!({
        "Identity": group.name,
        "Name": group.name,
        "Guid": group.guid.to_string(),
        "Description": group.description,
        "Roles": group.roles().iter().map(|role| role.as_str()).collect::<Value>(),
        "Members": names(&group.members),
        "ManagedBy": managers,
        "RecipientDomainScope": group.recipient_domain_scope,
        "BuiltIn": group.built_in().is_some(),
        "WhenCreated": group.when_created.to_string(),
    }))
}

/// A member of a role group as a row.
pub(super) fn member_row(group: &RoleGroup, guid: Uuid, snapshot: &Snapshot) -> Row {
    let recipient = snapshot.recipient(guid);
    let account = recipient.and_then(|recipient| recipient.account.as_ref());
    let user = snapshot.administrators().find(|user| user.guid == guid);
    rows::row_of(json!({
        "Name": name_of(snapshot, guid),
        "RecipientTypeDetails": recipient.map_or("User", |recipient| recipient.kind.as_str()),
        "UserPrincipalName": match (account, user) {
            (Some(account), _) => Some(account.user_principal_name.as_str()),
            (None, user) => user.map(|user| user.user_name.as_str()),
        },
        "PrimarySmtpAddress": recipient.map(|recipient| recipient.primary_smtp_address.to_string()),
        "RoleGroup": group.name,
        "Guid": guid.to_string(),
    }))
}

/// The name of a person.
pub(super) fn name_of(snapshot: &Snapshot, guid: Uuid) -> String {
    let user = snapshot.administrators().find(|user| user.guid == guid).map(|user| user.user_name.clone());
    let recipient = || snapshot.recipient(guid).map(|recipient| recipient.name.clone());
    user.or_else(recipient).unwrap_or_else(|| guid.to_string())
}

/// Sets what was given.
///
/// # Errors
/// `Usage` for a role that does not exist; `NotFound` for somebody who does not.
pub(super) fn put(
    group: &mut RoleGroup,
    arguments: &Arguments,
    snapshot: &Snapshot,
) -> Result<(), CmdletError> {
    let present: Vec<String> = group.roles().iter().map(|role| role.as_str().to_owned()).collect();
    if let Some(names) = arguments.changed("Roles", &present) {
        group.own_roles = names.iter().map(|name| read_role(arguments, name)).collect::<Result<_, _>>()?;
    }
    if let Some(text) = arguments.text_or_null("Description") {
        group.description = text.unwrap_or_default().to_owned();
    }
    set_people(&mut group.managed_by, arguments, "ManagedBy", snapshot)?;
    if let Some(domains) = arguments.changed("RecipientDomainScope", &group.recipient_domain_scope) {
        let read = |domain: String| {
            mail::address::domain_key(&domain).map_err(|_| {
                let why = format!("takes domains such as contoso.example, not \"{domain}\"");
                usage(arguments.cmdlet(), "RecipientDomainScope", &why)
            })
        };
        group.recipient_domain_scope = domains.into_iter().map(read).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn read_role(arguments: &Arguments, name: &str) -> Result<Role, CmdletError> {
    name.parse().map_err(|_| {
        let near = crate::nearest::nearest(name, Role::ALL.iter().map(|role| role.as_str()));
        let hint =
            near.map_or("Get-ManagementRole lists them".to_owned(), |near| format!("did you mean {near}?"));
        usage(arguments.cmdlet(), "Roles", &format!("names \"{name}\", which is no role; {hint}"))
    })
}

/// A list of people, replaced or edited.
///
/// # Errors
/// `NotFound` for somebody who does not exist.
pub(super) fn set_people(
    list: &mut Vec<Uuid>,
    arguments: &Arguments,
    name: &str,
    snapshot: &Snapshot,
) -> Result<(), CmdletError> {
    let Some((add, remove, is_whole)) = arguments.edits(name) else { return Ok(()) };
    if is_whole {
        list.clear();
    }
    for identity in remove {
        let gone = snapshot.resolve_person(identity)?;
        list.retain(|guid| *guid != gone);
    }
    for identity in add {
        let guid = snapshot.resolve_person(identity)?;
        if !list.contains(&guid) {
            list.push(guid);
        }
    }
    Ok(())
}

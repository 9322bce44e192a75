//! A recipient as cmdlets show it, in Microsoft's property names.
//! May touch: nothing (pure).

use std::sync::Arc;

use directory::{Recipient, RecipientKind, Snapshot};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::output::{OutputType, Property, Row};
use crate::role::RoleGroup;
use crate::value::{Limit, write_size, write_span};

/// The columns of tables of recipients.
const TABLE: &[&str] = &["Name", "RecipientTypeDetails", "PrimarySmtpAddress", "Alias"];

/// Properties of every recipient.
macro_rules! with_base {
    ($($more:literal,)*) => {
        &[
            Property::text("Identity"), Property::text("Guid"), Property::text("Name"), Property::text("Alias"),
            Property::text("DisplayName"), Property::text("RecipientType"), Property::text("RecipientTypeDetails"),
            Property::text("PrimarySmtpAddress"), Property::text("EmailAddresses"),
            Property::text("EmailAddressPolicyEnabled"), Property::text("HiddenFromAddressListsEnabled"),
            Property::text("RequireSenderAuthenticationEnabled"), Property::text("MaxSendSize"),
            Property::text("MaxReceiveSize"), Property::text("AcceptMessagesOnlyFrom"),
            Property::text("AcceptMessagesOnlyFromDLMembers"), Property::text("RejectMessagesFrom"),
            Property::text("RejectMessagesFromDLMembers"), Property::text("GrantSendOnBehalfTo"),
            Property::text("ModerationEnabled"), Property::text("ModeratedBy"), Property::text("MailTip"),
            Property::text("FirstName"), Property::text("LastName"), Property::text("Initials"),
            Property::text("CustomAttributes"),
            $(Property::text($more),)*
            Property::time("WhenCreated"),
        ]
    };
}

/// The output of mailbox cmdlets.
pub(crate) const MAILBOX: OutputType = OutputType {
    name: "Mailbox",
    properties: with_base![
        "UserPrincipalName",
        "AccountDisabled",
        "IsShared",
        "IsResource",
        "ResourceCapacity",
        "ForwardingAddress",
        "ForwardingSmtpAddress",
        "DeliverToMailboxAndForward",
        "RecipientLimits",
        "UseDatabaseQuotaDefaults",
        "IssueWarningQuota",
        "ProhibitSendQuota",
        "ProhibitSendReceiveQuota",
        "RecoverableItemsWarningQuota",
        "RecoverableItemsQuota",
        "RulesQuota",
        "RetainDeletedItemsFor",
        "SingleItemRecoveryEnabled",
        "LitigationHoldEnabled",
        "MessageCopyForSentAsEnabled",
        "MessageCopyForSendOnBehalfEnabled",
        "WhenSoftDeleted",
    ],
    settings: None,
    table: TABLE,
};

/// The output of group cmdlets.
pub(crate) const GROUP: OutputType = OutputType {
    name: "DistributionGroup",
    properties: with_base![
        "GroupType",
        "ManagedBy",
        "MemberJoinRestriction",
        "MemberDepartRestriction",
        "ReportToOriginatorEnabled",
        "ReportToManagerEnabled",
        "SendOofMessageToOriginatorEnabled",
        "BccBlocked",
        "HiddenGroupMembershipEnabled",
        "ExpansionServer",
        "MemberCount",
    ],
    settings: None,
    table: TABLE,
};

/// The output of contact and mail user cmdlets.
pub(crate) const CONTACT: OutputType = OutputType {
    name: "MailContact",
    properties: with_base!["ExternalEmailAddress",],
    settings: None,
    table: &["Name", "ExternalEmailAddress", "PrimarySmtpAddress", "Alias"],
};

/// The output of mail user cmdlets.
pub(crate) const MAIL_USER: OutputType = OutputType {
    name: "MailUser",
    properties: with_base!["ExternalEmailAddress", "UserPrincipalName", "AccountDisabled", "RecipientLimits",],
    settings: None,
    table: &["Name", "ExternalEmailAddress", "PrimarySmtpAddress", "Alias"],
};

/// The output of Get-Recipient and of group members.
pub(crate) const RECIPIENT: OutputType = OutputType {
    name: "Recipient",
    properties: with_base!["ExternalEmailAddress",],
    settings: None,
    table: TABLE,
};

/// The output of Add-DistributionGroupMember: the member, and the group it is in now.
pub(crate) const MEMBER: OutputType = OutputType {
    name: "DistributionGroupMember",
    properties: with_base!["ExternalEmailAddress", "Group",],
    settings: None,
    table: TABLE,
};

/// What every recipient has.
pub(crate) fn base(recipient: &Recipient, snapshot: &Snapshot) -> Row {
    let person = &recipient.person;
    let names = |guids: &[Uuid]| names(guids, snapshot);
    let mut row = row_of(json!({
        "Identity": recipient.name,
        "Guid": recipient.guid.to_string(),
        "Name": recipient.name,
        "Alias": recipient.alias,
        "DisplayName": recipient.display_name,
        "RecipientType": recipient.kind.recipient_type(),
        "RecipientTypeDetails": recipient.kind.as_str(),
        "PrimarySmtpAddress": recipient.primary_smtp_address.to_string(),
        "EmailAddresses": addresses(recipient),
        "EmailAddressPolicyEnabled": recipient.email_address_policy_enabled,
        "HiddenFromAddressListsEnabled": recipient.hidden_from_address_lists_enabled,
        "RequireSenderAuthenticationEnabled": recipient.require_sender_authentication_enabled,
        "MaxSendSize": size(recipient.max_send_size),
        "MaxReceiveSize": size(recipient.max_receive_size),
        "AcceptMessagesOnlyFrom": names(&recipient.accept_messages_only_from),
        "AcceptMessagesOnlyFromDLMembers": names(&recipient.accept_messages_only_from_dl_members),
        "RejectMessagesFrom": names(&recipient.reject_messages_from),
        "RejectMessagesFromDLMembers": names(&recipient.reject_messages_from_dl_members),
        "GrantSendOnBehalfTo": names(&recipient.grant_send_on_behalf_to),
        "ModerationEnabled": recipient.moderation.enabled,
        "ModeratedBy": names(&recipient.moderation.moderated_by),
        "MailTip": recipient.mail_tip,
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Initials": person.initials,
        "CustomAttributes": custom_attributes(recipient),
        "WhenCreated": recipient.when_created.to_string(),
    }));
    if let Some(address) = &recipient.external_email_address {
        row.insert("ExternalEmailAddress".into(), format!("SMTP:{address}").into());
    }
    row
}

/// A mailbox.
pub(crate) fn mailbox(recipient: &Recipient, snapshot: &Snapshot) -> Row {
    let mut row = base(recipient, snapshot);
    let quotas = recipient.quotas.in_force();
    let is_resource = matches!(recipient.kind, RecipientKind::RoomMailbox | RecipientKind::EquipmentMailbox);
    let forwarding = recipient.forwarding_address.and_then(|guid| snapshot.recipient(guid));
    let retained =
        jiff::SignedDuration::from_hours(24 * i64::from(recipient.retention.retain_deleted_items_days));
    row.extend(row_of(json!({
        "UserPrincipalName": recipient.account.as_ref().map(|account| account.user_principal_name.as_str()),
        "AccountDisabled": recipient.account.as_ref().is_none_or(|account| !account.enabled),
        "IsShared": recipient.kind == RecipientKind::SharedMailbox,
        "IsResource": is_resource,
        "ResourceCapacity": recipient.resource.as_ref().and_then(|resource| resource.capacity),
        "ForwardingAddress": forwarding.map(|target| target.name.as_str()),
        "ForwardingSmtpAddress": recipient.forwarding_smtp_address.as_ref().map(|to| format!("smtp:{to}")),
        "DeliverToMailboxAndForward": recipient.deliver_to_mailbox_and_forward,
        "RecipientLimits": recipient.recipient_limits.map_or_else(|| json!("Unlimited"), |limit| json!(limit)),
        "UseDatabaseQuotaDefaults": recipient.quotas.use_database_quota_defaults,
        "IssueWarningQuota": size(quotas.issue_warning_quota),
        "ProhibitSendQuota": size(quotas.prohibit_send_quota),
        "ProhibitSendReceiveQuota": size(quotas.prohibit_send_receive_quota),
        "RecoverableItemsWarningQuota": size(quotas.recoverable_items_warning_quota),
        "RecoverableItemsQuota": size(quotas.recoverable_items_quota),
        "RulesQuota": size(Some(quotas.rules_quota)),
        "RetainDeletedItemsFor": write_span(retained),
        "SingleItemRecoveryEnabled": recipient.retention.single_item_recovery_enabled,
        "LitigationHoldEnabled": recipient.hold.litigation_hold_enabled,
        "MessageCopyForSentAsEnabled": recipient.message_copy_for_sent_as_enabled,
        "MessageCopyForSendOnBehalfEnabled": recipient.message_copy_for_send_on_behalf_enabled,
        "WhenSoftDeleted": recipient.when_soft_deleted.map(|at| at.to_string()),
    })));
    row
}

/// The owners of a group; one that nobody owns is the administrators'.
fn owners(group: &Recipient, snapshot: &Snapshot) -> Value {
    match group.managed_by.as_slice() {
        [] => json!([RoleGroup::OrganizationManagement.as_str()]),
        owners => json!(names(owners, snapshot)),
    }
}

/// A group.
pub(crate) fn group(recipient: &Recipient, snapshot: &Snapshot) -> Row {
    let mut row = base(recipient, snapshot);
    let is_security = recipient.kind == RecipientKind::MailUniversalSecurityGroup;
    row.extend(row_of(json!({
        "GroupType": if is_security { "Universal, SecurityEnabled" } else { "Universal" },
        "ManagedBy": owners(recipient, snapshot),
        "MemberJoinRestriction": recipient.group.member_join_restriction.as_str(),
        "MemberDepartRestriction": recipient.group.member_depart_restriction.as_str(),
        "ReportToOriginatorEnabled": recipient.report_to_originator_enabled,
        "ReportToManagerEnabled": recipient.report_to_manager_enabled,
        "SendOofMessageToOriginatorEnabled": recipient.send_oof_message_to_originator_enabled,
        "BccBlocked": recipient.group.bcc_blocked,
        "HiddenGroupMembershipEnabled": recipient.group.hidden_group_membership_enabled,
        "ExpansionServer": recipient.group.expansion_server,
        "MemberCount": recipient.members.len(),
    })));
    row
}

/// A mail user.
pub(crate) fn mail_user(recipient: &Recipient, snapshot: &Snapshot) -> Row {
    let mut row = base(recipient, snapshot);
    row.extend(row_of(json!({
        "UserPrincipalName": recipient.account.as_ref().map(|account| account.user_principal_name.as_str()),
        "AccountDisabled": recipient.account.as_ref().is_none_or(|account| !account.enabled),
        "RecipientLimits": recipient.recipient_limits.map_or_else(|| json!("Unlimited"), |limit| json!(limit)),
    })));
    row
}

/// `SMTP:` before the primary address, `smtp:` before proxies, other kinds as they are.
pub(crate) fn addresses(recipient: &Recipient) -> Vec<String> {
    let primary = format!("SMTP:{}", recipient.primary_smtp_address);
    let proxies = recipient.email_addresses.iter().map(|address| format!("smtp:{address}"));
    std::iter::once(primary).chain(proxies).chain(recipient.other_addresses.iter().cloned()).collect()
}

/// Recipients by name; one that is gone by its GUID.
pub(crate) fn names(guids: &[Uuid], snapshot: &Snapshot) -> Vec<String> {
    guids
        .iter()
        .map(|guid| {
            snapshot
                .recipient(*guid)
                .map_or_else(|| guid.to_string(), |one: &Arc<Recipient>| one.name.clone())
        })
        .collect()
}

/// A size limit as Exchange prints it.
pub(crate) fn size(limit: Option<u64>) -> String {
    write_size(limit.map_or(Limit::Unlimited, Limit::Of))
}

/// The map of a JSON object.
pub(crate) fn row_of(value: Value) -> Row {
    match value {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}

fn custom_attributes(recipient: &Recipient) -> Value {
    let numbered = recipient.person.custom_attributes.iter();
    let parts: Row =
        numbered.map(|(number, text)| (format!("CustomAttribute{number}"), text.as_str().into())).collect();
    Value::Object(parts)
}

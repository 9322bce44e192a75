//! The parts of a recipient that only some kinds use.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use mail::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RecipientKind;
use crate::settings::GB;
use crate::text_enum::text_enum;

/// The attributes of a person, for address lists, policies and filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Given name (`%g`).
    pub first_name: Option<String>,
    /// Surname (`%s`).
    pub last_name: Option<String>,
    /// Initials (`%i`).
    pub initials: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Department, a condition of dynamic groups.
    pub department: Option<String>,
    /// Company, a condition of dynamic groups.
    pub company: Option<String>,
    /// Office.
    pub office: Option<String>,
    /// State or province, a condition of dynamic groups.
    pub state_or_province: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Mobile telephone number.
    pub mobile_phone: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// CustomAttribute1 to CustomAttribute15, by number.
    pub custom_attributes: BTreeMap<u8, String>,
}

/// One Full Access grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullAccess {
    /// The user or security group.
    pub user: Uuid,
    /// Whether Autodiscover shows the mailbox to the user.
    pub auto_mapping: bool,
}

/// Mailbox quotas in bytes. The defaults are those of an Exchange database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quotas {
    /// Whether the defaults apply and the values here do not.
    pub use_database_quota_defaults: bool,
    /// Size from which the owner is warned.
    pub issue_warning_quota: Option<u64>,
    /// Size from which the owner cannot send.
    pub prohibit_send_quota: Option<u64>,
    /// Size from which nothing is delivered any more.
    pub prohibit_send_receive_quota: Option<u64>,
    /// Size of Recoverable Items from which administrators are warned.
    pub recoverable_items_warning_quota: Option<u64>,
    /// Size of Recoverable Items from which nothing can be deleted any more.
    pub recoverable_items_quota: Option<u64>,
    /// Size of all enabled inbox rules, 32 to 256 KB.
    pub rules_quota: u64,
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            use_database_quota_defaults: true,
            issue_warning_quota: Some(2_039_480_320),
            prohibit_send_quota: Some(2 * GB),
            prohibit_send_receive_quota: Some(2_469_396_480),
            recoverable_items_warning_quota: Some(20 * GB),
            recoverable_items_quota: Some(30 * GB),
            rules_quota: 256 * 1024,
        }
    }
}

impl Quotas {
    /// The quotas in force: these, or the defaults where UseDatabaseQuotaDefaults is set.
    pub fn in_force(&self) -> Quotas {
        if self.use_database_quota_defaults {
            Quotas { rules_quota: self.rules_quota, ..Quotas::default() }
        } else {
            self.clone()
        }
    }
}

/// How long deleted items can be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Days a deleted item is kept.
    pub retain_deleted_items_days: u32,
    /// Whether purged items are kept as well.
    pub single_item_recovery_enabled: bool,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { retain_deleted_items_days: 14, single_item_recovery_enabled: false }
    }
}

/// Litigation hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hold {
    /// Whether nothing may be purged.
    pub litigation_hold_enabled: bool,
    /// Days from receipt; absent is for ever.
    pub litigation_hold_days: Option<u32>,
    /// Who set it.
    pub litigation_hold_owner: Option<String>,
    /// What the owner is told.
    pub retention_comment: Option<String>,
}

/// An archive mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Identity of the archive; names its file.
    pub guid: Uuid,
    /// The name people see.
    pub name: String,
    /// Size from which nothing is moved in, bytes.
    pub quota: Option<u64>,
    /// Size from which the owner is warned, bytes.
    pub warning_quota: Option<u64>,
}

/// What can be booked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// Seats or pieces.
    pub capacity: Option<u32>,
    /// Properties such as Projector.
    pub custom: Vec<String>,
}

/// The owner's account in another forest or domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedAccount {
    /// `DOMAIN\user` or user principal name there.
    pub master_account: String,
    /// The domain controller or LDAP server that knows it.
    pub domain_controller: Option<String>,
}

text_enum! {
    /// How people become members of a group.
    pub enum MemberJoinRestriction "MemberJoinRestriction" {
        /// By themselves.
        Open = "Open",
        /// Only owners add members.
        Closed = "Closed",
        /// They ask, an owner approves.
        ApprovalRequired = "ApprovalRequired",
    }
}

text_enum! {
    /// How people leave a group.
    pub enum MemberDepartRestriction "MemberDepartRestriction" {
        /// By themselves.
        Open = "Open",
        /// Only owners remove members.
        Closed = "Closed",
    }
}

/// The settings of a group besides members, owners and reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupSettings {
    /// How people become members.
    pub member_join_restriction: MemberJoinRestriction,
    /// How people leave.
    pub member_depart_restriction: MemberDepartRestriction,
    /// Whether a message that names the group in Bcc is refused.
    pub bcc_blocked: bool,
    /// Whether only owners see the members; cannot be undone.
    pub hidden_group_membership_enabled: bool,
    /// The server that expands it; absent is the nearest.
    pub expansion_server: Option<String>,
    /// Microsoft 365 group: whether anybody may join.
    pub access_type_public: bool,
    /// Microsoft 365 group: members who get copies in their Inbox.
    pub subscribers: Vec<Uuid>,
    /// Microsoft 365 group: whether clients do not show it.
    pub hidden_from_exchange_clients_enabled: bool,
}

impl Default for GroupSettings {
    fn default() -> GroupSettings {
        GroupSettings {
            member_join_restriction: MemberJoinRestriction::Closed,
            member_depart_restriction: MemberDepartRestriction::Open,
            bcc_blocked: false,
            hidden_group_membership_enabled: false,
            expansion_server: None,
            access_type_public: false,
            subscribers: Vec::new(),
            hidden_from_exchange_clients_enabled: false,
        }
    }
}

impl GroupSettings {
    /// The defaults of a kind: nobody leaves a security group by themselves.
    pub fn for_kind(kind: RecipientKind) -> GroupSettings {
        let member_depart_restriction = match kind {
            RecipientKind::MailUniversalSecurityGroup => MemberDepartRestriction::Closed,
            _ => MemberDepartRestriction::Open,
        };
        GroupSettings { member_depart_restriction, ..GroupSettings::default() }
    }
}

text_enum! {
    /// What kinds of recipient a dynamic group takes.
    pub enum IncludedRecipients "IncludedRecipients" {
        /// All.
        AllRecipients = "AllRecipients",
        /// Mailboxes.
        MailboxUsers = "MailboxUsers",
        /// Mail contacts.
        MailContacts = "MailContacts",
        /// Groups.
        MailGroups = "MailGroups",
        /// Mail users.
        MailUsers = "MailUsers",
        /// Rooms and equipment.
        Resources = "Resources",
    }
}

/// Whom a dynamic distribution group reaches: a kind listed (any of them) and every condition, or the filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DynamicFilter {
    /// The kinds taken; one is enough.
    pub included_recipients: Vec<IncludedRecipients>,
    /// Values per attribute (`Department`, `CustomAttribute1`, …): one value per attribute must match.
    pub conditional: BTreeMap<String, Vec<String>>,
    /// An OPATH filter instead of the two above.
    pub recipient_filter: Option<String>,
    /// The organizational unit searched.
    pub recipient_container: Option<String>,
}

text_enum! {
    /// Who is told when a message is not approved.
    pub enum ModerationNotice "SendModerationNotifications" {
        /// Every sender.
        Always = "Always",
        /// Senders inside.
        Internal = "Internal",
        /// Nobody.
        Never = "Never",
    }
}

/// Approval of messages before they are delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moderation {
    /// ModerationEnabled.
    pub enabled: bool,
    /// Who approves; the owners where it is empty.
    pub moderated_by: Vec<Uuid>,
    /// Whose messages need no approval.
    pub bypass_from_senders_or_members: Vec<Uuid>,
    /// Whether a nested group is not asked again.
    pub bypass_nested_moderation_enabled: bool,
    /// Who is told when a message is not approved.
    pub send_moderation_notifications: ModerationNotice,
    /// Arbitration mailbox that holds the message; absent is the system's.
    pub arbitration_mailbox: Option<Address>,
}

impl Default for Moderation {
    fn default() -> Moderation {
        Moderation {
            enabled: false,
            moderated_by: Vec::new(),
            bypass_from_senders_or_members: Vec::new(),
            bypass_nested_moderation_enabled: false,
            send_moderation_notifications: ModerationNotice::Always,
            arbitration_mailbox: None,
        }
    }
}

//! A recipient: everything with an address that mail can be sent to.
//!
//! May touch: nothing (pure).
//! One struct for every kind, because `Set-Mailbox -Type` and friends turn one kind into another; what a
//! kind may not have is refused by `check`, which every change passes.

mod account;
mod check;
mod kind;
mod part;

use jiff::Timestamp;
use mail::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use account::{Account, PasswordHash};
pub use check::{
    EMAIL_ADDRESSES_MAX, GRANTS_MAX, MAIL_TIP_LENGTH_MAX, MEMBERS_MAX, RECIPIENT_LIMITS_MAX, SIZE_LIMIT_MAX,
};
pub use kind::{RecipientClass, RecipientKind};
pub use part::{
    Archive, DynamicFilter, FullAccess, GroupSettings, Hold, IncludedRecipients, LinkedAccount,
    MemberDepartRestriction, MemberJoinRestriction, Moderation, ModerationNotice, Person, Quotas, Resource,
    Retention,
};

use crate::object::{Object, ObjectKind};

/// How long a removed mailbox is kept, in days (MailboxRetention).
pub const MAILBOX_RETENTION_DAYS: i64 = 30;

/// A recipient of any kind. Sizes are bytes, an absent limit is unlimited, and other recipients are named by GUID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Identity for life; also names the mailbox file.
    pub guid: Uuid,
    /// RecipientTypeDetails.
    pub kind: RecipientKind,
    /// Unique name, 1 to 64 characters.
    pub name: String,
    /// Unique alias, 1 to 64 characters of RFC 5322 `atext`.
    pub alias: String,
    /// The name people see, 1 to 256 characters.
    pub display_name: String,
    /// The address mail is delivered to and sent from.
    pub primary_smtp_address: Address,
    /// Further addresses (`smtp:` proxies), without the primary one.
    #[serde(default)]
    pub email_addresses: Vec<Address>,
    /// Proxies of other kinds as `PREFIX:value` (X500, SIP, EUM).
    #[serde(default)]
    pub other_addresses: Vec<String>,
    /// Whether an email address policy may change the addresses.
    #[serde(default)]
    pub email_address_policy_enabled: bool,
    /// First name, department, custom attributes and the like.
    #[serde(default)]
    pub person: Person,
    /// Where mail to a contact, mail user or remote mailbox goes.
    #[serde(default)]
    pub external_email_address: Option<Address>,
    /// A recipient of ours who gets the mail; wins over `forwarding_smtp_address`.
    #[serde(default)]
    pub forwarding_address: Option<Uuid>,
    /// Any address that gets the mail, unless `forwarding_address` is set.
    #[serde(default)]
    pub forwarding_smtp_address: Option<Address>,
    /// Whether forwarded mail is also delivered here.
    #[serde(default)]
    pub deliver_to_mailbox_and_forward: bool,
    /// Largest message it may send, bytes.
    #[serde(default)]
    pub max_send_size: Option<u64>,
    /// Largest message it may receive, bytes.
    #[serde(default)]
    pub max_receive_size: Option<u64>,
    /// Most recipients of one message it sends; absent is the organization's MaxRecipientEnvelopeLimit.
    #[serde(default)]
    pub recipient_limits: Option<u32>,
    /// Whether only authenticated (internal) senders may write to it.
    #[serde(default)]
    pub require_sender_authentication_enabled: bool,
    /// If this or its DL twin is not empty, only these senders may write to it.
    #[serde(default)]
    pub accept_messages_only_from: Vec<Uuid>,
    /// Members of these groups may write to it.
    #[serde(default)]
    pub accept_messages_only_from_dl_members: Vec<Uuid>,
    /// These senders may not write to it.
    #[serde(default)]
    pub reject_messages_from: Vec<Uuid>,
    /// Members of these groups may not write to it.
    #[serde(default)]
    pub reject_messages_from_dl_members: Vec<Uuid>,
    /// Who may send "on behalf of" it.
    #[serde(default)]
    pub grant_send_on_behalf_to: Vec<Uuid>,
    /// Who may send as it.
    #[serde(default)]
    pub send_as: Vec<Uuid>,
    /// Who may open the whole mailbox.
    #[serde(default)]
    pub full_access: Vec<FullAccess>,
    /// Whether mail sent as it leaves a copy in its Sent Items.
    #[serde(default)]
    pub message_copy_for_sent_as_enabled: bool,
    /// Whether mail sent on behalf of it leaves a copy in its Sent Items.
    #[serde(default)]
    pub message_copy_for_send_on_behalf_enabled: bool,
    /// The members of a group.
    #[serde(default)]
    pub members: Vec<Uuid>,
    /// The owners of a group.
    #[serde(default)]
    pub managed_by: Vec<Uuid>,
    /// Whether reports for a group's members go to the message's sender.
    #[serde(default = "yes")]
    pub report_to_originator_enabled: bool,
    /// Whether NDRs for a group's members go to its first owner.
    #[serde(default)]
    pub report_to_manager_enabled: bool,
    /// Whether automatic replies of a group's members go to the message's sender.
    #[serde(default)]
    pub send_oof_message_to_originator_enabled: bool,
    /// The other settings of a group.
    #[serde(default)]
    pub group: GroupSettings,
    /// The filter of a dynamic distribution group.
    #[serde(default)]
    pub dynamic: Option<DynamicFilter>,
    /// Whether messages to it need approval.
    #[serde(default)]
    pub moderation: Moderation,
    /// Whether it is left out of address lists; then nobody else may send as it or open it.
    #[serde(default)]
    pub hidden_from_address_lists_enabled: bool,
    /// A hint shown before sending, at most 175 characters.
    #[serde(default)]
    pub mail_tip: Option<String>,
    /// Mailbox quotas.
    #[serde(default)]
    pub quotas: Quotas,
    /// How long deleted items are kept.
    #[serde(default)]
    pub retention: Retention,
    /// Litigation hold.
    #[serde(default)]
    pub hold: Hold,
    /// The archive mailbox.
    #[serde(default)]
    pub archive: Option<Archive>,
    /// What can be booked.
    #[serde(default)]
    pub resource: Option<Resource>,
    /// The owner's account in another forest or domain.
    #[serde(default)]
    pub linked: Option<LinkedAccount>,
    /// The account to sign in with.
    #[serde(default)]
    pub account: Option<Account>,
    /// When it was made.
    pub when_created: Timestamp,
    /// When a mailbox was removed; it is kept [`MAILBOX_RETENTION_DAYS`] from then, without its addresses.
    #[serde(default)]
    pub when_soft_deleted: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

/// Where the mail of a recipient goes instead of, or besides, its mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwarding<'a> {
    /// To a recipient of this organization.
    Recipient(Uuid),
    /// To any address.
    Smtp(&'a Address),
}

impl Recipient {
    /// A recipient with Exchange's defaults for its kind; groups take mail from inside only.
    pub fn new(
        guid: Uuid,
        kind: RecipientKind,
        name: &str,
        alias: &str,
        primary_smtp_address: Address,
        when_created: Timestamp,
    ) -> Recipient {
        let is_group = matches!(kind.class(), RecipientClass::Group | RecipientClass::DynamicGroup)
            || kind == RecipientKind::GroupMailbox;
        Recipient {
            guid,
            kind,
            name: name.to_owned(),
            alias: alias.to_owned(),
            display_name: name.to_owned(),
            primary_smtp_address,
            email_addresses: Vec::new(),
            other_addresses: Vec::new(),
            email_address_policy_enabled: false,
            person: Person::default(),
            external_email_address: None,
            forwarding_address: None,
            forwarding_smtp_address: None,
            deliver_to_mailbox_and_forward: false,
            max_send_size: None,
            max_receive_size: None,
            recipient_limits: None,
            require_sender_authentication_enabled: is_group,
            accept_messages_only_from: Vec::new(),
            accept_messages_only_from_dl_members: Vec::new(),
            reject_messages_from: Vec::new(),
            reject_messages_from_dl_members: Vec::new(),
            grant_send_on_behalf_to: Vec::new(),
            send_as: Vec::new(),
            full_access: Vec::new(),
            message_copy_for_sent_as_enabled: false,
            message_copy_for_send_on_behalf_enabled: false,
            members: Vec::new(),
            managed_by: Vec::new(),
            report_to_originator_enabled: true,
            report_to_manager_enabled: false,
            send_oof_message_to_originator_enabled: false,
            group: GroupSettings::for_kind(kind),
            dynamic: (kind == RecipientKind::DynamicDistributionGroup).then(DynamicFilter::default),
            moderation: Moderation::default(),
            hidden_from_address_lists_enabled: false,
            mail_tip: None,
            quotas: Quotas::default(),
            retention: Retention::default(),
            hold: Hold::default(),
            archive: None,
            resource: matches!(kind, RecipientKind::RoomMailbox | RecipientKind::EquipmentMailbox)
                .then(Resource::default),
            linked: None,
            account: None,
            when_created,
            when_soft_deleted: None,
        }
    }

    /// The primary address and every SMTP proxy.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.primary_smtp_address).chain(&self.email_addresses)
    }

    /// Makes `address` the primary one and keeps the old one as a proxy.
    pub fn set_primary(&mut self, address: Address) {
        if address == self.primary_smtp_address {
            self.primary_smtp_address = address;
            return;
        }
        self.email_addresses.retain(|proxy| *proxy != address);
        let old = std::mem::replace(&mut self.primary_smtp_address, address);
        self.email_addresses.push(old);
    }

    /// Where mail is forwarded; the recipient wins over the SMTP address.
    pub fn forwarding(&self) -> Option<Forwarding<'_>> {
        match (self.forwarding_address, &self.forwarding_smtp_address) {
            (Some(guid), _) => Some(Forwarding::Recipient(guid)),
            (None, Some(address)) => Some(Forwarding::Smtp(address)),
            (None, None) => None,
        }
    }

    /// Whether mail is put into the mailbox here: not where it is only forwarded.
    pub fn delivers_here(&self) -> bool {
        self.kind.is_mailbox() && (self.forwarding().is_none() || self.deliver_to_mailbox_and_forward)
    }

    /// Whether the mailbox was removed and waits to be purged.
    pub fn is_soft_deleted(&self) -> bool {
        self.when_soft_deleted.is_some()
    }

    /// Every other recipient this one names, with repetitions.
    pub(crate) fn references(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.lists()
            .into_iter()
            .flat_map(|(_, list)| list.iter().copied())
            .chain(self.full_access.iter().map(|grant| grant.user))
            .chain(self.forwarding_address)
    }

    /// The lists of other recipients, by property.
    pub(crate) fn lists(&self) -> [(&'static str, &Vec<Uuid>); 11] {
        [
            ("AcceptMessagesOnlyFrom", &self.accept_messages_only_from),
            ("AcceptMessagesOnlyFromDLMembers", &self.accept_messages_only_from_dl_members),
            ("RejectMessagesFrom", &self.reject_messages_from),
            ("RejectMessagesFromDLMembers", &self.reject_messages_from_dl_members),
            ("GrantSendOnBehalfTo", &self.grant_send_on_behalf_to),
            ("SendAs", &self.send_as),
            ("Members", &self.members),
            ("ManagedBy", &self.managed_by),
            ("ModeratedBy", &self.moderation.moderated_by),
            ("BypassModerationFromSendersOrMembers", &self.moderation.bypass_from_senders_or_members),
            ("Subscribers", &self.group.subscribers),
        ]
    }

    /// Removes every mention of another recipient, who is going. The last entry of an accept list stays and names
    /// nobody: an empty list would let everybody write.
    pub fn forget(&mut self, gone: Uuid) {
        let accepts = self.accept_messages_only_from.iter().chain(&self.accept_messages_only_from_dl_members);
        if accepts.clone().any(|guid| *guid != gone) {
            self.accept_messages_only_from.retain(|guid| *guid != gone);
            self.accept_messages_only_from_dl_members.retain(|guid| *guid != gone);
        }
        for list in [
            &mut self.reject_messages_from,
            &mut self.reject_messages_from_dl_members,
            &mut self.grant_send_on_behalf_to,
            &mut self.send_as,
            &mut self.members,
            &mut self.managed_by,
            &mut self.moderation.moderated_by,
            &mut self.moderation.bypass_from_senders_or_members,
            &mut self.group.subscribers,
        ] {
            list.retain(|guid| *guid != gone);
        }
        self.full_access.retain(|grant| grant.user != gone);
        if self.forwarding_address == Some(gone) {
            self.forwarding_address = None;
        }
        if self.managed_by.is_empty() {
            self.report_to_manager_enabled = false;
        }
        if self.moderation.moderated_by.is_empty() && self.managed_by.is_empty() {
            self.moderation.enabled = false;
        }
    }
}

impl Object for Recipient {
    const KIND: ObjectKind = ObjectKind::Recipient;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

//! The parameters only mailboxes have: forwarding, quotas, kinds.
//! May touch: directory (read).

use directory::{Quotas, Recipient, RecipientKind};
use mail::Address;

use crate::arguments::{Arguments, usage};
use crate::cmdlets::recipient::create::read_address;
use crate::cmdlets::recipient::groups::{Group, set_bool, set_size};
use crate::context::Context;
use crate::error::CmdletError;
use crate::parameter::{Kind, Parameter};
use crate::value::Limit;

/// -ForwardingAddress, -ForwardingSmtpAddress, -DeliverToMailboxAndForward.
pub(crate) const FORWARDING: Group = Group {
    parameters: &[
        Parameter::new(
            "ForwardingAddress",
            Kind::Identity,
            "A recipient of ours who gets the mail; wins over -ForwardingSmtpAddress.",
        ),
        Parameter::new("ForwardingSmtpAddress", Kind::Address, "Any address that gets the mail."),
        Parameter::new(
            "DeliverToMailboxAndForward",
            Kind::Bool,
            "Whether forwarded mail is also delivered here; $false forwards only.",
        ),
    ],
    apply: |mailbox, arguments, snapshot| {
        if let Some(target) = arguments.text_or_null("ForwardingAddress") {
            let target = target.map(|identity| snapshot.resolve_recipient(identity)).transpose()?;
            mailbox.forwarding_address = target.map(|recipient| recipient.guid);
        }
        if let Some(target) = arguments.text_or_null("ForwardingSmtpAddress") {
            let bare = target.map(|text| {
                let split = text.split_once(':').filter(|(prefix, _)| prefix.eq_ignore_ascii_case("smtp"));
                split.map_or(text, |(_, rest)| rest)
            });
            let address = bare.map(|text| read_address(arguments, "ForwardingSmtpAddress", text));
            mailbox.forwarding_smtp_address = address.transpose()?;
        }
        set_bool(&mut mailbox.deliver_to_mailbox_and_forward, arguments, "DeliverToMailboxAndForward");
        Ok(())
    },
};

/// Quotas, retention and copies of sent mail.
pub(crate) const QUOTAS: Group = Group {
    parameters: &[
        Parameter::new(
            "UseDatabaseQuotaDefaults",
            Kind::Bool,
            "Whether the default quotas apply; giving a quota makes it $false.",
        ),
        Parameter::new("IssueWarningQuota", Kind::Size, "The size from which the owner is warned."),
        Parameter::new("ProhibitSendQuota", Kind::Size, "The size from which the owner cannot send."),
        Parameter::new(
            "ProhibitSendReceiveQuota",
            Kind::Size,
            "The size from which nothing is delivered any more.",
        ),
        Parameter::new(
            "RecoverableItemsWarningQuota",
            Kind::Size,
            "The size of Recoverable Items from which administrators are warned.",
        ),
        Parameter::new("RecoverableItemsQuota", Kind::Size, "The largest size of Recoverable Items."),
        Parameter::new("RulesQuota", Kind::Size, "The size of all inbox rules, 32 to 256 KB."),
        Parameter::new(
            "RetainDeletedItemsFor",
            Kind::TimeSpan,
            "How long deleted items are kept, in whole days.",
        ),
        Parameter::new("SingleItemRecoveryEnabled", Kind::Bool, "Whether purged items are kept as well."),
        Parameter::new(
            "MessageCopyForSentAsEnabled",
            Kind::Bool,
            "Whether mail sent as this mailbox leaves a copy in its Sent Items.",
        ),
        Parameter::new(
            "MessageCopyForSendOnBehalfEnabled",
            Kind::Bool,
            "Whether mail sent on behalf of this mailbox leaves a copy in its Sent Items.",
        ),
    ],
    apply: |mailbox, arguments, _| {
        apply_quotas(&mut mailbox.quotas, arguments);
        if let Some(Limit::Of(bytes)) = arguments.limit("RulesQuota") {
            mailbox.quotas.rules_quota = bytes;
        }
        if let Some(span) = arguments.span("RetainDeletedItemsFor") {
            let days = u32::try_from(span.as_hours() / 24)
                .map_err(|_| usage(arguments.cmdlet(), "RetainDeletedItemsFor", "cannot be negative"))?;
            mailbox.retention.retain_deleted_items_days = days;
        }
        set_bool(&mut mailbox.retention.single_item_recovery_enabled, arguments, "SingleItemRecoveryEnabled");
        set_bool(&mut mailbox.message_copy_for_sent_as_enabled, arguments, "MessageCopyForSentAsEnabled");
        set_bool(
            &mut mailbox.message_copy_for_send_on_behalf_enabled,
            arguments,
            "MessageCopyForSendOnBehalfEnabled",
        );
        Ok(())
    },
};

/// A quota that is given counts: the defaults go out of force. Those of its companions that nobody gave are
/// brought down to it, because Exchange wants warning ≤ send ≤ send and receive.
fn apply_quotas(quotas: &mut Quotas, arguments: &Arguments) {
    let names = [
        "IssueWarningQuota",
        "ProhibitSendQuota",
        "ProhibitSendReceiveQuota",
        "RecoverableItemsWarningQuota",
        "RecoverableItemsQuota",
    ];
    if names.iter().any(|name| arguments.is_given(name)) {
        quotas.use_database_quota_defaults = false;
    }
    set_size(&mut quotas.issue_warning_quota, arguments, "IssueWarningQuota");
    set_size(&mut quotas.prohibit_send_quota, arguments, "ProhibitSendQuota");
    set_size(&mut quotas.prohibit_send_receive_quota, arguments, "ProhibitSendReceiveQuota");
    set_size(&mut quotas.recoverable_items_warning_quota, arguments, "RecoverableItemsWarningQuota");
    set_size(&mut quotas.recoverable_items_quota, arguments, "RecoverableItemsQuota");
    set_bool(&mut quotas.use_database_quota_defaults, arguments, "UseDatabaseQuotaDefaults");
    let lowered = |lower: &mut Option<u64>, name: &str, upper: Option<u64>| {
        if !arguments.is_given(name) && upper.is_some() {
            *lower = [*lower, upper].into_iter().flatten().min();
        }
    };
    if arguments.is_given("ProhibitSendReceiveQuota") {
        lowered(&mut quotas.prohibit_send_quota, "ProhibitSendQuota", quotas.prohibit_send_receive_quota);
    }
    if arguments.is_given("ProhibitSendReceiveQuota") || arguments.is_given("ProhibitSendQuota") {
        lowered(&mut quotas.issue_warning_quota, "IssueWarningQuota", quotas.prohibit_send_quota);
    }
    if arguments.is_given("RecoverableItemsQuota") {
        let most = quotas.recoverable_items_quota;
        lowered(&mut quotas.recoverable_items_warning_quota, "RecoverableItemsWarningQuota", most);
    }
}

/// -Type and -AccountDisabled.
pub(crate) const KIND: Group = Group {
    parameters: &[
        Parameter::new(
            "Type",
            Kind::Enum(&["Regular", "Shared", "Room", "Equipment"]),
            "Makes it a mailbox of this kind; only regular ones are signed in to.",
        ),
        Parameter::new("AccountDisabled", Kind::Bool, "Whether signing in is forbidden."),
        Parameter::new("ResourceCapacity", Kind::Int { min: 0, max: 1_000_000 }, "The seats of a room."),
    ],
    apply: |mailbox, arguments, _| {
        if let Some(kind) = arguments.text("Type") {
            convert(mailbox, kind);
        }
        if let (Some(is_disabled), Some(account)) =
            (arguments.boolean("AccountDisabled"), &mut mailbox.account)
        {
            account.enabled = !is_disabled;
        }
        set_capacity(mailbox, arguments);
        Ok(())
    },
};

/// -ResourceCapacity of a room.
pub(crate) fn set_capacity(mailbox: &mut Recipient, arguments: &Arguments) {
    if let Some(seats) = arguments.int("ResourceCapacity") {
        mailbox.resource.get_or_insert_default().capacity = u32::try_from(seats).ok();
    }
}

fn convert(mailbox: &mut Recipient, kind: &str) {
    let was_personal = mailbox.kind == RecipientKind::UserMailbox;
    mailbox.kind = match kind {
        "Shared" => RecipientKind::SharedMailbox,
        "Room" => RecipientKind::RoomMailbox,
        "Equipment" => RecipientKind::EquipmentMailbox,
        _ => RecipientKind::UserMailbox,
    };
    match mailbox.kind {
        RecipientKind::RoomMailbox | RecipientKind::EquipmentMailbox => {
            mailbox.resource.get_or_insert_default();
        }
        _ => mailbox.resource = None,
    }
    let is_personal = mailbox.kind == RecipientKind::UserMailbox;
    if let Some(account) = &mut mailbox.account
        && was_personal != is_personal
    {
        account.enabled = is_personal && account.password_hash.is_some();
    }
}

/// The kind made by -Shared, -Room, -Equipment.
pub(crate) fn new_kind(arguments: &Arguments) -> Result<RecipientKind, CmdletError> {
    let switches = [
        ("Shared", RecipientKind::SharedMailbox),
        ("Room", RecipientKind::RoomMailbox),
        ("Equipment", RecipientKind::EquipmentMailbox),
    ];
    let mut given = switches.iter().filter(|(name, _)| arguments.is_on(name));
    match (given.next(), given.next()) {
        (None, _) => Ok(RecipientKind::UserMailbox),
        (Some((_, kind)), None) => Ok(*kind),
        (Some(_), Some((name, _))) => {
            Err(usage(arguments.cmdlet(), name, "cannot be given beside another kind"))
        }
    }
}

/// The warning that forwarded mail will be dropped, because the remote domain of the address outside forbids it:
/// -ForwardingSmtpAddress, or that of the contact or mail user that -ForwardingAddress names, who wins over it.
pub(super) fn forward_blocked(context: &Context, arguments: &Arguments) -> Option<String> {
    let snapshot = context.directory.snapshot();
    let address = match arguments.text("ForwardingAddress") {
        Some(identity) => snapshot.resolve_recipient(identity).ok()?.external_email_address.clone()?,
        None => {
            let text = arguments.text("ForwardingSmtpAddress")?;
            Address::parse(text.strip_prefix("smtp:").unwrap_or(text)).ok()?
        }
    };
    if snapshot.accepted_domain(address.domain_key()).is_some() {
        return None;
    }
    let remote = snapshot.remote_domain(address.domain());
    if remote.is_some_and(|remote| remote.auto_forward_enabled) {
        return None;
    }
    let name = remote.map_or("Default", |remote| remote.name.as_str());
    Some(format!(
        "mail forwarded to {address} is dropped, because the remote domain \"{name}\" forbids automatic forwarding; Set-RemoteDomain '{name}' -AutoForwardEnabled $true allows it"
    ))
}

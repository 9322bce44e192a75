//! Parameters that several kinds of recipient share, each group with what it changes.
//! May touch: nothing (pure).

use directory::{ModerationNotice, Recipient, Snapshot};
use mail::Address;
use uuid::Uuid;

use super::create::{external_address, read_address};
use super::rows;
use crate::arguments::{Arguments, usage};
use crate::error::CmdletError;
use crate::parameter::{Kind, Parameter};
use crate::value::Limit;

/// A group of parameters and the change they make.
pub(crate) struct Group {
    pub(crate) parameters: &'static [Parameter],
    pub(crate) apply: fn(&mut Recipient, &Arguments, &Snapshot) -> Result<(), CmdletError>,
}

const ADDRESSES_KIND: Kind = Kind::Change(&Kind::Text);
const RECIPIENTS_KIND: Kind = Kind::Change(&Kind::Identity);

/// -Name, -Alias, -DisplayName.
pub(crate) const NAMES: Group = Group {
    parameters: &[
        Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters."),
        Parameter::new("Alias", Kind::Text, "The unique alias, at most 64 characters."),
        Parameter::new("DisplayName", Kind::Text, "The name people see, at most 256 characters."),
    ],
    apply: |recipient, arguments, _| {
        for (name, field) in [
            ("Name", &mut recipient.name),
            ("Alias", &mut recipient.alias),
            ("DisplayName", &mut recipient.display_name),
        ] {
            if let Some(text) = arguments.text(name) {
                *field = text.to_owned();
            }
        }
        Ok(())
    },
};

/// -FirstName, -LastName, -Initials.
pub(crate) const PERSON: Group = Group {
    parameters: &[
        Parameter::new("FirstName", Kind::Text, "The given name."),
        Parameter::new("LastName", Kind::Text, "The surname."),
        Parameter::new("Initials", Kind::Text, "The initials."),
    ],
    apply: |recipient, arguments, _| {
        let person = &mut recipient.person;
        for (name, field) in [
            ("FirstName", &mut person.first_name),
            ("LastName", &mut person.last_name),
            ("Initials", &mut person.initials),
        ] {
            set_text(field, arguments, name);
        }
        Ok(())
    },
};

/// -PrimarySmtpAddress, -EmailAddresses, -EmailAddressPolicyEnabled.
pub(crate) const ADDRESSES: Group = Group {
    parameters: &[
        Parameter::new(
            "PrimarySmtpAddress",
            Kind::Address,
            "The address mail is sent from; the former one stays as a proxy address.",
        ),
        Parameter::new(
            "EmailAddresses",
            ADDRESSES_KIND,
            "All addresses, SMTP: before the primary and smtp: before proxies, or '@{Add=…; Remove=…}'.",
        ),
        Parameter::new(
            "EmailAddressPolicyEnabled",
            Kind::Bool,
            "Whether address policies may change the addresses; $false once they were set by hand.",
        ),
    ],
    apply: apply_addresses,
};

fn apply_addresses(
    recipient: &mut Recipient,
    arguments: &Arguments,
    _: &Snapshot,
) -> Result<(), CmdletError> {
    let present = rows::addresses(recipient);
    if let Some(wanted) = changed_addresses(arguments, &present) {
        put_addresses(recipient, arguments, &wanted)?;
        recipient.email_address_policy_enabled = false;
    }
    if let Some(text) = arguments.text("PrimarySmtpAddress") {
        recipient.set_primary(read_address(arguments, "PrimarySmtpAddress", text)?);
        recipient.email_address_policy_enabled = false;
    }
    if let Some(is_on) = arguments.boolean("EmailAddressPolicyEnabled") {
        recipient.email_address_policy_enabled = is_on;
    }
    Ok(())
}

/// The addresses wanted; in an edit `smtp:` and no prefix at all mean the same.
fn changed_addresses(arguments: &Arguments, present: &[String]) -> Option<Vec<String>> {
    let strip = |text: &str| {
        text.split_once(':')
            .filter(|(prefix, _)| prefix.eq_ignore_ascii_case("smtp"))
            .map(|(_, rest)| rest.to_owned())
    };
    let (_, removed, _) = arguments.edits("EmailAddresses")?;
    let gone: Vec<String> =
        removed.iter().map(|text| strip(text).unwrap_or_else(|| (*text).to_owned())).collect();
    let kept: Vec<String> = present
        .iter()
        .filter(|text| {
            !gone.iter().any(|one| one.eq_ignore_ascii_case(strip(text).as_deref().unwrap_or(text)))
        })
        .cloned()
        .collect();
    arguments.changed("EmailAddresses", &kept)
}

fn put_addresses(
    recipient: &mut Recipient,
    arguments: &Arguments,
    wanted: &[String],
) -> Result<(), CmdletError> {
    let mut primary: Option<Address> = None;
    let (mut proxies, mut others) = (Vec::<Address>::new(), Vec::new());
    for text in wanted {
        match text.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("smtp") => {
                let address = read_address(arguments, "EmailAddresses", rest)?;
                if prefix == "SMTP" {
                    // An added SMTP: takes over, the one that was primary becomes a proxy.
                    proxies.extend(primary.replace(address));
                } else {
                    proxies.push(address);
                }
            }
            Some((prefix, _)) if !prefix.contains('@') => others.push(text.clone()),
            _ => proxies.push(read_address(arguments, "EmailAddresses", text)?),
        }
    }
    let is_whole = arguments.edits("EmailAddresses").is_some_and(|(_, _, is_whole)| is_whole);
    let primary = match primary {
        Some(primary) => primary,
        None if !is_whole => {
            return Err(usage(
                arguments.cmdlet(),
                "EmailAddresses",
                "would remove the primary address; set another first",
            ));
        }
        // A list without SMTP: keeps the primary address if it names it, else its first becomes the primary.
        None if proxies.contains(&recipient.primary_smtp_address) || proxies.is_empty() => {
            recipient.primary_smtp_address.clone()
        }
        None => proxies.remove(0),
    };
    proxies.retain(|proxy| *proxy != primary);
    recipient.primary_smtp_address = primary;
    recipient.email_addresses = proxies;
    recipient.other_addresses = others;
    Ok(())
}

/// Limits and visibility of every recipient.
pub(crate) const LIMITS: Group = Group {
    parameters: &[
        Parameter::new("MaxSendSize", Kind::Size, "The largest message it may send."),
        Parameter::new("MaxReceiveSize", Kind::Size, "The largest message it may receive."),
        Parameter::new(
            "RequireSenderAuthenticationEnabled",
            Kind::Bool,
            "Whether only senders inside may write to it.",
        ),
        Parameter::new("HiddenFromAddressListsEnabled", Kind::Bool, "Whether address lists leave it out."),
        Parameter::new("MailTip", Kind::Text, "A hint shown before sending, at most 175 characters."),
    ],
    apply: |recipient, arguments, _| {
        set_size(&mut recipient.max_send_size, arguments, "MaxSendSize");
        set_size(&mut recipient.max_receive_size, arguments, "MaxReceiveSize");
        set_bool(
            &mut recipient.require_sender_authentication_enabled,
            arguments,
            "RequireSenderAuthenticationEnabled",
        );
        set_bool(
            &mut recipient.hidden_from_address_lists_enabled,
            arguments,
            "HiddenFromAddressListsEnabled",
        );
        set_text(&mut recipient.mail_tip, arguments, "MailTip");
        Ok(())
    },
};

/// -RecipientLimits.
pub(crate) const RECIPIENT_LIMITS: Group = Group {
    parameters: &[Parameter::new(
        "RecipientLimits",
        Kind::Count,
        "The most recipients of one message it sends; Unlimited is the organization's limit.",
    )],
    apply: |recipient, arguments, _| {
        if let Some(limit) = arguments.limit("RecipientLimits") {
            let number = limit.number().map(u32::try_from).transpose();
            recipient.recipient_limits =
                number.map_err(|_| usage(arguments.cmdlet(), "RecipientLimits", "is too large"))?;
        }
        Ok(())
    },
};

/// Who may write to it.
pub(crate) const RESTRICTIONS: Group = Group {
    parameters: &[
        Parameter::new(
            "AcceptMessagesOnlyFrom",
            RECIPIENTS_KIND,
            "If set, only these senders may write to it.",
        ),
        Parameter::new(
            "AcceptMessagesOnlyFromDLMembers",
            RECIPIENTS_KIND,
            "If set, only members of these groups may write to it.",
        ),
        Parameter::new("RejectMessagesFrom", RECIPIENTS_KIND, "These senders may not write to it."),
        Parameter::new(
            "RejectMessagesFromDLMembers",
            RECIPIENTS_KIND,
            "Members of these groups may not write to it.",
        ),
    ],
    apply: |recipient, arguments, snapshot| {
        for (name, list) in [
            ("AcceptMessagesOnlyFrom", &mut recipient.accept_messages_only_from),
            ("AcceptMessagesOnlyFromDLMembers", &mut recipient.accept_messages_only_from_dl_members),
            ("RejectMessagesFrom", &mut recipient.reject_messages_from),
            ("RejectMessagesFromDLMembers", &mut recipient.reject_messages_from_dl_members),
        ] {
            set_recipients(list, arguments, snapshot, name)?;
        }
        Ok(())
    },
};

/// -GrantSendOnBehalfTo.
pub(crate) const SEND_ON_BEHALF: Group = Group {
    parameters: &[Parameter::new(
        "GrantSendOnBehalfTo",
        RECIPIENTS_KIND,
        "Who may send on behalf of it: the message then shows both names.",
    )],
    apply: |recipient, arguments, snapshot| {
        set_recipients(&mut recipient.grant_send_on_behalf_to, arguments, snapshot, "GrantSendOnBehalfTo")
    },
};

/// Approval of messages.
pub(crate) const MODERATION: Group = Group {
    parameters: &[
        Parameter::new("ModerationEnabled", Kind::Bool, "Whether messages wait for a moderator's approval."),
        Parameter::new("ModeratedBy", RECIPIENTS_KIND, "Who approves."),
        Parameter::new(
            "BypassModerationFromSendersOrMembers",
            RECIPIENTS_KIND,
            "Whose messages need no approval.",
        ),
        Parameter::new(
            "SendModerationNotifications",
            Kind::Enum(&["Always", "Internal", "Never"]),
            "Who is told when a message is not approved.",
        ),
    ],
    apply: |recipient, arguments, snapshot| {
        let moderation = &mut recipient.moderation;
        set_bool(&mut moderation.enabled, arguments, "ModerationEnabled");
        set_recipients(&mut moderation.moderated_by, arguments, snapshot, "ModeratedBy")?;
        let bypass = &mut moderation.bypass_from_senders_or_members;
        set_recipients(bypass, arguments, snapshot, "BypassModerationFromSendersOrMembers")?;
        if let Some(word) = arguments.text("SendModerationNotifications") {
            moderation.send_moderation_notifications = word.parse::<ModerationNotice>()?;
        }
        Ok(())
    },
};

const CUSTOM_ATTRIBUTE_SENTENCE: &str = "A value of your own, for filters and address lists.";

const fn custom_attribute(name: &'static str) -> Parameter {
    Parameter::new(name, Kind::Text, CUSTOM_ATTRIBUTE_SENTENCE)
}

/// In the order of their numbers.
const CUSTOM_ATTRIBUTE_PARAMETERS: &[Parameter] = &[
    custom_attribute("CustomAttribute1"),
    custom_attribute("CustomAttribute2"),
    custom_attribute("CustomAttribute3"),
    custom_attribute("CustomAttribute4"),
    custom_attribute("CustomAttribute5"),
    custom_attribute("CustomAttribute6"),
    custom_attribute("CustomAttribute7"),
    custom_attribute("CustomAttribute8"),
    custom_attribute("CustomAttribute9"),
    custom_attribute("CustomAttribute10"),
    custom_attribute("CustomAttribute11"),
    custom_attribute("CustomAttribute12"),
    custom_attribute("CustomAttribute13"),
    custom_attribute("CustomAttribute14"),
    custom_attribute("CustomAttribute15"),
];

/// -CustomAttribute1 to -CustomAttribute15.
pub(crate) const CUSTOM_ATTRIBUTES: Group = Group {
    parameters: CUSTOM_ATTRIBUTE_PARAMETERS,
    apply: |recipient, arguments, _| {
        for (parameter, number) in CUSTOM_ATTRIBUTE_PARAMETERS.iter().zip(1u8..) {
            match arguments.text_or_null(parameter.name) {
                Some(Some(text)) if !text.is_empty() => {
                    recipient.person.custom_attributes.insert(number, text.to_owned());
                }
                Some(_) => {
                    recipient.person.custom_attributes.remove(&number);
                }
                None => {}
            }
        }
        Ok(())
    },
};

/// -ExternalEmailAddress of contacts and mail users.
pub(crate) const EXTERNAL: Group = Group {
    parameters: &[Parameter::new(
        "ExternalEmailAddress",
        Kind::Address,
        "The address outside that its mail goes to.",
    )],
    apply: |recipient, arguments, _| {
        if arguments.is_given("ExternalEmailAddress") {
            recipient.external_email_address = Some(external_address(arguments)?);
        }
        Ok(())
    },
};

/// A text that `$null` or an empty one clears.
pub(crate) fn set_text(field: &mut Option<String>, arguments: &Arguments, name: &str) {
    if let Some(text) = arguments.text_or_null(name) {
        *field = text.filter(|text| !text.is_empty()).map(str::to_owned);
    }
}

/// A Boolean.
pub(crate) fn set_bool(field: &mut bool, arguments: &Arguments, name: &str) {
    if let Some(is_on) = arguments.boolean(name) {
        *field = is_on;
    }
}

/// A size that may be unlimited.
pub(crate) fn set_size(field: &mut Option<u64>, arguments: &Arguments, name: &str) {
    if let Some(limit) = arguments.limit(name) {
        *field = match limit {
            Limit::Of(bytes) => Some(bytes),
            Limit::Unlimited => None,
        };
    }
}

/// A list of recipients, replaced or edited.
pub(crate) fn set_recipients(
    list: &mut Vec<Uuid>,
    arguments: &Arguments,
    snapshot: &Snapshot,
    name: &str,
) -> Result<(), CmdletError> {
    let Some((add, remove, is_whole)) = arguments.edits(name) else { return Ok(()) };
    let resolve =
        |identity: &str| -> Result<Uuid, CmdletError> { Ok(snapshot.resolve_recipient(identity)?.guid) };
    if is_whole {
        list.clear();
    }
    for identity in remove {
        let gone = resolve(identity)?;
        list.retain(|guid| *guid != gone);
    }
    for identity in add {
        let guid = resolve(identity)?;
        if !list.contains(&guid) {
            list.push(guid);
        }
    }
    Ok(())
}

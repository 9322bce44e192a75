//! What a recipient must satisfy by itself; what joins several objects is checked by the draft.
//!
//! May touch: nothing (pure).

use std::collections::HashSet;

use super::{MemberDepartRestriction, MemberJoinRestriction, Recipient, RecipientClass, RecipientKind};
use crate::settings::GB;
use crate::{DirectoryError, name};

/// Most proxy addresses of one recipient.
pub const EMAIL_ADDRESSES_MAX: usize = 1_000;
/// Most members of one group.
pub const MEMBERS_MAX: usize = 100_000;
/// Most entries in one permission or restriction list.
pub const GRANTS_MAX: usize = 10_000;
/// Longest MailTip, in characters (Exchange shows 175).
pub const MAIL_TIP_LENGTH_MAX: usize = 175;
/// Largest RecipientLimits.
pub const RECIPIENT_LIMITS_MAX: u32 = 1_000_000;
/// Largest MaxSendSize and MaxReceiveSize: Exchange stores kilobytes in 31 bits.
pub const SIZE_LIMIT_MAX: u64 = 2 * 1024 * GB;
/// Most bytes of all attributes of a person, one by one.
const ATTRIBUTE_LENGTH_MAX: usize = 1_024;

impl Recipient {
    /// Everything that can be said without looking at other objects.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        name::check_alias(&self.alias)?;
        name::check_display_name(&self.display_name)?;
        self.check_addresses()?;
        self.check_target()?;
        self.check_limits()?;
        self.check_lists()?;
        self.check_group()?;
        self.check_account()?;
        self.check_person()
    }

    fn check_addresses(&self) -> Result<(), DirectoryError> {
        if self.email_addresses.len() + self.other_addresses.len() > EMAIL_ADDRESSES_MAX {
            return Err(DirectoryError::invalid(
                "EmailAddresses",
                format!("more than {EMAIL_ADDRESSES_MAX} addresses; remove some."),
            ));
        }
        let mut seen = HashSet::new();
        for address in self.addresses() {
            if !seen.insert(address.key().to_owned()) {
                return Err(DirectoryError::invalid(
                    "EmailAddresses",
                    format!("\"{address}\" is given twice; give it once."),
                ));
            }
            if address.is_literal() && self.kind.class() != RecipientClass::External {
                return Err(DirectoryError::invalid(
                    "EmailAddresses",
                    format!("\"{address}\" names a host by its IP address; use a domain name."),
                ));
            }
        }
        for other in &self.other_addresses {
            let well_formed = other.split_once(':').is_some_and(|(prefix, value)| {
                (1..=9).contains(&prefix.len())
                    && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && !prefix.eq_ignore_ascii_case("smtp")
                    && !value.is_empty()
                    && value.len() <= ATTRIBUTE_LENGTH_MAX
                    && !value.chars().any(char::is_control)
            });
            if !well_formed || !seen.insert(name::fold(other)) {
                return Err(DirectoryError::invalid(
                    "EmailAddresses",
                    format!(
                        "\"{other}\" is not a proxy address, or is given twice; write PREFIX:value, such as X500:/o=Contoso/cn=Ann."
                    ),
                ));
            }
        }
        Ok(())
    }

    fn check_target(&self) -> Result<(), DirectoryError> {
        let external = self.kind.class() == RecipientClass::External;
        if external && self.external_email_address.is_none() {
            return Err(DirectoryError::invalid(
                "ExternalEmailAddress",
                format!("a {} needs the address its mail goes to.", self.kind.words()),
            ));
        }
        if !external && self.external_email_address.is_some() {
            return Err(DirectoryError::invalid(
                "ExternalEmailAddress",
                format!("a {} has none; use ForwardingSmtpAddress to forward.", self.kind.words()),
            ));
        }
        let forwards = self.forwarding().is_some() || self.deliver_to_mailbox_and_forward;
        let may_forward = matches!(self.kind.class(), RecipientClass::Mailbox | RecipientClass::PublicFolder);
        if forwards && !may_forward {
            return Err(DirectoryError::invalid(
                "ForwardingAddress",
                format!("a {} does not forward; only mailboxes do.", self.kind.words()),
            ));
        }
        if self.forwarding_address == Some(self.guid) {
            return Err(DirectoryError::invalid("ForwardingAddress", "a mailbox cannot forward to itself."));
        }
        if self.forwarding_smtp_address.as_ref().is_some_and(|to| self.addresses().any(|own| own == to)) {
            return Err(DirectoryError::invalid(
                "ForwardingSmtpAddress",
                "a mailbox cannot forward to itself.",
            ));
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), DirectoryError> {
        for (property, size) in
            [("MaxSendSize", self.max_send_size), ("MaxReceiveSize", self.max_receive_size)]
        {
            if size.is_some_and(|bytes| bytes > SIZE_LIMIT_MAX) {
                return Err(DirectoryError::invalid(property, "give at most 2 TB, or Unlimited."));
            }
        }
        if self.recipient_limits.is_some_and(|limit| limit > RECIPIENT_LIMITS_MAX) {
            return Err(DirectoryError::invalid(
                "RecipientLimits",
                format!("give at most {RECIPIENT_LIMITS_MAX}, or Unlimited."),
            ));
        }
        let quotas = &self.quotas;
        let in_order = |less: Option<u64>, more: Option<u64>| match (less, more) {
            (Some(less), Some(more)) => less <= more,
            _ => true,
        };
        if !in_order(quotas.issue_warning_quota, quotas.prohibit_send_quota)
            || !in_order(quotas.prohibit_send_quota, quotas.prohibit_send_receive_quota)
            || !in_order(quotas.issue_warning_quota, quotas.prohibit_send_receive_quota)
        {
            return Err(DirectoryError::invalid(
                "ProhibitSendQuota",
                "give IssueWarningQuota, ProhibitSendQuota and ProhibitSendReceiveQuota in rising order.",
            ));
        }
        if !in_order(quotas.recoverable_items_warning_quota, quotas.recoverable_items_quota) {
            return Err(DirectoryError::invalid(
                "RecoverableItemsQuota",
                "give a value that is not below RecoverableItemsWarningQuota.",
            ));
        }
        if !(32 * 1024..=256 * 1024).contains(&quotas.rules_quota) {
            return Err(DirectoryError::invalid("RulesQuota", "give a size from 32 KB to 256 KB."));
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), DirectoryError> {
        for (property, list) in self.lists() {
            let most = if property == "Members" { MEMBERS_MAX } else { GRANTS_MAX };
            if list.len() > most {
                return Err(DirectoryError::invalid(property, format!("more than {most} entries.")));
            }
            let mut seen = HashSet::with_capacity(list.len());
            if !list.iter().all(|guid| seen.insert(*guid)) {
                return Err(DirectoryError::invalid(
                    property,
                    "it names the same recipient twice; name it once.",
                ));
            }
        }
        let mut seen = HashSet::new();
        if self.full_access.len() > GRANTS_MAX
            || !self.full_access.iter().all(|grant| seen.insert(grant.user))
        {
            return Err(DirectoryError::invalid(
                "FullAccess",
                format!("it names the same user twice, or more than {GRANTS_MAX} users."),
            ));
        }
        if !self.full_access.is_empty() && !self.kind.is_mailbox() {
            return Err(DirectoryError::invalid(
                "FullAccess",
                format!("a {} cannot be opened; grant Full Access on mailboxes.", self.kind.words()),
            ));
        }
        let may_grant = matches!(
            self.kind.class(),
            RecipientClass::Mailbox | RecipientClass::Group | RecipientClass::DynamicGroup
        ) || (self.kind.class() == RecipientClass::External && self.kind.may_have_account());
        let granted = !self.send_as.is_empty() || !self.grant_send_on_behalf_to.is_empty();
        if granted && !may_grant {
            return Err(DirectoryError::invalid(
                "SendAs",
                format!("nobody can send as a {}; grant it on mailboxes and groups.", self.kind.words()),
            ));
        }
        Ok(())
    }

    fn check_group(&self) -> Result<(), DirectoryError> {
        let dynamic = self.kind.class() == RecipientClass::DynamicGroup;
        if !self.members.is_empty() && !self.kind.has_members() {
            let message = if dynamic {
                "a dynamic distribution group finds its members by its filter; change the filter.".to_owned()
            } else {
                format!("a {} has no members.", self.kind.words())
            };
            return Err(DirectoryError::invalid("Members", message));
        }
        if self.members.contains(&self.guid) {
            return Err(DirectoryError::invalid("Members", "a group cannot be its own member."));
        }
        if !self.managed_by.is_empty() && !self.kind.has_members() && !dynamic {
            return Err(DirectoryError::invalid(
                "ManagedBy",
                format!("a {} has no owners.", self.kind.words()),
            ));
        }
        if self.report_to_originator_enabled && self.report_to_manager_enabled {
            return Err(DirectoryError::invalid(
                "ReportToManagerEnabled",
                "it and ReportToOriginatorEnabled cannot both be true; set the other one to false.",
            ));
        }
        if self.report_to_manager_enabled && self.managed_by.is_empty() {
            return Err(DirectoryError::invalid(
                "ReportToManagerEnabled",
                "the group has no owner to report to; set ManagedBy first.",
            ));
        }
        if self.kind == RecipientKind::MailUniversalSecurityGroup
            && (self.group.member_join_restriction == MemberJoinRestriction::Open
                || self.group.member_depart_restriction == MemberDepartRestriction::Open)
        {
            return Err(DirectoryError::invalid(
                "MemberJoinRestriction",
                "nobody joins or leaves a security group by themselves; use Closed (or ApprovalRequired to join).",
            ));
        }
        if self.dynamic.is_some() != dynamic {
            return Err(DirectoryError::invalid(
                "RecipientFilter",
                format!("a {} {} a filter.", self.kind.words(), if dynamic { "needs" } else { "has no" }),
            ));
        }
        if self.moderation.enabled && self.moderation.moderated_by.is_empty() && self.managed_by.is_empty() {
            return Err(DirectoryError::invalid(
                "ModerationEnabled",
                "nobody could approve; set ModeratedBy (or ManagedBy for a group) first.",
            ));
        }
        Ok(())
    }

    fn check_account(&self) -> Result<(), DirectoryError> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        if !self.kind.may_have_account() {
            return Err(DirectoryError::invalid(
                "UserPrincipalName",
                format!("a {} has no account.", self.kind.words()),
            ));
        }
        name::check_text(
            "UserPrincipalName",
            &account.user_principal_name,
            name::USER_PRINCIPAL_NAME_LENGTH_MAX,
        )?;
        let well_formed = account.user_principal_name.split_once('@').is_some_and(|(user, suffix)| {
            !user.is_empty() && !suffix.contains('@') && name::check_host("UserPrincipalName", suffix).is_ok()
        });
        if !well_formed {
            return Err(DirectoryError::invalid(
                "UserPrincipalName",
                format!("\"{}\" is not of the form ann@contoso.example.", account.user_principal_name),
            ));
        }
        if account.enabled && !self.kind.may_sign_in() {
            return Err(DirectoryError::invalid(
                "AccountDisabled",
                format!("nobody signs in to a {}; grant Full Access to the people who use it.", self.kind),
            ));
        }
        Ok(())
    }

    fn check_person(&self) -> Result<(), DirectoryError> {
        if self.mail_tip.as_ref().is_some_and(|tip| tip.chars().count() > MAIL_TIP_LENGTH_MAX) {
            return Err(DirectoryError::invalid(
                "MailTip",
                format!("give at most {MAIL_TIP_LENGTH_MAX} characters."),
            ));
        }
        let person = &self.person;
        let attributes = [
            &person.first_name,
            &person.last_name,
            &person.initials,
            &person.title,
            &person.department,
            &person.company,
            &person.office,
            &person.state_or_province,
            &person.phone,
            &person.mobile_phone,
            &person.notes,
        ];
        let custom = person.custom_attributes.values();
        if attributes
            .into_iter()
            .flatten()
            .chain(custom)
            .any(|text| text.chars().count() > ATTRIBUTE_LENGTH_MAX)
        {
            return Err(DirectoryError::invalid(
                "CustomAttribute",
                format!("an attribute is longer than {ATTRIBUTE_LENGTH_MAX} characters."),
            ));
        }
        if person.custom_attributes.keys().any(|number| !(1..=15).contains(number)) {
            return Err(DirectoryError::invalid(
                "CustomAttribute",
                "there are CustomAttribute1 to CustomAttribute15.",
            ));
        }
        Ok(())
    }
}

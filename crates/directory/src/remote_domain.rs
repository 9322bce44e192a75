//! What kinds of message may leave for domains outside.
//!
//! May touch: nothing (pure).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain_pattern::DomainPattern;
use crate::object::{Object, ObjectKind};
use crate::text_enum::text_enum;
use crate::{DirectoryError, name};

text_enum! {
    /// Which automatic replies (Out of Office) the domain gets.
    pub enum AllowedOofType "AllowedOOFType" {
        /// The text written for people outside.
        External = "External",
        /// The text for people outside, also from clients older than Exchange 2007.
        ExternalLegacy = "ExternalLegacy",
        /// The text written for colleagues, also from older clients.
        InternalLegacy = "InternalLegacy",
        /// None.
        None = "None",
    }
}

text_enum! {
    /// The body format sent to the domain.
    pub enum ContentType "ContentType" {
        /// HTML, unless the message is plain text.
        MimeHtml = "MimeHtml",
        /// Text and HTML as the sender wrote it.
        MimeHtmlText = "MimeHtmlText",
        /// Plain text.
        MimeText = "MimeText",
    }
}

/// Settings for one domain outside, or for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteDomain {
    /// Identity for life.
    pub guid: Uuid,
    /// Name of the entry, unique, at most 64 characters.
    pub name: String,
    /// The domains it is about; `*` is the entry named Default.
    pub domain_name: DomainPattern,
    /// Which Out of Office texts go there.
    pub allowed_oof_type: AllowedOofType,
    /// Whether automatic replies go there.
    pub auto_reply_enabled: bool,
    /// Whether automatic forwards go there.
    pub auto_forward_enabled: bool,
    /// Whether non-delivery reports go there.
    pub ndr_enabled: bool,
    /// Whether delivery reports go there.
    pub delivery_report_enabled: bool,
    /// Whether NDRs that go there have the section for administrators.
    pub ndr_diagnostic_info_enabled: bool,
    /// Whether notices of forwarded meetings go there.
    pub meeting_forward_notification_enabled: bool,
    /// Whether the domain counts as ours for Out of Office texts.
    pub is_internal: bool,
    /// Whether TNEF is sent: always, never, or as the sender decided.
    pub tnef_enabled: Option<bool>,
    /// The body format.
    pub content_type: ContentType,
    /// Column after which plain text is wrapped; absent is not wrapped.
    pub line_wrap_size: Option<u32>,
    /// Character set of messages that name none.
    pub character_set: Option<String>,
}

impl RemoteDomain {
    /// A new entry. The one for `*` starts with automatic replies and forwards off, as Exchange's Default entry.
    pub fn new(guid: Uuid, name: &str, domain_name: DomainPattern) -> RemoteDomain {
        let specific = domain_name != DomainPattern::Any;
        RemoteDomain {
            guid,
            name: name.to_owned(),
            domain_name,
            allowed_oof_type: AllowedOofType::External,
            auto_reply_enabled: specific,
            auto_forward_enabled: specific,
            ndr_enabled: true,
            delivery_report_enabled: true,
            ndr_diagnostic_info_enabled: true,
            meeting_forward_notification_enabled: specific,
            is_internal: false,
            tnef_enabled: None,
            content_type: ContentType::MimeHtmlText,
            line_wrap_size: None,
            character_set: None,
        }
    }

    /// What the entry must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        if self.line_wrap_size.is_some_and(|columns| columns > 132) {
            return Err(DirectoryError::invalid(
                "LineWrapSize",
                "give a number from 0 to 132, or Unlimited.",
            ));
        }
        Ok(())
    }
}

impl Object for RemoteDomain {
    const KIND: ObjectKind = ObjectKind::RemoteDomain;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

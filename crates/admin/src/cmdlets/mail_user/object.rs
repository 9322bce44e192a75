//! The groups of parameters that mail users take.
//! May touch: nothing (pure).

use crate::cmdlets::recipient::groups::{self, Group};

/// What Set-MailUser changes.
pub(crate) const SET: &[&Group] = &[
    &groups::NAMES,
    &groups::ADDRESSES,
    &groups::EXTERNAL,
    &groups::LIMITS,
    &groups::RECIPIENT_LIMITS,
    &groups::SEND_ON_BEHALF,
    &groups::RESTRICTIONS,
    &groups::MODERATION,
    &groups::CUSTOM_ATTRIBUTES,
];

/// What New-MailUser sets beside the names.
pub(crate) const NEW: &[&Group] = &[&groups::PERSON, &groups::ADDRESSES, &groups::EXTERNAL, &groups::LIMITS];

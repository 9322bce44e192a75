//! The groups of parameters that mail contacts take.
//! May touch: nothing (pure).

use crate::cmdlets::recipient::groups::{self, Group};

/// What Set-MailContact changes.
pub(crate) const SET: &[&Group] = &[
    &groups::NAMES,
    &groups::ADDRESSES,
    &groups::EXTERNAL,
    &groups::LIMITS,
    &groups::RESTRICTIONS,
    &groups::MODERATION,
    &groups::CUSTOM_ATTRIBUTES,
];

/// What New-MailContact sets beside the names.
pub(crate) const NEW: &[&Group] = &[&groups::PERSON, &groups::ADDRESSES, &groups::EXTERNAL, &groups::LIMITS];

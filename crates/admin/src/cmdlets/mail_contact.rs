//! The cmdlets of MailContact.
//! May touch: nothing (pure).

mod get_mail_contact;
mod new_mail_contact;
mod object;
mod remove_mail_contact;
mod set_mail_contact;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_mail_contact::CMDLET,
    &get_mail_contact::CMDLET,
    &set_mail_contact::CMDLET,
    &remove_mail_contact::CMDLET,
];

//! The cmdlets of MailUser.
//! May touch: nothing (pure).

mod get_mail_user;
mod new_mail_user;
mod object;
mod remove_mail_user;
mod set_mail_user;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&new_mail_user::CMDLET, &get_mail_user::CMDLET, &set_mail_user::CMDLET, &remove_mail_user::CMDLET];

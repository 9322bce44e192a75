//! The cmdlets of ExchangeCertificate.
//! May touch: nothing (pure).

mod add;
mod enable_exchange_certificate;
mod get_exchange_certificate;
mod import_exchange_certificate;
mod new_exchange_certificate;
mod object;
mod pem;
mod remove_exchange_certificate;

pub(crate) use object::concern;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &get_exchange_certificate::CMDLET,
    &new_exchange_certificate::CMDLET,
    &import_exchange_certificate::CMDLET,
    &enable_exchange_certificate::CMDLET,
    &remove_exchange_certificate::CMDLET,
];

//! The cmdlets of SendConnector.
//! May touch: nothing (pure).

mod get_send_connector;
mod new_send_connector;
mod object;
mod remove_send_connector;
mod set_send_connector;
mod test_send_connector;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_send_connector::CMDLET,
    &get_send_connector::CMDLET,
    &set_send_connector::CMDLET,
    &remove_send_connector::CMDLET,
    &test_send_connector::CMDLET,
];

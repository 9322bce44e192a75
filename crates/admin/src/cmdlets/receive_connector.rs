//! The cmdlets of ReceiveConnector.
//! May touch: nothing (pure).

mod get_receive_connector;
mod new_receive_connector;
mod object;
mod ports;
mod remove_receive_connector;
mod set_receive_connector;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] = &[
    &new_receive_connector::CMDLET,
    &get_receive_connector::CMDLET,
    &set_receive_connector::CMDLET,
    &remove_receive_connector::CMDLET,
];

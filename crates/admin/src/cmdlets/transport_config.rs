//! The cmdlets of TransportConfig.
//! May touch: nothing (pure).

mod get_transport_config;
mod set_transport_config;

use directory::Snapshot;

use crate::cmdlet::Cmdlet;
use crate::output::{OutputType, Row};
use crate::settings;

pub(crate) static ALL: &[&Cmdlet] = &[&get_transport_config::CMDLET, &set_transport_config::CMDLET];

const OUTPUT: OutputType = OutputType {
    name: "TransportConfig",
    properties: &[],
    settings: Some(settings::transport_config),
    table: &[],
};

fn row(snapshot: &Snapshot) -> Row {
    let mut row = Row::new();
    settings::add_to(&**snapshot.transport_config(), &mut row);
    row
}

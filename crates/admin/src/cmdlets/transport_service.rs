//! The cmdlets of TransportService.
//! May touch: nothing (pure).

mod get_transport_service;
mod set_transport_service;

use directory::Snapshot;

use crate::arguments::{Arguments, usage};
use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::settings;

pub(crate) static ALL: &[&Cmdlet] = &[&get_transport_service::CMDLET, &set_transport_service::CMDLET];

const OUTPUT: OutputType = OutputType {
    name: "TransportService",
    properties: &[Property::text("Identity"), Property::text("Name")],
    settings: Some(settings::transport_service),
    table: &[],
};

const SERVER: &[Parameter] =
    &[Parameter::new("Identity", Kind::Identity, "The name of the server, this one when not given.")
        .positional()];

fn check_server(snapshot: &Snapshot, arguments: &Arguments) -> Result<(), CmdletError> {
    let organization = snapshot.organization();
    match arguments.text("Identity") {
        Some(name)
            if !name.eq_ignore_ascii_case(&organization.server_name)
                && !name.eq_ignore_ascii_case(&organization.server_fqdn) =>
        {
            let why = format!("\"{name}\" is not this server, which is {}", organization.server_name);
            Err(usage(arguments.cmdlet(), "Identity", &why))
        }
        _ => Ok(()),
    }
}

fn row(snapshot: &Snapshot) -> Row {
    let mut row = Row::new();
    for name in ["Identity", "Name"] {
        row.insert(name.into(), snapshot.organization().server_name.as_str().into());
    }
    settings::add_to(&**snapshot.transport_service(), &mut row);
    row
}

//! Set-SendConnector: changes a Send connector.
//! May touch: directory.

use directory::{AddressSpace, SendConnector};

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::settings;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters."),
    Parameter::new("AddressSpaces", Kind::Change(&Kind::Text), "The domains it is for."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-SendConnector",
    synopsis: "Changes a Send connector.",
    description: "Changes only what is given; mail that waits is routed again.",
    examples: &[Example {
        command: "Set-SendConnector Internet -SmartHosts relay.example -Port 25",
        sentence: "Sends mail to a smart host from now on.",
    }],
    roles: &[Role::SendConnectors],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(object::SETTINGS),
        Parameters::Settings(settings::send_limits),
    ],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let found = draft.snapshot().resolve_send_connector(arguments.required("Identity")?)?;
            let mut connector = SendConnector::clone(&found);
            if let Some(name) = arguments.text("Name") {
                connector.name = name.to_owned();
            }
            let present: Vec<String> = connector.address_spaces.iter().map(AddressSpace::to_string).collect();
            if let Some(spaces) = arguments.changed("AddressSpaces", &present) {
                connector.address_spaces = object::address_spaces(&spaces)?;
            }
            object::apply(&mut connector, arguments)?;
            Ok(object::row(&*draft.put_send_connector(connector)?))
        })
        .await?;
    Ok(Output::object(row))
}

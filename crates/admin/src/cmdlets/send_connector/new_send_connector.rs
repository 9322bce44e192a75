//! New-SendConnector: makes a way out for mail.
//! May touch: directory.

use directory::SendConnector;

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
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new(
        "AddressSpaces",
        Kind::Change(&Kind::Text),
        "The domains it is for, such as *, contoso.example, *.contoso.example or SMTP:contoso.example;5 with a cost.",
    )
    .required(),
    Parameter::new(
        "Usage",
        Kind::Enum(&["Custom", "Internal", "Internet", "Partner"]),
        "What it is for; seeds defaults: Internal has no size limit, Partner uses mutual TLS.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-SendConnector",
    synopsis: "Makes a Send connector.",
    description: "The connector with the most specific address space takes a recipient, then the lowest cost. Without \
                  -SmartHosts mail goes where MX records say. New organizations have none: mail to outside waits in \
                  the Unreachable queue until there is one.",
    examples: &[
        Example {
            command: "New-SendConnector Internet -AddressSpaces '*'",
            sentence: "Sends all mail by MX records.",
        },
        Example {
            command: "New-SendConnector Relay -AddressSpaces fabrikam.example -SmartHosts relay.example -Port 587",
            sentence: "Sends one domain's mail to a smart host.",
        },
    ],
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
            let spaces = arguments.changed("AddressSpaces", &[]).unwrap_or_default();
            let spaces = object::address_spaces(&spaces)?;
            let mut connector = SendConnector::new(draft.new_guid(), arguments.required("Name")?, spaces);
            match arguments.text("Usage") {
                Some("Internal") => connector.limits.max_message_size = None,
                Some("Partner") => connector.domain_secure_enabled = true,
                _ => {}
            }
            object::apply(&mut connector, arguments)?;
            Ok(object::row(&*draft.put_send_connector(connector)?))
        })
        .await?;
    Ok(Output::object(row))
}

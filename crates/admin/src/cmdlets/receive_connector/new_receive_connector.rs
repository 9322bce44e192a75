//! New-ReceiveConnector: makes a way in for mail.
//! May touch: directory, chance (its GUID), listeners.

use directory::{ConnectorUsage, ReceiveConnector};

use super::{object, ports};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::settings;

const USAGES: &[&str] = &["Custom", "Client", "Internal", "Internet", "Partner"];

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new("Usage", Kind::Enum(USAGES), "What it is for; seeds the defaults. Custom when not given."),
    Parameter::new("Custom", Kind::Switch, "The same as -Usage Custom."),
    Parameter::new("Client", Kind::Switch, "The same as -Usage Client."),
    Parameter::new("Internal", Kind::Switch, "The same as -Usage Internal."),
    Parameter::new("Internet", Kind::Switch, "The same as -Usage Internet."),
    Parameter::new("Partner", Kind::Switch, "The same as -Usage Partner."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-ReceiveConnector",
    synopsis: "Makes a Receive connector.",
    description: "The addresses are opened at once, without a restart; one that cannot be opened refuses the whole. \
                  Connectors on one address are told apart by -RemoteIPRanges: the most specific range wins.",
    examples: &[
        Example {
            command: "New-ReceiveConnector Printers -Bindings 127.0.0.1:0 -RemoteIPRanges 192.0.2.10,192.0.2.11 -PermissionGroups AnonymousUsers",
            sentence: "Makes a connector of its own for two printers.",
        },
        Example {
            command: "New-ReceiveConnector Trusted -Bindings 127.0.0.1:0 -RemoteIPRanges 192.0.2.20 -AuthMechanism ExternalAuthoritative -PermissionGroups ExchangeServers",
            sentence: "Takes mail of one host as if it came from inside.",
        },
    ],
    roles: &[Role::ReceiveConnectors],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(object::SETTINGS),
        Parameters::Settings(settings::receive_limits),
    ],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let kind = usage_of(arguments)?;
    let guid = context.world.chance.uuid_v4();
    let mut connector = ReceiveConnector::new(guid, arguments.required("Name")?, kind);
    object::apply(&mut connector, arguments)?;
    let snapshot = context.directory.snapshot();
    // Its name decides which sockets are its own, so one that is taken must not reach them.
    if snapshot.resolve_receive_connector(&connector.name).is_ok() {
        let message =
            format!("the Receive connector \"{}\" exists already; choose another name", connector.name);
        return Err(CmdletError::Conflict(message));
    }
    let prepared = ports::prepare(context, &connector).await?;
    let stored =
        context.change(arguments, move |draft, _| Ok(draft.put_receive_connector(connector)?)).await?;
    if !arguments.is_what_if() {
        ports::activate(context, &stored, prepared);
    }
    Ok(Output::object(object::row(&stored, context)))
}

fn usage_of(arguments: &Arguments) -> Result<ConnectorUsage, CmdletError> {
    let switches = USAGES.iter().copied().filter(|name| arguments.is_on(name));
    let given: Vec<&str> = arguments.text("Usage").into_iter().chain(switches).collect();
    match given.as_slice() {
        [] => Ok(ConnectorUsage::Custom),
        [one] => Ok(one.parse()?),
        _ => Err(usage(arguments.cmdlet(), "Usage", "is given more than once")),
    }
}

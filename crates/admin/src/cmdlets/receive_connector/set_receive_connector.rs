//! Set-ReceiveConnector: changes a Receive connector.
//! May touch: directory, listeners.

use directory::{ListenSource, ReceiveConnector};

use super::{object, ports};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::settings;

const OWN: &[Parameter] =
    &[object::IDENTITY, Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.")];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-ReceiveConnector",
    synopsis: "Changes a Receive connector.",
    description: "Changes only what is given. New addresses are opened before old ones are closed; one that cannot be \
                  opened refuses the whole, and the old ones stay.",
    examples: &[Example {
        command: "Set-ReceiveConnector Printers -RemoteIPRanges '@{Add=\"192.0.2.12\"}'",
        sentence: "Lets one more printer in.",
    }],
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
    let found = context.directory.snapshot().resolve_receive_connector(arguments.required("Identity")?)?;
    let mut planned = ReceiveConnector::clone(&found);
    object::apply(&mut planned, arguments)?;
    let is_moved = planned.bindings != found.bindings || planned.enabled != found.enabled;
    let prepared = if is_moved { ports::prepare(context, &planned).await? } else { None };
    let guid = found.guid;
    let stored = context
        .change(arguments, move |draft, arguments| {
            let now = draft.snapshot().resolve_receive_connector(&guid.to_string())?;
            let mut connector = ReceiveConnector::clone(&now);
            if let Some(name) = arguments.text("Name") {
                connector.name = name.to_owned();
            }
            object::apply(&mut connector, arguments)?;
            Ok(draft.put_receive_connector(connector)?)
        })
        .await?;
    if !arguments.is_what_if() {
        // The sockets were prepared under the old name, which `planned` still has.
        if is_moved {
            ports::activate(context, &planned, prepared);
        }
        if stored.name != found.name {
            ports::rename(context, &found.name, &stored.name);
        }
    }
    let output = Output::object(object::row(&stored, context));
    if stored.listen != ListenSource::Bindings && arguments.is_given("Bindings") {
        let name = &stored.name;
        return Ok(output.with_warning(format!(
            "[listen] in the configuration file says where \"{name}\" listens; these Bindings are kept and not used"
        )));
    }
    Ok(output)
}

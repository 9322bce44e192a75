//! Set-TransportConfig: changes the organization's transport settings.
//! May touch: directory.

use directory::TransportConfig;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;
use crate::settings;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-TransportConfig",
    synopsis: "Changes the organization's transport settings.",
    description: "Changes only what is given. A value out of bounds is refused with the bounds.",
    examples: &[Example {
        command: "Set-TransportConfig -MaxReceiveSize 25MB -MaxSendSize 25MB",
        sentence: "Raises the size limits of the organization.",
    }],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Settings(settings::transport_config)],
    output: super::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let mut changed = TransportConfig::clone(draft.snapshot().transport_config());
            settings::apply(&mut changed, arguments)?;
            draft.set_transport_config(changed)?;
            Ok(super::row(draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}

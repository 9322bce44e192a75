//! Set-TransportService: changes this server's transport settings.
//! May touch: directory.

use directory::TransportService;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;
use crate::settings;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-TransportService",
    synopsis: "Changes this server's transport settings.",
    description: "Changes only what is given. A value out of bounds is refused with the bounds.",
    examples: &[Example {
        command: "Set-TransportService -MessageExpirationTimeout 1.00:00:00",
        sentence: "Gives up messages after a day.",
    }],
    roles: &[Role::ExchangeServers],
    parameters: &[Parameters::Fixed(super::SERVER), Parameters::Settings(settings::transport_service)],
    output: super::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            super::check_server(draft.snapshot(), arguments)?;
            let mut changed = TransportService::clone(draft.snapshot().transport_service());
            settings::apply(&mut changed, arguments)?;
            draft.set_transport_service(changed)?;
            Ok(super::row(draft.snapshot()))
        })
        .await?;
    Ok(Output::object(row))
}

//! Stop-HistoricalSearch: stops a report in the background.
//! May touch: disk (the reports' folder), clock.

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::{Context, Instance};
use crate::error::CmdletError;
use crate::output::Output;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Stop-HistoricalSearch",
    synopsis: "Stops a report that is not finished.",
    description: "One that waits is not begun, and one that is being written ends after its present portion; what there is of it is removed.",
    examples: &[Example {
        command: "Stop-HistoricalSearch 01936f0a-0000-7000-8000-00000000000a",
        sentence: "Stops a report.",
    }],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(&[object::IDENTITY.required()])],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let reports = context.services.historical_searches()?;
    let Some(job) = object::asked(context, arguments)? else {
        return Err(CmdletError::Usage("Stop-HistoricalSearch needs -JobId".to_owned()));
    };
    if arguments.is_what_if() {
        return Ok(Output::object(object::row(&job)));
    }
    let instance = Instance {
        directory: context.directory.clone(),
        credentials: context.credentials.clone(),
        world: context.world.clone(),
        services: context.services.clone(),
        seats: Default::default(),
        just_made: Default::default(),
    };
    Ok(Output::object(object::row(&reports.stop(&instance, job.id).await?)))
}

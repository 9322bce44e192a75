//! Set-TraceSource: changes what is read of another system.
//! May touch: trace, executor.

use trace::places::is_same_place;

use super::object::{
    self, APPLICATION_ID, BIND, CLUSTER_ID, ENABLED, LOG_FORMAT, LOG_TIME_ZONE, LOGIN_URL, PATH, PLACE,
    REMOTE_IP_RANGES, REQUIRE_TLS, SECRET, SECRET_FILE, TENANT_ID, URL,
};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "The source, by name.").required().positional(),
    PLACE,
    PATH,
    BIND,
    REQUIRE_TLS,
    REMOTE_IP_RANGES,
    SECRET,
    SECRET_FILE,
    TENANT_ID,
    APPLICATION_ID,
    CLUSTER_ID,
    URL,
    LOGIN_URL,
    LOG_FORMAT,
    LOG_TIME_ZONE,
    ENABLED,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-TraceSource",
    synopsis: "Changes what is read of another system.",
    description: "The source is stopped and started again with the new values; what was read stays.",
    examples: &[Example {
        command: "Set-TraceSource edge -Enabled $false",
        sentence: "Stops reading a source.",
    }],
    roles: &[Role::OrganizationTransportSettings],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let sources = object::sources(context)?;
    let (mut spec, state) = object::find(&sources, arguments.required("Identity")?)?;
    let place = spec.place.clone();
    object::change(arguments, &mut spec)?;
    // One that was taken before this server's own names were refused may stay until it gets another.
    if !is_same_place(&place, &spec.place) {
        object::check_place(context, &mut spec)?;
    }
    object::admit(context, arguments, &mut spec).await?;
    let now = context.world.clock.now();
    if arguments.is_what_if() {
        sources.check(&spec)?;
        return Ok(Output::object(object::row(&spec, &state, now)));
    }
    let (own, changed) = (sources.clone(), spec.clone());
    context.world.exec.blocking(move || own.set(changed)).await?;
    // What was read stays.
    let (spec, state) = object::find(&sources, &spec.name)?;
    Ok(Output::object(object::row(&spec, &state, now)))
}

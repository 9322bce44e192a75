//! Set-MessageTraceAlert: changes an alert.
//! May touch: directory.

use directory::MessageTraceAlert;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    object::IDENTITY,
    Parameter::new("Name", Kind::Text, "The new name."),
    Parameter::new("Query", Kind::Text, "Another saved search."),
    Parameter::new("Threshold", Kind::Int { min: 1, max: i64::MAX }, "How many rows the search must find."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-MessageTraceAlert",
    synopsis: "Changes an alert on a search of the message trace.",
    description: "Changes only what is given. With another search or threshold the alert begins anew: it tells again when the threshold is reached.",
    examples: &[Example {
        command: "Set-MessageTraceAlert Queue -Threshold 1000 -Notify @{Add='ops@contoso.example'}",
        sentence: "Raises a threshold and tells one address more.",
    }],
    roles: &[Role::MessageTracking],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    object::check_query(context, arguments)?;
    object::check_webhook(context, arguments)?;
    let attempts = context.services.alert_attempts.clone();
    let row = context
        .change(arguments, move |draft, arguments| {
            let found = draft.snapshot().resolve_message_trace_alert(arguments.required("Identity")?)?;
            let mut alert = MessageTraceAlert::clone(&found);
            if let Some(name) = arguments.text("Name") {
                alert.name = name.to_owned();
            }
            if let Some(query) = arguments.text("Query") {
                alert.query = query.to_owned();
            }
            object::apply(&mut alert, arguments)?;
            if (&alert.query, alert.threshold) != (&found.query, found.threshold) {
                (alert.raised_since, alert.mailed, alert.posted) = (None, None, None);
            }
            Ok(object::row(&*draft.put_message_trace_alert(alert)?, &attempts))
        })
        .await?;
    Ok(Output::object(row))
}

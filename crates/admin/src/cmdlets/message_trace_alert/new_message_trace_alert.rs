//! New-MessageTraceAlert: watches a saved search.
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
    Parameter::new("Name", Kind::Text, "The unique name of the alert; that of the search when not given.")
        .positional(),
    Parameter::new("Query", Kind::Text, "The saved search that is watched.").required(),
    Parameter::new("Threshold", Kind::Int { min: 1, max: i64::MAX }, "How many rows the search must find.")
        .required(),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-MessageTraceAlert",
    synopsis: "Watches a saved search and tells when it finds as many rows as a threshold.",
    description: "The search is run every minute. When it finds as many rows as the threshold, the addresses get mail and the webhook a POST, once; again only after it has found fewer. It needs -Notify or -WebhookUrl.",
    examples: &[
        Example {
            command: "New-MessageTraceAlert -Query 'Failed in the last day' -Threshold 100 -Notify postmaster@contoso.example",
            sentence: "Sends mail when a hundred messages were not delivered within a day.",
        },
        Example {
            command: "New-MessageTraceAlert 'Queue' -Query 'Pending now' -Threshold 500 -WebhookUrl https://hooks.contoso.example/mail",
            sentence: "Posts to a webhook when five hundred messages wait.",
        },
    ],
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
            let query = arguments.required("Query")?;
            let mut alert = MessageTraceAlert {
                guid: draft.new_guid(),
                name: arguments.text("Name").unwrap_or(query).to_owned(),
                query: query.to_owned(),
                threshold: 1,
                notify: Vec::new(),
                webhook_url: None,
                enabled: true,
                raised_since: None,
                mailed: None,
                posted: None,
            };
            object::apply(&mut alert, arguments)?;
            Ok(object::row(&*draft.put_message_trace_alert(alert)?, &attempts))
        })
        .await?;
    Ok(Output::object(row))
}

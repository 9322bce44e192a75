//! Get-MessageTraceDetail: shows what happened to one recipient of one message, and why.
//! May touch: trace (read).

use super::{find, object};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceDetail",
    synopsis: "Shows what happened to one recipient of one message, and why.",
    description: find::DESCRIPTION,
    examples: &[
        Example {
            command: "Get-MessageTraceDetail 01936f0a-0000-7000-8000-00000000000a kim@contoso.example",
            sentence: "Shows the stages, the cause and the events of a row that Get-MessageTrace showed.",
        },
        Example {
            command: "Get-MessageTraceDetail -MessageTraceId 01936f0a-0000-7000-8000-00000000000a -RecipientAddress kim@contoso.example -Event Defer,Fail -Format json",
            sentence: "Gives only the attempts that did not succeed, as JSON.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::PARAMETERS)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(find::run(context, arguments)),
};

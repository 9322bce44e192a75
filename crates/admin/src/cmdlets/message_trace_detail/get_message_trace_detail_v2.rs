//! Get-MessageTraceDetailV2: Get-MessageTraceDetail under the name of Microsoft's second version.
//! May touch: trace (read).

use super::{find, object};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceDetailV2",
    synopsis: "Shows what happened to one recipient of one message, as Get-MessageTraceDetail does.",
    description: find::DESCRIPTION,
    examples: &[Example {
        command: "Get-MessageTraceDetailV2 -MessageTraceId 01936f0a-0000-7000-8000-00000000000a -RecipientAddress kim@contoso.example",
        sentence: "Shows what happened to one row of Get-MessageTraceV2.",
    }],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::PARAMETERS)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(find::run(context, arguments)),
};

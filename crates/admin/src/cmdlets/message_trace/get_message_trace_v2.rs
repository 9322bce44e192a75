//! Get-MessageTraceV2: the same search in the row order that Microsoft's way of paging needs.
//! May touch: trace (read).

use super::{filters, find, more, object};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTraceV2",
    synopsis: "Finds messages and what became of each recipient, as Get-MessageTrace does.",
    description: "Takes the same parameters and gives the same rows as Get-MessageTrace, ordered newest first and then by recipient, so that a script may go on with the last row's Received as -EndDate and its RecipientAddress as -StartingRecipientAddress. The time may be given as a table shows it, to the millisecond.",
    examples: &[
        Example {
            command: "Get-MessageTraceV2 -SenderAddress kim@contoso.example -ResultSize 5000",
            sentence: "Shows what someone sent in the last 48 hours.",
        },
        Example {
            command: "Get-MessageTraceV2 -EndDate 2026-11-20T09:03:11.204518Z -StartingRecipientAddress kim@contoso.example",
            sentence: "Goes on behind the last row of the call before.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[
        Parameters::Fixed(find::CONDITIONS),
        Parameters::Fixed(filters::OF_MESSAGES),
        Parameters::Fixed(filters::OF_ROWS),
        Parameters::Fixed(more::RELATIVE),
        Parameters::Fixed(find::PAGING),
        Parameters::Fixed(more::MORE),
    ],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(more::run(context, arguments, find::Version::Two)),
};

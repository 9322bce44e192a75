//! Get-DistributionGroup: shows distribution groups.
//! May touch: directory (read).

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{find, rows};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-DistributionGroup",
    synopsis: "Shows distribution groups and mail-enabled security groups.",
    description: "Without -Identity all groups, sorted by display name.",
    examples: &[
        Example { command: "Get-DistributionGroup sales", sentence: "Shows one group." },
        Example {
            command: "Get-DistributionGroup -Filter \"RequireSenderAuthenticationEnabled -eq 'False'\"",
            sentence: "Lists the groups that take mail from outside.",
        },
    ],
    roles: &[Role::DistributionGroups, Role::ViewOnlyRecipients],
    parameters: &[Parameters::Fixed(find::LISTING)],
    output: rows::GROUP,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { find::list(context, arguments, &find::GROUP, |_| true) }),
};

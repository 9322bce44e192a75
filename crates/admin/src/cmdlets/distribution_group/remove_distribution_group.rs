//! Remove-DistributionGroup: removes a distribution group.
//! May touch: directory.

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::find;
use crate::output::OutputType;
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-DistributionGroup",
    synopsis: "Removes a distribution group.",
    description: "The group is gone at once, its members stay.",
    examples: &[Example {
        command: "Remove-DistributionGroup sales -Confirm:false",
        sentence: "Removes a group without asking.",
    }],
    roles: &[Role::DistributionGroups],
    parameters: &[Parameters::Fixed(&[find::IDENTITY])],
    output: OutputType::NONE,
    effect: Effect::Destroys(|context, arguments| {
        Box::pin(async move { find::foresee(context, arguments, &find::GROUP) })
    }),
    run: |context, arguments| Box::pin(find::remove(context, arguments, &find::GROUP)),
};

//! Set-DistributionGroup: changes a group.
//! May touch: directory.

use super::object;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{create, find, groups, rows};
use crate::role::Role;

const GROUPS: &[&groups::Group] = &[
    &groups::NAMES,
    &groups::ADDRESSES,
    &groups::LIMITS,
    &groups::RESTRICTIONS,
    &groups::SEND_ON_BEHALF,
    &groups::MODERATION,
    &groups::CUSTOM_ATTRIBUTES,
    &object::SETTINGS,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-DistributionGroup",
    synopsis: "Changes a distribution group.",
    description: "Changes only what is given. Members are changed with the cmdlets of DistributionGroupMember.",
    examples: &[
        Example {
            command: "Set-DistributionGroup sales -RequireSenderAuthenticationEnabled false",
            sentence: "Lets senders outside write to the group.",
        },
        Example {
            command: "Set-DistributionGroup sales -AcceptMessagesOnlyFrom kim",
            sentence: "Lets only one person write to the group.",
        },
    ],
    roles: &[Role::DistributionGroups],
    parameters: &[
        Parameters::Fixed(&[find::IDENTITY]),
        Parameters::Fixed(groups::NAMES.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RESTRICTIONS.parameters),
        Parameters::Fixed(groups::SEND_ON_BEHALF.parameters),
        Parameters::Fixed(groups::MODERATION.parameters),
        Parameters::Fixed(groups::CUSTOM_ATTRIBUTES.parameters),
        Parameters::Fixed(object::SETTINGS.parameters),
    ],
    output: rows::GROUP,
    effect: Effect::Changes,
    run: |context, arguments| {
        Box::pin(create::set(context, arguments, &find::GROUP, GROUPS, |_, _, _| Ok(())))
    },
};

//! New-DistributionGroup: makes a group.
//! May touch: directory.

use directory::RecipientKind;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{create, find, groups, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::{Role, Via};

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new("Alias", Kind::Text, "The alias; made from the address or the name when not given."),
    Parameter::new("DisplayName", Kind::Text, "The name people see; the name when not given."),
    Parameter::new(
        "Type",
        Kind::Enum(&["Distribution", "Security"]),
        "Distribution, or Security to hold permissions.",
    ),
    Parameter::new("RoomList", Kind::Switch, "Makes a list of rooms."),
];

const GROUPS: &[&groups::Group] = &[&groups::ADDRESSES, &groups::LIMITS, &object::SETTINGS, &object::MEMBERS];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-DistributionGroup",
    synopsis: "Makes a distribution group or mail-enabled security group.",
    description: "A new group takes mail from senders inside only; -RequireSenderAuthenticationEnabled false opens it. Its owner is who makes it, where that is a mailbox, else Organization Management.",
    examples: &[
        Example {
            command: "New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example -Members kim,anna",
            sentence: "Makes a group with two members.",
        },
        Example {
            command: "New-DistributionGroup Info -RequireSenderAuthenticationEnabled false",
            sentence: "Makes a group that takes mail from outside.",
        },
    ],
    roles: &[Role::DistributionGroups],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(object::SETTINGS.parameters),
        Parameters::Fixed(object::MEMBERS.parameters),
    ],
    output: rows::GROUP,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let kind = match (arguments.is_on("RoomList"), arguments.text("Type")) {
        (true, _) => RecipientKind::RoomList,
        (false, Some("Security")) => RecipientKind::MailUniversalSecurityGroup,
        (false, _) => RecipientKind::MailUniversalDistributionGroup,
    };
    let creator = (context.actor.via == Via::Http).then(|| context.actor.name.clone());
    let row = context
        .change(arguments, move |draft, arguments| {
            let mut group = create::new_recipient(draft, arguments, kind, None)?;
            let owner = creator.and_then(|name| draft.snapshot().resolve_recipient(&name).ok());
            group.managed_by.extend(owner.filter(|owner| owner.kind.is_mailbox()).map(|owner| owner.guid));
            create::apply(&mut group, arguments, draft, GROUPS)?;
            create::store(draft, group, &find::GROUP)
        })
        .await?;
    Ok(Output::object(row))
}

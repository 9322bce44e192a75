//! Get-AdminSession: lists who is signed in with a browser.
//! May touch: sessions, clock, directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[Parameter::new("User", Kind::Text, "Only sessions of this user, by the name they sign in with.")];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-AdminSession",
    synopsis: "Lists who is signed in to the admin center.",
    description: "A session ends 30 minutes after its last use, 8 hours after it began, when its user's password changes, and when the server starts anew. Everybody sees their own sessions; those of others need the role.",
    examples: &[
        Example { command: "Get-AdminSession", sentence: "Lists the sessions you may see." },
        Example {
            command: "Get-AdminSession -User Administrator",
            sentence: "Lists the sessions of one administrator.",
        },
    ],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let user = arguments.text("User");
    let seen = object::seen(context)?.into_iter();
    let wanted = seen.filter(|(_, owner)| user.is_none_or(|user| owner.eq_ignore_ascii_case(user)));
    Ok(Output::list(wanted.map(|(session, owner)| object::row(&session, &owner, context)).collect()))
}

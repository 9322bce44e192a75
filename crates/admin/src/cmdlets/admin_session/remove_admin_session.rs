//! Remove-AdminSession: ends a session, or all of a user.
//! May touch: sessions, clock, directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Text, "The session, as Get-AdminSession names it.").positional(),
    Parameter::new("User", Kind::Text, "All sessions of this user, by the name they sign in with."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Remove-AdminSession",
    synopsis: "Signs somebody out of the admin center.",
    description: "The browser's next request is refused, and searches it holds open end. Everybody may end their own sessions; those of others need the role.",
    examples: &[
        Example {
            command: "Remove-AdminSession 5c1f6a52-8f6e-4d0b-9d0e-2f6a7c1b9e10",
            sentence: "Ends one session.",
        },
        Example {
            command: "Remove-AdminSession -User Administrator",
            sentence: "Ends every session of one administrator.",
        },
    ],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType::NONE,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let (identity, user) = (arguments.text("Identity"), arguments.text("User"));
    if identity.is_some() == user.is_some() {
        return Err(CmdletError::Usage(
            "name a session with -Identity, or all of somebody with -User".into(),
        ));
    }
    let seen = object::seen(context)?.into_iter();
    let wanted: Vec<_> = seen
        .filter(|(session, owner)| {
            identity.is_none_or(|identity| session.id.to_string().eq_ignore_ascii_case(identity))
                && user.is_none_or(|user| owner.eq_ignore_ascii_case(user))
        })
        .collect();
    if wanted.is_empty() {
        let named = identity.or(user).unwrap_or_default();
        return Err(CmdletError::NotFound(format!("no session \"{named}\" is open; see Get-AdminSession")));
    }
    if !arguments.is_what_if() {
        for (session, _) in &wanted {
            context.services.sessions.end(session.id);
        }
    }
    Ok(Output::nothing())
}

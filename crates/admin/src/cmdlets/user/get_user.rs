//! Get-User: shows people who sign in.
//! May touch: directory (read).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "One user: by name, user principal name, address or GUID.")
        .positional(),
    Parameter::new(
        "RecipientTypeDetails",
        Kind::List(&Kind::Text),
        "Only these kinds, such as User or UserMailbox.",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-User",
    synopsis: "Shows people who sign in.",
    description: "Users without a mailbox, whose RecipientTypeDetails is User, and recipients with an account, with the role groups they are in.",
    examples: &[Example {
        command: "Get-User -RecipientTypeDetails User",
        sentence: "Shows users without a mailbox.",
    }],
    roles: &[Role::RoleManagement, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let one = arguments.text("Identity").map(|identity| snapshot.resolve_person(identity)).transpose()?;
    let kinds = arguments.texts("RecipientTypeDetails");
    let is_wanted = |row: &Row| {
        let kind = row.get("RecipientTypeDetails").and_then(|kind| kind.as_str()).unwrap_or_default();
        kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|one| one.eq_ignore_ascii_case(kind)))
    };
    let users = snapshot.administrators().map(|user| (user.guid, Some(object::row(user, &snapshot))));
    let recipients = snapshot.recipients().map(|found| (found.guid, object::recipient_row(found, &snapshot)));
    let mut rows: Vec<Row> = users
        .chain(recipients)
        .filter(|(guid, _)| one.is_none_or(|one| one == *guid))
        .filter_map(|(_, row)| row.filter(is_wanted))
        .collect();
    let name = |row: &Row| row.get("Name").and_then(|name| name.as_str()).unwrap_or_default().to_lowercase();
    rows.sort_by_cached_key(name);
    let total = rows.len() as u64;
    rows.truncate(arguments.result_size());
    Ok(Output::part_of(rows, total))
}

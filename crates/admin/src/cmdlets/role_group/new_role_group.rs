//! New-RoleGroup: makes a role group.
//! May touch: directory.

use directory::RoleGroup;

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new("Members", Kind::Change(&Kind::Identity), "Its members: users with or without a mailbox."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-RoleGroup",
    synopsis: "Makes a role group.",
    description: "Members may run the cmdlets that carry one of its roles. With -RecipientDomainScope they see and change recipients of those domains only, and see only their mail in the trace.",
    examples: &[
        Example {
            command: "New-RoleGroup Tracers -Roles 'Message Tracking' -Members kim",
            sentence: "Lets somebody trace messages and do nothing else.",
        },
        Example {
            command: "New-RoleGroup 'Contoso Help' -Roles 'Mail Recipients,Message Tracking' -RecipientDomainScope contoso.example",
            sentence: "Makes a group whose members look after one domain.",
        },
    ],
    roles: &[Role::RoleManagement],
    parameters: &[Parameters::Fixed(OWN), Parameters::Fixed(object::SETTINGS)],
    output: object::OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, |draft, arguments| {
            let mut group = RoleGroup {
                guid: draft.new_guid(),
                name: arguments.required("Name")?.to_owned(),
                description: String::new(),
                own_roles: Vec::new(),
                members: Vec::new(),
                managed_by: Vec::new(),
                recipient_domain_scope: Vec::new(),
                when_created: draft.now(),
            };
            object::put(&mut group, arguments, draft.snapshot())?;
            object::set_people(&mut group.members, arguments, "Members", draft.snapshot())?;
            let group = draft.put_role_group(group)?;
            Ok(object::row(&group, draft.snapshot()))
        })
        .await?;
    let has_roles = arguments.edits("Roles").is_some();
    let output = Output::object(row);
    Ok(if has_roles {
        output
    } else {
        output.with_warning("it has no roles yet; Set-RoleGroup -Roles gives them")
    })
}

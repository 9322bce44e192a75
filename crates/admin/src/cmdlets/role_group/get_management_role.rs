//! Get-ManagementRole: shows the roles there are, and which cmdlets each allows.
//! May touch: directory (read).

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::parameter::{Kind, Parameter};
use crate::registry;
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Identity, "One role, by name.").positional(),
    Parameter::new("Cmdlet", Kind::Text, "Only roles that allow this cmdlet."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-ManagementRole",
    synopsis: "Shows the roles there are.",
    description: "What each role allows, its cmdlets, and the role groups that give it.",
    examples: &[
        Example {
            command: "Get-ManagementRole 'Message Tracking' -Format list",
            sentence: "Shows one role.",
        },
        Example {
            command: "Get-ManagementRole -Cmdlet New-Mailbox",
            sentence: "Shows which roles allow a cmdlet.",
        },
    ],
    roles: &[Role::RoleManagement, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "ManagementRole",
        properties: &[
            Property::text("Name"),
            Property::text("Description"),
            Property::text("Cmdlets"),
            Property::text("RoleGroups"),
        ],
        settings: None,
        table: &["Name", "Description"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(async move { run(context, arguments) }),
};

fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let one: Option<Role> = arguments.text("Identity").map(str::parse).transpose()?;
    let cmdlet = arguments.text("Cmdlet").map(registry::find).transpose()?;
    let wanted = Role::ALL.iter().copied().filter(|role| {
        one.is_none_or(|one| one == *role) && cmdlet.is_none_or(|cmdlet| cmdlet.roles.contains(role))
    });
    let rows = wanted.map(|role| {
        let cmdlets = registry::all().filter(|cmdlet| cmdlet.roles.contains(&role)).map(|cmdlet| cmdlet.name);
        let mut groups: Vec<&str> = snapshot
            .role_groups()
            .filter(|group| group.roles().contains(&role))
            .map(|group| group.name.as_str())
            .collect();
        groups.sort_unstable();
        rows::row_of(json!({
            "Name": role.as_str(),
            "Description": role.description(),
            "Cmdlets": cmdlets.collect::<Value>(),
            "RoleGroups": groups,
        }))
    });
    Ok(Output::list(rows.collect()))
}

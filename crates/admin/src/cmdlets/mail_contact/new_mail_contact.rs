//! New-MailContact: makes a contact for somebody outside.
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
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("Name", Kind::Text, "The unique name, at most 64 characters.").required().positional(),
    Parameter::new("ExternalEmailAddress", Kind::Address, "The address outside that its mail goes to.")
        .required(),
    Parameter::new("Alias", Kind::Text, "The alias; made from the address when not given."),
    Parameter::new("DisplayName", Kind::Text, "The name people see; the name when not given."),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "New-MailContact",
    synopsis: "Makes a mail contact.",
    description: "A contact stands for an address outside. Mail to its primary address or proxies goes to \
                  -ExternalEmailAddress, which is also the primary address when none is given.",
    examples: &[Example {
        command: "New-MailContact Anna -ExternalEmailAddress anna@fabrikam.example",
        sentence: "Makes a contact.",
    }],
    roles: &[Role::MailRecipientCreation],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(groups::PERSON.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
    ],
    output: rows::CONTACT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let external = create::external_address(arguments)?;
    let row = context
        .change(arguments, move |draft, arguments| {
            let kind = RecipientKind::MailContact;
            let mut contact = create::new_recipient(draft, arguments, kind, Some(&external))?;
            create::apply(&mut contact, arguments, draft, object::NEW)?;
            create::store(draft, contact, &find::CONTACT)
        })
        .await?;
    Ok(Output::object(row))
}

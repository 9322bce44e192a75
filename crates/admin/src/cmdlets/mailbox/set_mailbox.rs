//! Set-Mailbox: changes a mailbox.
//! May touch: directory, executor (password hashing).

use super::object;
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{account, create, find, groups, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const OWN: &[Parameter] =
    &[find::IDENTITY, Parameter::new("UserPrincipalName", Kind::Text, "The name to sign in with.")];

const GROUPS: &[&groups::Group] = &[
    &groups::NAMES,
    &groups::ADDRESSES,
    &groups::LIMITS,
    &groups::RECIPIENT_LIMITS,
    &groups::RESTRICTIONS,
    &groups::SEND_ON_BEHALF,
    &groups::MODERATION,
    &groups::CUSTOM_ATTRIBUTES,
    &object::FORWARDING,
    &object::QUOTAS,
    &object::KIND,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Set-Mailbox",
    synopsis: "Changes a mailbox.",
    description: "Changes only what is given. Lists are replaced, or edited with '@{Add=…; Remove=…}' in quotes.",
    examples: &[
        Example {
            command: "Set-Mailbox kim -ForwardingSmtpAddress kim@fabrikam.example -DeliverToMailboxAndForward true",
            sentence: "Forwards mail and keeps a copy.",
        },
        Example {
            command: "Set-Mailbox kim -EmailAddresses '@{Add=\"k.jones@contoso.example\"}'",
            sentence: "Adds a proxy address.",
        },
        Example { command: "Set-Mailbox kim -ForwardingAddress '$null'", sentence: "Ends forwarding." },
        Example {
            command: "Set-Mailbox kim -MaxSendSize 50MB -RecipientLimits 100",
            sentence: "Sets limits.",
        },
    ],
    roles: &[Role::MailRecipients],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(account::PASSWORD),
        Parameters::Fixed(groups::NAMES.parameters),
        Parameters::Fixed(groups::ADDRESSES.parameters),
        Parameters::Fixed(groups::LIMITS.parameters),
        Parameters::Fixed(groups::RECIPIENT_LIMITS.parameters),
        Parameters::Fixed(groups::RESTRICTIONS.parameters),
        Parameters::Fixed(groups::SEND_ON_BEHALF.parameters),
        Parameters::Fixed(groups::MODERATION.parameters),
        Parameters::Fixed(groups::CUSTOM_ATTRIBUTES.parameters),
        Parameters::Fixed(object::FORWARDING.parameters),
        Parameters::Fixed(object::QUOTAS.parameters),
        Parameters::Fixed(object::KIND.parameters),
    ],
    output: rows::MAILBOX,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let hash = account::hashed(context, arguments).await?;
    let mut output = create::set(context, arguments, &find::MAILBOX, GROUPS, |mailbox, arguments, draft| {
        account::put(mailbox, arguments, draft, hash);
        Ok(())
    })
    .await?;
    output.warnings.extend(object::forward_blocked(context, arguments));
    Ok(output)
}

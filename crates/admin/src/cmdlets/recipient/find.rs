//! Finds the recipients a cmdlet is about: by identity, or all of its class.
//! May touch: nothing (pure).

use std::sync::Arc;

use directory::{Recipient, RecipientKind, Snapshot};

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::filter::is_like;
use crate::output::{Output, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role_scope;

/// A kind of recipient with cmdlets of its own.
pub(crate) struct Class {
    /// What messages call one.
    pub(crate) noun: &'static str,
    /// Whether a recipient belongs to it.
    pub(crate) holds: fn(RecipientKind) -> bool,
    /// How it is shown.
    pub(crate) row: fn(&Recipient, &Snapshot) -> Row,
}

pub(crate) const MAILBOX: Class = Class {
    noun: "mailbox",
    holds: |kind| kind.is_mailbox() && kind != RecipientKind::GroupMailbox,
    row: super::rows::mailbox,
};
pub(crate) const GROUP: Class = Class {
    noun: "distribution group",
    holds: |kind| kind.has_members() && kind != RecipientKind::GroupMailbox,
    row: super::rows::group,
};
pub(crate) const CONTACT: Class =
    Class { noun: "mail contact", holds: |kind| kind == RecipientKind::MailContact, row: super::rows::base };
pub(crate) const MAIL_USER: Class = Class {
    noun: "mail user",
    holds: |kind| matches!(kind, RecipientKind::MailUser | RecipientKind::GuestMailUser),
    row: super::rows::mail_user,
};
pub(crate) const ANY: Class = Class {
    noun: "recipient",
    holds: |kind| kind != RecipientKind::MicrosoftExchange,
    row: super::rows::base,
};

/// `-Identity` of a cmdlet about one object.
pub(crate) const IDENTITY: Parameter = Parameter::new(
    "Identity",
    Kind::Identity,
    "Whom it is about: a name, alias, GUID, address, user principal name or display name.",
)
.required()
.positional();

/// The parameters of cmdlets that list recipients.
pub(crate) const LISTING: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Identity,
        "One recipient, by name, alias, GUID, address or display name; all whose name, alias, display name or address fits, with `*`.",
    )
    .positional(),
    Parameter::new(
        "Filter",
        Kind::Filter,
        "Only recipients for which the conditions hold, such as \"Alias -like 'k*'\".",
    ),
    Parameter::new(
        "Anr",
        Kind::Text,
        "Only recipients whose address, or a word of whose name, alias or display name, begins with this.",
    ),
    RESULT_SIZE,
];

/// One recipient of the class.
///
/// # Errors
/// `NotFound`, also when the recipient is of another class.
pub(crate) fn one(snapshot: &Snapshot, class: &Class, identity: &str) -> Result<Arc<Recipient>, CmdletError> {
    let found = snapshot.resolve_recipient(identity)?;
    if (class.holds)(found.kind) {
        return Ok(found);
    }
    Err(CmdletError::NotFound(format!(
        "\"{identity}\" is a {}, not a {}; use the cmdlets for its kind",
        found.kind.words(),
        class.noun
    )))
}

/// The output of a `Get-` cmdlet over recipients.
pub(crate) fn list(
    context: &Context,
    arguments: &Arguments,
    class: &Class,
    is_wanted: impl Fn(&Recipient) -> bool,
) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let wild = arguments.text("Identity").filter(|identity| identity.contains('*'));
    if let Some(identity) = arguments.text("Identity").filter(|_| wild.is_none()) {
        let found = one(&snapshot, class, identity)?;
        return Ok(Output::list(vec![(class.row)(&found, &snapshot)]));
    }
    let filter = arguments.row_filter("Filter")?;
    let scope = &context.granted()?.scope;
    let anr = arguments.text("Anr").map(str::to_lowercase);
    let mut found: Vec<&Arc<Recipient>> = snapshot
        .recipients()
        .filter(|recipient| (class.holds)(recipient.kind) && is_wanted(recipient))
        .filter(|recipient| role_scope::shows(scope, recipient))
        .filter(|recipient| wild.is_none_or(|pattern| fits(recipient, pattern)))
        .filter(|recipient| anr.as_deref().is_none_or(|start| begins(recipient, start)))
        .collect();
    found.sort_by_cached_key(|recipient| (recipient.display_name.to_lowercase(), recipient.guid));
    if !arguments.is_given("Filter") {
        // A picker asks for a few with each letter typed: only those are drawn up.
        let total = found.len() as u64;
        let first = found.into_iter().take(arguments.result_size());
        return Ok(Output::part_of(first.map(|one| (class.row)(one, &snapshot)).collect(), total));
    }
    let mut total = 0;
    let mut rows = Vec::new();
    for recipient in found {
        let row = (class.row)(recipient, &snapshot);
        if filter(&row) {
            total += 1;
            if rows.len() < arguments.result_size() {
                rows.push(row);
            }
        }
    }
    Ok(Output::part_of(rows, total))
}

fn begins(recipient: &Recipient, start: &str) -> bool {
    [&recipient.name, &recipient.alias, &recipient.display_name].iter().any(|text| {
        let text = text.to_lowercase();
        // Family names too: each word of a name begins it.
        text.starts_with(start) || text.split_whitespace().any(|word| word.starts_with(start))
    }) || recipient.addresses().any(|address| address.key().starts_with(start))
}

fn fits(recipient: &Recipient, pattern: &str) -> bool {
    [&recipient.name, &recipient.alias, &recipient.display_name].iter().any(|text| is_like(text, pattern))
        || recipient.addresses().any(|address| is_like(address.as_str(), pattern))
}

/// What removing one would do.
pub(crate) fn foresee(context: &Context, arguments: &Arguments, class: &Class) -> Result<Plan, CmdletError> {
    let found = one(&context.directory.snapshot(), class, arguments.required("Identity")?)?;
    let what =
        format!("remove the {} \"{}\" <{}>", class.noun, found.display_name, found.primary_smtp_address);
    Ok(Plan { count: 1, what })
}

/// Removes one.
pub(crate) async fn remove(
    context: &Context,
    arguments: &Arguments,
    class: &'static Class,
) -> Result<Output, CmdletError> {
    context
        .change(arguments, |draft, arguments| {
            let found = one(draft.snapshot(), class, arguments.required("Identity")?)?;
            Ok(draft.remove_recipient(found.guid)?)
        })
        .await?;
    Ok(Output::nothing())
}

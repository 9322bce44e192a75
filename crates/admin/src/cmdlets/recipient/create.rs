//! Makes and changes recipients: the steps every kind shares.
//! May touch: nothing (pure).

use directory::{Draft, Recipient, RecipientKind, Snapshot};
use mail::Address;

use super::find::{self, Class};
use super::groups::Group;
use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;

/// The most numbers tried behind an alias that is taken.
const ALIAS_TRIES_MAX: u32 = 10_000;
/// Longest alias, in characters (New-Mailbox).
const ALIAS_LENGTH_MAX: usize = 64;

/// A new recipient from -Name, -Alias, -DisplayName and -PrimarySmtpAddress, with Exchange's defaults for what
/// is not given. `fallback` is the primary address when none is given, else alias@default domain.
pub(crate) fn new_recipient(
    draft: &Draft,
    arguments: &Arguments,
    kind: RecipientKind,
    fallback: Option<&Address>,
) -> Result<Recipient, CmdletError> {
    let name = arguments.required("Name")?;
    let given =
        arguments.text("PrimarySmtpAddress").map(|text| read_address(arguments, "PrimarySmtpAddress", text));
    let primary = given.transpose()?;
    let alias = match arguments.text("Alias") {
        Some(alias) => alias.to_owned(),
        None => free_alias(draft.snapshot(), name, primary.as_ref().or(fallback))?,
    };
    let is_own_choice = primary.is_some();
    let address = match primary.or_else(|| fallback.cloned()) {
        Some(address) => address,
        None => default_address(draft.snapshot(), arguments, &alias)?,
    };
    let mut recipient = Recipient::new(draft.new_guid(), kind, name, &alias, address, draft.now());
    if let Some(display_name) = arguments.text("DisplayName") {
        recipient.display_name = display_name.to_owned();
    }
    recipient.email_address_policy_enabled = !is_own_choice;
    Ok(recipient)
}

fn default_address(snapshot: &Snapshot, arguments: &Arguments, alias: &str) -> Result<Address, CmdletError> {
    let domain = snapshot.default_domain().ok_or_else(|| {
        CmdletError::Invalid("there is no default accepted domain; give -PrimarySmtpAddress".into())
    })?;
    read_address(arguments, "Alias", &format!("{alias}@{}", domain.domain()))
}

/// The local part of the address, else the name without what an alias may not hold; with a number if it is taken.
fn free_alias(snapshot: &Snapshot, name: &str, address: Option<&Address>) -> Result<String, CmdletError> {
    let source = address.map_or(name, Address::local);
    let is_fit = |letter: &char| letter.is_ascii_alphanumeric() || "-_.+".contains(*letter);
    let kept: String = source.chars().filter(is_fit).take(ALIAS_LENGTH_MAX - 5).collect();
    let stem = kept.trim_matches('.').to_owned();
    if stem.is_empty() {
        return Err(CmdletError::Invalid(format!("no alias can be made from \"{name}\"; give -Alias")));
    }
    let is_free = |alias: &str| snapshot.recipients().all(|other| !other.alias.eq_ignore_ascii_case(alias));
    if is_free(&stem) {
        return Ok(stem);
    }
    (1..ALIAS_TRIES_MAX)
        .map(|number| format!("{stem}{number}"))
        .find(|alias| is_free(alias))
        .ok_or_else(|| CmdletError::Conflict(format!("every alias like {stem} is taken; give -Alias")))
}

/// An address given as a parameter.
pub(crate) fn read_address(arguments: &Arguments, name: &str, text: &str) -> Result<Address, CmdletError> {
    Address::parse(text).map_err(|error| usage(arguments.cmdlet(), name, &format!("\"{text}\": {error}")))
}

/// -ExternalEmailAddress of a new contact or mail user, with or without `SMTP:`.
pub(crate) fn external_address(arguments: &Arguments) -> Result<Address, CmdletError> {
    let text = arguments.required("ExternalEmailAddress")?;
    let bare = text.split_once(':').filter(|(prefix, _)| prefix.eq_ignore_ascii_case("smtp"));
    read_address(arguments, "ExternalEmailAddress", bare.map_or(text, |(_, rest)| rest))
}

/// The whole of a `Set-` cmdlet: find, apply every group of parameters, check and store.
pub(crate) async fn set(
    context: &Context,
    arguments: &Arguments,
    class: &'static Class,
    groups: &'static [&'static Group],
    also: impl FnOnce(&mut Recipient, &Arguments, &Draft) -> Result<(), CmdletError> + Send + 'static,
) -> Result<Output, CmdletError> {
    let row = context
        .change(arguments, move |draft, arguments| {
            let found = find::one(draft.snapshot(), class, arguments.required("Identity")?)?;
            let mut recipient = Recipient::clone(&found);
            apply(&mut recipient, arguments, draft, groups)?;
            also(&mut recipient, arguments, draft)?;
            store(draft, recipient, class)
        })
        .await?;
    Ok(Output::object(row))
}

/// Applies groups of parameters.
pub(crate) fn apply(
    recipient: &mut Recipient,
    arguments: &Arguments,
    draft: &Draft,
    groups: &[&Group],
) -> Result<(), CmdletError> {
    groups.iter().try_for_each(|group| (group.apply)(recipient, arguments, draft.snapshot()))
}

/// Checks, stores, and shows it.
pub(crate) fn store(
    draft: &mut Draft,
    recipient: Recipient,
    class: &Class,
) -> Result<crate::output::Row, CmdletError> {
    let stored = draft.put_recipient(recipient)?;
    Ok((class.row)(&stored, draft.snapshot()))
}

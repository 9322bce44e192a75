//! Accounts of recipients: the user principal name and the password.
//! May touch: executor (password hashing runs beside the reactor).

use directory::{Account, Draft, PasswordHash, Recipient};

use crate::arguments::{Arguments, usage};
use crate::context::Context;
use crate::error::CmdletError;
use crate::parameter::{Kind, Parameter};

/// -Password and -PasswordFile.
pub(crate) const PASSWORD: &[Parameter] = &[
    Parameter::new(
        "Password",
        Kind::Password,
        "The password; other users of this machine may see it while the command runs.",
    ),
    Parameter::new("PasswordFile", Kind::InputFile, "A file that holds the password in its first line."),
];

/// The password given, hashed; `None` when none was given.
///
/// # Errors
/// `Usage` when it is given twice, empty, or not UTF-8.
pub(crate) async fn hashed(
    context: &Context,
    arguments: &Arguments,
) -> Result<Option<PasswordHash>, CmdletError> {
    let password = match (arguments.text("Password"), arguments.bytes("PasswordFile")) {
        (Some(_), Some(_)) => {
            return Err(usage(arguments.cmdlet(), "PasswordFile", "cannot be given beside -Password"));
        }
        (Some(text), None) => text.to_owned(),
        (None, Some(bytes)) => {
            let text = std::str::from_utf8(bytes)
                .map_err(|_| usage(arguments.cmdlet(), "PasswordFile", "is not UTF-8 text"))?;
            text.lines().next().unwrap_or("").to_owned()
        }
        (None, None) => return Ok(None),
    };
    if password.is_empty() {
        return Err(usage(arguments.cmdlet(), "Password", "is empty"));
    }
    context.hash_password(password).await.map(Some)
}

/// Gives a new recipient an account that is named by its primary address.
pub(crate) fn make(recipient: &mut Recipient) {
    recipient.account = Some(Account {
        user_principal_name: recipient.primary_smtp_address.to_string(),
        password_hash: None,
        enabled: recipient.kind.may_sign_in(),
        password_changed: None,
    });
}

/// Changes the account: -UserPrincipalName and the password. Nobody signs in to a shared mailbox, so its password
/// waits until it is a regular one.
pub(crate) fn put(
    recipient: &mut Recipient,
    arguments: &Arguments,
    draft: &Draft,
    hash: Option<PasswordHash>,
) {
    let name = arguments.text("UserPrincipalName").map(str::to_owned);
    if name.is_none() && hash.is_none() {
        return;
    }
    if recipient.account.is_none() {
        make(recipient);
    }
    let Some(account) = &mut recipient.account else { return };
    if let Some(name) = name {
        account.user_principal_name = name;
    }
    if hash.is_some() {
        account.password_hash = hash;
        account.password_changed = Some(draft.now());
    }
}

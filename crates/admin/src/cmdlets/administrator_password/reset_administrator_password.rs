//! Reset-AdministratorPassword: gives an administrator a new password, from the machine itself only.
//! May touch: directory, chance (the new password), executor (password hashing).

use directory::{ADMINISTRATOR, Administrator};
use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::{account, rows};
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::parameter::{Kind, Parameter};
use crate::role::{Role, Via};

/// Letters of a generated password: none that look alike.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Length of a generated password: 20 of 55 letters are about 115 bits.
const PASSWORD_LENGTH: usize = 20;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Reset-AdministratorPassword",
    synopsis: "Gives an administrator a new password.",
    description: "Works over the Unix socket of the data directory only, for whoever lost the password printed by \
                  init. Without -Password a new one is made and printed once.",
    examples: &[Example {
        command: "Reset-AdministratorPassword",
        sentence: "Makes and prints a new password.",
    }],
    roles: &[Role::RoleManagement],
    parameters: &[
        Parameters::Fixed(&[Parameter::new(
            "Identity",
            Kind::Identity,
            "The administrator; Administrator when not given.",
        )
        .positional()]),
        Parameters::Fixed(account::PASSWORD),
    ],
    output: OutputType {
        name: "AdministratorPassword",
        properties: &[Property::text("Identity"), Property::text("Password")],
        settings: None,
        table: &["Identity", "Password"],
    },
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    if context.actor.via != Via::LocalSocket {
        return Err(CmdletError::Forbidden(
            "Reset-AdministratorPassword runs only on the server's own machine: postroom --data DIR …".into(),
        ));
    }
    let (hash, made) = match account::hashed(context, arguments).await? {
        Some(hash) => (hash, None),
        None => {
            let password = new_password(context);
            (context.hash_password(password.clone()).await?, Some(password))
        }
    };
    let name = context
        .change(arguments, move |draft, arguments| {
            let identity = arguments.text("Identity").unwrap_or(ADMINISTRATOR);
            let found = draft.snapshot().resolve_administrator(identity)?;
            let mut administrator = Administrator::clone(&found);
            administrator.password_hash = hash;
            administrator.password_changed = draft.now();
            administrator.enabled = true;
            Ok(draft.put_administrator(administrator)?.user_name.clone())
        })
        .await?;
    Ok(Output::object(rows::row_of(json!({ "Identity": name, "Password": made }))))
}

fn new_password(context: &Context) -> String {
    // The remainder of 64 random bits leans towards early letters by less than one part in 10^17.
    let letter = || {
        let place = context.world.chance.u64() % LETTERS.len() as u64;
        usize::try_from(place).ok().and_then(|place| LETTERS.get(place)).copied().unwrap_or(b'x')
    };
    (0..PASSWORD_LENGTH).map(|_| char::from(letter())).collect()
}

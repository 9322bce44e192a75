//! A cmdlet with a parameter of many kinds, for tests of the registry's machinery.
//! May touch: nothing (pure).

use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::error::Plan;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

pub(crate) static SAMPLE: Cmdlet = Cmdlet {
    name: "Remove-Sample",
    synopsis: "Removes a sample.",
    description: "Exists in tests only.",
    examples: &[Example { command: "Remove-Sample kim", sentence: "Removes kim." }],
    roles: &[Role::MailRecipients],
    parameters: &[Parameters::Fixed(&[
        Parameter::new("Identity", Kind::Identity, "The sample.").required().positional(),
        Parameter::new("DisplayName", Kind::Text, "Its name."),
        Parameter::new("MaxSendSize", Kind::Size, "Its size."),
        Parameter::new("MaxReceiveSize", Kind::Size, "Its other size."),
        Parameter::new("HiddenFromAddressListsEnabled", Kind::Bool, "Whether it hides."),
        Parameter::new("Force", Kind::Switch, "Whether to insist."),
        Parameter::new("Offset", Kind::Int { min: -10, max: 10 }, "A number."),
        Parameter::new("EmailAddresses", Kind::Change(&Kind::Text), "Its addresses."),
        Parameter::new("When", Kind::DateTime, "A time."),
        Parameter::new("Secret", Kind::Password, "A secret."),
        Parameter::new("File", Kind::InputFile, "A file."),
        Parameter::new("Path", Kind::OutputFile, "A file to write."),
        Parameter::new("Type", Kind::Enum(&["Regular", "Shared"]), "Its type."),
    ])],
    output: OutputType {
        name: "Sample",
        properties: &[Property::text("Identity"), Property::number("Size"), Property::time("Received")],
        settings: None,
        table: &["Identity", "Size", "Received"],
    },
    effect: Effect::Destroys(|_, arguments| {
        Box::pin(async move {
            Ok(Plan { count: 1, what: format!("remove the sample {}", arguments.required("Identity")?) })
        })
    }),
    run: |_, arguments| {
        Box::pin(async move {
            let mut row = Row::new();
            row.insert("Identity".into(), arguments.required("Identity")?.into());
            Ok(Output::object(row))
        })
    },
};

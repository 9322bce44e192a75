//! Test-SendConnector: sends one real message over a Send connector and says what happened, step by step.
//! May touch: directory (read), the transport, which sends and records.

use directory::{SendConnector, SmartHostAuthMechanism, Snapshot};
use mail::{Address, ReversePath};
use serde_json::json;
use transport::send::trial::{Step, StepResult, Trial, TrialError, Tried};
use uuid::Uuid;

use super::object;
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::settings;

/// What a connector is called that has no name yet.
const NAMELESS: &str = "Connector test";
/// Where and how a connector leads: whoever changes one of these must know the password, not only where it is kept.
const WHERE_AND_HOW: &[&str] = &[
    "SmartHosts",
    "DNSRoutingEnabled",
    "Port",
    "SmartHostAuthMechanism",
    "RequireTLS",
    "TlsAuthLevel",
    "TlsDomain",
    "IgnoreSTARTTLS",
    "DomainSecureEnabled",
    "TlsCertificateName",
    "UseExternalDNSServersEnabled",
];
/// Those that say which hosts.
const WHERE: &[&str] = &["SmartHosts", "DNSRoutingEnabled", "Port", "UseExternalDNSServersEnabled"];

const OWN: &[Parameter] = &[
    Parameter::new(
        "Identity",
        Kind::Identity,
        "The Send connector to try, by name or GUID; without it the connector is what the other parameters say.",
    )
    .positional(),
    Parameter::new("Name", Kind::Text, "What the connector not yet made would be called."),
    Parameter::new("To", Kind::Address, "The recipient of the test message.").required(),
    Parameter::new(
        "From",
        Kind::Text,
        "Its sender: the external postmaster unless said otherwise, an address of your own, or <>, the null sender.",
    ),
];

const RESULTS: &[(&str, &str)] = &[("Success", "Success"), ("Failure", "Failure")];

const OUTPUT: OutputType = OutputType {
    name: "SendConnectorTestStep",
    properties: &[
        Property::text("Step"),
        Property::words("Result", RESULTS),
        Property::text("Server"),
        Property::text("Sent"),
        Property::text("Reply"),
        Property::text("Detail"),
        Property::number("Milliseconds"),
        Property::text("Cause"),
        Property::text("ActionNeededBy"),
        Property::text("Fix"),
        Property::text("MessageTraceId"),
        Property::text("MessageId"),
    ],
    settings: None,
    table: &["Step", "Result", "Milliseconds", "Reply", "Detail"],
};

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Test-SendConnector",
    synopsis: "Sends a test message over a Send connector and shows each step.",
    description: "The message goes the way any mail of the connector goes, to the first host that can be reached, at \
                  once: a step waits at most 30 seconds, nothing is tried again, and no report is sent. With \
                  -Identity and further settings the connector is tried as it would be with them; nothing is changed. \
                  A stored password goes only where and how it is stored to go: with another host, port, mechanism or \
                  TLS setting give -AuthenticationPassword too. Hosts that are not stored may not be on the server's own \
                  machine or link (127.0.0.0/8, 169.254.0.0/16 and the like), unless you ask from that machine. \
                  A connector that is disabled is tried too. The message is in the trace like any other, and \
                  MessageTraceId names it.",
    examples: &[
        Example {
            command: "Test-SendConnector Internet -To ann@fabrikam.example",
            sentence: "Sends a message to Ann over the connector Internet.",
        },
        Example {
            command: "Test-SendConnector -SmartHosts relay.example -Port 587 -RequireTLS $true -To ann@fabrikam.example",
            sentence: "Tries a connector before it is made.",
        },
    ],
    roles: &[Role::SendConnectors],
    parameters: &[
        Parameters::Fixed(OWN),
        Parameters::Fixed(object::SETTINGS),
        Parameters::Settings(settings::send_limits),
    ],
    output: OUTPUT,
    effect: Effect::Changes,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let connector = connector(&snapshot, arguments)?;
    let to = address(arguments, "To", arguments.required("To")?)?;
    let (from, author) = sender(context, &snapshot, arguments)?;
    let mut warnings = Vec::new();
    if arguments.is_given("Identity") && !leads_to(&connector, &to) {
        warnings.push(format!(
            "no address space of \"{}\" is for {}: real mail there goes another way, see Test-MessageRoute",
            connector.name,
            to.domain()
        ));
    }
    if arguments.is_what_if() {
        let note = format!("What if: this would send a message to {to} over \"{}\"", connector.name);
        let mut output = Output::list(Vec::new()).with_note(note);
        output.warnings = warnings;
        return Ok(output);
    }
    let asked_by = context.actor.name.clone();
    let may_reach_this_machine = context.may_reach_this_machine() || leads_as_stored(&connector, arguments);
    let trial = Trial { connector, from, author, to: to.clone(), asked_by, may_reach_this_machine };
    let tried = context.services.transport()?.try_send_connector(trial).await?;
    let mut output = Output::list(table(&tried));
    output.warnings = warnings;
    match &tried.why {
        Some(why) => output.warnings.push(format!("not sent: {} {}", why.cause, fix_now(why.fix))),
        None => output.notes.push(format!(
            "The next host took over the message to {to}; Get-MessageTrace -MessageTraceId {} shows it",
            tried.network_message_id
        )),
    }
    Ok(output)
}

/// The connector as stored, or a new one, with the settings given.
fn connector(snapshot: &Snapshot, arguments: &Arguments) -> Result<SendConnector, CmdletError> {
    let mut connector = match arguments.text("Identity") {
        Some(identity) => SendConnector::clone(&*snapshot.resolve_send_connector(identity)?),
        None => {
            let name = arguments.text("Name").unwrap_or(NAMELESS);
            SendConnector::new(Uuid::nil(), name, object::address_spaces(&["*".to_owned()])?)
        }
    };
    object::apply(&mut connector, arguments)?;
    withhold_password(&mut connector, arguments)?;
    connector.check()?;
    Ok(connector)
}

/// The stored password is not for whichever host the caller names, nor for a way on which others could read it.
fn withhold_password(connector: &mut SendConnector, arguments: &Arguments) -> Result<(), CmdletError> {
    let Some(changed) = WHERE_AND_HOW.iter().find(|name| arguments.is_given(name)) else { return Ok(()) };
    if arguments.text("AuthenticationPassword").is_some() || connector.authentication_credential.is_none() {
        return Ok(());
    }
    let signs_in = matches!(
        connector.smart_host_auth_mechanism,
        SmartHostAuthMechanism::BasicAuth | SmartHostAuthMechanism::BasicAuthRequireTls
    );
    if signs_in {
        return Err(CmdletError::Invalid(format!(
            "the stored password of \"{}\" is not used with another -{changed}; give -AuthenticationPassword too, or -SmartHostAuthMechanism None to try without signing in",
            connector.name
        )));
    }
    connector.authentication_credential = None;
    Ok(())
}

/// Whether the hosts are those of a stored connector; by DNS the recipient of the test names them.
fn leads_as_stored(connector: &SendConnector, arguments: &Arguments) -> bool {
    arguments.is_given("Identity")
        && !connector.dns_routing_enabled()
        && !WHERE.iter().any(|name| arguments.is_given(name))
}

/// Nobody writes in the name of others: the test is signed by whoever asks for it, or by the postmaster.
fn sender(
    context: &Context,
    snapshot: &Snapshot,
    arguments: &Arguments,
) -> Result<(ReversePath, Address), CmdletError> {
    let postmaster = || {
        snapshot.external_postmaster().ok_or_else(|| {
            CmdletError::Invalid(
                "there is no default accepted domain to write from; make one with New-AcceptedDomain"
                    .to_owned(),
            )
        })
    };
    match arguments.text("From").map(|text| text.trim_matches(['<', '>'])) {
        Some("") => Ok((ReversePath::Null, postmaster()?)),
        Some(text) => {
            let from = address(arguments, "From", text)?;
            let own = context.actor.person.and_then(|person| snapshot.recipient(person));
            let is_own = own.is_some_and(|own| own.addresses().any(|address| *address == from));
            if !is_own && snapshot.external_postmaster().as_ref() != Some(&from) {
                return Err(CmdletError::Forbidden(format!(
                    "-From takes <>, the external postmaster or an address of your own, not {from}"
                )));
            }
            Ok((ReversePath::Address(from.clone()), from))
        }
        None => postmaster().map(|from| (ReversePath::Address(from.clone()), from)),
    }
}

fn address(arguments: &Arguments, name: &str, text: &str) -> Result<Address, CmdletError> {
    Address::parse(text).map_err(|error| usage(arguments.cmdlet(), name, &format!("cannot be read: {error}")))
}

fn leads_to(connector: &SendConnector, to: &Address) -> bool {
    connector.address_spaces.iter().any(|space| space.space.closeness(to.domain_key()).is_some())
}

/// What to do. The words are of mail that waits, and a test does not.
fn fix_now(fix: &str) -> String {
    match fix.strip_prefix("It is tried again by itself") {
        Some(rest) => format!("This test is not tried again{rest}"),
        None => fix.to_owned(),
    }
}

fn table(tried: &Tried) -> Vec<Row> {
    let decided = tried
        .why
        .as_ref()
        .and_then(|_| tried.steps.iter().rposition(|step| step.result == StepResult::Failure));
    let rows = tried.steps.iter().enumerate();
    rows.map(|(place, step)| row(tried, step, decided == Some(place))).collect()
}

fn row(tried: &Tried, step: &Step, decided: bool) -> Row {
    let why = tried.why.as_ref().filter(|_| decided);
    let result = match step.result {
        StepResult::Success => "Success",
        StepResult::Failure => "Failure",
    };
    rows::row_of(json!({
        "Step": step.name,
        "Result": result,
        "Server": step.server,
        "Sent": step.sent,
        "Reply": step.reply,
        "Detail": step.detail,
        "Milliseconds": u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
        "Cause": why.map(|why| why.cause),
        "ActionNeededBy": why.map(|why| why.actor.as_str()),
        "Fix": why.map(|why| fix_now(why.fix)),
        "MessageTraceId": tried.network_message_id.to_string(),
        "MessageId": tried.message_id,
    }))
}

impl From<TrialError> for CmdletError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Busy => Self::Unavailable(error.to_string()),
            TrialError::Store(cause) => {
                Self::internal("the test message could not be stored; the service log says why", cause)
            }
        }
    }
}

#[cfg(test)]
mod tests;

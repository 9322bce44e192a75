//! Test-MessageRoute: says what would become of a message, recipient by recipient, without sending one.
//! May touch: directory (read), mailboxes (sizes), clock, chance, DNS (only with -ResolveNextHop).

use std::sync::Arc;

use directory::Snapshot;
use mail::{Address, NetworkMessageId, ReversePath};
use spool::EntryNo;
use transport::categorize::resolve;
use transport::envelope::{
    BodyType, Entry, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Trust,
};
use transport::receive::foresee::{self, Client, Foreseen};

use uuid::Uuid;

use super::outcome::{self, Outcome};
use crate::arguments::{Arguments, usage};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::message_trace::conditions;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::Output;
use crate::parameter::{Kind, Parameter};
use crate::role::Role;
use crate::value::Limit;

/// Recipients of one test.
const RECIPIENTS_MAX: usize = 1_000;
/// Octets of the message unless said otherwise.
const SIZE_DEFAULT: u64 = 10 * 1024;

const OWN: &[Parameter] = &[
    Parameter::new("From", Kind::Text, "The envelope sender; <> is the null sender.").required(),
    Parameter::new("To", Kind::List(&Kind::Address), "The recipients the message would name.").required(),
    Parameter::new("Size", Kind::Size, "The size of the message; 10 KB unless said otherwise."),
    Parameter::new(
        "Anonymous",
        Kind::Switch,
        "As if the sender had not signed in; an address of a recipient here counts as signed in unless this is given.",
    ),
    Parameter::new(
        "ClientIP",
        Kind::Text,
        "The address of a client that does not sign in: as the Receive connector would treat it that takes this client. Goes with -Anonymous or a sender outside.",
    ),
    Parameter::new(
        "ResolveNextHop",
        Kind::Switch,
        "Asks DNS which servers the next hop has; without it nothing leaves this server.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Test-MessageRoute",
    synopsis: "Says what would become of a message, recipient by recipient, without sending it.",
    description: "The categorizer's own rules are used: proxy addresses, contacts, groups, forwards, restrictions, size and recipient limits, accepted domains and Send connectors, as they are now; first what the Receive connector would answer at MAIL, RCPT and DATA: relaying, recipients nobody has, who may write to whom, sizes and full mailboxes. One row per recipient that would be refused, replaced, reached or end, in the order of the trace; Path names the addresses that lead there. A next hop whose queue is in Retry or suspended says so. What another server would answer is not known.",
    examples: &[
        Example {
            command: "Test-MessageRoute -From kim@contoso.example -To sales@contoso.example,ann@fabrikam.example -Size 20MB",
            sentence: "Shows whom a message of that size would reach, and which connector takes it out.",
        },
        Example {
            command: "Test-MessageRoute -From boss@fabrikam.example -To sales@contoso.example -Anonymous -Format list",
            sentence: "Shows why mail from outside would be refused, and what to change.",
        },
    ],
    roles: &[Role::MessageTracking, Role::TransportQueues, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: outcome::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let snapshot = context.directory.snapshot();
    let mut envelope = envelope(context, arguments, &snapshot)?;
    let client = client(arguments, &snapshot, &envelope)?;
    if let Some(client) = client.as_ref().filter(|_| envelope.origin.authenticated_as.is_none()) {
        envelope.origin.trust = client.trust();
    }
    let given = arguments.texts("To").unwrap_or_default();
    if given.is_empty() || given.len() > RECIPIENTS_MAX {
        return Err(usage(arguments.cmdlet(), "To", &format!("takes 1 to {RECIPIENTS_MAX} recipients")));
    }
    let mut addresses = Vec::with_capacity(given.len());
    for text in given {
        let address = Address::parse(text)
            .map_err(|error| usage(arguments.cmdlet(), "To", &format!("cannot be read: {error}")))?;
        addresses.push(address);
    }
    let answers = answers(context, &snapshot, client.as_ref(), &envelope, &addresses).await;
    let (mut entries, mut outcomes) = (Vec::with_capacity(addresses.len()), Vec::new());
    for ((number, address), refused) in (0..).zip(addresses).zip(answers) {
        match refused {
            Some(foreseen) => outcomes.push(outcome::refused(address.as_str(), &foreseen)),
            None => entries.push((EntryNo(number), Entry::submitted(address, None, Notify::DEFAULT))),
        }
    }
    let plan = resolve::plan(&snapshot, &envelope, &entries);
    outcomes.extend(outcome::of(&snapshot, &plan));
    if let Ok(transport) = context.services.transport() {
        outcome::look_at_queues(&transport.queues(), &mut outcomes, arguments.zone());
    }
    if arguments.is_on("ResolveNextHop") {
        outcome::resolve_hosts(&context.world.dns, &mut outcomes).await;
    }
    let mut output = Output::list(outcomes.iter().map(outcome::row).collect());
    let signed = if envelope.origin.authenticated_as.is_some() { "signed in" } else { "not signed in" };
    let by = client.as_ref().map(|client| format!(", by the Receive connector \"{}\"", client.connector()));
    let from = envelope.return_path.address().map_or("<>", Address::as_str);
    let by = by.unwrap_or_default();
    output.notes.push(format!("As from {from}, {signed}{by}, {} octets; nothing was sent", envelope.size));
    output.notes.extend(way_out(arguments, &snapshot, &outcomes));
    Ok(output)
}

/// What the session would refuse of each recipient: at MAIL, at RCPT, or at DATA because they are too many.
async fn answers(
    context: &Context,
    snapshot: &Snapshot,
    client: Option<&Client>,
    envelope: &Envelope,
    recipients: &[Address],
) -> Vec<Option<Foreseen>> {
    let Some(client) = client else { return vec![None; recipients.len()] };
    let own = match envelope.origin.authenticated_as {
        Some(own) => used(context, own).await,
        None => None,
    };
    if let Some(refused) = client.mail(snapshot, &envelope.return_path, envelope.size, own) {
        return vec![Some(refused); recipients.len()];
    }
    let mut answers = Vec::with_capacity(recipients.len());
    for to in recipients {
        let used = match snapshot.recipient_by_address(to).filter(|recipient| recipient.kind.is_mailbox()) {
            Some(recipient) => used(context, recipient.guid).await,
            None => None,
        };
        answers.push(client.rcpt(snapshot, &envelope.return_path, to, envelope.size, used));
    }
    let taken = answers.iter().filter(|answer| answer.is_none()).count();
    match client.data(snapshot, taken) {
        Some(refused) => answers.into_iter().map(|answer| answer.or_else(|| Some(refused.clone()))).collect(),
        None => answers,
    }
}

/// Octets in a mailbox; one that never got anything has no file and is empty.
async fn used(context: &Context, mailbox: Uuid) -> Option<u64> {
    context.services.mailboxes().ok()?.size(mailbox).await.ok()
}

/// The client a message would come from; `None` where no Receive connector is open to it.
fn client(
    arguments: &Arguments,
    snapshot: &Snapshot,
    envelope: &Envelope,
) -> Result<Option<Client>, CmdletError> {
    let ip = conditions::ip(arguments, "ClientIP")?;
    let is_signed_in = envelope.origin.authenticated_as.is_some();
    let own = envelope.return_path.address().and_then(|address| snapshot.recipient_by_address(address));
    match ip {
        Some(_) if is_signed_in => Err(usage(
            arguments.cmdlet(),
            "ClientIP",
            "is for clients that do not sign in; give -Anonymous too",
        )),
        Some(ip) => Client::at(snapshot, ip).map(Some).ok_or_else(|| {
            CmdletError::Invalid(format!(
                "no Receive connector takes the client {ip}; Get-ReceiveConnector shows their RemoteIPRanges"
            ))
        }),
        // Who has no mailbox does not sign in by SMTP: programs of this server send for them.
        None if is_signed_in => {
            let user = own.filter(|own| own.kind.is_mailbox());
            Ok(user.and_then(|user| Client::signed_in(snapshot, Arc::clone(user))))
        }
        None => Ok(Client::anywhere(snapshot)),
    }
}

/// Where clients may relay after all, if this one may not.
fn way_out(arguments: &Arguments, snapshot: &Snapshot, outcomes: &[Outcome]) -> Option<String> {
    let names = foresee::relays(snapshot);
    let is_asked = arguments.is_given("ClientIP") || names.is_empty();
    (!is_asked && outcomes.iter().any(Outcome::is_refused)).then(|| {
        format!(
            "Clients of these Receive connectors may send to other domains without signing in: {}; -ClientIP asks for one of them",
            names.join(", ")
        )
    })
}

fn envelope(context: &Context, arguments: &Arguments, snapshot: &Snapshot) -> Result<Envelope, CmdletError> {
    let from = arguments.required("From")?;
    let return_path = ReversePath::parse(from.trim_matches(['<', '>']))
        .map_err(|error| usage(arguments.cmdlet(), "From", &format!("cannot be read: {error}")))?;
    let own = return_path.address().and_then(|address| snapshot.recipient_by_address(address));
    let is_inside = own.is_some() && !arguments.is_on("Anonymous");
    let size = match arguments.limit("Size") {
        Some(Limit::Of(octets)) => octets,
        Some(Limit::Unlimited) => {
            return Err(usage(arguments.cmdlet(), "Size", "takes a size such as 20MB, not Unlimited"));
        }
        None => SIZE_DEFAULT,
    };
    Ok(Envelope {
        network_message_id: NetworkMessageId(context.world.chance.uuid_v4()),
        received: context.world.clock.now(),
        return_path,
        envid: None,
        ret: None,
        body_type: BodyType::EightBitMime,
        smtp_utf8: false,
        size,
        origin: Origin {
            kind: OriginKind::Smtp,
            connector: None,
            client_ip: None,
            helo: None,
            authenticated_as: own.filter(|_| is_inside).map(|recipient| recipient.guid),
            trust: if is_inside { Trust::Internal } else { Trust::Anonymous },
        },
        facts: HeaderFacts::default(),
        kind: MessageKind::Ordinary,
        resend_key: None,
        poison_count: 0,
    })
}

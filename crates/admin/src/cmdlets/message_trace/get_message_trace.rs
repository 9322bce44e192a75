//! Get-MessageTrace: finds messages and what became of each recipient.
//! May touch: trace (read).

use super::{filters, find, more, object};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-MessageTrace",
    synopsis: "Finds messages and what became of each recipient.",
    description: "One row per recipient, newest message first, a message's rows together and a group before its members. Without dates the last 48 hours are searched; with an id everything that is kept. There is no limit of days. Conditions are joined by AND, the values of one by OR.",
    examples: &[
        Example {
            command: "Get-MessageTrace -RecipientAddress kim@contoso.example",
            sentence: "Shows what came for a recipient in the last 48 hours.",
        },
        Example {
            command: "Get-MessageTrace -SenderAddress '*@fabrikam.example' -Status Failed,Pending -StartDate 2026-11-01 -EndDate 2026-11-20 -TimeZone Europe/Berlin",
            sentence: "Shows what was not delivered from a domain, with the dates read in a zone.",
        },
        Example {
            command: "Get-MessageTrace -MessageId '<5f1c@fabrikam.example>' -Format json",
            sentence: "Finds a message by its Message-ID, however old it is.",
        },
        Example {
            command: "Get-MessageTrace -Subject 'Invoice 4711' -SubjectFilterType StartsWith -ResultSize Unlimited -Format csv",
            sentence: "Lists every row whose subject begins so, as CSV.",
        },
        Example {
            command: "Get-MessageTrace -PasteFile undeliverable.eml",
            sentence: "Finds the message that a report is about.",
        },
        Example {
            command: "Get-MessageTrace -Paste '250 2.6.0 <5f1c@fabrikam.example> [InternalId=4711] Queued mail for delivery'",
            sentence: "Finds a message by the reply that accepted it.",
        },
        Example {
            command: "Get-MessageTrace -Query 'Failed in the last day' -SenderAddress '*@contoso.example'",
            sentence: "Runs a saved search with one more condition.",
        },
        Example {
            command: "Get-MessageTrace -Last 7.00:00:00 -Status Failed -ReportType EnhancedSummary -Path failed.csv",
            sentence: "Writes a week's failures as a report.",
        },
        Example {
            command: "Get-MessageTrace -FromIP 192.0.2.0/24,2001:db8::/32 -IncludeRefused",
            sentence: "Shows what the clients of two networks sent, refused attempts included.",
        },
        Example {
            command: "Get-MessageTrace -SenderAddress 'news*' -NotRecipientAddress '*@contoso.example' -Direction Outbound -MinimumSize 10MB",
            sentence: "Shows large newsletters that left the organization, but for some recipients.",
        },
        Example {
            command: "Get-MessageTrace -Dmarc Fail -Tls None -ConnectorId 'Default*' -EventId DELIVER -Last 7.00:00:00",
            sentence: "Shows what was delivered in a week that failed DMARC and came without TLS by these connectors.",
        },
        Example {
            command: "Get-MessageTrace -TransportRule 'Disclaimer*' -FinalAction '*' -Server mx1.contoso.example",
            sentence: "Shows what a rule acted on and a gateway decided about, in the records of one server.",
        },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients],
    parameters: &[
        Parameters::Fixed(find::CONDITIONS),
        Parameters::Fixed(filters::OF_MESSAGES),
        Parameters::Fixed(filters::OF_ROWS),
        Parameters::Fixed(more::RELATIVE),
        Parameters::Fixed(find::PAGING),
        Parameters::Fixed(more::MORE),
    ],
    output: object::OUTPUT,
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(more::run(context, arguments, find::Version::One)),
};

//! The organization's transport configuration and this server's transport service: limits, timers, reports.
//!
//! May touch: nothing (pure).

use std::time::Duration;

use mail::Address;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DirectoryError;
use crate::object::{Object, ObjectKind};
use crate::settings::{Bounds, DAY, GB, HOUR, MB, MINUTE, setting_enum, settings};
use crate::text_enum::text_enum;

/// Most codes in GenerateCopyOfDSNFor.
const DSN_CODES_MAX: usize = 100;

text_enum! {
    /// Who sees the subjects of messages in the trace.
    pub enum TraceSubjectVisibility "TraceSubjectVisibility" {
        /// Everybody who may trace.
        Full = "Full",
        /// Not those who trace by the role View-Only Recipients alone, as the help desk does.
        HiddenFromHelpDesk = "HiddenFromHelpDesk",
    }
}

setting_enum!(TraceSubjectVisibility);

settings! {
    /// `Get-TransportConfig`: what holds for the whole organization.
    pub struct TransportConfig {
        "MaxReceiveSize" max_receive_size: Option<u64> = Some(10 * MB),
            Bounds::Bytes(0, 2 * GB), "Largest message the organization's recipients get.";
        "MaxSendSize" max_send_size: Option<u64> = Some(10 * MB),
            Bounds::Bytes(0, 2 * GB), "Largest message the organization's senders send.";
        "MaxRecipientEnvelopeLimit" max_recipient_envelope_limit: Option<u32> = Some(500),
            Bounds::Count(0, 2_147_483_647), "Most recipients of one message, groups unexpanded.";
        "InternalDsnMaxMessageAttachSize" internal_dsn_max_message_attach_size: u64 = 10 * MB,
            Bounds::Bytes(0, 2 * GB), "Largest original attached whole to a report for a sender inside; a larger one comes as headers only.";
        "ExternalDsnMaxMessageAttachSize" external_dsn_max_message_attach_size: u64 = 10 * MB,
            Bounds::Bytes(0, 2 * GB), "Largest original attached whole to a report for a sender outside; a larger one comes as headers only.";
        "InternalDsnSendHtml" internal_dsn_send_html: bool = true,
            Bounds::Any, "Whether reports for senders inside are HTML.";
        "ExternalDsnSendHtml" external_dsn_send_html: bool = true,
            Bounds::Any, "Whether reports for senders outside are HTML.";
        "InternalDelayDsnEnabled" internal_delay_dsn_enabled: bool = true,
            Bounds::Any, "Whether senders inside are told of delays.";
        "ExternalDelayDsnEnabled" external_delay_dsn_enabled: bool = true,
            Bounds::Any, "Whether senders outside are told of delays.";
        "InternalDsnReportingAuthority" internal_dsn_reporting_authority: Option<String> = None,
            Bounds::Length(255), "Domain named in reports for senders inside; none is the server.";
        "ExternalDsnReportingAuthority" external_dsn_reporting_authority: Option<String> = None,
            Bounds::Length(255), "Domain named in reports for senders outside; none is the server.";
        "ExternalPostmasterAddress" external_postmaster_address: Option<Address> = None,
            Bounds::Any, "Sender of reports to people outside; none is postmaster@ the default domain.";
        "GenerateCopyOfDSNFor" generate_copy_of_dsn_for: Vec<String> =
            ["5.4.8", "5.4.6", "5.4.4", "5.2.4", "5.2.0", "5.1.4"].map(str::to_owned).to_vec(),
            Bounds::Length(DSN_CODES_MAX), "Enhanced codes whose NDRs the postmaster gets a copy of.";
        "UnauthenticatedNdrRateLimit" unauthenticated_ndr_rate_limit: u32 = 10,
            Bounds::Count(0, 1_000_000), "NDRs an hour to one return path of unauthenticated mail; the rest are recorded as FAIL only.";
        "ShadowRedundancyEnabled" shadow_redundancy_enabled: bool = true,
            Bounds::Any, "Whether a second server keeps a copy until delivery, where there is one.";
        "RejectMessageOnShadowFailure" reject_message_on_shadow_failure: bool = false,
            Bounds::Any, "Whether mail is refused while no second copy can be made.";
        "SafetyNetHoldTime" safety_net_hold_time: Duration = Duration::from_secs(2 * DAY),
            Bounds::Seconds(15, 90 * DAY), "How long delivered copies are kept.";
        "ExpansionSizeLimit" expansion_size_limit: u32 = 1_000,
            Bounds::Count(1, 100_000), "Most expanded recipients of one copy of a message; further ones get a copy of their own.";
        "VerifySecureSubmitEnabled" verify_secure_submit_enabled: bool = false,
            Bounds::Any, "Whether clients that submit without encryption are refused.";
        "TraceSubjectVisibility" trace_subject_visibility: TraceSubjectVisibility = TraceSubjectVisibility::Full,
            Bounds::Any, "Who sees subjects in the message trace: Full is everybody who may trace; HiddenFromHelpDesk is everybody but those who trace by the role View-Only Recipients alone.";
    }
}

settings! {
    /// `Get-TransportService`: this server's timers and limits.
    pub struct TransportService {
        "QueueGlitchRetryCount" queue_glitch_retry_count: u32 = 4,
            Bounds::Count(0, 15), "First retries of a next hop that failed; 0 goes on to the transient ones.";
        "QueueGlitchRetryInterval" queue_glitch_retry_interval: Duration = Duration::from_secs(MINUTE),
            Bounds::Seconds(1, DAY), "Time between the first retries.";
        "TransientFailureRetryCount" transient_failure_retry_count: u32 = 6,
            Bounds::Count(0, 15), "Retries after the first ones; 0 goes on to the outbound interval.";
        "TransientFailureRetryInterval" transient_failure_retry_interval: Duration = Duration::from_secs(5 * MINUTE),
            Bounds::Seconds(1, 12 * HOUR), "Time between the transient retries.";
        "OutboundConnectionFailureRetryInterval" outbound_connection_failure_retry_interval: Duration = Duration::from_secs(10 * MINUTE),
            Bounds::Seconds(1, 20 * DAY), "Time between all later retries.";
        "MailboxDeliveryQueueRetryInterval" mailbox_delivery_queue_retry_interval: Duration = Duration::from_secs(5 * MINUTE),
            Bounds::Seconds(1, DAY), "Time between retries of delivery into mailboxes.";
        "MessageRetryInterval" message_retry_interval: Duration = Duration::from_secs(15 * MINUTE),
            Bounds::Seconds(1, DAY), "Time until one message is tried again whose queue is otherwise well.";
        "DelayNotificationTimeout" delay_notification_timeout: Duration = Duration::from_secs(4 * HOUR),
            Bounds::Seconds(1, 30 * DAY), "Age at which the sender is told of the delay.";
        "MessageExpirationTimeout" message_expiration_timeout: Duration = Duration::from_secs(2 * DAY),
            Bounds::Seconds(5, 90 * DAY), "Age at which a message is given up with an NDR.";
        "MaxIdleTimeBeforeResubmit" max_idle_time_before_resubmit: Duration = Duration::from_secs(12 * HOUR),
            Bounds::Seconds(1, 90 * DAY), "Time a queue is in Retry without a delivery until its messages are categorized again.";
        "QueueMaxIdleTime" queue_max_idle_time: Duration = Duration::from_secs(3 * MINUTE),
            Bounds::Seconds(5, HOUR), "Time an empty delivery queue is kept.";
        "ResolverRetryInterval" resolver_retry_interval: Duration = Duration::from_secs(30 * MINUTE),
            Bounds::Seconds(1, DAY), "Time until a message is categorized again after a temporary error.";
        "MaxOutboundConnections" max_outbound_connections: Option<u32> = Some(1_000),
            Bounds::Count(1, 100_000), "Most connections to other hosts at once.";
        "MaxPerDomainOutboundConnections" max_per_domain_outbound_connections: Option<u32> = Some(20),
            Bounds::Count(1, 100_000), "Most connections at once for one next hop.";
        "MaxConnectionRatePerMinute" max_connection_rate_per_minute: u32 = 1_200,
            Bounds::Count(1, 2_147_483_647), "Most connections a minute the server takes.";
        "MaxConcurrentMailboxDeliveries" max_concurrent_mailbox_deliveries: u32 = 20,
            Bounds::Count(1, 256), "Most deliveries into mailboxes at once.";
        "MaxConcurrentMailboxSubmissions" max_concurrent_mailbox_submissions: u32 = 20,
            Bounds::Count(1, 256), "Most submissions from mailboxes at once.";
        "PoisonMessageDetectionEnabled" poison_message_detection_enabled: bool = true,
            Bounds::Any, "Whether messages that were in progress when the process died are counted.";
        "PoisonThreshold" poison_threshold: u32 = 2,
            Bounds::Count(1, 10), "Deaths of the process after which a message is put into the poison queue.";
        "PickupDirectoryMaxMessagesPerMinute" pickup_directory_max_messages_per_minute: u32 = 100,
            Bounds::Count(1, 20_000), "Messages a minute taken from the Pickup directory, and the same from Replay.";
        "PickupDirectoryMaxHeaderSize" pickup_directory_max_header_size: u64 = 64 * 1024,
            Bounds::Bytes(32 * 1024, 2 * GB), "Largest header of a file in the Pickup directory.";
        "PickupDirectoryMaxRecipientsPerMessage" pickup_directory_max_recipients_per_message: u32 = 100,
            Bounds::Count(1, 10_000), "Most recipients of a file in the Pickup directory.";
        "ReceiveProtocolLogMaxFileSize" receive_protocol_log_max_file_size: u64 = 10 * MB,
            Bounds::Bytes(1024, GB), "Size of one file of the protocol log of Receive connectors.";
        "ReceiveProtocolLogMaxDirectorySize" receive_protocol_log_max_directory_size: u64 = 250 * MB,
            Bounds::Bytes(1024, 1024 * GB), "Size of the protocol log of Receive connectors; the oldest files go first.";
        "ReceiveProtocolLogMaxAge" receive_protocol_log_max_age: Duration = Duration::from_secs(30 * DAY),
            Bounds::Seconds(0, 3_650 * DAY), "Age at which files of the protocol log of Receive connectors go; 0 is never.";
        "SendProtocolLogMaxFileSize" send_protocol_log_max_file_size: u64 = 10 * MB,
            Bounds::Bytes(1024, GB), "Size of one file of the protocol log of Send connectors.";
        "SendProtocolLogMaxDirectorySize" send_protocol_log_max_directory_size: u64 = 250 * MB,
            Bounds::Bytes(1024, 1024 * GB), "Size of the protocol log of Send connectors; the oldest files go first.";
        "SendProtocolLogMaxAge" send_protocol_log_max_age: Duration = Duration::from_secs(30 * DAY),
            Bounds::Seconds(0, 3_650 * DAY), "Age at which files of the protocol log of Send connectors go; 0 is never.";
        "MessageTrackingLogEnabled" message_tracking_log_enabled: bool = true,
            Bounds::Any, "Whether the tracking log is also written as #Fields files; the trace itself is always kept.";
        "MessageTrackingLogMaxAge" message_tracking_log_max_age: Duration = Duration::from_secs(90 * DAY),
            Bounds::Seconds(DAY, 3_650 * DAY), "How long the trace is kept.";
    }
}

impl TransportConfig {
    /// What the settings must satisfy together.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        self.check_bounds()?;
        for code in &self.generate_copy_of_dsn_for {
            let fields: Vec<_> = code.split('.').collect();
            let well_formed = fields.len() == 3
                && matches!(fields.first(), Some(&("4" | "5")))
                && fields.iter().all(|field| field.len() <= 3 && field.parse::<u16>().is_ok());
            if !well_formed {
                return Err(DirectoryError::invalid(
                    "GenerateCopyOfDSNFor",
                    format!("\"{code}\" is not an enhanced code such as 5.4.6 (RFC 3463 §2)."),
                ));
            }
        }
        Ok(())
    }
}

impl TransportService {
    /// What the settings must satisfy together.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        self.check_bounds()
    }
}

impl Object for TransportConfig {
    const KIND: ObjectKind = ObjectKind::TransportConfig;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        Uuid::nil()
    }

    fn name(&self) -> String {
        "TransportConfig".to_owned()
    }
}

impl Object for TransportService {
    const KIND: ObjectKind = ObjectKind::TransportService;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        Uuid::nil()
    }

    fn name(&self) -> String {
        "TransportService".to_owned()
    }
}

/// The organization and this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Identity of the organization, made once.
    pub organization_guid: Uuid,
    /// Name of this server in queue identities and traces: the first label of `server_fqdn`, upper or lower case as given.
    pub server_name: String,
    /// Full name of this server, said in EHLO and greetings.
    pub server_fqdn: String,
}

impl Organization {
    /// What the names must satisfy.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        crate::name::check_name("ServerName", &self.server_name)?;
        if self.server_name.contains(['\\', '/']) {
            return Err(DirectoryError::invalid("ServerName", "it may not hold \\ or /."));
        }
        crate::name::check_host("ServerFqdn", &self.server_fqdn)
    }
}

impl Default for Organization {
    fn default() -> Organization {
        Organization {
            organization_guid: Uuid::nil(),
            server_name: "localhost".to_owned(),
            server_fqdn: "localhost".to_owned(),
        }
    }
}

impl Object for Organization {
    const KIND: ObjectKind = ObjectKind::Organization;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        Uuid::nil()
    }

    fn name(&self) -> String {
        self.server_name.clone()
    }
}

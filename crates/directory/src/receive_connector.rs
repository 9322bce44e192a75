//! A Receive connector: where SMTP comes in, from whom, and with which limits.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.3.1 (the greeting), RFC 4954 §4 (AUTH only under TLS).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ip_range::{IpRange, Overlap};
use crate::object::{Object, ObjectKind};
use crate::permission::{
    ExtendedRight, Permission, PermissionGroup, PermissionSet, SessionIdentity, Trustee,
};
use crate::settings::{Bounds, DAY, GB, KB, MB, MINUTE, setting_enum, settings};
use crate::text_enum::text_enum;
use crate::{DirectoryError, name};

/// Most bindings of one connector.
pub const BINDINGS_MAX: usize = 64;
/// Most remote IP ranges of one connector.
pub const REMOTE_IP_RANGES_MAX: usize = 1_000;
/// Longest banner, in bytes: RFC 5321 §4.5.3.1.5 allows 512 for a reply line with its CRLF.
pub const BANNER_LENGTH_MAX: usize = 510;

text_enum! {
    /// What seeds the defaults of a new connector, and nothing else.
    pub enum ConnectorUsage "Usage" {
        /// No permission group, TLS.
        Custom = "Custom",
        /// People's mail programs: users, port 587.
        Client = "Client",
        /// Servers of this organization.
        Internal = "Internal",
        /// Anybody on the Internet.
        Internet = "Internet",
        /// A partner organization, with mutual TLS.
        Partner = "Partner",
    }
}

text_enum! {
    /// A way to authenticate on a Receive connector.
    pub enum AuthMechanism "AuthMechanism" {
        /// STARTTLS is offered.
        Tls = "Tls",
        /// AUTH PLAIN and LOGIN.
        BasicAuth = "BasicAuth",
        /// AUTH PLAIN and LOGIN only under TLS.
        BasicAuthRequireTls = "BasicAuthRequireTLS",
        /// NTLM and Kerberos.
        Integrated = "Integrated",
        /// Servers of this organization.
        ExchangeServer = "ExchangeServer",
        /// The network vouches for the client, such as IPsec or a private segment.
        ExternalAuthoritative = "ExternalAuthoritative",
    }
}

text_enum! {
    /// How much of the SMTP conversation is written to the protocol log.
    pub enum ProtocolLoggingLevel "ProtocolLoggingLevel" {
        /// Nothing.
        None = "None",
        /// Every command and reply.
        Verbose = "Verbose",
    }
}

text_enum! {
    /// What MessageRateLimit is counted by.
    pub enum MessageRateSource "MessageRateSource" {
        /// Not counted.
        None = "None",
        /// The client's IP address.
        IpAddress = "IPAddress",
        /// The sender.
        User = "User",
        /// Both.
        All = "All",
    }
}

text_enum! {
    /// How EHLO says SIZE.
    pub enum SizeKeyword "SizeEnabled" {
        /// With the value of MaxMessageSize.
        Enabled = "Enabled",
        /// Without a value.
        EnabledWithoutValue = "EnabledWithoutValue",
        /// Not at all.
        Disabled = "Disabled",
    }
}

text_enum! {
    /// The service that owns the connector.
    pub enum TransportRole "TransportRole" {
        /// Front End Transport: the one that meets the outside.
        FrontendTransport = "FrontendTransport",
        /// The Transport service.
        HubTransport = "HubTransport",
    }
}

text_enum! {
    /// Where the connector's addresses come from.
    pub enum ListenSource "Listen" {
        /// From its Bindings.
        Bindings = "Bindings",
        /// From `[listen] smtp` of the configuration file, whatever its Bindings say.
        Smtp = "Smtp",
        /// From `[listen] submission` and `submissions`, whatever its Bindings say.
        Submission = "Submission",
    }
}

setting_enum!(MessageRateSource, SizeKeyword);

settings! {
    /// Limits, timeouts and EHLO keywords of a Receive connector.
    pub struct ReceiveLimits {
        "ConnectionTimeout" connection_timeout: Duration = Duration::from_secs(10 * MINUTE),
            Bounds::Seconds(1, DAY), "Longest a connection may stay open, even while data flow; must exceed ConnectionInactivityTimeout.";
        "ConnectionInactivityTimeout" connection_inactivity_timeout: Duration = Duration::from_secs(5 * MINUTE),
            Bounds::Seconds(1, DAY), "Longest a connection may be silent.";
        "MaxInboundConnection" max_inbound_connection: Option<u32> = Some(5_000),
            Bounds::Count(1, 2_147_483_647), "Most connections at once.";
        "MaxInboundConnectionPerSource" max_inbound_connection_per_source: Option<u32> = Some(20),
            Bounds::Count(1, 10_000), "Most connections at once from one IP address.";
        "MaxInboundConnectionPercentagePerSource" max_inbound_connection_percentage_per_source: u32 = 2,
            Bounds::Count(1, 100), "Most connections at once from one IP address, as a percentage of those still free.";
        "MessageRateLimit" message_rate_limit: Option<u32> = None,
            Bounds::Count(1, 2_147_483_647), "Most messages per minute from one source.";
        "MessageRateSource" message_rate_source: MessageRateSource = MessageRateSource::IpAddress,
            Bounds::Any, "What the message rate is counted by.";
        "TarpitInterval" tarpit_interval: Duration = Duration::from_secs(5),
            Bounds::Seconds(0, 10 * MINUTE), "How long an error reply to an unauthenticated client is held back; 0 is not at all.";
        "AuthTarpitInterval" auth_tarpit_interval: Duration = Duration::from_secs(5),
            Bounds::Seconds(0, 10 * MINUTE), "How long the reply to a failed AUTH is held back; 0 is not at all.";
        "MaxMessageSize" max_message_size: u64 = 36 * MB,
            Bounds::Bytes(64 * KB, 2 * GB), "Largest message, as transferred.";
        "MaxHeaderSize" max_header_size: u64 = 256 * KB,
            Bounds::Bytes(KB, 64 * MB), "Largest header of a message; a larger one closes the connection.";
        "MaxRecipientsPerMessage" max_recipients_per_message: u32 = 200,
            Bounds::Count(1, 512_000), "Most recipients of one message; the surplus gets 452 4.5.3.";
        "MaxHopCount" max_hop_count: u32 = 30,
            Bounds::Count(1, 500), "Most Received headers.";
        "MaxLocalHopCount" max_local_hop_count: u32 = 8,
            Bounds::Count(0, 50), "Most Received headers of this organization's servers; 0 turns the check off.";
        "MaxProtocolErrors" max_protocol_errors: Option<u32> = Some(5),
            Bounds::Count(0, 2_147_483_647), "Errors after which the connection is closed.";
        "MaxLogonFailures" max_logon_failures: u32 = 3,
            Bounds::Count(0, 10), "Failed sign-ins after which the connection is closed.";
        "SizeEnabled" size_enabled: SizeKeyword = SizeKeyword::Enabled,
            Bounds::Any, "How EHLO says SIZE (RFC 1870).";
        "PipeliningEnabled" pipelining_enabled: bool = true,
            Bounds::Any, "Whether EHLO says PIPELINING (RFC 2920).";
        "DeliveryStatusNotificationEnabled" delivery_status_notification_enabled: bool = true,
            Bounds::Any, "Whether EHLO says DSN (RFC 3461).";
        "EnhancedStatusCodesEnabled" enhanced_status_codes_enabled: bool = true,
            Bounds::Any, "Whether EHLO says ENHANCEDSTATUSCODES (RFC 2034).";
        "EightBitMimeEnabled" eight_bit_mime_enabled: bool = true,
            Bounds::Any, "Whether EHLO says 8BITMIME (RFC 6152).";
        "BinaryMimeEnabled" binary_mime_enabled: bool = true,
            Bounds::Any, "Whether EHLO says BINARYMIME (RFC 3030); needs ChunkingEnabled.";
        "ChunkingEnabled" chunking_enabled: bool = true,
            Bounds::Any, "Whether EHLO says CHUNKING (RFC 3030).";
        "SmtpUtf8Enabled" smtp_utf8_enabled: bool = true,
            Bounds::Any, "Whether EHLO says SMTPUTF8 (RFC 6531).";
        "RequireTLS" require_tls: bool = false,
            Bounds::Any, "Whether MAIL is refused before STARTTLS.";
        "RequireEHLODomain" require_ehlo_domain: bool = false,
            Bounds::Any, "Whether EHLO and HELO must name a domain.";
        "DomainSecureEnabled" domain_secure_enabled: bool = false,
            Bounds::Any, "Whether mutual TLS is offered to partners.";
        "RejectReservedTopLevelRecipientDomains" reject_reserved_top_level: bool = false,
            Bounds::Any, "Whether recipients in reserved top-level domains (RFC 2606) get 5.1.4.";
        "RejectReservedSecondLevelRecipientDomains" reject_reserved_second_level: bool = false,
            Bounds::Any, "Whether recipients in reserved second-level domains get 5.1.5.";
        "RejectSingleLabelRecipientDomains" reject_single_label: bool = false,
            Bounds::Any, "Whether recipients in domains of a single label get 5.1.6.";
    }
}

/// A Receive connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveConnector {
    /// Identity for life.
    pub guid: Uuid,
    /// Unique name, at most 64 characters.
    pub name: String,
    /// Whether it takes connections.
    pub enabled: bool,
    /// The service that owns it.
    pub transport_role: TransportRole,
    /// Whether the configuration file says where it listens.
    pub listen: ListenSource,
    /// Local addresses and ports; port 0 is any free one.
    pub bindings: Vec<SocketAddr>,
    /// The clients it is for.
    pub remote_ip_ranges: Vec<IpRange>,
    /// Who may use it.
    pub permission_groups: BTreeSet<PermissionGroup>,
    /// How clients prove who they are; empty is None.
    pub auth_mechanism: BTreeSet<AuthMechanism>,
    /// Permissions beyond those of the groups.
    #[serde(default)]
    pub extended_rights: BTreeSet<ExtendedRight>,
    /// Name said in the greeting and EHLO; absent is the server's.
    #[serde(default)]
    pub fqdn: Option<String>,
    /// The whole greeting, beginning with 220; absent is Exchange's.
    #[serde(default)]
    pub banner: Option<String>,
    /// Thumbprint, or `<I>issuer<S>subject`, of the certificate; absent is chosen by name.
    #[serde(default)]
    pub tls_certificate_name: Option<String>,
    /// What the protocol log gets.
    pub protocol_logging_level: ProtocolLoggingLevel,
    /// Limits, timeouts and keywords.
    #[serde(default)]
    pub limits: ReceiveLimits,
    /// A note.
    #[serde(default)]
    pub comment: String,
}

impl ReceiveConnector {
    /// A new connector with the defaults of its usage, on port 25 or 587, for all clients.
    pub fn new(guid: Uuid, name: &str, usage: ConnectorUsage) -> ReceiveConnector {
        use AuthMechanism as A;
        use PermissionGroup as G;
        let (port, groups, mechanisms): (u16, &[G], &[A]) = match usage {
            ConnectorUsage::Client => {
                (587, &[G::ExchangeUsers], &[A::Tls, A::BasicAuth, A::BasicAuthRequireTls, A::Integrated])
            }
            ConnectorUsage::Custom => (25, &[], &[A::Tls]),
            ConnectorUsage::Internal => {
                (25, &[G::ExchangeServers, G::ExchangeLegacyServers], &[A::Tls, A::ExchangeServer])
            }
            ConnectorUsage::Internet => (25, &[G::AnonymousUsers], &[A::Tls]),
            ConnectorUsage::Partner => (25, &[G::Partners], &[A::Tls]),
        };
        let mut limits = ReceiveLimits::default();
        let mut remote_ip_ranges = vec![IpRange::ALL_V4];
        match usage {
            ConnectorUsage::Client => {
                limits.message_rate_limit = Some(5);
                limits.message_rate_source = MessageRateSource::User;
            }
            ConnectorUsage::Partner => limits.domain_secure_enabled = true,
            _ => {}
        }
        if usage != ConnectorUsage::Internet {
            remote_ip_ranges.push(IpRange::ALL_V6);
        }
        ReceiveConnector {
            guid,
            name: name.to_owned(),
            enabled: true,
            transport_role: TransportRole::FrontendTransport,
            listen: ListenSource::Bindings,
            bindings: vec![
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
            ],
            remote_ip_ranges,
            permission_groups: groups.iter().copied().collect(),
            auth_mechanism: mechanisms.iter().copied().collect(),
            extended_rights: BTreeSet::new(),
            fqdn: None,
            banner: None,
            tls_certificate_name: None,
            protocol_logging_level: ProtocolLoggingLevel::None,
            limits,
            comment: String::new(),
        }
    }

    /// Whether it has the mechanism.
    pub fn has(&self, mechanism: AuthMechanism) -> bool {
        self.auth_mechanism.contains(&mechanism)
    }

    /// What a session that has proved to be `identity` may do here. Under ExternalAuthoritative every client is
    /// externally secured.
    pub fn permissions(&self, identity: SessionIdentity) -> PermissionSet {
        let identity = if self.has(AuthMechanism::ExternalAuthoritative) {
            SessionIdentity::ExternallySecured
        } else {
            identity
        };
        let by_group = if self.permission_groups.contains(&identity.group()) {
            identity.permissions()
        } else {
            PermissionSet::EMPTY
        };
        let trustee = match identity {
            SessionIdentity::Anonymous => Trustee::AnonymousLogon,
            SessionIdentity::User => Trustee::AuthenticatedUsers,
            _ => return by_group,
        };
        let granted = self.extended_rights.iter().filter(|grant| grant.user == trustee);
        granted.fold(by_group, |set, grant| set.and(PermissionSet::of(&[grant.right])))
    }

    /// Whether AUTH PLAIN and LOGIN are offered: RFC 4954 §4 wants a secured channel, which is TLS or this machine.
    pub fn offers_basic_auth(&self, under_tls: bool, client: IpAddr) -> bool {
        self.has(AuthMechanism::BasicAuth) && (under_tls || client.to_canonical().is_loopback())
    }

    /// The most specific of its ranges that holds the client.
    pub fn range_for(&self, client: IpAddr) -> Option<IpRange> {
        self.remote_ip_ranges
            .iter()
            .copied()
            .filter(|range| range.contains(client))
            .min_by_key(|range| range.span())
    }

    /// The first pair of ranges of the two connectors that could not be told apart on one binding.
    pub(crate) fn clash(&self, other: &ReceiveConnector) -> Option<(IpRange, IpRange)> {
        self.remote_ip_ranges
            .iter()
            .flat_map(|own| other.remote_ip_ranges.iter().map(move |theirs| (*own, *theirs)))
            .find(|(own, theirs)| matches!(own.overlap(*theirs), Overlap::Equal | Overlap::Partial))
    }

    /// What the connector must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        self.check_where()?;
        self.check_authentication()?;
        self.check_open_relay()?;
        if let Some(fqdn) = &self.fqdn {
            name::check_host("Fqdn", fqdn)?;
        }
        if let Some(banner) = &self.banner {
            let text_ok = banner.len() <= BANNER_LENGTH_MAX && !banner.chars().any(char::is_control);
            if !text_ok || !(banner == "220" || banner.starts_with("220 ")) {
                return Err(DirectoryError::invalid(
                    "Banner",
                    format!(
                        "give one line that begins with \"220 \", such as \"220 mail.contoso.example ESMTP\", of at most {BANNER_LENGTH_MAX} characters."
                    ),
                ));
            }
        }
        self.limits.check_bounds()?;
        if self.limits.connection_inactivity_timeout >= self.limits.connection_timeout {
            return Err(DirectoryError::invalid(
                "ConnectionInactivityTimeout",
                "give a time that is shorter than ConnectionTimeout.",
            ));
        }
        if self.limits.binary_mime_enabled && !self.limits.chunking_enabled {
            return Err(DirectoryError::invalid(
                "BinaryMimeEnabled",
                "BINARYMIME needs CHUNKING (RFC 3030 §3); set ChunkingEnabled to true or BinaryMimeEnabled to false.",
            ));
        }
        if self.limits.require_tls && !self.has(AuthMechanism::Tls) {
            return Err(DirectoryError::invalid("RequireTLS", "it needs Tls in AuthMechanism; add it."));
        }
        if self.limits.domain_secure_enabled && !self.has(AuthMechanism::Tls) {
            return Err(DirectoryError::invalid(
                "DomainSecureEnabled",
                "it needs Tls in AuthMechanism; add it.",
            ));
        }
        Ok(())
    }

    fn check_where(&self) -> Result<(), DirectoryError> {
        let bound_by_file = self.listen != ListenSource::Bindings;
        if (self.bindings.is_empty() && !bound_by_file) || self.bindings.len() > BINDINGS_MAX {
            return Err(DirectoryError::invalid(
                "Bindings",
                format!("give 1 to {BINDINGS_MAX} addresses with ports, such as 0.0.0.0:25."),
            ));
        }
        let distinct: BTreeSet<_> = self.bindings.iter().filter(|binding| binding.port() != 0).collect();
        if distinct.len() != self.bindings.iter().filter(|binding| binding.port() != 0).count() {
            return Err(DirectoryError::invalid("Bindings", "an address is given twice; give it once."));
        }
        if self.remote_ip_ranges.is_empty() || self.remote_ip_ranges.len() > REMOTE_IP_RANGES_MAX {
            return Err(DirectoryError::invalid(
                "RemoteIPRanges",
                format!("give 1 to {REMOTE_IP_RANGES_MAX} ranges, such as 192.0.2.0/24."),
            ));
        }
        let distinct: BTreeSet<_> = self.remote_ip_ranges.iter().collect();
        if distinct.len() != self.remote_ip_ranges.len() {
            return Err(DirectoryError::invalid("RemoteIPRanges", "a range is given twice; give it once."));
        }
        Ok(())
    }

    /// Exchange's constraints of AuthMechanism.
    fn check_authentication(&self) -> Result<(), DirectoryError> {
        use AuthMechanism as A;
        let refuse = |message: &str| Err(DirectoryError::invalid("AuthMechanism", message));
        if self.has(A::BasicAuthRequireTls) && !(self.has(A::BasicAuth) && self.has(A::Tls)) {
            return refuse("BasicAuthRequireTLS needs BasicAuth and Tls; add them.");
        }
        if self.has(A::ExternalAuthoritative) {
            if self
                .auth_mechanism
                .iter()
                .any(|mechanism| !matches!(mechanism, A::ExternalAuthoritative | A::Tls))
            {
                return refuse("ExternalAuthoritative may only be combined with Tls; remove the others.");
            }
            if self.permission_groups != BTreeSet::from([PermissionGroup::ExchangeServers]) {
                return refuse(
                    "ExternalAuthoritative requires PermissionGroups ExchangeServers, and no other.",
                );
            }
        }
        Ok(())
    }

    /// Never an open relay: who relays without signing in must come from ranges somebody wrote down.
    fn check_open_relay(&self) -> Result<(), DirectoryError> {
        let relays = self.permissions(SessionIdentity::Anonymous).has(Permission::AcceptAnyRecipient);
        let wide = self.remote_ip_ranges.iter().find(|range| range.is_wider_than_a_site());
        match wide {
            Some(range) if relays => Err(DirectoryError::invalid(
                "RemoteIPRanges",
                format!(
                    "with {range} strangers could relay through \"{}\" without signing in; limit RemoteIPRanges to the hosts that may, or make a connector of its own for them.",
                    self.name
                ),
            )),
            _ => Ok(()),
        }
    }
}

impl Object for ReceiveConnector {
    const KIND: ObjectKind = ObjectKind::ReceiveConnector;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

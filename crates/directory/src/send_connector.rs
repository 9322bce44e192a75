//! A Send connector: for which domains, how and with which proof SMTP goes out.
//!
//! May touch: nothing (pure).
//! Known gaps: address spaces of types other than SMTP (Foreign connectors, Delivery Agents) are refused.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::domain_pattern::DomainPattern;
use crate::object::{Object, ObjectKind};
use crate::receive_connector::ProtocolLoggingLevel;
use crate::settings::{Bounds, DAY, GB, KB, MB, MINUTE, settings};
use crate::text_enum::text_enum;
use crate::{DirectoryError, name};

/// Most address spaces of one connector.
pub const ADDRESS_SPACES_MAX: usize = 1_000;
/// Most smart hosts of one connector.
pub const SMART_HOSTS_MAX: usize = 100;
/// Highest cost of an address space.
pub const COST_MAX: u8 = 100;
/// Longest user name and password for a smart host, in bytes.
const CREDENTIAL_LENGTH_MAX: usize = 256;

/// Which domains a connector is for, and at what cost: `SMTP:*.contoso.example;10`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressSpace {
    /// The domains.
    pub space: DomainPattern,
    /// 1 to 100; the lower one wins.
    pub cost: u8,
}

impl fmt::Display for AddressSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMTP:{};{}", self.space, self.cost)
    }
}

impl FromStr for AddressSpace {
    type Err = DirectoryError;

    /// Reads `[SMTP:]space[;cost]`; the cost is 1 where none is given.
    fn from_str(text: &str) -> Result<AddressSpace, DirectoryError> {
        let refuse = |message: String| Err(DirectoryError::invalid("AddressSpaces", message));
        let rest = match text.split_once(':') {
            Some((kind, rest)) if kind.trim().eq_ignore_ascii_case("smtp") => rest,
            Some((kind, _)) => {
                return refuse(format!(
                    "\"{text}\": address spaces of type {kind} are not supported; use SMTP, such as SMTP:contoso.example;1."
                ));
            }
            None => text,
        };
        let (space, cost) = match rest.split_once(';') {
            Some((space, cost)) => match cost.trim().parse::<u8>() {
                Ok(cost @ 1..=COST_MAX) => (space, cost),
                _ => return refuse(format!("\"{text}\": the cost must be a number from 1 to {COST_MAX}.")),
            },
            None => (rest, 1),
        };
        if space.trim() == "--" {
            return refuse("\"--\" (all accepted domains) is for Edge servers; name the domains.".to_owned());
        }
        Ok(AddressSpace { space: DomainPattern::parse("AddressSpaces", space.trim())?, cost })
    }
}

impl Serialize for AddressSpace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressSpace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AddressSpace, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The next host of a connector that does not route by DNS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SmartHost {
    /// By IP address.
    Ip(IpAddr),
    /// By name, which may have MX or address records.
    Name(String),
}

impl fmt::Display for SmartHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SmartHost::Ip(address) => write!(f, "[{address}]"),
            SmartHost::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for SmartHost {
    type Err = DirectoryError;

    /// Reads an IP address with or without brackets, or a host name.
    fn from_str(text: &str) -> Result<SmartHost, DirectoryError> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(SmartHost::Ip(address.to_canonical()));
        }
        mail::address::domain_key(text).map(SmartHost::Name).map_err(|_| {
            DirectoryError::invalid(
                "SmartHosts",
                format!("\"{text}\" is not a host; write relay.contoso.example or 192.0.2.1, without a port (use -Port)."),
            )
        })
    }
}

impl Serialize for SmartHost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SmartHost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SmartHost, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

text_enum! {
    /// How we prove who we are to a smart host.
    pub enum SmartHostAuthMechanism "SmartHostAuthMechanism" {
        /// Not at all.
        None = "None",
        /// AUTH PLAIN or LOGIN.
        BasicAuth = "BasicAuth",
        /// AUTH PLAIN or LOGIN, only under TLS.
        BasicAuthRequireTls = "BasicAuthRequireTLS",
        /// As a server of this organization.
        ExchangeServer = "ExchangeServer",
        /// The network vouches for us.
        ExternalAuthoritative = "ExternalAuthoritative",
    }
}

text_enum! {
    /// What is asked of the next host's certificate when RequireTLS is set.
    pub enum TlsAuthLevel "TlsAuthLevel" {
        /// Nothing.
        EncryptionOnly = "EncryptionOnly",
        /// That it is valid.
        CertificateValidation = "CertificateValidation",
        /// That it is valid and names TlsDomain, or the host connected to.
        DomainValidation = "DomainValidation",
    }
}

text_enum! {
    /// How errors of the next host are read.
    pub enum ErrorPolicy "ErrorPolicies" {
        /// As they are.
        Default = "Default",
        /// A permanent DNS error counts as temporary.
        DowngradeDnsFailures = "DowngradeDnsFailures",
        /// A permanent SMTP error counts as temporary.
        DowngradeCustomFailures = "DowngradeCustomFailures",
        /// A temporary SMTP error counts as permanent.
        UpgradeCustomFailures = "UpgradeCustomFailures",
    }
}

/// A secret we must be able to say again. `Debug` does not show it and the audit leaves it out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps the secret.
    pub fn new(secret: impl Into<String>) -> Secret {
        Secret(secret.into())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// What we sign in with at a smart host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmartHostCredential {
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: Secret,
}

settings! {
    /// Limits and timeouts of a Send connector.
    pub struct SendLimits {
        "ConnectionInactivityTimeOut" connection_inactivity_timeout: Duration = Duration::from_secs(10 * MINUTE),
            Bounds::Seconds(1, DAY), "How long a connection is kept while the next host is silent.";
        "SmtpMaxMessagesPerConnection" smtp_max_messages_per_connection: u32 = 20,
            Bounds::Count(0, 2_147_483_647), "Messages sent over one connection; 0 is no limit.";
        "MaxMessageSize" max_message_size: Option<u64> = Some(35 * MB),
            Bounds::Bytes(64 * KB, 2 * GB), "Largest message this connector takes.";
    }
}

/// A Send connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendConnector {
    /// Identity for life.
    pub guid: Uuid,
    /// Unique name, at most 64 characters.
    pub name: String,
    /// Whether it is used.
    pub enabled: bool,
    /// The domains it is for.
    pub address_spaces: Vec<AddressSpace>,
    /// The next hosts; empty routes by DNS.
    #[serde(default)]
    pub smart_hosts: Vec<SmartHost>,
    /// Port of the next host.
    pub port: u16,
    /// How we prove who we are.
    pub smart_host_auth_mechanism: SmartHostAuthMechanism,
    /// What we sign in with.
    #[serde(default)]
    pub authentication_credential: Option<SmartHostCredential>,
    /// Whether nothing is sent without TLS.
    #[serde(default)]
    pub require_tls: bool,
    /// What is asked of the certificate; only with `require_tls`.
    #[serde(default)]
    pub tls_auth_level: Option<TlsAuthLevel>,
    /// The name the certificate must have, for DomainValidation; may begin with `*.`.
    #[serde(default)]
    pub tls_domain: Option<String>,
    /// Whether STARTTLS is not used even if offered.
    #[serde(default)]
    pub ignore_starttls: bool,
    /// Whether mutual TLS is used; needs DNS routing.
    #[serde(default)]
    pub domain_secure_enabled: bool,
    /// The certificate we show.
    #[serde(default)]
    pub tls_certificate_name: Option<String>,
    /// Name said in EHLO; absent is the server's.
    #[serde(default)]
    pub fqdn: Option<String>,
    /// Local address connections come from; absent is the system's choice.
    #[serde(default)]
    pub source_ip_address: Option<IpAddr>,
    /// How errors are read.
    #[serde(default)]
    pub error_policies: Vec<ErrorPolicy>,
    /// Whether mail goes out through a Front End Transport service.
    #[serde(default)]
    pub frontend_proxy_enabled: bool,
    /// Whether only servers of the same site use it.
    #[serde(default)]
    pub is_scoped_connector: bool,
    /// The servers that use it; empty is this one.
    #[serde(default)]
    pub source_transport_servers: Vec<String>,
    /// Whether names are resolved by the external DNS servers.
    #[serde(default)]
    pub use_external_dns_servers_enabled: bool,
    /// What the protocol log gets.
    pub protocol_logging_level: ProtocolLoggingLevel,
    /// Limits and timeouts.
    #[serde(default)]
    pub limits: SendLimits,
    /// A note.
    #[serde(default)]
    pub comment: String,
}

impl SendConnector {
    /// A new connector with Exchange's defaults: DNS routing, port 25, opportunistic TLS.
    pub fn new(guid: Uuid, name: &str, address_spaces: Vec<AddressSpace>) -> SendConnector {
        SendConnector {
            guid,
            name: name.to_owned(),
            enabled: true,
            address_spaces,
            smart_hosts: Vec::new(),
            port: 25,
            smart_host_auth_mechanism: SmartHostAuthMechanism::None,
            authentication_credential: None,
            require_tls: false,
            tls_auth_level: None,
            tls_domain: None,
            ignore_starttls: false,
            domain_secure_enabled: false,
            tls_certificate_name: None,
            fqdn: None,
            source_ip_address: None,
            error_policies: Vec::new(),
            frontend_proxy_enabled: false,
            is_scoped_connector: false,
            source_transport_servers: Vec::new(),
            use_external_dns_servers_enabled: false,
            protocol_logging_level: ProtocolLoggingLevel::None,
            limits: SendLimits::default(),
            comment: String::new(),
        }
    }

    /// Whether the next host is found by MX records.
    pub fn dns_routing_enabled(&self) -> bool {
        self.smart_hosts.is_empty()
    }

    /// The smart hosts as a queue's NextHopDomain has them: in order, IP addresses in brackets.
    pub fn smart_hosts_string(&self) -> String {
        self.smart_hosts.iter().map(SmartHost::to_string).collect::<Vec<_>>().join(",")
    }

    /// Whether TLS is needed, by RequireTLS or by BasicAuthRequireTLS.
    pub fn needs_tls(&self) -> bool {
        self.require_tls
            || self.domain_secure_enabled
            || self.smart_host_auth_mechanism == SmartHostAuthMechanism::BasicAuthRequireTls
    }

    /// What the connector must satisfy by itself.
    ///
    /// # Errors
    /// `Invalid`, naming the setting.
    pub fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        if self.address_spaces.is_empty() || self.address_spaces.len() > ADDRESS_SPACES_MAX {
            return Err(DirectoryError::invalid(
                "AddressSpaces",
                format!("give 1 to {ADDRESS_SPACES_MAX}, such as SMTP:*;1."),
            ));
        }
        let mut spaces: Vec<&DomainPattern> = self.address_spaces.iter().map(|space| &space.space).collect();
        spaces.sort();
        spaces.dedup();
        if spaces.len() != self.address_spaces.len() {
            return Err(DirectoryError::invalid(
                "AddressSpaces",
                "an address space is given twice; give it once.",
            ));
        }
        if self.address_spaces.iter().any(|space| !(1..=COST_MAX).contains(&space.cost)) {
            return Err(DirectoryError::invalid(
                "AddressSpaces",
                format!("a cost must be a number from 1 to {COST_MAX}."),
            ));
        }
        if self.smart_hosts.len() > SMART_HOSTS_MAX {
            return Err(DirectoryError::invalid("SmartHosts", format!("give at most {SMART_HOSTS_MAX}.")));
        }
        if self.port == 0 {
            return Err(DirectoryError::invalid("Port", "give a number from 1 to 65535."));
        }
        if let Some(host) = &self.fqdn {
            name::check_host("Fqdn", host)?;
        }
        self.limits.check_bounds()?;
        self.check_tls()?;
        self.check_authentication()
    }

    fn check_tls(&self) -> Result<(), DirectoryError> {
        if self.needs_tls() && self.ignore_starttls {
            return Err(DirectoryError::invalid(
                "IgnoreSTARTTLS",
                "the connector needs TLS (RequireTLS, DomainSecureEnabled or BasicAuthRequireTLS); set IgnoreSTARTTLS to false.",
            ));
        }
        if self.tls_auth_level.is_some() && !self.require_tls {
            return Err(DirectoryError::invalid(
                "TlsAuthLevel",
                "it needs RequireTLS; set RequireTLS to true.",
            ));
        }
        let by_domain = self.tls_auth_level == Some(TlsAuthLevel::DomainValidation);
        if by_domain && !self.smart_hosts.is_empty() && self.tls_domain.is_none() {
            return Err(DirectoryError::invalid(
                "TlsDomain",
                "DomainValidation with smart hosts needs TlsDomain, the name the certificate must have.",
            ));
        }
        if let Some(domain) = &self.tls_domain {
            if !by_domain {
                return Err(DirectoryError::invalid("TlsDomain", "it needs TlsAuthLevel DomainValidation."));
            }
            if DomainPattern::parse("TlsDomain", domain)? == DomainPattern::Any {
                return Err(DirectoryError::invalid(
                    "TlsDomain",
                    "give a name such as mail.contoso.example.",
                ));
            }
        }
        if self.domain_secure_enabled && !self.dns_routing_enabled() {
            return Err(DirectoryError::invalid(
                "DomainSecureEnabled",
                "it needs DNS routing; remove the smart hosts.",
            ));
        }
        Ok(())
    }

    fn check_authentication(&self) -> Result<(), DirectoryError> {
        use SmartHostAuthMechanism as A;
        let basic = matches!(self.smart_host_auth_mechanism, A::BasicAuth | A::BasicAuthRequireTls);
        if self.smart_host_auth_mechanism != A::None && self.smart_hosts.is_empty() {
            return Err(DirectoryError::invalid(
                "SmartHostAuthMechanism",
                "only smart hosts are signed in to; give SmartHosts, or use None.",
            ));
        }
        match &self.authentication_credential {
            None if basic => Err(DirectoryError::invalid(
                "AuthenticationCredential",
                format!("{} needs a user name and a password.", self.smart_host_auth_mechanism),
            )),
            Some(_) if !basic => Err(DirectoryError::invalid(
                "AuthenticationCredential",
                "it is used by BasicAuth and BasicAuthRequireTLS alone; remove it or set SmartHostAuthMechanism.",
            )),
            Some(credential) => {
                let usable = |text: &str| {
                    (1..=CREDENTIAL_LENGTH_MAX).contains(&text.len()) && !text.contains(['\0', '\r', '\n'])
                };
                if usable(&credential.user_name) && usable(credential.password.reveal()) {
                    return Ok(());
                }
                Err(DirectoryError::invalid(
                    "AuthenticationCredential",
                    format!(
                        "user name and password have 1 to {CREDENTIAL_LENGTH_MAX} bytes and no line end."
                    ),
                ))
            }
            None => Ok(()),
        }
    }
}

impl Object for SendConnector {
    const KIND: ObjectKind = ObjectKind::SendConnector;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

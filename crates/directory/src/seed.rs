//! What `init` puts into an empty directory.
//!
//! May touch: chance (GUIDs), through the draft.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mail::Address;
use uuid::Uuid;

use crate::DirectoryError;
use crate::accepted_domain::{AcceptedDomain, AcceptedDomainType};
use crate::administrator::Administrator;
use crate::domain_pattern::DomainPattern;
use crate::draft::Draft;
use crate::ip_range::IpRange;
use crate::permission::PermissionGroup;
use crate::receive_connector::{
    AuthMechanism, ConnectorUsage, ListenSource, ProtocolLoggingLevel, ReceiveConnector,
};
use crate::recipient::{Account, PasswordHash, Recipient, RecipientKind};
use crate::remote_domain::RemoteDomain;
use crate::role_group::{BuiltInRoleGroup, RoleGroup};
use crate::transport::{Organization, TransportConfig, TransportService};

/// User name of the first administrator.
pub const ADMINISTRATOR: &str = "Administrator";
/// Local part of the Microsoft Exchange recipient, as in every Exchange organization.
pub const SYSTEM_LOCAL_PART: &str = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e";
/// Ports of the stored Bindings; `[listen]` of the configuration file wins over them.
const SMTP_PORT: u16 = 25;

/// What an organization starts with.
#[derive(Debug, Clone)]
pub struct Seed<'a> {
    /// The first accepted domain, such as `contoso.example`; becomes the default.
    pub domain: &'a str,
    /// Name of this server: a host name whose first label names it in traces, such as `mx1.contoso.example`. A name of
    /// one label gets the domain behind it.
    pub server_name: &'a str,
    /// Hash of the first administrator's password; the administrator's mailbox has the same one.
    pub password: PasswordHash,
}

impl Draft {
    /// Makes the organization. Refused if there is one.
    pub fn seed(&mut self, seed: &Seed<'_>) -> Result<(), DirectoryError> {
        if self.snapshot().is_seeded() {
            return Err(DirectoryError::refused(
                "There is an organization in this directory already; use another data directory.",
            ));
        }
        let domain = DomainPattern::parse("Domain", seed.domain)?;
        let DomainPattern::Exact(domain_name) = domain.clone() else {
            return Err(DirectoryError::invalid("Domain", "give one domain, such as contoso.example."));
        };
        let server_fqdn = if seed.server_name.contains('.') {
            seed.server_name.to_owned()
        } else {
            format!("{}.{domain_name}", seed.server_name)
        };
        let server_name = server_fqdn.split('.').next().unwrap_or_default().to_owned();
        let organization_guid = self.new_guid();
        self.set_organization(Organization {
            organization_guid,
            server_name: server_name.clone(),
            server_fqdn,
        })?;
        self.set_transport_config(TransportConfig::default())?;
        self.set_transport_service(TransportService::default())?;
        let mut accepted =
            AcceptedDomain::new(self.new_guid(), &domain_name, domain, AcceptedDomainType::Authoritative);
        accepted.default = true;
        self.put_accepted_domain(accepted)?;
        self.put_remote_domain(RemoteDomain::new(self.new_guid(), "Default", DomainPattern::Any))?;
        self.seed_connectors(&server_name)?;
        let mailbox = self.seed_recipients(&domain_name, &seed.password)?;
        self.put_administrator(Administrator {
            guid: self.new_guid(),
            user_name: ADMINISTRATOR.to_owned(),
            password_hash: seed.password.clone(),
            enabled: true,
            when_created: self.now(),
            password_changed: self.now(),
        })?;
        self.seed_role_groups()?;
        self.administers(mailbox)
    }

    /// The administrator's mailbox has the same name and password, so that it has the same rights.
    fn administers(&mut self, person: Uuid) -> Result<(), DirectoryError> {
        let guid = BuiltInRoleGroup::OrganizationManagement.guid();
        let Some(group) = self.snapshot().role_groups().find(|group| group.guid == guid).cloned() else {
            return Ok(());
        };
        let mut group = RoleGroup::clone(&group);
        group.members.push(person);
        self.put_role_group(group).map(drop)
    }

    /// Exchange, and one for programs on this machine. No Send connector: until there is one, mail for others
    /// waits in the Unreachable queue.
    fn seed_connectors(&mut self, server: &str) -> Result<(), DirectoryError> {
        use AuthMechanism as A;
        let mut frontend = ReceiveConnector::new(
            self.new_guid(),
            &format!("Default Frontend {server}"),
            ConnectorUsage::Internet,
        );
        frontend.listen = ListenSource::Smtp;
        frontend.remote_ip_ranges = vec![IpRange::ALL_V4, IpRange::ALL_V6];
        frontend.permission_groups = BTreeSet::from([
            PermissionGroup::AnonymousUsers,
            PermissionGroup::ExchangeLegacyServers,
            PermissionGroup::ExchangeServers,
        ]);
        frontend.auth_mechanism =
            BTreeSet::from([A::Tls, A::BasicAuth, A::BasicAuthRequireTls, A::ExchangeServer, A::Integrated]);
        frontend.protocol_logging_level = ProtocolLoggingLevel::Verbose;
        self.put_receive_connector(frontend)?;

        let mut client = ReceiveConnector::new(
            self.new_guid(),
            &format!("Client Frontend {server}"),
            ConnectorUsage::Client,
        );
        client.listen = ListenSource::Submission;
        self.put_receive_connector(client)?;

        self.put_receive_connector(loopback(ReceiveConnector::new(
            self.new_guid(),
            &format!("Loopback {server}"),
            ConnectorUsage::Custom,
        )))?;
        Ok(())
    }

    /// Gives back the administrator's mailbox.
    fn seed_recipients(&mut self, domain: &str, password: &PasswordHash) -> Result<Uuid, DirectoryError> {
        let address = |local: &str| {
            Address::parse(&format!("{local}@{domain}"))
                .map_err(|error| DirectoryError::invalid("Domain", format!("{local}@{domain}: {error}.")))
        };
        let mut system = Recipient::new(
            self.new_guid(),
            RecipientKind::MicrosoftExchange,
            "Microsoft Exchange",
            SYSTEM_LOCAL_PART,
            address(SYSTEM_LOCAL_PART)?,
            self.now(),
        );
        system.hidden_from_address_lists_enabled = true;
        self.put_recipient(system)?;

        let mut administrator = Recipient::new(
            self.new_guid(),
            RecipientKind::UserMailbox,
            ADMINISTRATOR,
            ADMINISTRATOR,
            address("administrator")?,
            self.now(),
        );
        // RFC 5321 §4.5.1 and RFC 2142 §2, §4.
        administrator.email_addresses = vec![address("postmaster")?, address("abuse")?];
        administrator.account = Some(Account {
            user_principal_name: format!("administrator@{domain}"),
            password_hash: Some(password.clone()),
            enabled: true,
            password_changed: Some(self.now()),
        });
        Ok(self.put_recipient(administrator)?.guid)
    }
}

/// Programs on this machine share the SMTP listener: no limit per source, nothing held back, AUTH without TLS. They may
/// write to accepted domains, and sign in to relay, as on any other connector.
fn loopback(mut connector: ReceiveConnector) -> ReceiveConnector {
    connector.listen = ListenSource::Smtp;
    connector.bindings = vec![
        SocketAddr::from(([127, 0, 0, 1], SMTP_PORT)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, SMTP_PORT)),
    ];
    connector.remote_ip_ranges = vec![IpRange::LOOPBACK_V4, IpRange::single(IpAddr::V6(Ipv6Addr::LOCALHOST))];
    connector.permission_groups =
        BTreeSet::from([PermissionGroup::AnonymousUsers, PermissionGroup::ExchangeUsers]);
    connector.auth_mechanism = BTreeSet::from([AuthMechanism::Tls, AuthMechanism::BasicAuth]);
    connector.protocol_logging_level = ProtocolLoggingLevel::None;
    connector.limits.max_inbound_connection_per_source = None;
    connector.limits.max_inbound_connection_percentage_per_source = 100;
    connector.limits.tarpit_interval = Duration::ZERO;
    connector.limits.auth_tarpit_interval = Duration::ZERO;
    connector
}

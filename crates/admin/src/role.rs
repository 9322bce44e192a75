//! Administrator roles and role groups, and the one check whether an actor may run a cmdlet.
//! May touch: nothing (pure).

use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;

/// A management role, by Microsoft's names: the right to run the cmdlets that carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// "Mail Recipients": change recipients that exist.
    MailRecipients,
    /// "Mail Recipient Creation": create and remove recipients.
    MailRecipientCreation,
    /// "Distribution Groups".
    DistributionGroups,
    /// "Remote and Accepted Domains".
    RemoteAndAcceptedDomains,
    /// "Organization Transport Settings".
    OrganizationTransportSettings,
    /// "Send Connectors".
    SendConnectors,
    /// "Receive Connectors".
    ReceiveConnectors,
    /// "Exchange Servers": settings of this server.
    ExchangeServers,
    /// "Exchange Server Certificates".
    ExchangeServerCertificates,
    /// "Transport Queues".
    TransportQueues,
    /// "Transport Agents".
    TransportAgents,
    /// "Message Tracking".
    MessageTracking,
    /// "Mailbox Search": reading what a mailbox holds.
    MailboxSearch,
    /// "Audit Logs".
    AuditLogs,
    /// "Monitoring".
    Monitoring,
    /// "Role Management": administrators themselves.
    RoleManagement,
    /// "View-Only Recipients".
    ViewOnlyRecipients,
    /// "View-Only Configuration".
    ViewOnlyConfiguration,
}

impl Role {
    /// The role's name as Microsoft writes it.
    pub fn name(self) -> &'static str {
        match self {
            Role::MailRecipients => "Mail Recipients",
            Role::MailRecipientCreation => "Mail Recipient Creation",
            Role::DistributionGroups => "Distribution Groups",
            Role::RemoteAndAcceptedDomains => "Remote and Accepted Domains",
            Role::OrganizationTransportSettings => "Organization Transport Settings",
            Role::SendConnectors => "Send Connectors",
            Role::ReceiveConnectors => "Receive Connectors",
            Role::ExchangeServers => "Exchange Servers",
            Role::ExchangeServerCertificates => "Exchange Server Certificates",
            Role::TransportQueues => "Transport Queues",
            Role::TransportAgents => "Transport Agents",
            Role::MessageTracking => "Message Tracking",
            Role::MailboxSearch => "Mailbox Search",
            Role::AuditLogs => "Audit Logs",
            Role::Monitoring => "Monitoring",
            Role::RoleManagement => "Role Management",
            Role::ViewOnlyRecipients => "View-Only Recipients",
            Role::ViewOnlyConfiguration => "View-Only Configuration",
        }
    }
}

/// A role group: who its members are is the directory's business, what they may do is this table's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleGroup {
    /// Every role.
    OrganizationManagement,
    /// Reads everything.
    ViewOnlyOrganizationManagement,
    /// Recipients and the trace.
    RecipientManagement,
    /// Receive connectors, queues, certificates, servers.
    ServerManagement,
    /// Receive connectors and transport agents.
    HygieneManagement,
    /// Audit logs and the trace.
    RecordsManagement,
    /// Reads recipients.
    HelpDesk,
}

impl RoleGroup {
    /// The group's name as Microsoft writes it.
    pub fn name(self) -> &'static str {
        match self {
            RoleGroup::OrganizationManagement => "Organization Management",
            RoleGroup::ViewOnlyOrganizationManagement => "View-Only Organization Management",
            RoleGroup::RecipientManagement => "Recipient Management",
            RoleGroup::ServerManagement => "Server Management",
            RoleGroup::HygieneManagement => "Hygiene Management",
            RoleGroup::RecordsManagement => "Records Management",
            RoleGroup::HelpDesk => "Help Desk",
        }
    }

    fn holds(self, role: Role) -> bool {
        use Role as R;
        match self {
            RoleGroup::OrganizationManagement => true,
            RoleGroup::ViewOnlyOrganizationManagement => {
                matches!(role, R::Monitoring | R::ViewOnlyConfiguration | R::ViewOnlyRecipients)
            }
            RoleGroup::RecipientManagement => matches!(
                role,
                R::MailRecipients
                    | R::MailRecipientCreation
                    | R::DistributionGroups
                    | R::MessageTracking
                    | R::ViewOnlyRecipients
            ),
            RoleGroup::ServerManagement => matches!(
                role,
                R::ReceiveConnectors
                    | R::TransportQueues
                    | R::ExchangeServers
                    | R::ExchangeServerCertificates
                    | R::Monitoring
                    | R::ViewOnlyConfiguration
            ),
            RoleGroup::HygieneManagement => matches!(
                role,
                R::ReceiveConnectors | R::TransportAgents | R::ViewOnlyConfiguration | R::ViewOnlyRecipients
            ),
            RoleGroup::RecordsManagement => matches!(role, R::AuditLogs | R::MessageTracking),
            RoleGroup::HelpDesk => matches!(role, R::ViewOnlyRecipients),
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The Unix socket in the data directory.
    LocalSocket,
    /// HTTP with credentials.
    Http,
}

/// Who runs a cmdlet.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The name the audit log shows.
    pub name: String,
    /// The role groups they are a member of.
    pub groups: Vec<RoleGroup>,
    /// The way they came.
    pub via: Via,
}

impl Actor {
    /// The administrator of the machine, who can open the socket and so the data itself.
    pub fn local_administrator() -> Actor {
        Actor {
            name: "local administrator".into(),
            groups: vec![RoleGroup::OrganizationManagement],
            via: Via::LocalSocket,
        }
    }

    /// An administrator who signed in over HTTP.
    pub fn administrator(name: impl Into<String>) -> Actor {
        Actor { name: name.into(), groups: vec![RoleGroup::OrganizationManagement], via: Via::Http }
    }
}

/// The one place where administrator rights are checked.
///
/// # Errors
/// `Forbidden`, naming the roles that would allow the cmdlet.
pub fn check(actor: &Actor, cmdlet: &Cmdlet) -> Result<(), CmdletError> {
    let is_allowed = cmdlet.roles.iter().any(|role| actor.groups.iter().any(|group| group.holds(*role)));
    if is_allowed {
        return Ok(());
    }
    let names: Vec<_> = cmdlet.roles.iter().map(|role| role.name()).collect();
    Err(CmdletError::Forbidden(format!(
        "{} may not run {}; it needs the role {}",
        actor.name,
        cmdlet.name,
        names.join(" or ")
    )))
}

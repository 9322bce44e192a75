//! Management roles, and the role groups that give them to people.
//!
//! May touch: nothing (pure).
//! The built-in groups and their roles are a table of the program; what is stored of them is who the members are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::{Object, ObjectKind};
use crate::text_enum::text_enum;
use crate::{DirectoryError, domain_pattern, name};

/// Most role groups, the built-in ones included.
pub const ROLE_GROUPS_MAX: usize = 1_000;
/// Most members of a role group.
pub const ROLE_GROUP_MEMBERS_MAX: usize = 10_000;
/// Most domains in a RecipientDomainScope.
pub const DOMAIN_SCOPE_MAX: usize = 1_000;
/// Longest Description, in characters.
const DESCRIPTION_LENGTH_MAX: usize = 1_024;
/// The GUIDs of built-in role groups begin so, the number of the group is their end: they are the same everywhere.
const BUILT_IN_GUIDS: u128 = 0x0f05_7204_0001_4000_8000_0000_0000_0000;

text_enum! {
    /// A management role, by Microsoft's names: the right to run the cmdlets that carry it.
    pub enum ManagementRole "Roles" {
        /// Change recipients that exist.
        MailRecipients = "Mail Recipients",
        /// Create and remove recipients.
        MailRecipientCreation = "Mail Recipient Creation",
        /// Distribution groups and their members.
        DistributionGroups = "Distribution Groups",
        /// Remote and accepted domains.
        RemoteAndAcceptedDomains = "Remote and Accepted Domains",
        /// The organization's transport settings.
        OrganizationTransportSettings = "Organization Transport Settings",
        /// Send connectors.
        SendConnectors = "Send Connectors",
        /// Receive connectors.
        ReceiveConnectors = "Receive Connectors",
        /// Settings of this server.
        ExchangeServers = "Exchange Servers",
        /// Certificates.
        ExchangeServerCertificates = "Exchange Server Certificates",
        /// Queues and the messages in them.
        TransportQueues = "Transport Queues",
        /// Transport agents.
        TransportAgents = "Transport Agents",
        /// The message trace and the tracking log.
        MessageTracking = "Message Tracking",
        /// Reading what a mailbox holds.
        MailboxSearch = "Mailbox Search",
        /// The administrator audit log.
        AuditLogs = "Audit Logs",
        /// Health.
        Monitoring = "Monitoring",
        /// Administrators, role groups and their members.
        RoleManagement = "Role Management",
        /// Reading recipients, and the trace as the help desk sees it.
        ViewOnlyRecipients = "View-Only Recipients",
        /// Reading configuration.
        ViewOnlyConfiguration = "View-Only Configuration",
    }
}

impl ManagementRole {
    /// What it allows, in a sentence.
    pub const fn description(self) -> &'static str {
        use ManagementRole as R;
        match self {
            R::MailRecipients => "Change mailboxes, mail users, contacts and the permissions on them.",
            R::MailRecipientCreation => "Create and remove mailboxes, mail users and contacts.",
            R::DistributionGroups => "Create, change and remove distribution groups and their members.",
            R::RemoteAndAcceptedDomains => "Manage accepted domains and remote domains.",
            R::OrganizationTransportSettings => "Change the organization's transport settings.",
            R::SendConnectors => "Manage Send connectors.",
            R::ReceiveConnectors => "Manage Receive connectors.",
            R::ExchangeServers => "Change the settings of this server.",
            R::ExchangeServerCertificates => "Manage certificates.",
            R::TransportQueues => "Manage queues and the messages in them.",
            R::TransportAgents => "Manage transport agents.",
            R::MessageTracking => "Trace messages and read the tracking log, subjects included.",
            R::MailboxSearch => "Read what mailboxes hold.",
            R::AuditLogs => "Read the administrator audit log.",
            R::Monitoring => "See the health of the server and its queues.",
            R::RoleManagement => "Manage role groups, their members and users without a mailbox.",
            R::ViewOnlyRecipients => "Read recipients, and trace messages as the help desk does.",
            R::ViewOnlyConfiguration => "Read the configuration.",
        }
    }

    /// Whether it is about recipients, and so can be given for the recipients of some domains.
    pub const fn is_of_recipients(self) -> bool {
        use ManagementRole as R;
        matches!(
            self,
            R::MailRecipients
                | R::MailRecipientCreation
                | R::DistributionGroups
                | R::MessageTracking
                | R::MailboxSearch
                | R::ViewOnlyRecipients
        )
    }
}

text_enum! {
    /// The role groups every organization has.
    pub enum BuiltInRoleGroup "RoleGroup" {
        /// Every role.
        OrganizationManagement = "Organization Management",
        /// Reads everything.
        ViewOnlyOrganizationManagement = "View-Only Organization Management",
        /// Recipients and the trace.
        RecipientManagement = "Recipient Management",
        /// Receive connectors, queues, certificates, servers.
        ServerManagement = "Server Management",
        /// Receive connectors and transport agents.
        HygieneManagement = "Hygiene Management",
        /// Audit logs and the trace.
        RecordsManagement = "Records Management",
        /// Reads recipients, and traces as the help desk does.
        HelpDesk = "Help Desk",
    }
}

impl BuiltInRoleGroup {
    /// The group's GUID, the same in every organization.
    pub const fn guid(self) -> Uuid {
        Uuid::from_u128(BUILT_IN_GUIDS + self as u128 + 1)
    }

    /// The built-in group with this GUID.
    pub fn of(guid: Uuid) -> Option<BuiltInRoleGroup> {
        BuiltInRoleGroup::ALL.iter().copied().find(|group| group.guid() == guid)
    }

    /// Its roles.
    pub const fn roles(self) -> &'static [ManagementRole] {
        use ManagementRole as R;
        match self {
            BuiltInRoleGroup::OrganizationManagement => R::ALL,
            BuiltInRoleGroup::ViewOnlyOrganizationManagement => {
                &[R::Monitoring, R::ViewOnlyConfiguration, R::ViewOnlyRecipients]
            }
            BuiltInRoleGroup::RecipientManagement => &[
                R::MailRecipients,
                R::MailRecipientCreation,
                R::DistributionGroups,
                R::MessageTracking,
                R::ViewOnlyRecipients,
            ],
            BuiltInRoleGroup::ServerManagement => &[
                R::ReceiveConnectors,
                R::TransportQueues,
                R::ExchangeServers,
                R::ExchangeServerCertificates,
                R::Monitoring,
                R::ViewOnlyConfiguration,
            ],
            BuiltInRoleGroup::HygieneManagement => {
                &[R::ReceiveConnectors, R::TransportAgents, R::ViewOnlyConfiguration, R::ViewOnlyRecipients]
            }
            BuiltInRoleGroup::RecordsManagement => &[R::AuditLogs, R::MessageTracking],
            BuiltInRoleGroup::HelpDesk => &[R::ViewOnlyRecipients],
        }
    }

    /// What its members may do, in a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            BuiltInRoleGroup::OrganizationManagement => "Members may do everything.",
            BuiltInRoleGroup::ViewOnlyOrganizationManagement => {
                "Members see recipients, configuration and health, and change nothing."
            }
            BuiltInRoleGroup::RecipientManagement => "Members manage recipients and trace messages.",
            BuiltInRoleGroup::ServerManagement => {
                "Members manage Receive connectors, queues, certificates and the settings of servers."
            }
            BuiltInRoleGroup::HygieneManagement => "Members manage Receive connectors and transport agents.",
            BuiltInRoleGroup::RecordsManagement => "Members read audit logs and trace messages.",
            BuiltInRoleGroup::HelpDesk => {
                "Members see recipients, and trace messages without bodies and, if so decided, without subjects."
            }
        }
    }
}

/// A role group: who its members are, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGroup {
    /// Identity for life.
    pub guid: Uuid,
    /// Unique name, compared without case, at most 64 characters.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The roles of a group that is not built in; empty for one that is: see [`RoleGroup::roles`].
    pub own_roles: Vec<ManagementRole>,
    /// Mailbox users and users without a mailbox, by GUID.
    pub members: Vec<Uuid>,
    /// Who may change the members, beside those with the role Role Management.
    pub managed_by: Vec<Uuid>,
    /// Domains in lower case and A-labels whose recipients the roles hold for; empty is the whole organization.
    pub recipient_domain_scope: Vec<String>,
    /// When it was made.
    pub when_created: Timestamp,
}

impl RoleGroup {
    /// A built-in group without members.
    pub(crate) fn built_in_group(group: BuiltInRoleGroup, at: Timestamp) -> RoleGroup {
        RoleGroup {
            guid: group.guid(),
            name: group.as_str().to_owned(),
            description: group.description().to_owned(),
            own_roles: Vec::new(),
            members: Vec::new(),
            managed_by: Vec::new(),
            recipient_domain_scope: Vec::new(),
            when_created: at,
        }
    }

    /// Which built-in group it is, if it is one.
    pub fn built_in(&self) -> Option<BuiltInRoleGroup> {
        BuiltInRoleGroup::of(self.guid)
    }

    /// Its roles.
    pub fn roles(&self) -> &[ManagementRole] {
        match self.built_in() {
            Some(group) => group.roles(),
            None => &self.own_roles,
        }
    }

    /// What the group must satisfy by itself.
    pub(crate) fn check(&self) -> Result<(), DirectoryError> {
        name::check_name("Name", &self.name)?;
        if self.description.chars().count() > DESCRIPTION_LENGTH_MAX {
            return Err(DirectoryError::invalid(
                "Description",
                format!("it is longer than {DESCRIPTION_LENGTH_MAX} characters."),
            ));
        }
        for (property, count, most) in [
            ("Members", self.members.len(), ROLE_GROUP_MEMBERS_MAX),
            ("ManagedBy", self.managed_by.len(), ROLE_GROUP_MEMBERS_MAX),
            ("RecipientDomainScope", self.recipient_domain_scope.len(), DOMAIN_SCOPE_MAX),
        ] {
            if count > most {
                return Err(DirectoryError::invalid(property, format!("{count} are given; at most {most}.")));
            }
        }
        if let Some(group) = self.built_in() {
            let is_as_built = self.name == group.as_str()
                && self.own_roles.is_empty()
                && self.recipient_domain_scope.is_empty();
            if !is_as_built {
                return Err(DirectoryError::refused(format!(
                    "The name, roles and scope of the built-in role group \"{group}\" are fixed; make a role group of your own with New-RoleGroup."
                )));
            }
        }
        if self.recipient_domain_scope.is_empty() {
            return Ok(());
        }
        match self.own_roles.iter().find(|role| !role.is_of_recipients()) {
            Some(role) => Err(DirectoryError::invalid(
                "RecipientDomainScope",
                format!(
                    "the role \"{role}\" is not about recipients, so it cannot be given for some domains; give it in another role group."
                ),
            )),
            None => Ok(()),
        }
    }

    /// Whether the scope of the group covers recipients of `domain` (any case, A-labels or not).
    pub fn covers(&self, domain: &str) -> bool {
        let domain = domain_pattern::key_of(domain);
        self.recipient_domain_scope.is_empty()
            || self.recipient_domain_scope.iter().any(|own| *own == *domain)
    }
}

impl Object for RoleGroup {
    const KIND: ObjectKind = ObjectKind::RoleGroup;
    const VERSION: i64 = 1;

    fn guid(&self) -> Uuid {
        self.guid
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

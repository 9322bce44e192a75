//! Who asks, which role groups they are in, and the one check whether an actor may run a cmdlet.
//! May touch: nothing (pure).

use directory::{SignedIn, Snapshot};
use uuid::Uuid;

pub use directory::{BuiltInRoleGroup as RoleGroup, ManagementRole as Role};

use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;

/// Cmdlets that everybody with a mailbox may run, for their own mail and nothing else.
pub const SELF_SERVICE: &[&str] = &[
    "Get-MessageTrace",
    "Get-MessageTraceV2",
    "Get-MessageTraceDetail",
    "Get-MessageTraceDetailV2",
    "Get-MessageTraceTree",
];
/// Cmdlets that those in ManagedBy of a role group may run for that group.
pub const OF_MANAGERS: &[&str] = &["Add-RoleGroupMember", "Remove-RoleGroupMember"];

/// Cmdlets that everybody who signs in may run, for their own sessions.
pub const OF_SESSIONS: &[&str] = &["Get-AdminSession", "Remove-AdminSession"];

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The Unix socket in the data directory.
    LocalSocket,
    /// HTTP with credentials.
    Http,
}

/// What rights hold for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Organization,
    /// Recipients of these domains (lower case, A-labels), and their mail.
    Domains(Vec<String>),
    /// The mail of this recipient.
    Own(Uuid),
    /// The members of the role groups this person manages.
    ManagedBy(Uuid),
    /// The sessions of this person.
    Sessions(Uuid),
}

/// How much of somebody's mail the trace shows; more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// What the sender or recipient of a message may know of it.
    Own,
    /// No bodies, and no subjects where the organization hides them.
    HelpDesk,
    /// Subjects too, but no rule and no later move.
    Tracking,
    /// Everything.
    Whole,
}

/// What a check allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// For whom or what.
    pub scope: Scope,
    /// How much of the trace.
    pub sight: Sight,
}

/// A role group somebody is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Which built-in group it is, if it is one.
    pub built_in: Option<RoleGroup>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Domains its roles are for; empty is the whole organization.
    pub domains: Vec<String>,
}

impl Membership {
    /// Of a built-in group.
    pub fn built_in(group: RoleGroup) -> Membership {
        Membership { built_in: Some(group), roles: group.roles().to_vec(), domains: Vec::new() }
    }

    fn grants(&self, cmdlet: &Cmdlet) -> bool {
        cmdlet.roles.iter().any(|role| self.roles.contains(role))
    }

    fn sight(&self) -> Sight {
        match self.built_in {
            Some(RoleGroup::OrganizationManagement) => Sight::Whole,
            _ if self.roles.contains(&Role::MessageTracking) => Sight::Tracking,
            _ => Sight::HelpDesk,
        }
    }
}

/// Who runs a cmdlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name the audit log shows.
    pub name: String,
    /// The role groups they are a member of.
    pub groups: Vec<Membership>,
    /// The way they came.
    pub via: Via,
    /// Who they are in the directory; the administrator of the machine is nobody there.
    pub person: Option<Uuid>,
    /// Their mailbox, whose mail they may trace.
    pub mailbox: Option<Uuid>,
    /// Whether they manage a role group.
    pub manages: bool,
    /// The session their request came with, if it came with one.
    pub session: Option<Uuid>,
}

impl Actor {
    /// The administrator of the machine, who can open the socket and so the data itself.
    pub fn local_administrator() -> Actor {
        Actor {
            via: Via::LocalSocket,
            ..Actor::with_groups("local administrator", &[RoleGroup::OrganizationManagement])
        }
    }

    /// Somebody over HTTP who is in these groups and not in the directory.
    pub fn with_groups(name: impl Into<String>, groups: &[RoleGroup]) -> Actor {
        Actor {
            name: name.into(),
            groups: groups.iter().copied().map(Membership::built_in).collect(),
            via: Via::Http,
            person: None,
            mailbox: None,
            manages: false,
            session: None,
        }
    }

    /// Whoever signed in over HTTP, with the role groups they are in now.
    pub fn signed_in(signed_in: &SignedIn, snapshot: &Snapshot) -> Actor {
        let (name, person, mailbox) = match signed_in {
            SignedIn::User(user) => (user.user_name.clone(), user.guid, None),
            SignedIn::Recipient(recipient) => {
                let account = recipient.account.as_ref();
                let name = account.map(|account| account.user_principal_name.clone());
                let has_mailbox = recipient.kind.is_mailbox();
                (name.unwrap_or_default(), recipient.guid, has_mailbox.then_some(recipient.guid))
            }
        };
        let groups = snapshot.role_groups_of(person).map(|group| Membership {
            built_in: group.built_in(),
            roles: group.roles().to_vec(),
            domains: group.recipient_domain_scope.clone(),
        });
        let groups = groups.collect();
        let manages = snapshot.role_groups().any(|group| group.managed_by.contains(&person));
        Actor { name, groups, via: Via::Http, person: Some(person), mailbox, manages, session: None }
    }

    /// Somebody of the directory, as it knows them now; `None` when they may not sign in.
    pub fn of(person: Uuid, snapshot: &Snapshot) -> Option<Actor> {
        if !snapshot.may_sign_in(person) {
            return None;
        }
        let user = snapshot.administrators().find(|user| user.guid == person).cloned().map(SignedIn::User);
        let found = user.or_else(|| snapshot.recipient(person).cloned().map(SignedIn::Recipient))?;
        Some(Actor::signed_in(&found, snapshot))
    }

    /// The same person as the directory knows them now; `None` when they may not sign in any more.
    pub fn refreshed(&self, snapshot: &Snapshot) -> Option<Actor> {
        let Some(person) = self.person else { return Some(self.clone()) };
        Some(Actor { session: self.session, ..Actor::of(person, snapshot)? })
    }

    /// Whether they are in a built-in role group.
    pub fn is_in(&self, group: RoleGroup) -> bool {
        self.groups.iter().any(|membership| membership.built_in == Some(group))
    }

    /// Whether they hold a role for the whole organization.
    pub fn holds(&self, role: Role) -> bool {
        self.groups.iter().any(|group| group.domains.is_empty() && group.roles.contains(&role))
    }
}

/// The one place where administrator rights are checked.
///
/// # Errors
/// `Forbidden`, naming the roles that would allow the cmdlet.
pub fn check(actor: &Actor, cmdlet: &Cmdlet) -> Result<Granted, CmdletError> {
    let granting: Vec<&Membership> = actor.groups.iter().filter(|group| group.grants(cmdlet)).collect();
    let whole = granting.iter().filter(|group| group.domains.is_empty());
    if let Some(sight) = whole.map(|group| group.sight()).max() {
        return Ok(Granted { scope: Scope::Organization, sight });
    }
    // Groups for different domains may show differently much; what all of them show is shown of all.
    if let Some(sight) = granting.iter().map(|group| group.sight()).min() {
        let mut domains: Vec<String> = granting.iter().flat_map(|group| group.domains.clone()).collect();
        domains.sort_unstable();
        domains.dedup();
        return Ok(Granted { scope: Scope::Domains(domains), sight });
    }
    if let Some(mailbox) = actor.mailbox.filter(|_| SELF_SERVICE.contains(&cmdlet.name)) {
        return Ok(Granted { scope: Scope::Own(mailbox), sight: Sight::Own });
    }
    if let Some(person) = actor.person.filter(|_| actor.manages && OF_MANAGERS.contains(&cmdlet.name)) {
        return Ok(Granted { scope: Scope::ManagedBy(person), sight: Sight::Own });
    }
    if let Some(person) = actor.person.filter(|_| OF_SESSIONS.contains(&cmdlet.name)) {
        return Ok(Granted { scope: Scope::Sessions(person), sight: Sight::Own });
    }
    let names: Vec<_> = cmdlet.roles.iter().map(|role| role.as_str()).collect();
    Err(CmdletError::Forbidden(format!(
        "{} may not run {}; it needs the role {}",
        actor.name,
        cmdlet.name,
        names.join(" or ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    fn granted(actor: &Actor, cmdlet: &str) -> Option<(Scope, Sight)> {
        let granted = check(actor, registry::find(cmdlet).unwrap()).ok()?;
        Some((granted.scope, granted.sight))
    }

    fn custom(roles: &[Role], domains: &[&str]) -> Membership {
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        Membership { built_in: None, roles: roles.to_vec(), domains }
    }

    #[test]
    fn what_each_built_in_group_may_do() {
        use RoleGroup as G;
        let table: &[(&str, &[G])] = &[
            ("New-RoleGroup", &[G::OrganizationManagement]),
            ("Set-TransportConfig", &[G::OrganizationManagement]),
            ("New-Mailbox", &[G::OrganizationManagement, G::RecipientManagement]),
            (
                "Get-MessageTrace",
                &[
                    G::OrganizationManagement,
                    G::ViewOnlyOrganizationManagement,
                    G::RecipientManagement,
                    G::HygieneManagement,
                    G::RecordsManagement,
                    G::HelpDesk,
                ],
            ),
            (
                "Get-MessageTrackingLog",
                &[G::OrganizationManagement, G::RecipientManagement, G::RecordsManagement],
            ),
            ("Search-AdminAuditLog", &[G::OrganizationManagement, G::RecordsManagement]),
            ("Export-Message", &[G::OrganizationManagement, G::ServerManagement]),
            ("Export-MailboxItem", &[G::OrganizationManagement]),
            ("Get-MailboxItem", &[G::OrganizationManagement]),
            ("Remove-Message", &[G::OrganizationManagement, G::ServerManagement]),
        ];
        for (cmdlet, allowed) in table {
            for group in G::ALL {
                let actor = Actor::with_groups("kim", &[*group]);
                assert_eq!(granted(&actor, cmdlet).is_some(), allowed.contains(group), "{cmdlet} {group}");
            }
        }
    }

    #[test]
    fn message_tracking_alone_traces_and_does_nothing_else() {
        let mut actor = Actor::with_groups("kim", &[]);
        actor.groups.push(custom(&[Role::MessageTracking], &[]));
        assert_eq!(granted(&actor, "Get-MessageTrace"), Some((Scope::Organization, Sight::Tracking)));
        for cmdlet in registry::all().filter(|cmdlet| !cmdlet.roles.contains(&Role::MessageTracking)) {
            assert!(check(&actor, cmdlet).is_err(), "{}", cmdlet.name);
        }
    }

    #[test]
    fn scopes_add_up_and_the_organization_covers_all() {
        let mut actor = Actor::with_groups("kim", &[]);
        actor.groups.push(custom(&[Role::MessageTracking], &["b.example", "a.example"]));
        actor.groups.push(custom(&[Role::ViewOnlyRecipients], &["a.example", "c.example"]));
        let all = ["a.example", "b.example", "c.example"].map(str::to_owned).to_vec();
        assert_eq!(granted(&actor, "Get-MessageTrace"), Some((Scope::Domains(all), Sight::HelpDesk)));
        let two = ["a.example", "c.example"].map(str::to_owned).to_vec();
        assert_eq!(granted(&actor, "Get-Recipient"), Some((Scope::Domains(two), Sight::HelpDesk)));
        actor.groups.push(Membership::built_in(RoleGroup::HelpDesk));
        assert_eq!(granted(&actor, "Get-MessageTrace"), Some((Scope::Organization, Sight::HelpDesk)));
        actor.groups.push(Membership::built_in(RoleGroup::OrganizationManagement));
        assert_eq!(granted(&actor, "Get-MessageTrace"), Some((Scope::Organization, Sight::Whole)));
    }

    #[test]
    fn somebody_without_a_group_has_their_own_mail_and_sessions_only() {
        let mut actor = Actor::with_groups("kim", &[]);
        assert_eq!(granted(&actor, "Get-MessageTrace"), None);
        let own = Uuid::from_u128(7);
        (actor.person, actor.mailbox) = (Some(own), Some(own));
        for cmdlet in registry::all() {
            let of_sessions =
                OF_SESSIONS.contains(&cmdlet.name).then_some((Scope::Sessions(own), Sight::Own));
            let expected = SELF_SERVICE.contains(&cmdlet.name).then_some((Scope::Own(own), Sight::Own));
            let expected = expected.or(of_sessions);
            assert_eq!(granted(&actor, cmdlet.name), expected, "{}", cmdlet.name);
        }
        actor.manages = true;
        assert_eq!(granted(&actor, "Add-RoleGroupMember"), Some((Scope::ManagedBy(own), Sight::Own)));
    }
}

//! What rights for some domains, or for the members of a role group, let somebody see and change.
//! May touch: nothing (pure).
//!
//! Reading: the recipient named must be in scope, and lists leave out the others. Changing: every object a change
//! touches is looked at before it is committed, whichever cmdlet touched it.

use std::sync::Arc;

use directory::{Draft, ObjectKind, Recipient, RoleGroup, Snapshot};
use uuid::Uuid;

use crate::arguments::Arguments;
use crate::error::CmdletError;
use crate::role::{Actor, Granted, Scope};

/// Nouns of cmdlets about recipients: they read the recipient that `-Identity` names, or list recipients.
const OF_RECIPIENTS: &[&str] = &[
    "Recipient",
    "Mailbox",
    "MailUser",
    "MailContact",
    "DistributionGroup",
    "DistributionGroupMember",
    "MailboxPermission",
    "RecipientPermission",
    "MailboxFolderStatistics",
    "MailboxItem",
];
/// Those of them that list without `-Identity` by way of the one finder that knows scopes.
const LISTING: &[&str] =
    &["Get-Recipient", "Get-Mailbox", "Get-MailUser", "Get-MailContact", "Get-DistributionGroup"];
/// Nouns of cmdlets whose answers the privacy of the trace cuts down.
const OF_TRACE: &[&str] = &[
    "MessageTrace",
    "MessageTraceV2",
    "MessageTraceDetail",
    "MessageTraceDetailV2",
    "MessageTraceTree",
    "MessageTrackingLog",
    "GatewayTrace",
    "HistoricalSearch",
];

/// Whether a cmdlet can be run within a scope at all, and the recipient it names is in it. What is not known to obey
/// scopes is refused.
///
/// # Errors
/// `Forbidden`.
pub(crate) fn admit(
    actor: &Actor,
    granted: &Granted,
    arguments: &Arguments,
    snapshot: &Snapshot,
) -> Result<(), CmdletError> {
    let Scope::Domains(domains) = &granted.scope else { return Ok(()) };
    let cmdlet = arguments.cmdlet();
    if OF_TRACE.contains(&cmdlet.noun()) || cmdlet.name == "Get-MessageTraceQuery" {
        return Ok(());
    }
    if !OF_RECIPIENTS.contains(&cmdlet.noun()) {
        return Err(outside(actor, domains, &format!("{} is about the whole organization", cmdlet.name)));
    }
    let takes_identity = cmdlet.parameter("Identity").is_some();
    let identity = if takes_identity { arguments.text("Identity") } else { None };
    match identity {
        Some(identity) => match named(snapshot, identity) {
            Some(found) if !is_seen(domains, &found) => {
                Err(outside(actor, domains, &format!("\"{identity}\" is a recipient of another domain")))
            }
            // What does not exist says so itself.
            _ => Ok(()),
        },
        None if cmdlet.verb() == "Get" && !LISTING.contains(&cmdlet.name) => {
            Err(outside(actor, domains, &format!("{} needs -Identity", cmdlet.name)))
        }
        None => Ok(()),
    }
}

fn named(snapshot: &Snapshot, identity: &str) -> Option<Arc<Recipient>> {
    let found = snapshot.resolve_recipient(identity).or_else(|_| snapshot.resolve_soft_deleted(identity));
    found.ok()
}

/// Whether a scope shows a recipient.
pub(crate) fn shows(scope: &Scope, recipient: &Recipient) -> bool {
    match scope {
        Scope::Organization => true,
        Scope::Domains(domains) => is_seen(domains, recipient),
        Scope::Own(_) | Scope::ManagedBy(_) | Scope::Sessions(_) => false,
    }
}

fn is_seen(domains: &[String], recipient: &Recipient) -> bool {
    is_within(domains, recipient.primary_smtp_address.domain_key())
}

/// Whether a domain is one of the scope.
pub(crate) fn is_within(domains: &[String], domain: &str) -> bool {
    domains.iter().any(|own| own == domain)
}

/// Whether a change may be made: everything it touches is in scope, and nobody gets at rights they do not have by
/// another's password.
///
/// # Errors
/// `Forbidden`; the change is thrown away then.
pub(crate) fn check_change(actor: &Actor, granted: &Granted, draft: &Draft) -> Result<(), CmdletError> {
    let (before, after) = (draft.before(), draft.snapshot());
    let removed: Vec<Uuid> = draft
        .touched()
        .iter()
        .filter(|(kind, _)| *kind == ObjectKind::Recipient)
        .map(|(_, guid)| *guid)
        .filter(|guid| before.recipient(*guid).is_some() && after.recipient(*guid).is_none())
        .collect();
    for (kind, guid) in draft.touched() {
        if *kind == ObjectKind::Recipient {
            protect(actor, before, after, *guid)?;
        }
        match &granted.scope {
            Scope::Organization => {}
            Scope::Domains(domains) if *kind == ObjectKind::Recipient => {
                let (old, new) = (before.recipient(*guid), after.recipient(*guid));
                let is_inside = old.is_none_or(|old| is_seen(domains, old))
                    && new.is_none_or(|new| {
                        new.addresses().all(|address| is_within(domains, address.domain_key()))
                    });
                if !is_inside && !only_forgets(old, new, &removed) {
                    let name = new.or(old).map_or("a recipient", |one| one.name.as_str());
                    return Err(outside(
                        actor,
                        domains,
                        &format!("\"{name}\" is, or would be, of another domain"),
                    ));
                }
            }
            // Whoever is removed leaves their role groups.
            Scope::Domains(_) if *kind == ObjectKind::RoleGroup && !removed.is_empty() => {}
            Scope::Domains(domains) => {
                return Err(outside(actor, domains, &format!("this would change a {}", kind.words())));
            }
            Scope::ManagedBy(person) => check_managed(actor, *person, before, after, *guid)?,
            Scope::Own(_) | Scope::Sessions(_) => {
                return Err(CmdletError::Forbidden(format!("{} may change nothing", actor.name)));
            }
        }
    }
    Ok(())
}

/// Whether a recipient only lost the mention of those that are removed.
fn only_forgets(old: Option<&Arc<Recipient>>, new: Option<&Arc<Recipient>>, removed: &[Uuid]) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let mut expected = Recipient::clone(old);
    removed.iter().for_each(|gone| expected.forget(*gone));
    expected == **new
}

/// Whoever sets somebody's password can act as them: that, and their removal, takes every role that they have.
fn protect(actor: &Actor, before: &Snapshot, after: &Snapshot, guid: Uuid) -> Result<(), CmdletError> {
    let Some(old) = before.recipient(guid) else { return Ok(()) };
    let is_same = after.recipient(guid).is_some_and(|new| new.account == old.account);
    if is_same {
        return Ok(());
    }
    let roles = before.role_groups_of(guid).flat_map(|group| group.roles().iter());
    match roles.copied().find(|role| !actor.holds(*role)) {
        Some(role) => Err(CmdletError::Forbidden(format!(
            "\"{}\" has the role {role}, which {} does not have; only somebody with every role of theirs may change how they sign in",
            old.name, actor.name
        ))),
        None => Ok(()),
    }
}

/// A manager changes the members of their group, and nothing else of it.
fn check_managed(
    actor: &Actor,
    person: Uuid,
    before: &Snapshot,
    after: &Snapshot,
    guid: Uuid,
) -> Result<(), CmdletError> {
    let of = |snapshot: &Snapshot| snapshot.role_groups().find(|group| group.guid == guid).cloned();
    if let (Some(old), Some(new)) = (of(before), of(after)) {
        let expected = RoleGroup { members: new.members.clone(), ..RoleGroup::clone(&old) };
        if old.managed_by.contains(&person) && expected == *new {
            return Ok(());
        }
    }
    Err(CmdletError::Forbidden(format!("{} does not manage this role group; see its ManagedBy", actor.name)))
}

fn outside(actor: &Actor, domains: &[String], why: &str) -> CmdletError {
    CmdletError::Forbidden(format!("{} has rights for {} only: {why}", actor.name, domains.join(", ")))
}

//! The AdminSession object, and which sessions somebody may see.
//! May touch: sessions, clock, directory (read).

use directory::Snapshot;
use serde_json::json;

use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::role::{Actor, Scope};
use crate::session::AdminSession;

/// What cmdlets of sessions put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "AdminSession",
    properties: &[
        Property::text("Identity"),
        Property::text("User"),
        Property::text("ClientAddress"),
        Property::text("UserAgent"),
        Property::time("SignedIn"),
        Property::time("LastUsed"),
        Property::time("IdleEnd"),
        Property::time("End"),
        Property::text("IsCurrent"),
    ],
    settings: None,
    table: &["Identity", "User", "ClientAddress", "SignedIn", "LastUsed", "IsCurrent"],
};

/// The open sessions the caller may see, with the names of their owners, the last used first.
///
/// # Errors
/// `Internal` when no rights were checked.
pub(super) fn seen(context: &Context) -> Result<Vec<(AdminSession, String)>, CmdletError> {
    let only = match &context.granted()?.scope {
        Scope::Organization => None,
        Scope::Sessions(person) | Scope::Own(person) | Scope::ManagedBy(person) => Some(*person),
        Scope::Domains(_) => return Ok(Vec::new()),
    };
    let snapshot = context.directory.snapshot();
    let open = context.services.sessions.list(&context.world.clock, &snapshot);
    let seen = open.into_iter().filter(|session| only.is_none_or(|person| person == session.person));
    Ok(seen
        .map(|session| (owner(&session, &snapshot), session))
        .map(|(name, session)| (session, name))
        .collect())
}

fn owner(session: &AdminSession, snapshot: &Snapshot) -> String {
    Actor::of(session.person, snapshot).map(|actor| actor.name).unwrap_or_default()
}

/// A session as it is shown.
pub(super) fn row(session: &AdminSession, owner: &str, context: &Context) -> Row {
    rows::row_of(json!({
        "Identity": session.id.to_string(),
        "User": owner,
        "ClientAddress": session.address.to_string(),
        "UserAgent": session.user_agent,
        "SignedIn": session.began.to_string(),
        "LastUsed": session.used.to_string(),
        "IdleEnd": session.idle_end.to_string(),
        "End": session.end.to_string(),
        "IsCurrent": context.actor.session == Some(session.id),
    }))
}

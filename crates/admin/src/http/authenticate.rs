//! Who calls over HTTP: nobody needs to sign in on the Unix socket, everybody elsewhere.
//! May touch: directory (credentials, role groups).
//! Standards: RFC 7617, RFC 6750.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use directory::SignedIn;
use futures::future::BoxFuture;

use super::cookie;
use crate::context::Instance;
use crate::role::Actor;
use crate::session::Activity;

/// A request with this header does not keep a session from ending: the page asked by itself, nobody was there.
const BACKGROUND: &str = "x-background";

/// What a caller shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::Basic { user, .. } => write!(f, "Basic({user})"),
            Credentials::Bearer(_) => f.write_str("Bearer"),
        }
    }
}

/// Checks credentials.
pub trait Authenticate: Send + Sync {
    /// Whose they are; `None` when they are wrong.
    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Option<SignedIn>>;
}

/// Names and passwords of users, with a mailbox or without one, as the directory keeps them. Tokens come later.
impl Authenticate for directory::Credentials {
    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Option<SignedIn>> {
        Box::pin(async move {
            match credentials {
                Credentials::Basic { user, password } => {
                    self.verify_anyone(user, password.as_bytes()).await.ok()
                }
                Credentials::Bearer(_) => None,
            }
        })
    }
}

/// How callers of one listener are known.
#[derive(Clone)]
pub enum Access {
    /// Whoever can open the socket is the local administrator.
    LocalSocket,
    /// By the `Authorization` header, or else by the cookie of a session.
    Authenticated(Arc<dyn Authenticate>),
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::LocalSocket => "LocalSocket",
            Access::Authenticated(_) => "Authenticated",
        })
    }
}

impl Access {
    /// The actor of a request, with the role groups they are in; `None` when they did not sign in.
    pub(super) async fn actor(&self, headers: &HeaderMap, instance: &Instance) -> Option<Actor> {
        let is_background = headers.contains_key(BACKGROUND);
        self.seen(headers, instance, if is_background { Activity::None } else { Activity::Request }).await
    }

    /// The same of a request that is no use of a session.
    pub(super) async fn looked_at(&self, headers: &HeaderMap, instance: &Instance) -> Option<Actor> {
        self.seen(headers, instance, Activity::None).await
    }

    async fn seen(&self, headers: &HeaderMap, instance: &Instance, activity: Activity) -> Option<Actor> {
        let Access::Authenticated(checker) = self else { return Some(Actor::local_administrator()) };
        let Some(shown) = headers.get(header::AUTHORIZATION) else {
            return of_session(headers, instance, activity);
        };
        let credentials = read(shown.to_str().ok()?)?;
        let found = checker.authenticate(&credentials).await?;
        Some(Actor::signed_in(&found, &instance.directory.snapshot()))
    }
}

/// Whose session the cookie names.
fn of_session(headers: &HeaderMap, instance: &Instance, activity: Activity) -> Option<Actor> {
    let token = cookie::session_token(headers)?;
    let snapshot = instance.directory.snapshot();
    let session = instance.services.sessions.find(&instance.world.clock, &snapshot, token, activity)?;
    let actor = Actor::of(session.person, &snapshot)?;
    Some(Actor { session: Some(session.id), ..actor })
}

/// The user name of a request that brings a name and a password.
pub(super) fn user_of(headers: &HeaderMap) -> Option<String> {
    match read(headers.get(header::AUTHORIZATION)?.to_str().ok()?)? {
        Credentials::Basic { user, .. } => Some(user),
        Credentials::Bearer(_) => None,
    }
}

/// RFC 7617 §2: `Basic` and base64 of `user:password`; RFC 6750 §2.1: `Bearer` and the token.
fn read(value: &str) -> Option<Credentials> {
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !rest.is_empty() {
        return Some(Credentials::Bearer(rest.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(rest).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_or_refused() {
        let basic = Credentials::Basic { user: "admin".into(), password: "a:b".into() };
        assert_eq!(read("Basic YWRtaW46YTpi"), Some(basic.clone()));
        assert_eq!(read("bearer abc"), Some(Credentials::Bearer("abc".into())));
        for header in ["", "Basic", "Basic !!!", "Basic YWRtaW4=", "Digest x", "Bearer "] {
            assert_eq!(read(header), None, "{header}");
        }
        assert!(!format!("{basic:?}").contains("a:b"));
    }
}

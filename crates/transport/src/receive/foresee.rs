//! What a session would answer to MAIL and RCPT, without one: for a dry check of a message's way.
//!
//! May touch: nothing (pure; works on a directory snapshot). Asks the Recipient Filter Agent, which is pure too.

use std::net::IpAddr;
use std::sync::Arc;

use agents::{Action, Agent as _, Point};
use directory::{ListenSource, Permission, ReceiveConnector, Recipient, SessionIdentity, Snapshot};
use events::Reason;
use mail::{Address, ReversePath};

use super::consult;
use super::policy::{self, Peer, Refused};
use crate::envelope::Trust;

/// The ports of message submission (RFC 6409 §3.1, RFC 8314 §3.3): who does not sign in has no business there.
const SUBMISSION_PORTS: [u16; 2] = [587, 465];
/// As the client would speak: whether a connector insists on TLS is not what is asked here.
const WITH_TLS: &str = "TLS1.3";

/// A client at one of the Receive connectors.
#[derive(Clone)]
pub struct Client(Peer);

/// A step of the session that would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The reply as it would be sent.
    pub reply: String,
    /// Its cause.
    pub reason: Reason,
}

impl From<Refused> for Foreseen {
    fn from(refused: Refused) -> Self {
        Self { reply: refused.reply.to_string(), reason: refused.reason }
    }
}

impl Client {
    /// A client that does not sign in, at an address, with the connector that takes it; `None` where none does.
    #[must_use]
    pub fn at(snapshot: &Snapshot, ip: IpAddr) -> Option<Self> {
        let open: Vec<_> = for_anybody(snapshot).map(|connector| connector.guid).collect();
        let connector = snapshot.select_receive_connector_of(&open, ip)?;
        Some(Self(Peer { ip, connector, user: None, tls: Some(WITH_TLS.to_owned()) }))
    }

    /// A client nothing is known of and that does not sign in: at the connector that takes most clients.
    #[must_use]
    pub fn anywhere(snapshot: &Snapshot) -> Option<Self> {
        Self::widest(for_anybody(snapshot), None)
    }

    /// A client that signed in as somebody: at the connector for submission that takes most clients.
    #[must_use]
    pub fn signed_in(snapshot: &Snapshot, user: Arc<Recipient>) -> Option<Self> {
        let open = snapshot.receive_connectors().filter(|connector| {
            connector.enabled
                && is_submission(connector)
                && connector.permissions(SessionIdentity::User).has(Permission::Submit)
        });
        Self::widest(open, Some(user))
    }

    fn widest<'a>(
        connectors: impl Iterator<Item = &'a Arc<ReceiveConnector>>,
        user: Option<Arc<Recipient>>,
    ) -> Option<Self> {
        let ranges = connectors
            .flat_map(|connector| connector.remote_ip_ranges.iter().map(move |range| (range, connector)));
        let (range, connector) = ranges.max_by_key(|(range, _)| range.span())?;
        let connector = Arc::clone(connector);
        Some(Self(Peer { ip: range.first(), connector, user, tls: Some(WITH_TLS.to_owned()) }))
    }

    /// The connector's name.
    #[must_use]
    pub fn connector(&self) -> &str {
        &self.0.connector.name
    }

    /// Whether what it sends counts as internal.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.0.trust()
    }

    /// The refusal of MAIL, for a message of so many octets; `used` are the octets in the mailbox of who signed in.
    #[must_use]
    pub fn mail(
        &self,
        snapshot: &Snapshot,
        from: &ReversePath,
        size: u64,
        used: Option<u64>,
    ) -> Option<Foreseen> {
        policy::mail(snapshot, &self.0, from, Some(size), used).err().map(Foreseen::from)
    }

    /// The refusal of RCPT: relaying, what is too large or finds no room, and what the Recipient Filter Agent says;
    /// `used` are the octets in the recipient's mailbox.
    #[must_use]
    pub fn rcpt(
        &self,
        snapshot: &Snapshot,
        from: &ReversePath,
        to: &Address,
        size: u64,
        used: Option<u64>,
    ) -> Option<Foreseen> {
        if let Err(refused) = policy::recipient(snapshot, &self.0, to, Some(size), used) {
            return Some(refused.into());
        }
        let session = consult::session(&self.0);
        let envelope =
            agents::Envelope { reverse_path: Some(from.clone()), size: Some(size), ..Default::default() };
        let context = agents::Context::new(&session, &envelope, snapshot).with_recipient(to);
        let wanted = agents::RecipientFilter.on(Point::RcptToCommand, &context);
        wanted.into_iter().find_map(|action| match action {
            Action::Reject(rejection) => {
                Some(Foreseen { reply: rejection.reply.to_string(), reason: rejection.reason })
            }
            _ => None,
        })
    }

    /// The refusal of DATA because the message names so many recipients.
    #[must_use]
    pub fn data(&self, snapshot: &Snapshot, recipients: usize) -> Option<Foreseen> {
        policy::data(snapshot, &self.0, recipients).err().map(Foreseen::from)
    }
}

/// The names of the connectors by which clients may relay that do not sign in.
#[must_use]
pub fn relays(snapshot: &Snapshot) -> Vec<String> {
    let may = |connector: &&Arc<ReceiveConnector>| {
        connector.permissions(SessionIdentity::Anonymous).has(Permission::AcceptAnyRecipient)
    };
    let mut names: Vec<String> =
        for_anybody(snapshot).filter(may).map(|connector| connector.name.clone()).collect();
    names.sort();
    names
}

fn for_anybody(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<ReceiveConnector>> {
    snapshot.receive_connectors().filter(|connector| connector.enabled && !is_submission(connector))
}

fn is_submission(connector: &ReceiveConnector) -> bool {
    connector.listen == ListenSource::Submission
        || (!connector.bindings.is_empty()
            && connector.bindings.iter().all(|binding| SUBMISSION_PORTS.contains(&binding.port())))
}

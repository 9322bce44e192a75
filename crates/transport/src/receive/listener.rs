//! Listeners: one per local address, shared by the Receive connectors bound to it; opened and closed as they change.
//!
//! May touch: network, clock, executor, directory snapshot, certificates.
//! Standards: RFC 8314 §3.3 (implicit TLS).

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use directory::{ListenSource, ProtocolLoggingLevel, ReceiveConnector, SizeKeyword, Snapshot};
use events::Reason;
use parking_lot::Mutex;
use smtp::server::{AuthOffer, Capabilities, Fault, Params};
use smtp::{EnhancedCode, Limits, Reply, Security, replies};
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use uuid::Uuid;
use world::{Conn, Listener, TlsAcceptor};

use super::policy::{self, Peer};
use super::refuse::reply_text;
use super::session::{Opened, Session};
use super::throttle::{ConnectionLimits, Connections, MessageRates};
use crate::Shared;

/// Message rate over the connector's limit.
pub(crate) const RATE_EXCEEDED: Reply = Reply::fixed(
    421,
    Some(EnhancedCode::new(4, 4, 2)),
    "Message submission rate for this client has exceeded the configured limit",
);
/// Refused because no connector takes this client.
const NO_CONNECTOR: Reply = Reply::fixed(421, Some(EnhancedCode::new(4, 3, 2)), "Service not active");
/// Time the refusal of a connection may take to be written.
const REFUSAL_WRITE_MAX: Duration = Duration::from_secs(5);

/// Where `[listen]` puts the connectors that `init` made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// `Default Frontend` and `Loopback`.
    pub smtp: SocketAddr,
    /// `Client Frontend`.
    pub submission: SocketAddr,
    /// `Client Frontend` with TLS from the first octet.
    pub submissions: Option<SocketAddr>,
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}")]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub error: std::io::Error,
}

/// What sessions of one connector share.
#[derive(Default)]
pub(crate) struct Served {
    pub(crate) rates: MessageRates,
    pub(crate) connections: Connections,
    /// Built once per certificate name: a configuration of TLS costs more than a session without it.
    acceptor: Mutex<Option<(Option<String>, TlsAcceptor)>>,
}

impl Served {
    /// What STARTTLS uses, where the connector offers it and there is a certificate.
    fn acceptor(&self, shared: &Shared, connector: &ReceiveConnector) -> Option<TlsAcceptor> {
        if !policy::offers_tls(connector) {
            return None;
        }
        let name = connector.tls_certificate_name.as_deref();
        shared.certificates.find(name)?;
        let mut built = self.acceptor.lock();
        if let Some((built_for, acceptor)) = built.as_ref()
            && built_for.as_deref() == name
        {
            return Some(acceptor.clone());
        }
        let acceptor = TlsAcceptor::new(&shared.certificates, name, &[], &shared.world.clock).ok()?;
        *built = Some((name.map(str::to_owned), acceptor.clone()));
        Some(acceptor)
    }
}

/// The kinds of TLS a listener begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Plain,
    WithTls,
}

struct Open {
    bound: SocketAddr,
    connectors: Arc<Mutex<Vec<Uuid>>>,
    close: watch::Sender<bool>,
}

/// All listeners of the server.
pub(crate) struct Listeners {
    shared: Arc<Shared>,
    listen: Listen,
    open: Mutex<HashMap<(SocketAddr, Key), Open>>,
    served: Mutex<HashMap<Uuid, Arc<Served>>>,
    /// Sockets opened ahead of a change, by the address they were asked for.
    spare: Mutex<Vec<(SocketAddr, Listener)>>,
}

/// Sockets that are open and not yet accepting; dropped, they close.
pub struct Prepared(Vec<(SocketAddr, Listener)>);

/// Tells apart listeners whose wanted address is the same because its port is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Shared,
    Submissions,
    Own(Uuid, usize),
}

struct Wanted {
    address: SocketAddr,
    key: Key,
    begins: Begins,
    connectors: Vec<Uuid>,
}

impl Listeners {
    pub(crate) fn new(shared: Arc<Shared>, listen: Listen) -> Self {
        Self { shared, listen, open: Mutex::default(), served: Mutex::default(), spare: Mutex::default() }
    }

    /// Opens what the directory wants and is not open, closes what it no longer wants, and tells the directory where
    /// the connectors are. An address that cannot be opened is the error, once all others have been seen to; the
    /// connectors that wanted it stay where they were.
    pub(crate) async fn apply(self: &Arc<Self>, snapshot: &Snapshot) -> Result<(), ListenError> {
        let wanted = self.wanted(snapshot);
        let mut failed = None;
        let mut stay: Vec<Uuid> = Vec::new();
        for want in &wanted {
            if let Err(error) = self.open_wanted(want).await {
                stay.extend(&want.connectors);
                failed.get_or_insert(error);
            }
        }
        self.open.lock().retain(|at, open| {
            let keep = wanted.iter().any(|want| (want.address, want.key) == *at)
                || open.connectors.lock().iter().any(|connector| stay.contains(connector));
            if !keep {
                open.close.send_replace(true);
            }
            keep
        });
        // What was prepared and is not wanted after all would hold its port for ever.
        self.spare.lock().clear();
        self.shared.directory.set_bound(self.bound());
        failed.map_or(Ok(()), Err)
    }

    async fn open_wanted(self: &Arc<Self>, want: &Wanted) -> Result<(), ListenError> {
        let at = (want.address, want.key);
        let known = self.open.lock().get(&at).map(|open| Arc::clone(&open.connectors));
        if let Some(connectors) = known {
            connectors.lock().clone_from(&want.connectors);
            return Ok(());
        }
        let listener = match self.take_spare(want.address) {
            Some(listener) => listener,
            None => self.open_socket(want.address).await?,
        };
        self.start(at, listener, want.begins, want.connectors.clone())
    }

    /// Opens the addresses that no listener has yet, ahead of the change that needs them.
    pub(crate) async fn prepare(&self, bindings: &[SocketAddr]) -> Result<Prepared, ListenError> {
        let mut prepared = Vec::new();
        for address in bindings {
            if self.open_at(*address).is_none() {
                prepared.push((*address, self.open_socket(*address).await?));
            }
        }
        Ok(Prepared(prepared))
    }

    /// Keeps prepared sockets for the next [`Self::apply`].
    pub(crate) fn keep(&self, prepared: Prepared) {
        self.spare.lock().extend(prepared.0);
    }

    fn take_spare(&self, address: SocketAddr) -> Option<Listener> {
        let mut spare = self.spare.lock();
        let at = spare.iter().position(|(wanted, _)| *wanted == address)?;
        Some(spare.swap_remove(at).1)
    }

    async fn open_socket(&self, address: SocketAddr) -> Result<Listener, ListenError> {
        self.shared.world.net.listen(address).await.map_err(|error| ListenError { address, error })
    }

    /// The real addresses of every connector.
    pub(crate) fn bound(&self) -> HashMap<Uuid, Vec<SocketAddr>> {
        let mut bound: HashMap<Uuid, Vec<SocketAddr>> = HashMap::new();
        for open in self.open.lock().values() {
            for connector in open.connectors.lock().iter() {
                bound.entry(*connector).or_default().push(open.bound);
            }
        }
        bound
    }

    /// The real addresses of `[listen]` smtp, submission and submissions.
    pub(crate) fn ports(&self) -> BTreeMap<&'static str, SocketAddr> {
        let open = self.open.lock();
        let find = |address: SocketAddr, key: Key| open.get(&(address, key)).map(|open| open.bound);
        let mut ports = BTreeMap::new();
        let own = |source: ListenSource| {
            let snapshot = self.shared.directory.snapshot();
            let first = snapshot.receive_connectors().find(|connector| connector.listen == source)?;
            self.open_of(&open, first.guid)
        };
        if let Some(at) = find(self.listen.smtp, Key::Shared).or_else(|| own(ListenSource::Smtp)) {
            ports.insert("smtp", at);
        }
        if let Some(at) = own(ListenSource::Submission) {
            ports.insert("submission", at);
        }
        if let Some(at) = self.listen.submissions.and_then(|address| find(address, Key::Submissions)) {
            ports.insert("submissions", at);
        }
        ports
    }

    /// SMTP sessions that are open.
    pub(crate) fn sessions(&self) -> u32 {
        self.served.lock().values().map(|served| served.connections.open()).sum()
    }

    fn open_of(&self, open: &HashMap<(SocketAddr, Key), Open>, connector: Uuid) -> Option<SocketAddr> {
        open.iter()
            .filter(|((_, key), _)| *key != Key::Submissions)
            .find(|(_, open)| open.connectors.lock().contains(&connector))
            .map(|(_, open)| open.bound)
    }

    fn wanted(&self, snapshot: &Snapshot) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut want = |address: SocketAddr, key: Key, begins: Begins, connector: Uuid| match wanted
            .iter_mut()
            .find(|want| want.address == address && want.key == key)
        {
            Some(want) => want.connectors.push(connector),
            None => wanted.push(Wanted { address, key, begins, connectors: vec![connector] }),
        };
        for connector in snapshot.receive_connectors().filter(|connector| connector.enabled) {
            match connector.listen {
                ListenSource::Smtp => {
                    want(self.listen.smtp, Key::Shared, Begins::Plain, connector.guid);
                }
                ListenSource::Submission => {
                    let key = if self.listen.submission.port() == 0 {
                        Key::Own(connector.guid, 0)
                    } else {
                        Key::Shared
                    };
                    want(self.listen.submission, key, Begins::Plain, connector.guid);
                    if let Some(address) = self.listen.submissions {
                        want(address, Key::Submissions, Begins::WithTls, connector.guid);
                    }
                }
                ListenSource::Bindings => {
                    for (index, address) in connector.bindings.iter().enumerate() {
                        let (address, key) = self.own_binding(*address, connector.guid, index);
                        want(address, key, Begins::Plain, connector.guid);
                    }
                }
            }
        }
        wanted
    }

    /// A binding may name the port that another's port 0 turned into; then it joins that listener.
    fn own_binding(&self, address: SocketAddr, connector: Uuid, index: usize) -> (SocketAddr, Key) {
        if address.port() == 0 {
            return (address, Key::Own(connector, index));
        }
        self.open_at(address).unwrap_or((address, Key::Shared))
    }

    /// The listener at a real address that a connector with that binding can join: not one that begins with TLS.
    fn open_at(&self, address: SocketAddr) -> Option<(SocketAddr, Key)> {
        let open = self.open.lock();
        let mut joinable = open.iter().filter(|((_, key), _)| *key != Key::Submissions);
        joinable.find(|(_, open)| open.bound == address).map(|(at, _)| *at)
    }

    fn start(
        self: &Arc<Self>,
        at: (SocketAddr, Key),
        listener: Listener,
        begins: Begins,
        connectors: Vec<Uuid>,
    ) -> Result<(), ListenError> {
        let bound = listener.local_addr().map_err(|error| ListenError { address: at.0, error })?;
        let connectors = Arc::new(Mutex::new(connectors));
        let (close, closed) = watch::channel(false);
        let serving = Arc::clone(self).serve(listener, begins, Arc::clone(&connectors), closed);
        self.shared.world.exec.spawn("listener", serving);
        self.open.lock().insert(at, Open { bound, connectors, close });
        Ok(())
    }

    async fn serve(
        self: Arc<Self>,
        listener: Listener,
        begins: Begins,
        connectors: Arc<Mutex<Vec<Uuid>>>,
        mut closed: watch::Receiver<bool>,
    ) {
        let mut stop = self.shared.stop.subscribe();
        loop {
            if *closed.borrow() || stop.borrow().is_stopping() {
                return;
            }
            let conn = tokio::select! {
                conn = listener.accept() => conn,
                _ = closed.changed() => continue,
                _ = stop.changed() => continue,
            };
            match conn {
                Ok(conn) => {
                    let candidates = connectors.lock().clone();
                    let serving = Arc::clone(&self).connection(conn, begins, candidates);
                    self.shared.world.exec.spawn("smtp session", serving);
                }
                Err(error) => {
                    // Out of file descriptors, mostly: sessions that end give some back.
                    tracing::warn!(%error, "a connection could not be taken");
                    self.shared.world.clock.sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn connection(self: Arc<Self>, conn: Conn, begins: Begins, candidates: Vec<Uuid>) {
        let shared = &self.shared;
        let snapshot = shared.directory.snapshot();
        let ip = conn.peer.ip().to_canonical();
        let Some(connector) = snapshot.select_receive_connector_of(&candidates, ip) else {
            shared.refused_connection(ip, None, reply_text(&NO_CONNECTOR), None);
            hang_up(shared, conn, NO_CONNECTOR).await;
            return;
        };
        let served = Arc::clone(self.served.lock().entry(connector.guid).or_default());
        let permit = served.connections.enter(ip, connection_limits(&connector));
        let Ok(permit) = permit else {
            let reply = replies::TOO_MANY_CONNECTIONS;
            let text = reply_text(&reply);
            shared.refused_connection(ip, Some(&connector.name), text, Some(Reason::RateLimit));
            hang_up(shared, conn, reply).await;
            return;
        };
        let mut peer = Peer { ip, connector: Arc::clone(&connector), user: None, tls: None };
        let acceptor = served.acceptor(shared, &connector);
        let (peer_address, local) = (conn.peer, conn.local);
        let mut io = conn.io;
        if begins == Begins::WithTls {
            let wait = connector.limits.connection_inactivity_timeout;
            let shaken = match &acceptor {
                None => Err("this connector has no certificate to show".to_owned()),
                Some(acceptor) => match shared.world.clock.timeout(wait, acceptor.accept(io)).await {
                    Ok(Ok(secured)) => Ok(secured),
                    Ok(Err(error)) => Err(error.to_string()),
                    Err(_) => Err("no TLS handshake in time".to_owned()),
                },
            };
            match shaken {
                Ok((secured, info)) => {
                    io = secured;
                    peer.tls = Some(format!("{} {}", info.version, info.cipher));
                }
                Err(why) => {
                    // There is no session to reply in: the reason stands where the reply would.
                    let connector = Some(connector.name.as_str());
                    shared.refused_connection(ip, connector, why, Some(Reason::TlsFailed));
                    return;
                }
            }
        }
        let id = shared.world.chance.uuid_v4();
        let log = (connector.protocol_logging_level == ProtocolLoggingLevel::Verbose)
            .then(|| shared.receive_log.session(&connector.name, id, local, peer_address));
        let params = params(&snapshot, &peer, acceptor.is_some() && begins == Begins::Plain, shared);
        let opened = Opened {
            shared: Arc::clone(shared),
            served,
            io,
            peer,
            id,
            local,
            log,
            acceptor,
            permit: Some(permit),
            params,
        };
        Session::new(opened).run().await;
    }
}

async fn hang_up(shared: &Arc<Shared>, mut conn: Conn, reply: Reply) {
    let mut line = bytes::BytesMut::new();
    reply.write_to(&mut line);
    // The client may be gone already; the refusal is recorded all the same.
    let _ = shared.world.clock.timeout(REFUSAL_WRITE_MAX, conn.io.write_all(&line)).await;
}

fn connection_limits(connector: &ReceiveConnector) -> ConnectionLimits {
    let limits = &connector.limits;
    ConnectionLimits {
        total: limits.max_inbound_connection,
        per_source: limits.max_inbound_connection_per_source,
        percent_per_source: limits.max_inbound_connection_percentage_per_source,
    }
}

fn params(snapshot: &Snapshot, peer: &Peer, starttls: bool, shared: &Shared) -> Params {
    let connector = &peer.connector;
    let limits = &connector.limits;
    let hostname = connector.fqdn.clone().unwrap_or_else(|| snapshot.organization().server_fqdn.clone());
    let under_tls = peer.tls.is_some();
    let auth = if policy::offers_auth(connector, under_tls, peer.ip) {
        AuthOffer::Always
    } else if policy::offers_auth(connector, true, peer.ip) {
        AuthOffer::UnderTls
    } else {
        AuthOffer::Never
    };
    let capabilities = Capabilities {
        size: match limits.size_enabled {
            SizeKeyword::Enabled => smtp::server::SizeKeyword::Enabled,
            SizeKeyword::EnabledWithoutValue => smtp::server::SizeKeyword::EnabledWithoutValue,
            SizeKeyword::Disabled => smtp::server::SizeKeyword::Disabled,
        },
        pipelining: limits.pipelining_enabled,
        dsn: limits.delivery_status_notification_enabled,
        enhanced_status_codes: limits.enhanced_status_codes_enabled,
        starttls,
        auth,
        eight_bit_mime: limits.eight_bit_mime_enabled,
        binary_mime: limits.binary_mime_enabled,
        chunking: limits.chunking_enabled,
        smtputf8: limits.smtp_utf8_enabled,
    };
    let bounds = Limits {
        message_bytes_max: limits.max_message_size,
        header_bytes_max: limits.max_header_size,
        recipients_max: limits.max_recipients_per_message as usize,
        protocol_errors_max: limits.max_protocol_errors.unwrap_or(u32::MAX),
        logon_failures_max: limits.max_logon_failures,
        ..Limits::default()
    };
    let banner = connector.banner.as_deref().and_then(|banner| banner.strip_prefix("220")).map_or_else(
        || smtp::server::default_banner(&hostname, &mail::edit::date(shared.world.clock.now())),
        |banner| banner.trim_start().to_owned(),
    );
    Params {
        hostname,
        banner,
        client: Some(peer.ip),
        capabilities,
        limits: bounds,
        security: if under_tls { Security::Tls } else { Security::Plaintext },
        default_domain: snapshot.default_domain().map(|domain| domain.domain().to_owned()),
    }
}

/// The cause of a content fault.
pub(crate) fn reason_of(fault: Fault) -> Reason {
    match fault {
        Fault::BareLineFeed | Fault::BareCarriageReturn | Fault::Nul => Reason::BareLineFeed,
        Fault::TooLarge => Reason::SizeConnector,
        Fault::HeaderTooLarge => Reason::HeaderTooLarge,
        Fault::LineTooLong => Reason::LineTooLong,
    }
}

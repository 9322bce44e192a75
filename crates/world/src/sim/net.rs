//! The simulated network: listeners in a table, connections in memory, hosts that can be cut off.
//!
//! May touch: nothing (pure).
//!
//! The simulated machine and all hosts outside share one network: a test plays a remote host by listening on that
//! host's address or by connecting from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc;

use crate::net::{Conn, LISTEN_BACKLOG, ListenerBackend, LocalConn, LocalListenerBackend, NetBackend};
use crate::{BoxedIo, Net};

/// Bytes a connection holds between write and read, each way.
const BUFFER_BYTES: usize = 64 * 1024;
/// First port given to a listener on port 0 or to a client.
const PORT_FIRST: u16 = 20_000;
/// User id shown to a Unix socket's server.
const LOCAL_UID: u32 = 0;

/// The network of a simulation.
#[derive(Clone)]
pub struct SimNet(Arc<Mutex<State>>);

struct State {
    own: BTreeSet<IpAddr>,
    listeners: BTreeMap<SocketAddr, mpsc::Sender<Conn>>,
    local_listeners: BTreeMap<PathBuf, mpsc::Sender<LocalConn>>,
    unreachable: BTreeSet<IpAddr>,
    silent: BTreeSet<IpAddr>,
    links: Vec<Weak<Link>>,
    next_port: u16,
    attempts: BTreeMap<IpAddr, u64>,
}

impl SimNet {
    pub(super) fn new() -> Self {
        let own = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        Self(Arc::new(Mutex::new(State {
            own: own.into_iter().collect(),
            listeners: BTreeMap::new(),
            local_listeners: BTreeMap::new(),
            unreachable: BTreeSet::new(),
            silent: BTreeSet::new(),
            links: Vec::new(),
            next_port: PORT_FIRST,
            attempts: BTreeMap::new(),
        })))
    }

    pub(super) fn net(&self) -> Net {
        Net::from_backend(Arc::new(self.clone()))
    }

    /// Gives the simulated machine one more address, beside 127.0.0.1 and ::1. A listener on `0.0.0.0` or `::` is
    /// reached at the machine's own addresses only.
    pub fn add_own_ip(&self, ip: IpAddr) {
        self.0.lock().own.insert(ip);
    }

    /// Connecting to this host fails at once with `HostUnreachable`, until [`SimNet::heal`].
    pub fn make_unreachable(&self, ip: IpAddr) {
        self.0.lock().unreachable.insert(ip);
    }

    /// Connecting to this host never comes to an end (a firewall that drops packets), until [`SimNet::heal`].
    pub fn make_silent(&self, ip: IpAddr) {
        self.0.lock().silent.insert(ip);
    }

    /// Ends [`SimNet::make_unreachable`] and [`SimNet::make_silent`].
    pub fn heal(&self, ip: IpAddr) {
        let mut state = self.0.lock();
        state.unreachable.remove(&ip);
        state.silent.remove(&ip);
    }

    /// Breaks every open connection from or to this host: both ends get `ConnectionReset`.
    pub fn drop_connections(&self, ip: IpAddr) {
        self.break_links(|link| link.ends.iter().any(|end| end.ip() == ip));
    }

    /// How often anybody tried to connect to this host.
    #[must_use]
    pub fn attempts(&self, ip: IpAddr) -> u64 {
        self.0.lock().attempts.get(&ip).copied().unwrap_or(0)
    }

    /// The power is gone: all listeners and connections with it.
    pub(super) fn reset(&self) {
        let mut state = self.0.lock();
        let gone = (std::mem::take(&mut state.listeners), std::mem::take(&mut state.local_listeners));
        drop(state);
        drop(gone);
        self.break_links(|_| true);
    }

    fn break_links(&self, chosen: impl Fn(&Link) -> bool) {
        let links: Vec<Arc<Link>> = self.0.lock().links.iter().filter_map(Weak::upgrade).collect();
        links.iter().filter(|link| chosen(link)).for_each(|link| link.break_off());
    }
}

impl std::fmt::Debug for SimNet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.lock().listeners.keys()).finish()
    }
}

impl State {
    fn free_port(&mut self) -> u16 {
        loop {
            let port = self.next_port;
            self.next_port = self.next_port.checked_add(1).unwrap_or(PORT_FIRST);
            if self.listeners.keys().all(|taken| taken.port() != port) {
                return port;
            }
        }
    }

    fn listener_for(&self, address: SocketAddr) -> Option<mpsc::Sender<Conn>> {
        if let Some(exact) = self.listeners.get(&address) {
            return Some(exact.clone());
        }
        if !self.own.contains(&address.ip()) {
            return None;
        }
        // As on Linux, a listener on `::` takes IPv4 too.
        let any_v4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
        let any_v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), address.port());
        let v4 = address.is_ipv4().then(|| self.listeners.get(&any_v4)).flatten();
        v4.or_else(|| self.listeners.get(&any_v6)).cloned()
    }

    fn source_ip(&self, target: IpAddr) -> IpAddr {
        let fits =
            |own: &&IpAddr| own.is_ipv4() == target.is_ipv4() && own.is_loopback() == target.is_loopback();
        let loopback = if target.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        self.own.iter().find(fits).copied().unwrap_or(loopback)
    }

    fn link(&mut self, ends: [SocketAddr; 2]) -> (BoxedIo, BoxedIo) {
        self.links.retain(|link| link.strong_count() > 0);
        let link = Arc::new(Link { ends, broken: Mutex::new(Broken::default()) });
        self.links.push(Arc::downgrade(&link));
        let (near, far) = duplex(BUFFER_BYTES);
        (
            Box::new(SimStream { stream: near, link: Arc::clone(&link) }),
            Box::new(SimStream { stream: far, link }),
        )
    }
}

impl NetBackend for SimNet {
    fn listen(&self, address: SocketAddr) -> io::Result<Box<dyn ListenerBackend>> {
        let mut state = self.0.lock();
        let mut address = address;
        if address.port() == 0 {
            address.set_port(state.free_port());
        }
        if state.listeners.get(&address).is_some_and(|taken| !taken.is_closed()) {
            return Err(io::Error::from(io::ErrorKind::AddrInUse));
        }
        let (sender, receiver) = mpsc::channel(usize::try_from(LISTEN_BACKLOG).unwrap_or(1));
        state.listeners.insert(address, sender);
        Ok(Box::new(SimListener { address, receiver: tokio::sync::Mutex::new(receiver) }))
    }

    fn connect(&self, address: SocketAddr, local: Option<IpAddr>) -> BoxFuture<'static, io::Result<Conn>> {
        let net = self.clone();
        Box::pin(async move {
            let silent = {
                let mut state = net.0.lock();
                *state.attempts.entry(address.ip()).or_default() += 1;
                state.silent.contains(&address.ip())
            };
            if silent {
                return std::future::pending().await;
            }
            let mut state = net.0.lock();
            if state.unreachable.contains(&address.ip()) {
                return Err(io::Error::from(io::ErrorKind::HostUnreachable));
            }
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let listener = state.listener_for(address).ok_or_else(refused)?;
            let source = local.unwrap_or_else(|| state.source_ip(address.ip()));
            let source = SocketAddr::new(source, state.free_port());
            let (near, far) = state.link([source, address]);
            drop(state);
            listener.try_send(Conn { io: far, peer: source, local: address }).map_err(|_| refused())?;
            Ok(Conn { io: near, peer: address, local: source })
        })
    }

    fn listen_local(&self, path: &Path) -> io::Result<Box<dyn LocalListenerBackend>> {
        let (sender, receiver) = mpsc::channel(usize::try_from(LISTEN_BACKLOG).unwrap_or(1));
        self.0.lock().local_listeners.insert(path.to_owned(), sender);
        Ok(Box::new(SimLocalListener(tokio::sync::Mutex::new(receiver))))
    }

    fn connect_local(&self, path: &Path) -> BoxFuture<'static, io::Result<LocalConn>> {
        let mut state = self.0.lock();
        let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let result = match state.local_listeners.get(path).cloned() {
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
            Some(listener) => {
                let (near, far) = state.link([nowhere, nowhere]);
                listener
                    .try_send(LocalConn { io: far, peer_uid: LOCAL_UID })
                    .map(|()| LocalConn { io: near, peer_uid: LOCAL_UID })
                    .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))
            }
        };
        drop(state);
        Box::pin(std::future::ready(result))
    }
}

/// A closed channel (all senders gone) means a crash took the listener from the table.
fn powered_off() -> io::Error {
    io::Error::other("simulated power cut")
}

struct SimListener {
    address: SocketAddr,
    receiver: tokio::sync::Mutex<mpsc::Receiver<Conn>>,
}

impl ListenerBackend for SimListener {
    fn accept(&self) -> BoxFuture<'_, io::Result<Conn>> {
        Box::pin(async move { self.receiver.lock().await.recv().await.ok_or_else(powered_off) })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

struct SimLocalListener(tokio::sync::Mutex<mpsc::Receiver<LocalConn>>);

impl LocalListenerBackend for SimLocalListener {
    fn accept(&self) -> BoxFuture<'_, io::Result<LocalConn>> {
        Box::pin(async move { self.0.lock().await.recv().await.ok_or_else(powered_off) })
    }
}

/// What both ends of a connection share.
struct Link {
    ends: [SocketAddr; 2],
    broken: Mutex<Broken>,
}

/// Wakers kept per link: one reader and one writer at each end.
#[derive(Default)]
struct Broken {
    is_broken: bool,
    waiting: Vec<Waker>,
}

impl Link {
    fn break_off(&self) {
        let mut broken = self.broken.lock();
        broken.is_broken = true;
        let waiting = std::mem::take(&mut broken.waiting);
        drop(broken);
        waiting.into_iter().for_each(Waker::wake);
    }
}

struct SimStream {
    stream: DuplexStream,
    link: Arc<Link>,
}

impl SimStream {
    /// Passes `poll` on unless the link is broken; a caller that has to wait is woken when it breaks.
    fn guarded<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut DuplexStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.link.broken.lock().is_broken {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
        }
        let result = poll(Pin::new(&mut self.stream), context);
        if result.is_pending() {
            let mut broken = self.link.broken.lock();
            if !broken.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                broken.waiting.push(context.waker().clone());
            }
        }
        result
    }
}

impl AsyncRead for SimStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.guarded(context, |stream, context| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for SimStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.guarded(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.guarded(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.guarded(context, AsyncWrite::poll_shutdown)
    }
}

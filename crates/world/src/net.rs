//! The network: listening and connecting over TCP, and over Unix sockets on this machine.
//!
//! May touch: sockets (the real network only).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

/// Connections the kernel holds ready before we accept them; the kernel's own limit (`somaxconn`) may be lower.
pub const LISTEN_BACKLOG: u32 = 4096;
/// Mode of a Unix socket: the service account only.
const LOCAL_SOCKET_MODE: u32 = 0o600;

/// A two-way stream of bytes.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// A stream of bytes whose kind does not matter: TCP, TLS, Unix socket, simulated.
pub type BoxedIo = Box<dyn Io>;

/// An open connection.
pub struct Conn {
    /// The stream.
    pub io: BoxedIo,
    /// The other end. An IPv4 peer of an IPv6 socket is shown as IPv4.
    pub peer: SocketAddr,
    /// This end.
    pub local: SocketAddr,
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conn({} -> {})", self.local, self.peer)
    }
}

/// An open connection over a Unix socket.
pub struct LocalConn {
    /// The stream.
    pub io: BoxedIo,
    /// User id of the process at the other end, told by the kernel.
    pub peer_uid: u32,
}

impl fmt::Debug for LocalConn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalConn(uid {})", self.peer_uid)
    }
}

/// What a listening socket has to be able to do; simulated in `sim/net.rs`.
pub(crate) trait ListenerBackend: Send + Sync {
    fn accept(&self) -> BoxFuture<'_, io::Result<Conn>>;
    fn local_addr(&self) -> io::Result<SocketAddr>;
}

/// The same for a Unix socket.
pub(crate) trait LocalListenerBackend: Send + Sync {
    fn accept(&self) -> BoxFuture<'_, io::Result<LocalConn>>;
}

/// What a network has to be able to do; simulated in `sim/net.rs`.
pub(crate) trait NetBackend: Send + Sync {
    fn listen(&self, address: SocketAddr) -> io::Result<Box<dyn ListenerBackend>>;
    fn connect(&self, address: SocketAddr, local: Option<IpAddr>) -> BoxFuture<'static, io::Result<Conn>>;
    fn listen_local(&self, path: &Path) -> io::Result<Box<dyn LocalListenerBackend>>;
    fn connect_local(&self, path: &Path) -> BoxFuture<'static, io::Result<LocalConn>>;
}

/// A handle on a network. Cheap to clone.
#[derive(Clone)]
pub struct Net(Arc<dyn NetBackend>);

impl Net {
    pub(crate) fn from_backend(backend: Arc<dyn NetBackend>) -> Self {
        Self(backend)
    }

    /// The machine's network. Needs a tokio runtime with IO enabled.
    #[must_use]
    pub fn real() -> Self {
        Self(Arc::new(RealNet))
    }

    /// Listens for TCP connections with a backlog of [`LISTEN_BACKLOG`]. Port 0 picks a free one. A port taken by
    /// another socket is `AddrInUse`, one below 1024 without the right is `PermissionDenied`.
    pub async fn listen(&self, address: SocketAddr) -> io::Result<Listener> {
        self.0.listen(address).map(Listener)
    }

    /// Connects over TCP, from the address `local` if given. Has no timeout of its own but the kernel's.
    pub async fn connect(&self, address: SocketAddr, local: Option<IpAddr>) -> io::Result<Conn> {
        self.0.connect(address, local).await
    }

    /// Listens on a Unix socket at `path` that only this user can open. A socket left over there is replaced; hold
    /// the data directory's lock.
    pub async fn listen_local(&self, path: &Path) -> io::Result<LocalListener> {
        self.0.listen_local(path).map(LocalListener)
    }

    /// Connects to a Unix socket.
    pub async fn connect_local(&self, path: &Path) -> io::Result<LocalConn> {
        self.0.connect_local(path).await
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Net")
    }
}

/// A listening TCP socket; closes when dropped.
pub struct Listener(Box<dyn ListenerBackend>);

impl Listener {
    /// Waits for the next connection. A peer that went away before we accepted is passed over. An error (for example
    /// too many open files) is not the listener's end: wait a moment and accept again.
    pub async fn accept(&self) -> io::Result<Conn> {
        self.0.accept().await
    }

    /// The address it listens on, with the port that was picked.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({:?})", self.0.local_addr().ok())
    }
}

/// A listening Unix socket; closes when dropped.
pub struct LocalListener(Box<dyn LocalListenerBackend>);

impl LocalListener {
    /// Waits for the next connection; errors as for [`Listener::accept`].
    pub async fn accept(&self) -> io::Result<LocalConn> {
        self.0.accept().await
    }
}

impl fmt::Debug for LocalListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalListener")
    }
}

struct RealNet;

impl NetBackend for RealNet {
    fn listen(&self, address: SocketAddr) -> io::Result<Box<dyn ListenerBackend>> {
        let socket = socket_for(address)?;
        // Without it a restart could not take the port while old connections are in TIME_WAIT. On Linux it does not
        // let two listeners share a port.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Box::new(RealListener(socket.listen(LISTEN_BACKLOG)?)))
    }

    fn connect(&self, address: SocketAddr, local: Option<IpAddr>) -> BoxFuture<'static, io::Result<Conn>> {
        Box::pin(async move {
            let socket = socket_for(address)?;
            if let Some(local) = local {
                socket.bind(SocketAddr::new(local, 0))?;
            }
            conn_of(socket.connect(address).await?)
        })
    }

    fn listen_local(&self, path: &Path) -> io::Result<Box<dyn LocalListenerBackend>> {
        remove_left_over_socket(path)?;
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(LOCAL_SOCKET_MODE))?;
        Ok(Box::new(RealLocalListener { listener, path: path.to_owned() }))
    }

    fn connect_local(&self, path: &Path) -> BoxFuture<'static, io::Result<LocalConn>> {
        let path = path.to_owned();
        Box::pin(async move { local_conn_of(UnixStream::connect(path).await?) })
    }
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
}

pub(crate) fn conn_of(stream: TcpStream) -> io::Result<Conn> {
    // Replies are written whole; waiting to fill a segment would only delay them.
    stream.set_nodelay(true)?;
    let (peer, local) = (canonical(stream.peer_addr()?), canonical(stream.local_addr()?));
    Ok(Conn { io: Box::new(stream), peer, local })
}

fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(IpAddr::V4(ip), address.port()),
        // Keeps the scope of a link-local address.
        IpAddr::V6(_) => address,
    }
}

/// Whether the peer went away between its arrival and our accepting it.
fn peer_went_away(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NotConnected};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | NotConnected)
}

struct RealListener(TcpListener);

impl ListenerBackend for RealListener {
    fn accept(&self) -> BoxFuture<'_, io::Result<Conn>> {
        Box::pin(async move {
            loop {
                match self.0.accept().await.and_then(|(stream, _)| conn_of(stream)) {
                    Err(error) if peer_went_away(&error) => {}
                    accepted => return accepted,
                }
            }
        })
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

struct RealLocalListener {
    listener: UnixListener,
    path: PathBuf,
}

impl LocalListenerBackend for RealLocalListener {
    fn accept(&self) -> BoxFuture<'_, io::Result<LocalConn>> {
        Box::pin(async move {
            loop {
                match self.listener.accept().await.and_then(|(stream, _)| local_conn_of(stream)) {
                    Err(error) if peer_went_away(&error) => {}
                    accepted => return accepted,
                }
            }
        })
    }
}

impl Drop for RealLocalListener {
    fn drop(&mut self) {
        // Left over it would do no harm: the next start replaces it.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn local_conn_of(stream: UnixStream) -> io::Result<LocalConn> {
    let peer_uid = stream.peer_cred()?.uid();
    Ok(LocalConn { io: Box::new(stream), peer_uid })
}

fn remove_left_over_socket(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

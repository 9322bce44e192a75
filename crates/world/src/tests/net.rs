//! Tests of sockets, real and simulated.
//!
//! May touch: loopback sockets, a temporary directory.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use futures::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sim::{PowerCut, SimWorld};
use crate::{BoxedIo, LISTEN_BACKLOG, Net};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 25));

async fn greet(mut from: BoxedIo, mut to: BoxedIo) -> String {
    let mut read = String::new();
    let write = async {
        from.write_all(b"220 hello\r\n").await.unwrap();
        from.shutdown().await.unwrap();
    };
    join(write, to.read_to_string(&mut read)).await.1.unwrap();
    read
}

async fn connects_and_talks(net: &Net) {
    let listener = net.listen(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    assert_ne!(address.port(), 0);
    assert_eq!(net.listen(address).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    let (client, server) = join(net.connect(address, Some(address.ip())), listener.accept()).await;
    let (client, server) = (client.unwrap(), server.unwrap());
    assert_eq!((client.peer, client.local), (server.local, server.peer));
    assert_eq!(client.peer, address);
    assert_eq!(greet(server.io, client.io).await, "220 hello\r\n");
    drop(listener);
    assert_eq!(net.connect(address, None).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    net.listen(address).await.unwrap();
}

async fn talks_locally(net: &Net, path: &Path) {
    assert_eq!(net.connect_local(path).await.unwrap_err().kind(), ErrorKind::NotFound);
    let listener = net.listen_local(path).await.unwrap();
    let (client, server) = join(net.connect_local(path), listener.accept()).await;
    let (client, server) = (client.unwrap(), server.unwrap());
    assert_eq!(client.peer_uid, server.peer_uid);
    assert_eq!(greet(client.io, server.io).await, "220 hello\r\n");
}

#[tokio::test]
async fn real_sockets() {
    connects_and_talks(&Net::real()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    talks_locally(&Net::real(), &path).await;
    std::fs::write(&path, "not a socket").unwrap();
    assert_eq!(Net::real().listen_local(&path).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
}

#[test]
fn simulated_sockets() {
    let sim = SimWorld::new(1);
    let net = sim.world().net;
    sim.run(connects_and_talks(&net));
    sim.run(talks_locally(&net, Path::new("/data/admin.sock")));
}

#[tokio::test]
async fn a_socket_left_over_is_replaced_and_only_ours() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listener = Net::real().listen_local(&path).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    drop(listener);
    assert!(!path.exists());
}

/// Without a backlog of our own the kernel would hold 128 and let the rest wait for retransmission.
#[tokio::test]
async fn the_backlog_holds_a_burst() {
    let limit = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    let limit: u32 = limit.trim().parse().unwrap();
    const { assert!(LISTEN_BACKLOG >= 1024) };
    let burst = 300.min(limit);
    let listener = Net::real().listen(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    let clients: io::Result<Vec<TcpStream>> = (0..burst).map(|_| TcpStream::connect(address)).collect();
    for client in clients.unwrap() {
        let conn = listener.accept().await.unwrap();
        assert_eq!(conn.peer, client.local_addr().unwrap());
    }
}

#[tokio::test]
async fn connections_do_not_wait_to_fill_a_segment() {
    let listener = std::net::TcpListener::bind(LOOPBACK).unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.set_nonblocking(true).unwrap();
    let same_socket = stream.try_clone().unwrap();
    assert!(!same_socket.nodelay().unwrap());
    let _conn = crate::net::conn_of(tokio::net::TcpStream::from_std(stream).unwrap()).unwrap();
    assert!(same_socket.nodelay().unwrap());
}

#[tokio::test]
async fn an_ipv4_peer_of_an_ipv6_socket_is_shown_as_ipv4() {
    let net = Net::real();
    let Ok(listener) = net.listen("[::]:0".parse().unwrap()).await else { return };
    let address = SocketAddr::new(LOOPBACK.ip(), listener.local_addr().unwrap().port());
    let (client, server) = join(net.connect(address, None), listener.accept()).await;
    assert_eq!(server.unwrap().peer, client.unwrap().local);
}

#[test]
fn hosts_can_be_refusing_unreachable_silent_and_cut_off() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    let address = SocketAddr::new(OUTSIDE, 25);
    let connect = || sim.run(world.clock.timeout(Duration::from_secs(30), world.net.connect(address, None)));
    assert_eq!(connect().unwrap().unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let listener = sim.run(world.net.listen(address)).unwrap();
    let _open = connect().unwrap().unwrap();
    sim.net().make_unreachable(OUTSIDE);
    assert_eq!(connect().unwrap().unwrap_err().kind(), ErrorKind::HostUnreachable);
    sim.net().heal(OUTSIDE);
    sim.net().make_silent(OUTSIDE);
    assert!(connect().is_err());
    assert_eq!(sim.elapsed(), Duration::from_secs(30));
    sim.net().heal(OUTSIDE);
    let mut client = connect().unwrap().unwrap();
    assert_eq!(sim.net().attempts(OUTSIDE), 5);

    sim.run(listener.accept()).unwrap();
    let mut server = sim.run(listener.accept()).unwrap();
    let clock = world.clock.clone();
    let cut = async {
        clock.sleep(Duration::from_secs(1)).await;
        sim.net().drop_connections(OUTSIDE);
    };
    let mut byte = [0];
    let waiting = sim.run(join(client.io.read(&mut byte), cut)).0;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(sim.run(server.io.write_all(b"x")).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_listener_on_all_addresses_is_reached_at_our_own_only() {
    let sim = SimWorld::new(1);
    let net = sim.world().net;
    let own = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    sim.net().add_own_ip(own);
    let _listener = sim.run(net.listen("0.0.0.0:25".parse().unwrap())).unwrap();
    let client = sim.run(net.connect(SocketAddr::new(own, 25), Some(OUTSIDE))).unwrap();
    assert_eq!(client.local.ip(), OUTSIDE);
    assert!(sim.run(net.connect(SocketAddr::new(OUTSIDE, 25), None)).is_err());
}

#[test]
fn a_crash_breaks_connections_and_frees_ports() {
    let sim = SimWorld::new(1);
    let net = sim.world().net;
    let address: SocketAddr = "127.0.0.1:25".parse().unwrap();
    let listener = sim.run(net.listen(address)).unwrap();
    let mut client = sim.run(net.connect(address, None)).unwrap();
    sim.crash(PowerCut::KeepAll);
    assert!(sim.run(client.io.read(&mut [0])).is_err());
    assert!(sim.run(async { join(listener.accept(), listener.accept()).await.1 }).is_err());
    sim.run(sim.world().net.listen(address)).unwrap();
}

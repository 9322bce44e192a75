//! Which process holds a TCP port, from what Linux shows under `/proc`.
//!
//! May touch: `/proc`, read only.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// `TCP_LISTEN` in the state column.
const LISTENING: &str = "0A";

/// Who holds a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// This process itself.
    Own,
    /// Another one.
    Process {
        /// Its id.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// One whose files this user may not see; the user id that owns the socket.
    Hidden(u32),
    /// Nobody is found.
    Unknown,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("another listener of this server holds it"),
            Self::Process { pid, name } => write!(f, "process {pid} ({name}) holds it"),
            Self::Hidden(uid) => {
                write!(f, "a process of user {uid} holds it; `ss -ltnp` as root names it")
            }
            Self::Unknown => f.write_str("another process holds it; `ss -ltnp` as root names it"),
        }
    }
}

/// Why an address cannot be listened on, as one sentence that names the holder where the port is taken.
pub(crate) fn explain(address: SocketAddr, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("cannot listen on {address}: the port is taken, {}", find(address))
        }
        std::io::ErrorKind::PermissionDenied => format!(
            "cannot listen on {address}: ports below 1024 need root or CAP_NET_BIND_SERVICE; use another port or packaging/postroom.service"
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            format!("cannot listen on {address}: this machine has no such address")
        }
        _ => format!("cannot listen on {address}: {error}"),
    }
}

/// Looks for the process that keeps `wanted` from being listened on.
pub(crate) fn find(wanted: SocketAddr) -> Holder {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let sockets: Vec<Socket> = tables
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .flat_map(|table| table.lines().filter_map(listening).collect::<Vec<_>>())
        .filter(|socket| collides(socket.address, wanted))
        .collect();
    for socket in &sockets {
        if let Some(pid) = owner(socket.inode) {
            if pid == std::process::id() {
                return Holder::Own;
            }
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            return Holder::Process { pid, name: name.trim().to_owned() };
        }
    }
    sockets.first().map_or(Holder::Unknown, |socket| Holder::Hidden(socket.uid))
}

struct Socket {
    address: SocketAddr,
    uid: u32,
    inode: u64,
}

/// A line of `/proc/net/tcp` or `tcp6` about a listening socket: `sl local remote st queues timer retransmits uid
/// timeout inode`.
fn listening(line: &str) -> Option<Socket> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let column = |at: usize| columns.get(at).copied();
    if column(3)? != LISTENING {
        return None;
    }
    Some(Socket {
        address: address(column(1)?)?,
        uid: column(7)?.parse().ok()?,
        inode: column(9)?.parse().ok()?,
    })
}

/// An address as the kernel writes it: 32-bit words in the machine's byte order, and the port, in hexadecimal.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let ip = match ip.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(at)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Whether a listener on `held` keeps `wanted` from being taken.
fn collides(held: SocketAddr, wanted: SocketAddr) -> bool {
    let (held_ip, wanted_ip) = (held.ip().to_canonical(), wanted.ip().to_canonical());
    held.port() == wanted.port()
        && (held_ip == wanted_ip || held_ip.is_unspecified() || wanted_ip.is_unspecified())
}

/// The process that has the socket open.
fn owner(inode: u64) -> Option<u32> {
    let wanted = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        has_open(&process.path(), &wanted).then_some(pid)
    })
}

fn has_open(process: &Path, wanted: &str) -> bool {
    let Ok(files) = std::fs::read_dir(process.join("fd")) else { return false };
    files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|link| link.as_os_str() == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_kernel_are_read() {
        assert_eq!(address("0100007F:0019"), Some("127.0.0.1:25".parse().unwrap()));
        assert_eq!(address("00000000000000000000000001000000:024B"), Some("[::1]:587".parse().unwrap()));
        for text in ["", "0100007F", "0100007F:", "01007F:0019", "é00007F:0019"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn a_wildcard_takes_every_address_of_the_port() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(collides(address("0.0.0.0:25"), address("127.0.0.1:25")));
        assert!(collides(address("[::ffff:127.0.0.1]:25"), address("127.0.0.1:25")));
        assert!(!collides(address("127.0.0.1:25"), address("127.0.0.2:25")));
        assert!(!collides(address("0.0.0.0:25"), address("127.0.0.1:26")));
    }

    #[test]
    fn a_port_of_ours_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = listener.local_addr().unwrap();
        assert_eq!(find(taken), Holder::Own);
        let error = std::net::TcpListener::bind(taken).unwrap_err();
        let sentence = explain(taken, &error);
        assert!(sentence.contains("the port is taken") && sentence.contains("this server"), "{sentence}");
        drop(listener);
        assert_eq!(find(taken), Holder::Unknown);
    }
}

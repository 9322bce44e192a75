//! A host for tests that says and expects what its script says.
//!
//! May touch: the connections it is handed.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use world::sim::SIM_START;
use world::{BoxedIo, CertStore, Certificate, Listener, TlsAcceptor, World, self_signed};

/// Plays one script per connection, one after another.
pub(super) async fn serve(listener: &Listener, scripts: &[impl AsRef<str>], world: &World) {
    for script in scripts {
        let conn = listener.accept().await.unwrap();
        converse(conn.io, script.as_ref(), world).await;
    }
}

/// `S:` is said, `C:` must come, `TLS` is a handshake, `TLS OF DISK` one with the
/// certificate /host.pem and its key /host.key, `BAD TLS` garbage in its place, `SILENCE` waits for the end.
/// Gives back the connection, so that another script can go on with it.
pub(super) async fn converse(mut io: BoxedIo, script: &str, world: &World) -> Option<BoxedIo> {
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(said) = line.strip_prefix("S: ") {
            io.write_all(format!("{said}\r\n").as_bytes()).await.unwrap();
        } else if let Some(expected) = line.strip_prefix("C:") {
            assert_eq!(read_line(&mut io).await.as_deref(), Some(expected.trim_start()));
        } else if line == "TLS" || line == "TLS OF DISK" {
            let (certificate, key) = if line == "TLS" { made() } else { of_disk(world) };
            let store = CertStore::new();
            store.replace(vec![Certificate::from_pem(&certificate, &key).unwrap()], None);
            let acceptor = TlsAcceptor::new(&store, None, &[], &world.clock).unwrap();
            // A client that refuses the certificate ends the conversation.
            let Ok((upgraded, _)) = acceptor.accept(io).await else { return None };
            io = upgraded;
        } else if line == "BAD TLS" {
            io.write_all(b"this is not TLS at all, as you see\r\n").await.unwrap();
        } else {
            assert_eq!(line, "SILENCE");
            while read_line(&mut io).await.is_some() {}
        }
    }
    Some(io)
}

fn made() -> (String, String) {
    let names = ["mx.fabrikam.example".to_owned()];
    let (from, to) = (SIM_START, SIM_START + jiff::SignedDuration::from_hours(24));
    self_signed(&names, from, to).unwrap()
}

fn of_disk(world: &World) -> (String, String) {
    let read = |path: &str| {
        String::from_utf8(world.disk.read(std::path::Path::new(path)).unwrap().to_vec()).unwrap()
    };
    (read("/host.pem"), read("/host.key"))
}

async fn read_line(io: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    loop {
        let octet = io.read_u8().await.ok()?;
        line.push(octet);
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            return Some(String::from_utf8(line).unwrap());
        }
    }
}

//! A source of type Syslog: lines over TCP or TLS, from any number of senders.
//!
//! May touch: sockets, the clock, the executor, the store through [`Places`].
//! Standards: RFC 5425 §4 (TLS), RFC 6587 §3.4 (TCP).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use world::{BoxedIo, Listener, TlsAcceptor};

use super::super::format::Format;
use super::super::listen::Frames;
use super::POLL;
use super::intake::Text;
use super::task::Task;

/// Connections of one source at once.
const CONNECTIONS_MAX: usize = 64;
/// A connection that says nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(3_600);
/// A TLS handshake may take so long.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Lines of a connection that may wait to be read.
const LINES_WAITING_MAX: usize = 10_000;
/// Octets read from a connection at once.
const PIECE_BYTES: usize = 16 * 1_024;

impl Task {
    /// Listens until it is stopped.
    pub(super) async fn syslog(self, bind: SocketAddr, tls: bool) {
        self.begin().await;
        let world = self.own.0.world.clone();
        let acceptor = match tls.then(|| TlsAcceptor::new(&self.own.0.certificates, None, &[], &world.clock))
        {
            None => None,
            Some(Ok(acceptor)) => Some(acceptor),
            Some(Err(error)) => return self.fail(&error),
        };
        let listener = loop {
            match world.net.listen(bind).await {
                Ok(listener) => break listener,
                Err(error) => self.fail(&format!("cannot listen on {bind}: {error}")),
            }
            if !self.pause(POLL).await {
                return;
            }
        };
        self.state.lock().listening = listener.local_addr().ok();
        self.well();
        let (lines, waiting) = mpsc::channel(LINES_WAITING_MAX);
        world.exec.spawn("trace source lines", self.clone().read_lines(waiting));
        self.accept(listener, acceptor, lines).await;
    }

    async fn accept(self, listener: Listener, acceptor: Option<TlsAcceptor>, lines: mpsc::Sender<Vec<u8>>) {
        let world = self.own.0.world.clone();
        let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
        let mut stopped = self.stopped.clone();
        while !self.is_stopped() {
            let Ok(seat) = Arc::clone(&room).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => return,
            };
            let conn = match accepted {
                Ok(conn) => conn,
                Err(error) => {
                    self.fail(&error);
                    self.pause(POLL).await;
                    continue;
                }
            };
            let (task, acceptor, lines) = (self.clone(), acceptor.clone(), lines.clone());
            world.exec.spawn("trace source connection", async move {
                let io = match acceptor {
                    None => Some(conn.io),
                    Some(acceptor) => task.handshake(acceptor, conn.io, conn.peer).await,
                };
                if let Some(io) = io {
                    task.connection(io, conn.peer, lines).await;
                }
                drop(seat);
            });
        }
    }

    async fn handshake(&self, acceptor: TlsAcceptor, io: BoxedIo, peer: SocketAddr) -> Option<BoxedIo> {
        match self.own.0.world.clock.timeout(HANDSHAKE, acceptor.accept(io)).await {
            Ok(Ok((io, _))) => Some(io),
            Ok(Err(error)) => {
                tracing::info!(%peer, %error, "a syslog sender's TLS handshake failed");
                None
            }
            Err(_) => None,
        }
    }

    async fn connection(self, mut io: BoxedIo, peer: SocketAddr, lines: mpsc::Sender<Vec<u8>>) {
        let clock = self.own.0.world.clock.clone();
        let (mut frames, mut piece, mut stopped) =
            (Frames::default(), vec![0_u8; PIECE_BYTES], self.stopped.clone());
        loop {
            let read = tokio::select! {
                read = clock.timeout(IDLE, io.read(&mut piece)) => read,
                _ = stopped.changed() => return,
            };
            let Ok(Ok(read)) = read else { return };
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { return };
            let mut found = Vec::new();
            let fed = frames.feed(bytes, &mut |frame| {
                // A line end within a frame would be two lines.
                let mut line: Vec<u8> =
                    frame.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
                line.push(b'\n');
                found.push(line);
            });
            for line in found {
                // A full channel holds the sender back; nothing is dropped.
                if lines.send(line).await.is_err() {
                    return;
                }
            }
            if let Err(error) = fed {
                tracing::warn!(%peer, %error, "a syslog connection was closed");
                return;
            }
        }
    }

    /// Reads the lines of all connections and writes what they tell.
    async fn read_lines(self, mut lines: mpsc::Receiver<Vec<u8>>) {
        // Mail logs share one reader, which tells the programs apart.
        let Some(mut intake) = self.intake(Some(Format::Postfix), true) else { return };
        let world = self.own.0.world.clone();
        loop {
            let Some(mut text) = lines.recv().await else { return };
            while let Ok(more) = lines.try_recv() {
                text.extend(more);
            }
            loop {
                let (places, now, piece) =
                    (self.own.0.places.clone(), world.clock.now(), std::mem::take(&mut text));
                let work = move || {
                    let taken = intake.take(&piece, Text::Lines, &places, now);
                    (intake, taken)
                };
                let (back, taken) = world.exec.blocking(work).await;
                intake = back;
                match taken {
                    Ok(polled) => {
                        self.told(&polled).await;
                        break;
                    }
                    // What was read waits in the intake: the next round writes it, and senders are held back.
                    Err(error) => self.fail(&error),
                }
                if !self.pause(POLL).await {
                    return;
                }
            }
        }
    }
}

//! A source of type Syslog: lines over TCP or TLS, from any number of senders.
//!
//! May touch: sockets, the clock, the executor, the store through [`Places`].
//! Whoever can reach the port may send, unless ranges of addresses are given; so what waits is bounded by octets, and a
//! connection that says nothing makes room for another.
//! Standards: RFC 5425 §4 (TLS), RFC 6587 §3.4 (TCP).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use directory::IpRange;
use parking_lot::Mutex;
use tokio::io::AsyncReadExt;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use world::{BoxedIo, Conn, Listener, TlsAcceptor};

use super::super::follow::Polled;
use super::super::format::Format;
use super::super::listen::{Broken, Frame, Frames};
use super::super::tally::shown;
use super::POLL;
use super::intake::Text;
use super::task::Task;

/// Connections of one source at once.
const CONNECTIONS_MAX: usize = 64;
/// A connection that says nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(3_600);
/// When all connections are taken, the one that has said nothing for longest, and for so long, is closed for a new one.
const YIELDS_AFTER: Duration = Duration::from_secs(60);
/// A TLS handshake may take so long.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Lines of all connections that may wait to be read, and their octets.
const LINES_WAITING_MAX: usize = 10_000;
const WAITING_BYTES_MAX: usize = 4 << 20;
/// Octets that are read and written in one round; a line more may be in it.
const ROUND_BYTES: usize = 1 << 20;
/// Octets read from a connection at once.
const PIECE_BYTES: usize = 16 * 1_024;

/// How the error of a source begins that is read, and whose sender frames wrongly.
pub(crate) const LOST: &str = "records were lost";
/// For so long after a frame that was broken the source shows it as its error.
const BROKEN_SHOWN: Duration = Duration::from_secs(60);
/// So many broken frames of a source are logged in this time; how many more there were is logged after it.
const LOGGED_MAX: u64 = 10;
const LOGGED_IN: Duration = Duration::from_secs(60);

/// What came of a connection.
enum Came {
    Line(Vec<u8>),
    Broken { said: String, is_wrong: bool },
}

/// Something that waits, with the room it takes.
struct Waiting {
    came: Came,
    _room: OwnedSemaphorePermit,
}

/// Where connections put their lines.
#[derive(Clone)]
struct Lines {
    sender: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

impl Lines {
    /// Waits for room, which holds the sender back: nothing is dropped. `false` if nobody reads any more.
    async fn put(&self, came: Came) -> bool {
        let octets = match &came {
            Came::Line(line) => line.len(),
            Came::Broken { said, .. } => said.len(),
        };
        let octets = u32::try_from(octets.min(WAITING_BYTES_MAX)).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(octets).await else { return false };
        self.sender.send(Waiting { came, _room: room }).await.is_ok()
    }
}

/// What is to be said of a frame that is none.
fn came(peer: SocketAddr, broken: &Broken) -> Came {
    let begin = shown(&String::from_utf8_lossy(&broken.begin));
    Came::Broken { said: format!("from {}: {}: {begin}", peer.ip(), broken.why), is_wrong: broken.is_wrong }
}

/// What is read in one round.
#[derive(Default)]
struct Round {
    text: Vec<u8>,
    broken: Vec<String>,
    /// The last of them whose sender frames wrongly.
    wrong: Option<String>,
}

impl Round {
    fn add(&mut self, came: Came) {
        match came {
            Came::Line(line) => self.text.extend(line),
            Came::Broken { said, is_wrong } => {
                if is_wrong {
                    self.wrong = Some(said.clone());
                }
                self.broken.push(said);
            }
        }
    }
}

/// The broken frames of a source that were told lately.
#[derive(Default)]
struct Told {
    /// When the last one came whose sender frames wrongly, in time since the start.
    wrong: Option<Duration>,
    /// Since when those that are logged are counted, and how many there are.
    since: Duration,
    count: u64,
}

/// The connections there are.
#[derive(Debug, Default)]
struct Seats {
    taken: HashMap<u64, Seat>,
    next: u64,
}

#[derive(Debug)]
struct Seat {
    /// When it said something last, in time since the start.
    heard: Duration,
    /// Tells it to leave.
    leave: Arc<Notify>,
}

impl Seats {
    /// A seat for a new connection, if need be that of the one silent for longest.
    fn take(&mut self, now: Duration) -> Option<(u64, Arc<Notify>)> {
        if self.taken.len() >= CONNECTIONS_MAX {
            let (silent, seat) = self.taken.iter().min_by_key(|(_, seat)| seat.heard)?;
            if now.saturating_sub(seat.heard) < YIELDS_AFTER {
                return None;
            }
            let silent = *silent;
            seat.leave.notify_one();
            self.taken.remove(&silent);
        }
        let (number, leave) = (self.next, Arc::new(Notify::new()));
        self.next = self.next.wrapping_add(1);
        self.taken.insert(number, Seat { heard: now, leave: Arc::clone(&leave) });
        Some((number, leave))
    }

    fn heard(&mut self, number: u64, now: Duration) {
        if let Some(seat) = self.taken.get_mut(&number) {
            seat.heard = now;
        }
    }
}

impl Task {
    /// Listens until it is stopped.
    pub(super) async fn syslog(self, bind: SocketAddr, tls: bool, from: Vec<IpRange>) {
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
        let (sender, waiting) = mpsc::channel(LINES_WAITING_MAX);
        world.exec.spawn("trace source lines", self.clone().read_lines(waiting));
        let lines = Lines { sender, room: Arc::new(Semaphore::new(WAITING_BYTES_MAX)) };
        self.accept(listener, acceptor, lines, &from).await;
    }

    async fn accept(self, listener: Listener, acceptor: Option<TlsAcceptor>, lines: Lines, from: &[IpRange]) {
        let world = self.own.0.world.clone();
        let seats = Arc::new(Mutex::new(Seats::default()));
        let mut stopped = self.stopped.clone();
        while !self.is_stopped() {
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
            if !from.is_empty() && !from.iter().any(|range| range.contains(conn.peer.ip())) {
                tracing::info!(peer = %conn.peer, source = %self.spec.name, "a syslog sender is in no range of the source");
                continue;
            }
            let (number, leave) = loop {
                let free = seats.lock().take(world.clock.elapsed());
                if let Some(free) = free {
                    break free;
                }
                if !self.pause(POLL).await {
                    return;
                }
            };
            let (task, acceptor, lines) = (self.clone(), acceptor.clone(), lines.clone());
            let seats = Arc::clone(&seats);
            world.exec.spawn("trace source connection", async move {
                tokio::select! {
                    () = task.serve(conn, acceptor, &lines, (&seats, number)) => {}
                    () = leave.notified() => {}
                }
                seats.lock().taken.remove(&number);
            });
        }
    }

    async fn serve(
        &self,
        conn: Conn,
        acceptor: Option<TlsAcceptor>,
        lines: &Lines,
        seat: (&Mutex<Seats>, u64),
    ) {
        let io = match acceptor {
            None => Some(conn.io),
            Some(acceptor) => self.handshake(acceptor, conn.io, conn.peer).await,
        };
        if let Some(io) = io {
            self.connection(io, conn.peer, lines, seat).await;
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

    async fn connection(
        &self,
        mut io: BoxedIo,
        peer: SocketAddr,
        lines: &Lines,
        (seats, number): (&Mutex<Seats>, u64),
    ) {
        let clock = self.own.0.world.clock.clone();
        let (mut frames, mut piece, mut stopped) =
            (Frames::default(), vec![0_u8; PIECE_BYTES], self.stopped.clone());
        loop {
            let read = tokio::select! {
                read = clock.timeout(IDLE, io.read(&mut piece)) => read,
                _ = stopped.changed() => return,
            };
            let read = read.unwrap_or(Ok(0)).unwrap_or(0);
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
                // What it did not end is lost, and counted.
                if let Some(broken) = frames.finish() {
                    seats.lock().heard(number, Duration::MAX);
                    lines.put(came(peer, &broken)).await;
                }
                return;
            };
            // As long as it is held back it is not silent: what was read of it would be lost.
            seats.lock().heard(number, Duration::MAX);
            let mut found = Vec::new();
            frames.feed(bytes, &mut |frame| {
                found.push(match frame {
                    Frame::Line(line) => {
                        // A line end within a frame would be two lines.
                        let ends = line.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte });
                        Came::Line(ends.chain([b'\n']).collect())
                    }
                    Frame::Broken(broken) => came(peer, &broken),
                });
            });
            for line in found {
                if !lines.put(line).await {
                    return;
                }
            }
            seats.lock().heard(number, clock.elapsed());
        }
    }

    /// Reads the lines of all connections and writes what they tell.
    async fn read_lines(self, mut lines: mpsc::Receiver<Waiting>) {
        // Mail logs share one reader, which tells the programs apart.
        let Some(mut intake) = self.intake(Some(Format::Postfix), true) else { return };
        let (world, mut told) = (self.own.0.world.clone(), Told::default());
        loop {
            let Some(Waiting { came, .. }) = lines.recv().await else { return };
            let mut round = Round::default();
            round.add(came);
            while round.text.len() < ROUND_BYTES
                && round.broken.len() < LINES_WAITING_MAX
                && let Ok(more) = lines.try_recv()
            {
                round.add(more.came);
            }
            self.tell_broken(&mut told, &round);
            loop {
                let (places, now, piece) =
                    (self.own.0.places.clone(), world.clock.now(), std::mem::take(&mut round.text));
                let work = move || {
                    let taken = intake.take(&piece, Text::Lines, &places, now);
                    (intake, taken)
                };
                let (back, taken) = world.exec.blocking(work).await;
                intake = back;
                match taken {
                    Ok(mut polled) => {
                        add_broken(&mut polled, std::mem::take(&mut round.broken));
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

    /// Logs what came of no use, and shows it as the source's error for a while.
    fn tell_broken(&self, told: &mut Told, round: &Round) {
        let (now, framing) = (self.own.0.world.clock.elapsed(), self.of_part("framing"));
        if let Some(wrong) = &round.wrong {
            told.wrong = Some(now);
            framing.show(format!("{LOST}: {wrong}"));
        } else if told.wrong.is_some_and(|at| now.saturating_sub(at) >= BROKEN_SHOWN) {
            told.wrong = None;
            framing.well();
        }
        if now.saturating_sub(told.since) >= LOGGED_IN {
            let unsaid = told.count.saturating_sub(LOGGED_MAX);
            if unsaid > 0 {
                tracing::warn!(source = %self.spec.name, count = unsaid, "more syslog frames were not understood");
            }
            (told.since, told.count) = (now, 0);
        }
        for said in &round.broken {
            told.count = told.count.saturating_add(1);
            if told.count <= LOGGED_MAX {
                tracing::warn!(source = %self.spec.name, frame = %said, "a syslog frame was not understood");
            }
        }
    }
}

/// Counts broken frames as records that are not understood.
fn add_broken(polled: &mut Polled, broken: Vec<String>) {
    let count = u64::try_from(broken.len()).unwrap_or(u64::MAX);
    polled.lines = polled.lines.saturating_add(count);
    polled.unknown = polled.unknown.saturating_add(count);
    polled.unknown_lines.extend(broken);
}

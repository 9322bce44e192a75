//! Load: so many messages over so many sessions, the recipients in turn.
//!
//! May touch: sockets on loopback, threads, time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::{Client, message};
use crate::figures::{Arguments, Done, line, percentile};

struct Load {
    port: u16,
    messages: usize,
    size: usize,
    from: String,
    to: String,
    recipients: usize,
    reuse: bool,
    next: AtomicUsize,
    times: Mutex<Vec<Duration>>,
}

/// Sends, and gives messages a second and the time of a message.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let load = Load {
        port: arguments.get("port")?,
        messages: arguments.get("messages")?,
        size: arguments.get("size")?,
        from: arguments.get("from")?,
        to: arguments.get("to")?,
        recipients: arguments.or("recipients", 1)?,
        reuse: arguments.or("reuse", "no".to_owned())? == "yes",
        next: AtomicUsize::new(0),
        times: Mutex::default(),
    };
    let sessions: usize = arguments.get("sessions")?;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..sessions).map(|_| scope.spawn(|| work(&load))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a session broke off")?)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut times = load.times.into_inner().map_err(|_| "a session broke off")?;
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a count of messages")]
    let messages = load.messages as f64;
    Ok(line(&[
        ("messages", messages),
        ("seconds", seconds),
        ("per_s", messages / seconds),
        ("p50_ms", percentile(&times, 0.5)),
        ("p99_ms", percentile(&times, 0.99)),
    ]))
}

fn work(load: &Load) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut client = None;
    let mut times = Vec::new();
    // Messages of one run differ from those of another, or a second run would be taken for a resend.
    let run = std::process::id();
    loop {
        let number = load.next.fetch_add(1, Ordering::Relaxed);
        if number >= load.messages {
            break;
        }
        let to = load.to.replace("{}", &format!("{:03}", number % load.recipients));
        let content = message(&load.from, &to, &format!("load-{run}-{number}"), load.size);
        let begun = Instant::now();
        let mut open = match client.take() {
            Some(open) => open,
            None => Client::open(load.port)?,
        };
        open.send(&load.from, &to, &content)?;
        times.push(begun.elapsed());
        if load.reuse {
            client = Some(open);
        } else {
            open.quit()?;
        }
    }
    if let Some(open) = client {
        open.quit()?;
    }
    load.times.lock().map_err(|_| "another session broke off")?.extend(times);
    Ok(())
}

//! The time from the `250` to the row in a search, one message after the other.
//!
//! May touch: sockets on loopback, the Unix socket of a server, time.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::client::{Client, message};
use crate::figures::{Arguments, Done, line, percentile};

/// A row that is not there by then fails the measurement.
const ROW_WAIT_MAX: Duration = Duration::from_secs(30);
/// Between two searches; a search takes as long by itself.
const PAUSE: Duration = Duration::from_millis(1);

/// Sends messages from senders nobody else is, and searches for each until it is found.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let (port, socket, to) =
        (arguments.get("port")?, arguments.get::<String>("socket")?, arguments.get::<String>("to")?);
    let count: usize = arguments.get("count")?;
    let mut smtp = Client::open(port)?;
    let mut http = BufReader::new(UnixStream::connect(socket)?);
    let (mut times, mut searches) = (Vec::with_capacity(count), 0_u32);
    for number in 0..count {
        let from = format!("probe-{}-{number}@probe.test", std::process::id());
        smtp.send(&from, &to, &message(&from, &to, &format!("probe {number}"), 1_024))?;
        let acknowledged = Instant::now();
        loop {
            searches += 1;
            if is_found(&mut http, &from)? {
                times.push(acknowledged.elapsed());
                break;
            }
            if acknowledged.elapsed() > ROW_WAIT_MAX {
                return Err(format!("{from} has no row after {} s", ROW_WAIT_MAX.as_secs()).into());
            }
            std::thread::sleep(PAUSE);
        }
    }
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a count of messages")]
    let count = times.len() as f64;
    Ok(line(&[
        ("count", count),
        ("p50_ms", percentile(&times, 0.5)),
        ("p99_ms", percentile(&times, 0.99)),
        ("max_ms", percentile(&times, 1.0)),
        ("searches_per_message", f64::from(searches) / count),
    ]))
}

fn is_found(http: &mut BufReader<UnixStream>, from: &str) -> std::io::Result<bool> {
    let body = format!("{{\"SenderAddress\":\"{from}\"}}");
    write!(
        http.get_mut(),
        "POST /api/v1/cmdlets/Get-MessageTrace HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let (mut length, mut line, mut status) = (0_usize, String::new(), String::new());
    loop {
        line.clear();
        if http.read_line(&mut line)? == 0 {
            return Err(std::io::Error::other("the server has closed the socket"));
        }
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            break;
        }
        if status.is_empty() {
            trimmed.clone_into(&mut status);
        }
        if let Some((name, value)) =
            trimmed.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.trim().parse().map_err(|_| std::io::Error::other(format!("{name} {value}")))?;
        }
    }
    let mut body = vec![0; length];
    http.read_exact(&mut body)?;
    let text = String::from_utf8_lossy(&body);
    if !status.contains(" 200") {
        return Err(std::io::Error::other(format!("{status}: {text}")));
    }
    Ok(text.contains(from) && text.contains("MessageTraceId"))
}

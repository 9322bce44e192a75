//! `-Follow`: a search that stays open; prints the rows there are, then each that is new or changed, and says of each
//! that no longer has a status asked for which one it has.
//! May touch: the terminal and the connection it is given.
//! Standards: HTML Living Standard, server-sent events.

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::{Connect, EXIT_OK, Terminal, refusal};
use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::cmdlets::message_trace::object::STATUSES;
use crate::error::CmdletError;
use crate::http::stream_over;
use crate::output::{Output, Row};
use crate::row_names::RowNames;
use crate::view::{self, Format, Reader};

/// Longest event read; a row is some kilobytes.
const EVENT_BYTES_MAX: usize = 1024 * 1024;
/// Rows remembered that were printed: of an older one it is not said that it left.
const PRINTED_MAX: usize = 100_000;

/// Whether the search is to stay open.
pub(super) fn is_asked(arguments: &Arguments) -> bool {
    arguments.cmdlet().parameter("Follow").is_some() && arguments.is_on("Follow")
}

/// Prints until the server ends the stream; Ctrl-C ends the program.
pub(super) async fn run(
    arguments: &Arguments,
    format: Format,
    zone: TimeZone,
    terminal: &mut dyn Terminal,
    connect: &dyn Connect,
) -> Result<u8, CmdletError> {
    let io = connect.connect().await.map_err(CmdletError::Unavailable)?;
    let authorization = connect.authorization();
    let path = format!("/api/v1/traces/stream?{}", query(arguments));
    let reader = Reader { zone, width: terminal.width() };
    let mut printer = Printer {
        cmdlet: arguments.cmdlet(),
        format,
        reader,
        unread: Vec::new(),
        has_head: false,
        ended: None,
        printed: RowNames::new(PRINTED_MAX),
        terminal,
    };
    let mut take = |bytes: &[u8]| printer.take(bytes);
    let refused = stream_over(io, &connect.host(), authorization.as_deref(), &path, &mut take).await;
    let refused = refused.map_err(CmdletError::Unavailable)?;
    if let Some(error) = refused.as_ref().and_then(refusal) {
        return Err(error);
    }
    match printer.ended {
        Some(why) => Err(CmdletError::Unavailable(format!("the search ended: {why}"))),
        None => Ok(EXIT_OK),
    }
}

/// The arguments as parameters of an address; a list is given value by value.
fn query(arguments: &Arguments) -> String {
    let mut pairs = Vec::new();
    for (name, value) in arguments.to_json() {
        let values = match value {
            Json::Array(values) => values,
            one => vec![one],
        };
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(format!("{name}={}", encoded(&text)));
        }
    }
    pairs.join("&")
}

/// Percent-encodes what is not unreserved.
fn encoded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push_str(&format!("%{byte:02X}"));
        }
    }
    coded
}

/// Reads events, and prints the rows of each piece together.
struct Printer<'a> {
    cmdlet: &'static Cmdlet,
    format: Format,
    reader: Reader,
    unread: Vec<u8>,
    has_head: bool,
    ended: Option<String>,
    printed: RowNames,
    terminal: &'a mut dyn Terminal,
}

impl Printer<'_> {
    fn take(&mut self, bytes: &[u8]) -> bool {
        self.unread.extend_from_slice(bytes);
        let mut rows = Vec::new();
        while let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.unread.drain(..end.saturating_add(2)).collect();
            self.event(&String::from_utf8_lossy(&block), &mut rows);
        }
        self.print(rows);
        if self.unread.len() > EVENT_BYTES_MAX {
            self.ended = Some("an event is too long to be one of ours".to_owned());
        }
        self.ended.is_none()
    }

    /// Adds a row to those to be printed; everything else is said at once.
    fn event(&mut self, block: &str, rows: &mut Vec<Row>) {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let Some(data) = field("data:").and_then(|data| serde_json::from_str::<Json>(data).ok()) else {
            return;
        };
        match field("event:").unwrap_or_default() {
            "row" => {
                if let Some(row) = data.as_object() {
                    self.printed.add(row);
                    rows.push(row.clone());
                }
            }
            "gone" => {
                if let Some(row) = data.as_object().filter(|row| self.printed.take(row)) {
                    // In the order in which it happened.
                    self.print(std::mem::take(rows));
                    self.left(row);
                }
            }
            "missed" => {
                let count = data.get("changes").and_then(Json::as_u64).unwrap_or(0);
                self.terminal.err(&format!("WARNING: {count} changes went by unseen; search again\n"));
            }
            "ready" => {
                let texts = |name: &str| data.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
                for note in texts("notes").iter().filter_map(Json::as_str) {
                    self.terminal.err(&format!("{note}\n"));
                }
                for warning in texts("warnings").iter().filter_map(Json::as_str) {
                    self.terminal.err(&format!("WARNING: {warning}\n"));
                }
            }
            "end" => {
                let why = data.get("message").and_then(Json::as_str).unwrap_or("the server says no more");
                self.ended = Some(why.to_owned());
            }
            _ => {}
        }
    }

    /// `kim@contoso.example of 0193… is Delivered now`.
    fn left(&mut self, row: &Row) {
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        let status = text("Status");
        let words = STATUSES.iter().find(|(word, _)| *word == status).map_or(status, |(_, words)| *words);
        let (to, id) = (text("RecipientAddress"), text("MessageTraceId"));
        let line = format!("No longer among them: {to} of {id} is {words} now");
        self.terminal.err(&format!("{}\n", view::printable(&line, false)));
    }

    /// JSON is a line for each row; a table and CSV have one head.
    fn print(&mut self, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        if self.format == Format::Json {
            let lines: String = rows.into_iter().map(|row| format!("{}\n", Json::Object(row))).collect();
            self.terminal.out(lines.as_bytes());
            return;
        }
        let text = view::write(self.cmdlet, &Output::list(rows), self.format, &self.reader);
        let head = match self.format {
            Format::Table => 2,
            Format::Csv => 1,
            _ => 0,
        };
        let skipped = if self.has_head { head } else { 0 };
        self.has_head = true;
        let text: String = text.split_inclusive('\n').skip(skipped).collect();
        self.terminal.out(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shell::Answer;

    #[derive(Default)]
    struct Screen(String);

    impl Terminal for Screen {
        fn out(&mut self, bytes: &[u8]) {
            self.0.push_str(&String::from_utf8_lossy(bytes));
        }
        fn err(&mut self, text: &str) {
            self.0.push_str(&format!("! {text}"));
        }
        fn ask(&mut self, _: &str) -> Answer {
            Answer::NoTerminal
        }
        fn width(&self) -> Option<usize> {
            None
        }
        fn zone(&self) -> TimeZone {
            TimeZone::UTC
        }
        fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
            Err(format!("{path} does not exist"))
        }
        fn write_file(&mut self, path: &str, _: &[u8]) -> Result<(), String> {
            Err(format!("{path} cannot be written"))
        }
    }

    #[test]
    fn a_row_that_leaves_the_search_is_named_with_its_new_status() {
        let row = |name: &str, to: &str, status: &str| {
            let data = json!({ "MessageTraceId": "7", "RecipientAddress": to, "Status": status });
            format!("event: {name}\ndata: {data}\n\n")
        };
        let mut screen = Screen::default();
        let mut printer = Printer {
            cmdlet: &crate::cmdlets::message_trace::get_message_trace::CMDLET,
            format: Format::Json,
            reader: Reader { zone: TimeZone::UTC, width: None },
            unread: Vec::new(),
            has_head: false,
            ended: None,
            printed: RowNames::new(PRINTED_MAX),
            terminal: &mut screen,
        };
        let events = [
            row("row", "kim@contoso.example", "Pending"),
            // One that was never among them leaves nothing.
            row("gone", "lee@contoso.example", "Delivered"),
            row("gone", "kim@contoso.example", "FilteredAsSpam"),
            row("gone", "kim@contoso.example", "FilteredAsSpam"),
            row("row", "kim@contoso.example", "Pending"),
            row("gone", "kim@contoso.example", "Failed"),
        ];
        assert!(printer.take(events.concat().as_bytes()));
        let lines: Vec<&str> = screen.0.lines().collect();
        assert_eq!(lines.len(), 4, "{}", screen.0);
        assert!(lines[0].contains("\"Pending\"") && lines[2].contains("\"Pending\""), "{}", screen.0);
        assert_eq!(lines[1], "! No longer among them: kim@contoso.example of 7 is Filtered as spam now");
        assert_eq!(lines[3], "! No longer among them: kim@contoso.example of 7 is Failed now");
    }

    #[test]
    fn what_an_address_cannot_hold_is_encoded() {
        assert_eq!(encoded("*@contoso.example"), "%2A%40contoso.example");
        assert_eq!(encoded("ü a&b=c"), "%C3%BC%20a%26b%3Dc");
    }
}

//! Message tracking logs of Exchange servers, and of ours.
//!
//! May touch: nothing (pure).

use events::csv::Layout;
use mail::NetworkMessageId;

use super::build::Builder;
use super::tally::{Heard, Sink};

/// The reader.
#[derive(Debug)]
pub(crate) struct Tracking {
    build: Builder,
    layout: Layout,
}

impl Tracking {
    pub(crate) fn new(build: Builder) -> Tracking {
        Tracking { build, layout: Layout::default() }
    }

    pub(crate) fn line(&mut self, line: &str, sink: &mut Sink) -> Heard {
        let line = line.trim_start_matches('\u{feff}');
        if line.trim().is_empty() {
            return Heard::Idle;
        }
        if line.starts_with('#') {
            return match Layout::of_comment(line) {
                Ok(Some(layout)) => {
                    self.layout = layout;
                    Heard::Idle
                }
                Ok(None) => Heard::Idle,
                Err(reason) => Heard::Unknown(reason),
            };
        }
        let mut event = match self.layout.read(line) {
            Ok(event) => event,
            Err(reason) => return Heard::Unknown(reason),
        };
        sink.saw(event.at);
        // The log-id names a line where there is one; else its content does.
        let key = match event.detail.log_id {
            Some(id) => self.build.place.key(&[b"log", id.as_bytes()]),
            None => self.build.place.key(&[b"line", &events::encode(&event)]),
        };
        if event.network_message_id == NetworkMessageId::default() {
            // Files of 26 fields have none: server, internal id and Message-ID together give one.
            let server = event.server_hostname.as_deref().unwrap_or_default();
            let message_id = event.message_id.as_ref().map_or("", |id| id.as_str());
            let internal = event.internal_message_id.map_or(0, |id| id.0).to_le_bytes();
            event.network_message_id =
                self.build.place.hop(&[server.as_bytes(), &internal, message_id.as_bytes()]);
        }
        // A file of ours names the place its line came from.
        event.detail.place.get_or_insert_with(|| self.build.place.name().to_owned());
        self.build.note_domain(&mut event);
        sink.put(key, event);
        Heard::Taken
    }
}

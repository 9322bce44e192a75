//! Objects of a JSON file, whatever the pieces it comes in: one a line, an array, or Graph's `{"value": [...]}`.
//!
//! May touch: nothing (pure).
//! Standards: RFC 8259.

/// Longest object, in octets.
const OBJECT_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Octets that are told of what is no object.
const TOLD_BYTES: usize = 200;
/// Deepest nesting followed.
const DEPTH_MAX: usize = 256;

/// An object, or text that is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Object(Vec<u8>),
    /// One that is too long; how it begins.
    TooLong(Vec<u8>),
    /// One that was not ended; how it begins.
    Open(Vec<u8>),
    /// Text that is none; how it begins.
    Stray(Vec<u8>),
}

/// Finds the objects.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// `{` and `[` that are open.
    stack: Vec<u8>,
    /// The object begun, as long as it is one that is wanted.
    begun: Vec<u8>,
    /// How deep the stack was when it began.
    base: usize,
    quoted: bool,
    escaped: bool,
    /// The member name read last, to recognize the list of a page.
    name: Vec<u8>,
    in_name: bool,
    too_long: bool,
    /// Whether what stands outside of objects is text that belongs to nothing, and how it begins.
    stray: bool,
    outside: Vec<u8>,
}

impl Objects {
    /// Gives each complete object to `take`.
    pub(crate) fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(Found)) {
        for byte in bytes {
            self.byte(*byte, take);
        }
    }

    /// Whether something was left open.
    pub(crate) fn finish(&mut self, take: &mut dyn FnMut(Found)) {
        if !self.begun.is_empty() {
            take(Found::Open(beginning(&self.begun)));
        } else if self.stray {
            take(Found::Stray(std::mem::take(&mut self.outside)));
        }
        *self = Objects::default();
    }

    fn byte(&mut self, byte: u8, take: &mut dyn FnMut(Found)) {
        if self.stack.len() > self.base || !self.begun.is_empty() {
            if self.begun.len() < OBJECT_BYTES_MAX {
                self.begun.push(byte);
            } else {
                self.too_long = true;
            }
        }
        if self.stack.is_empty() {
            self.outside(byte, take);
        }
        if self.quoted {
            self.text(byte);
            return;
        }
        match byte {
            b'"' => {
                self.quoted = true;
                self.stray |= self.stack.is_empty();
                self.in_name = self.stack.len() == self.base.saturating_add(1);
                if self.in_name {
                    self.name.clear();
                }
            }
            b'{' => self.open(byte),
            b'[' => {
                // The list of a page: its elements are what is wanted, not the page.
                let is_page = self.name == b"value"
                    && self.stack.len() == self.base.saturating_add(1)
                    && self.stack.last() == Some(&b'{');
                self.open(byte);
                if is_page {
                    self.base = self.stack.len();
                    self.begun.clear();
                } else if self.begun.is_empty() {
                    self.base = self.stack.len();
                }
            }
            b'}' | b']' => self.close(take),
            _ if byte.is_ascii_whitespace() || matches!(byte, b',' | b':') => {}
            _ if self.stack.is_empty() => self.stray = true,
            _ => {}
        }
    }

    /// What stands outside of objects, line by line; a text that a quote begins ends with its line too.
    fn outside(&mut self, byte: u8, take: &mut dyn FnMut(Found)) {
        if byte != b'\n' {
            if self.outside.len() < TOLD_BYTES && !(self.outside.is_empty() && byte.is_ascii_whitespace()) {
                self.outside.push(byte);
            }
            return;
        }
        (self.quoted, self.escaped, self.in_name) = (false, false, false);
        let line = std::mem::take(&mut self.outside);
        if std::mem::take(&mut self.stray) {
            take(Found::Stray(line));
        }
    }

    fn text(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => {
                self.quoted = false;
                self.in_name = false;
                return;
            }
            _ => {}
        }
        if self.in_name && self.name.len() < 16 {
            self.name.push(byte);
        }
    }

    fn open(&mut self, byte: u8) {
        if !self.stray {
            self.outside.clear();
        }
        if self.stack.len() >= DEPTH_MAX {
            // Not what any of the writers makes: begin anew.
            self.stack.clear();
            self.begun.clear();
            self.base = 0;
            self.stray = true;
            return;
        }
        if byte == b'{' && self.stack.len() == self.base {
            self.begun.clear();
            self.begun.push(byte);
            self.name.clear();
        }
        self.stack.push(byte);
    }

    fn close(&mut self, take: &mut dyn FnMut(Found)) {
        if self.stack.pop().is_none() {
            self.stray = true;
            return;
        }
        if self.stack.len() < self.base {
            // The list ended; what follows belongs to the page around it.
            self.base = if self.stack.is_empty() { 0 } else { self.stack.len() };
            self.begun.clear();
            while self.stack.len() > self.base {
                self.stack.pop();
            }
            return;
        }
        if self.stack.len() == self.base && !self.begun.is_empty() {
            let object = std::mem::take(&mut self.begun);
            take(match std::mem::take(&mut self.too_long) {
                true => Found::TooLong(beginning(&object)),
                false => Found::Object(object),
            });
        }
    }
}

fn beginning(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..TOLD_BYTES.min(bytes.len())).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        for pieces in [1, 3, 1_000] {
            let mut reader = Objects::default();
            let mut found = Vec::new();
            let mut take = |one: Found| {
                found.push(match one {
                    Found::Object(bytes) => String::from_utf8(bytes).unwrap(),
                    Found::Stray(text) => format!("stray {}", String::from_utf8(text).unwrap()),
                    Found::Open(text) => format!("open {}", String::from_utf8(text).unwrap()),
                    Found::TooLong(_) => unreachable!(),
                });
            };
            text.as_bytes().chunks(pieces).for_each(|piece| reader.feed(piece, &mut take));
            reader.finish(&mut take);
            assert!(all.is_empty() || all == found, "{text}: {all:?} {found:?}");
            all = found;
        }
        all
    }

    #[test]
    fn lines_lists_and_pages() {
        assert_eq!(objects("{\"a\":1}\n{\"b\":[{\"c\":2}]}\n"), ["{\"a\":1}", "{\"b\":[{\"c\":2}]}"]);
        assert_eq!(objects("[{\"a\":\"}]\"}, {\"b\":2}]"), ["{\"a\":\"}]\"}", "{\"b\":2}"]);
        let page = "{\"@odata.context\":\"x\",\"value\":[{\"a\":1},{\"b\":{\"value\":[1]}}],\"@odata.nextLink\":\"y\"}";
        assert_eq!(objects(page), ["{\"a\":1}", "{\"b\":{\"value\":[1]}}"]);
        assert_eq!(objects("hello\n{\"a\":1}\n"), ["stray hello", "{\"a\":1}"]);
        // A quote that is not closed takes nothing of the next line.
        assert_eq!(
            objects(" say \"hello\n{\"a\":1}\n\"b\""),
            ["stray say \"hello", "{\"a\":1}", "stray \"b\""]
        );
        assert_eq!(objects("{\"a\":1"), ["open {\"a\":1"]);
        assert_eq!(objects("{\"a\":\"\\\"}\"}"), ["{\"a\":\"\\\"}\"}"]);
        assert_eq!(objects(&"[".repeat(400)).len(), 1);
    }
}

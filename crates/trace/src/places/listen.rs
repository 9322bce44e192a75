//! Syslog over TCP: frames of a connection to lines of a log.
//!
//! May touch: nothing (pure).
//! Standards: RFC 6587 §3.4 (both framings), RFC 5425 §4.3 (octet counting over TLS).

/// Longest frame, in octets; a sender of longer ones is cut off.
pub(crate) const FRAME_BYTES_MAX: usize = 64 * 1_024;

/// Why a connection is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a syslog frame of more than {FRAME_BYTES_MAX} octets, or a length that is no number")]
pub(crate) struct BadFrame;

/// The frames of one connection.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    rest: Vec<u8>,
}

impl Frames {
    /// Gives each complete frame to `take`, as one line without its end.
    pub(crate) fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), BadFrame> {
        self.rest.extend_from_slice(bytes);
        let mut from = 0;
        while let Some((frame, next)) = next_frame(self.rest.get(from..).unwrap_or_default())? {
            if !frame.is_empty() {
                take(frame);
            }
            from = from.saturating_add(next);
        }
        self.rest.drain(..from.min(self.rest.len()));
        if self.rest.len() > FRAME_BYTES_MAX { Err(BadFrame) } else { Ok(()) }
    }
}

/// The first frame and where the next begins; `None` if it is not complete.
fn next_frame(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, BadFrame> {
    match bytes.first() {
        None => Ok(None),
        // A length, a blank, and so many octets.
        Some(b'1'..=b'9') => {
            let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 6 {
                return Err(BadFrame);
            }
            match bytes.get(digits) {
                None => Ok(None),
                Some(b' ') => {
                    let text = bytes.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
                    let length: usize = text.and_then(|text| text.parse().ok()).ok_or(BadFrame)?;
                    if length > FRAME_BYTES_MAX {
                        return Err(BadFrame);
                    }
                    let start = digits.saturating_add(1);
                    let end = start.saturating_add(length);
                    Ok(bytes.get(start..end).map(|frame| (frame.trim_ascii_end(), end)))
                }
                // A time that begins with its year.
                Some(_) => Ok(to_line_end(bytes)),
            }
        }
        Some(_) => Ok(to_line_end(bytes)),
    }
}

fn to_line_end(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let at = memchr::memchr2(b'\n', 0, bytes)?;
    Some((bytes.get(..at).unwrap_or_default().trim_ascii_end(), at.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(bytes: &[u8], size: usize) -> (Vec<String>, Result<(), BadFrame>) {
        let (mut reader, mut found) = (Frames::default(), Vec::new());
        for piece in bytes.chunks(size) {
            let fed =
                reader.feed(piece, &mut |frame| found.push(String::from_utf8_lossy(frame).into_owned()));
            if fed.is_err() {
                return (found, fed);
            }
        }
        (found, Ok(()))
    }

    #[test]
    fn both_framings() {
        for size in [1, 5, 100] {
            assert_eq!(
                frames(b"<1>a b\r\n<2>c\n<3>part", size),
                (vec!["<1>a b".into(), "<2>c".into()], Ok(()))
            );
            assert_eq!(
                frames(b"5 <1>ab6 <2>c\nd4 <3>", size),
                (vec!["<1>ab".into(), "<2>c\nd".into()], Ok(()))
            );
        }
        assert_eq!(frames(b"99999999 x", 100).1, Err(BadFrame));
        assert_eq!(frames(b"2026-11-22T03 x\n", 100).0, ["2026-11-22T03 x"]);
        assert_eq!(frames(&[b'<'; FRAME_BYTES_MAX + 2], 1_000).1, Err(BadFrame));
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
            let (mut whole, ok) = frames(&bytes, 1_000);
            let (pieces, same) = frames(&bytes, size);
            prop_assert_eq!(ok.is_ok(), same.is_ok());
            if ok.is_err() {
                whole.truncate(pieces.len());
            }
            prop_assert_eq!(whole, pieces);
        }
    }
}

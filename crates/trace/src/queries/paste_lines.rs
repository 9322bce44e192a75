//! Pasted text as lines: decoded, header fields unfolded, encoded parts of a report made readable.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5322 §2.2.3 (folding); RFC 2045 §6.7, §6.8 (encodings).

use base64::Engine as _;
use events::csv::decode_text;

/// Octets of a paste that are read; more are cut and said so.
pub(super) const PASTE_BYTES_MAX: usize = 16 << 20;
/// Shortest line taken for a line of base64.
const BASE64_LINE_MIN: usize = 40;

/// The lines, and whether something was cut off.
pub(super) fn lines(bytes: &[u8]) -> (Vec<String>, bool) {
    let is_cut = bytes.len() > PASTE_BYTES_MAX;
    let kept = bytes.get(..PASTE_BYTES_MAX).unwrap_or(bytes);
    let text = decode_text(kept);
    let mut lines = unfolded(&text);
    let hidden = decoded(&text);
    if !hidden.is_empty() {
        lines.extend(unfolded(&hidden));
    }
    (lines, is_cut)
}

/// Lines that begin with a blank belong to the one before; a soft line break of quoted-printable too.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        // A reply quotes what it answers.
        let line = line.trim_start_matches("> ");
        let goes_on = lines.last().is_some_and(|last| {
            !last.is_empty()
                && (line.starts_with([' ', '\t']) && !line.trim().is_empty() || last.ends_with('='))
        });
        match lines.last_mut() {
            Some(last) if goes_on => {
                if last.ends_with('=') && !line.starts_with([' ', '\t']) {
                    last.pop();
                } else {
                    last.push(' ');
                }
                last.push_str(line.trim_start());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    for line in &mut lines {
        if line.contains("=3") || line.contains("=40") {
            *line = line.replace("=3C", "<").replace("=3E", ">").replace("=3D", "=").replace("=40", "@");
        }
        if line.contains("&lt;") || line.contains("&gt;") {
            *line = line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        }
    }
    lines
}

/// What runs of base64 hold, as text. A picture's octets hold no ids, and do no harm.
fn decoded(text: &str) -> String {
    let mut found = String::new();
    let mut run = String::new();
    let is_base64 = |line: &str| {
        line.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/' | b'='))
    };
    for line in text.lines().map(str::trim).chain([""]) {
        if is_base64(line) && (line.len() >= BASE64_LINE_MIN || !run.is_empty() && !line.is_empty()) {
            run.push_str(line);
            continue;
        }
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(run.as_bytes())
            && !bytes.is_empty()
        {
            found.push_str(&String::from_utf8_lossy(&bytes));
            found.push('\n');
        }
        run.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_quoted_and_encoded_lines_are_read() {
        let (lines, cut) = lines(b"Message-ID:\r\n <a@fabrikam.example>\r\nX: 1\r\n\r\nid =\r\n4C1F2 and =3Cb@x=3E\r\n> To: kim\r\n");
        assert!(!cut);
        assert!(lines.contains(&"Message-ID: <a@fabrikam.example>".to_owned()), "{lines:?}");
        assert!(lines.contains(&"id 4C1F2 and <b@x>".to_owned()), "{lines:?}");
        assert!(lines.contains(&"To: kim".to_owned()), "{lines:?}");
        let secret = base64::engine::general_purpose::STANDARD
            .encode("Diagnostic: 250 InternalId=77 was given to you here");
        assert!(super::lines(secret.as_bytes()).0.iter().any(|line| line.contains("InternalId=77")));
    }
}

//! Syslog over TCP: frames of a connection to lines of a log.
//!
//! May touch: nothing (pure).
//! Standards: RFC 6587 §3.4 (both framings), RFC 5425 §4.3 (octet counting over TLS).
//! What is no frame is told with its beginning, and the next frame is looked for: after a line end, or where a length, a
//! blank and a priority stand. So a broken frame costs itself and not the connection.

/// Longest frame, in octets; of a longer one only the beginning is told.
pub(crate) const FRAME_BYTES_MAX: usize = 64 * 1_024;
/// Most digits of a length that is believed enough to pass over so many octets.
const DIGITS_MAX: usize = 6;
/// Octets of a length, a blank and a priority.
const MARK_BYTES: usize = DIGITS_MAX + 6;
/// Octets of a broken frame that are told.
const TOLD_BYTES: usize = 200;

/// What a connection says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// One line, without its end.
    Line(&'a [u8]),
    /// Octets that are no frame.
    Broken(Broken),
}

/// A frame that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) why: String,
    /// How it begins.
    pub(crate) begin: Vec<u8>,
    /// Whether its sender frames wrongly, and did not only go away.
    pub(crate) is_wrong: bool,
}

impl Broken {
    fn new(why: String, bytes: &[u8]) -> Broken {
        let begin = bytes.get(..TOLD_BYTES.min(bytes.len())).unwrap_or_default().to_vec();
        Broken { why, begin, is_wrong: true }
    }
}

/// What is passed over, being part of a frame that was told as broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Skip {
    #[default]
    Nothing,
    Octets(usize),
    /// All up to where a frame may begin.
    ToNext,
}

/// The frames of one connection.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    rest: Vec<u8>,
    skip: Skip,
    /// Whether the sender has counted octets: then it ends no frame by a line end alone.
    counts: bool,
}

/// What comes next, and where what follows begins.
struct Step<'a> {
    frame: Option<Frame<'a>>,
    next: usize,
    skip: Skip,
}

impl<'a> Step<'a> {
    fn line(line: &'a [u8], next: usize) -> Step<'a> {
        let frame = Some(line.trim_ascii_end()).filter(|line| !line.is_empty()).map(Frame::Line);
        Step { frame, next, skip: Skip::Nothing }
    }

    fn pass(next: usize, skip: Skip) -> Step<'a> {
        Step { frame: None, next, skip }
    }

    fn broken(broken: Broken, next: usize, skip: Skip) -> Step<'a> {
        Step { frame: Some(Frame::Broken(broken)), next, skip }
    }
}

impl Frames {
    /// Gives each complete frame to `take`, and each that is none.
    pub(crate) fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(Frame<'_>)) {
        self.rest.extend_from_slice(bytes);
        let Frames { rest, skip, counts } = self;
        let mut from = 0_usize;
        while let Some(left) = rest.get(from..).filter(|left| !left.is_empty())
            && let Some(step) = next(left, *skip, counts)
        {
            *skip = step.skip;
            from = from.saturating_add(step.next);
            step.frame.into_iter().for_each(&mut *take);
        }
        rest.drain(..from.min(rest.len()));
    }

    /// What the end of the connection leaves unfinished.
    pub(crate) fn finish(self) -> Option<Broken> {
        let rest = self.rest.trim_ascii();
        if rest.is_empty() || self.skip != Skip::Nothing {
            return None;
        }
        if let Some((length, start)) = length(rest) {
            let came = rest.len().saturating_sub(start);
            let why = format!("the connection ended after {came} of the {length} octets of a frame");
            return Some(Broken::new(why, rest));
        }
        if self.counts {
            return Some(Broken::new(no_frame(), rest));
        }
        let why = "the connection ended before the end of the line".to_owned();
        Some(Broken { is_wrong: false, ..Broken::new(why, rest) })
    }
}

/// The next step; `None` if there is not enough yet.
fn next<'a>(bytes: &'a [u8], skip: Skip, counts: &mut bool) -> Option<Step<'a>> {
    match skip {
        Skip::Nothing => {}
        Skip::Octets(left) => {
            let here = left.min(bytes.len());
            let left = left.saturating_sub(here);
            return Some(Step::pass(here, if left == 0 { Skip::Nothing } else { Skip::Octets(left) }));
        }
        Skip::ToNext => {
            if let Some((_, next)) = boundary(bytes) {
                return Some(Step::pass(next, Skip::Nothing));
            }
            // The last octets may be the beginning of a mark.
            let passed = bytes.len().saturating_sub(MARK_BYTES);
            return (passed > 0).then_some(Step::pass(passed, Skip::ToNext));
        }
    }
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = bytes.first().copied().unwrap_or_default();
    if matches!(first, b'1'..=b'9') {
        match bytes.get(digits) {
            None if bytes.len() <= FRAME_BYTES_MAX => return None,
            Some(b' ') if digits <= DIGITS_MAX => {
                *counts = true;
                return counted(bytes);
            }
            Some(b' ') => {
                let why = format!("a length of {digits} digits; a frame may have {FRAME_BYTES_MAX} octets");
                return up_to_next(bytes, digits, why);
            }
            // A time that begins with its year.
            _ => {}
        }
    }
    match first {
        b'\n' | b'\r' | b' ' | 0 if *counts => Some(Step::pass(1, Skip::Nothing)),
        b'<' if *counts => match boundary(bytes) {
            Some((end, next)) if next > end => Some(Step::line(bytes.get(..end).unwrap_or_default(), next)),
            _ => up_to_next(bytes, 0, no_frame()),
        },
        _ if *counts => up_to_next(bytes, 0, no_frame()),
        _ => line(bytes),
    }
}

fn no_frame() -> String {
    "no frame: it begins with no length, and the sender counts octets".to_owned()
}

/// The length a frame begins with, and where its text begins.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > DIGITS_MAX || bytes.get(digits) != Some(&b' ') {
        return None;
    }
    let text = std::str::from_utf8(bytes.get(..digits)?).ok()?;
    Some((text.parse().ok()?, digits.saturating_add(1)))
}

/// A length, a blank, and so many octets.
fn counted(bytes: &[u8]) -> Option<Step<'_>> {
    let (length, start) = length(bytes)?;
    let end = start.saturating_add(length);
    if length <= FRAME_BYTES_MAX {
        return bytes.get(start..end).map(|frame| Step::line(frame, end));
    }
    let told = start.saturating_add(TOLD_BYTES);
    let begin = bytes.get(..told)?;
    let why = format!("a frame of {length} octets; it may have {FRAME_BYTES_MAX}");
    Some(Step::broken(Broken::new(why, begin), told, Skip::Octets(end.saturating_sub(told))))
}

/// A line up to its end.
fn line(bytes: &[u8]) -> Option<Step<'_>> {
    let end = memchr::memchr2(b'\n', 0, bytes);
    let too_long = || Broken::new(format!("a line of more than {FRAME_BYTES_MAX} octets"), bytes);
    match end {
        Some(at) if at <= FRAME_BYTES_MAX => {
            Some(Step::line(bytes.get(..at).unwrap_or_default(), at.saturating_add(1)))
        }
        Some(at) => Some(Step::broken(too_long(), at.saturating_add(1), Skip::Nothing)),
        None if bytes.len() > FRAME_BYTES_MAX => {
            Some(Step::broken(too_long(), FRAME_BYTES_MAX, Skip::ToNext))
        }
        None => None,
    }
}

/// What is no frame, up to where one may begin again; that is looked for from `from` on.
fn up_to_next(bytes: &[u8], from: usize, why: String) -> Option<Step<'_>> {
    match boundary(bytes.get(from..).unwrap_or_default()) {
        Some((end, next)) => {
            let wrong = bytes.get(..from.saturating_add(end)).unwrap_or_default();
            Some(Step::broken(Broken::new(why, wrong), from.saturating_add(next), Skip::Nothing))
        }
        None if bytes.len() > FRAME_BYTES_MAX => {
            let kept = bytes.len().saturating_sub(MARK_BYTES);
            Some(Step::broken(Broken::new(why, bytes), kept, Skip::ToNext))
        }
        None => None,
    }
}

/// Where a frame may begin: after a line end, or at a length, a blank and a priority. Gives where what is before it
/// ends, and where it begins.
fn boundary(bytes: &[u8]) -> Option<(usize, usize)> {
    let line_end = memchr::memchr2(b'\n', 0, bytes);
    let before = bytes.get(..line_end.unwrap_or(bytes.len())).unwrap_or_default();
    let mark = memchr::memchr_iter(b'<', before).find_map(|at| mark(before, at));
    match (mark, line_end) {
        (Some(at), _) => Some((at, at)),
        (None, Some(at)) => Some((at, at.saturating_add(1))),
        (None, None) => None,
    }
}

/// Where the length before this priority begins, if both are there.
fn mark(bytes: &[u8], at: usize) -> Option<usize> {
    let (before, priority) = bytes.split_at_checked(at)?;
    let digits = priority.get(1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=3).contains(&digits) || priority.get(digits.saturating_add(1)) != Some(&b'>') {
        return None;
    }
    let before = before.strip_suffix(b" ")?;
    let digits = before.iter().rev().take(DIGITS_MAX).take_while(|byte| byte.is_ascii_digit()).count();
    let start = before.len().saturating_sub(digits);
    matches!(before.get(start), Some(b'1'..=b'9')).then_some(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The frames, those that are broken with a bang before how they begin; then what the end leaves.
    fn frames(bytes: &[u8], size: usize) -> Vec<String> {
        let (mut reader, mut found) = (Frames::default(), Vec::new());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for piece in bytes.chunks(size) {
            reader.feed(piece, &mut |frame| {
                found.push(match frame {
                    Frame::Line(line) => text(line),
                    Frame::Broken(broken) => format!("!{}", text(&broken.begin)),
                });
            });
        }
        found.extend(reader.finish().map(|broken| format!("!{}: {}", text(&broken.begin), broken.why)));
        found
    }

    #[test]
    fn both_framings() {
        for size in [1, 5, 100] {
            let cut = "!<3>part: the connection ended before the end of the line";
            assert_eq!(frames(b"<1>a b\r\n<2>c\n<3>part", size), ["<1>a b", "<2>c", cut]);
            let cut = "!4 <3>: the connection ended after 3 of the 4 octets of a frame";
            assert_eq!(frames(b"5 <1>ab6 <2>c\nd4 <3>", size), ["<1>ab", "<2>c\nd", cut]);
            assert_eq!(frames(b"5 <1>ab\n5 <1>ab\n", size), ["<1>ab", "<1>ab"]);
        }
        assert_eq!(frames(b"2026-11-22T03 x\n", 100), ["2026-11-22T03 x"]);
    }

    #[test]
    fn a_broken_frame_costs_itself_alone() {
        let long = |octets: usize| "x".repeat(octets);
        let told = |begin: &str| format!("!{begin}{}", long(TOLD_BYTES - begin.len()));
        for size in [1, 7, 10_000, usize::MAX] {
            let is = |text: &str, expected: &[&str]| {
                assert_eq!(frames(text.as_bytes(), size), expected, "pieces of {size}");
            };
            // A line that is too long, and the same counted.
            is(&format!("<1>{}\n<2>a\n<3>b\n", long(200_000)), &[&told("<1>"), "<2>a", "<3>b"]);
            is(&format!("100003 <1>{}5 <2>ab", long(100_000)), &[&told("100003 <1>"), "<2>ab"]);
            // A length nobody means.
            is("12345678901 <1>a\n<2>b\n<3>c\n", &["!12345678901 <1>a", "<2>b", "<3>c"]);
            // One that is too small, without line ends and with them.
            is("5 <1>abcd5 <2>ab5 <3>cd", &["<1>ab", "!cd", "<2>ab", "<3>cd"]);
            is("5 <1>abcd\n6 <2>ab\n6 <3>cd\n", &["<1>ab", "!cd", "<2>ab", "<3>cd"]);
            // One that is too large takes what follows, as nothing tells otherwise.
            let cut = "!99 <1>ab5 <2>cd: the connection ended after 12 of the 99 octets of a frame";
            is("99 <1>ab5 <2>cd", &[cut]);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
            prop_assert_eq!(frames(&bytes, 1_000), frames(&bytes, size));
        }

        #[test]
        fn any_frames_in_any_pieces(
            parts in proptest::collection::vec("[0-9]{1,8} |<[0-9]{1,4}>|[a-c ]{0,9}|\n", 0..40),
            size in 1_usize..50,
        ) {
            let text = parts.concat();
            prop_assert_eq!(frames(text.as_bytes(), 1_000), frames(text.as_bytes(), size));
        }
    }
}

//! What the filters of Exchange note of a message in custom-data: the spam verdict (`S:SFA`) and malware (`S:AMA`).
//!
//! May touch: nothing (pure).

use events::Event;

/// What is done with spam, of a mailbox's folder for it.
pub(crate) const JUNK_FOLDER: &str = "Junk Email";
/// Findings read of one event.
const FOUND_MAX: usize = 20;

/// `SUM|SFV=SPM|SCL=9|DI=SJ`: what the spam filter holds of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SpamNote<'a> {
    /// NSPM, SPM, BLK, SKS, …
    verdict: &'a str,
    /// SB, SQ, SD, SJ, SN, SO.
    action: &'a str,
    level: &'a str,
}

impl SpamNote<'_> {
    /// Whether it is held to be spam.
    pub(crate) fn is_spam(self) -> bool {
        matches!(self.verdict, "SPM" | "BLK" | "SKS" | "SKB")
    }

    /// Whether it goes to the folder for spam.
    pub(crate) fn is_to_junk(self) -> bool {
        self.is_spam() && self.action == "SJ"
    }

    /// Whether it goes to quarantine.
    pub(crate) fn is_to_quarantine(self) -> bool {
        self.is_spam() && self.action == "SQ"
    }

    /// As a sentence without its full stop.
    pub(crate) fn in_words(self) -> String {
        let verdict = match self.verdict {
            "NSPM" => "not spam",
            "SPM" => "spam",
            "BLK" => "spam, as the recipient blocks the sender",
            "SKS" => "spam, as a rule marked it before",
            "SKB" => "spam, as the sender is on a list of blocked ones",
            "SKN" => "not spam, as a rule marked it before",
            "SKA" => "not spam, as the sender is on a list of allowed ones",
            "SKI" => "not looked at, as it stays within the organization",
            "SKQ" => "released from quarantine",
            "" => "no verdict",
            other => return format!("The spam filter noted {other}{}", self.rest()),
        };
        format!("The spam filter's verdict: {verdict}{}", self.rest())
    }

    fn rest(self) -> String {
        let level = if self.level.is_empty() { String::new() } else { format!(" (SCL {})", self.level) };
        let action = match self.action {
            "SB" => "; blocked",
            "SQ" => "; to quarantine",
            "SD" => "; deleted",
            "SJ" => "; to Junk Email",
            "SN" => "; sent by the pool for high risk",
            _ => "",
        };
        format!("{level}{action}")
    }
}

/// The note of the spam filter in an event, if there is one.
pub(crate) fn spam(event: &Event) -> Option<SpamNote<'_>> {
    let mut note: Option<SpamNote<'_>> = None;
    for part in values(event, "SFA").flat_map(|value| value.split(['|', ';'])) {
        let note = note.get_or_insert_default();
        match part.trim().split_once('=') {
            Some(("SFV", verdict)) if note.verdict.is_empty() => note.verdict = verdict,
            Some(("DI", action)) if note.action.is_empty() => note.action = action,
            Some(("SCL", level)) if note.level.is_empty() => note.level = level,
            _ => {}
        }
    }
    note
}

/// `SUM|v=1|action=b` and `EV|engine=…|name=…|file=…`: what the malware filter found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MalwareNote<'a> {
    /// What it is called, and the file it is in.
    found: Vec<(&'a str, &'a str)>,
    actions: Vec<&'a str>,
}

impl MalwareNote<'_> {
    /// Whether the message went no further for it.
    pub(crate) fn has_stopped(&self) -> bool {
        let stops = |action: &&str| matches!(*action, "b" | "s" | "ni" | "ne");
        self.actions.iter().any(stops) || self.actions.is_empty() && !self.found.is_empty()
    }

    /// `Win32/Evil in bad.exe, …`; none where the note names nothing.
    pub(crate) fn named(&self) -> Option<String> {
        let each = self.found.iter().map(|(name, file)| match (name.is_empty(), file.is_empty()) {
            (false, false) => format!("{name} in {file}"),
            (true, false) => format!("something in {file}"),
            _ => (*name).to_owned(),
        });
        let each: Vec<String> = each.collect();
        (!each.is_empty()).then(|| each.join(", "))
    }

    /// As a sentence without its full stop.
    pub(crate) fn in_words(&self) -> String {
        let done: Vec<&str> = self.actions.iter().map(|action| done(action)).collect();
        let done = if done.is_empty() { String::new() } else { format!("; {}", done.join(", ")) };
        match self.named() {
            Some(named) => format!("The malware filter found {named}{done}"),
            None => format!("The malware filter looked at it{done}"),
        }
    }
}

/// What an action of the malware filter did.
fn done(action: &str) -> &str {
    match action {
        "r" => "replaced by a text",
        "p" | "st" | "sy" => "let pass",
        "d" => "put off",
        "s" => "deleted",
        "ni" | "ne" => "rejected",
        "b" => "blocked",
        other => other,
    }
}

/// The note of the malware filter in an event, if there is one.
pub(crate) fn malware(event: &Event) -> Option<MalwareNote<'_>> {
    let mut note: Option<MalwareNote<'_>> = None;
    for value in values(event, "AMA") {
        let note = note.get_or_insert_default();
        let (kind, rest) = value.split_once('|').unwrap_or((value, ""));
        // By name, or one after another: the engine, what it is called, the file.
        let (mut name, mut file, mut bare) = ("", "", Vec::new());
        for part in rest.split('|').map(str::trim) {
            match part.split_once('=') {
                Some(("name", value)) => name = value,
                Some(("file", value)) => file = value,
                Some(("action", value)) => {
                    note.actions.extend(value.split(',').map(str::trim).filter(|one| !one.is_empty()));
                }
                Some(_) => {}
                None => bare.push(part),
            }
        }
        if kind.trim() != "EV" || note.found.len() >= FOUND_MAX {
            continue;
        }
        if name.is_empty() && file.is_empty() {
            (name, file) = (bare.get(1).copied().unwrap_or(""), bare.get(2).copied().unwrap_or(""));
        }
        let is_named = !name.is_empty() || !file.is_empty();
        if is_named && !note.found.contains(&(name, file)) {
            note.found.push((name, file));
        }
    }
    if let Some(note) = &mut note {
        note.actions.sort_unstable();
        note.actions.dedup();
    }
    note
}

fn values<'a>(event: &'a Event, name: &'static str) -> impl Iterator<Item = &'a str> {
    let is_named = move |key: &str| key.strip_prefix("S:").unwrap_or(key).eq_ignore_ascii_case(name);
    event.custom_data.iter().filter(move |(key, _)| is_named(key)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use jiff::Timestamp;

    use super::*;

    fn note(pairs: &[(&str, &str)]) -> Event {
        let at = Timestamp::UNIX_EPOCH;
        let mut event = Event::new(at, EventId::AgentInfo, Source::Agent, mail::NetworkMessageId::default());
        event.custom_data =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        event
    }

    #[test]
    fn verdicts_are_told() {
        let event = note(&[("SFA", "SUM|SFV=SPM|SCL=9|DI=SJ")]);
        let found = spam(&event).unwrap();
        assert!(found.is_spam() && found.is_to_junk() && !found.is_to_quarantine());
        assert_eq!(found.in_words(), "The spam filter's verdict: spam (SCL 9); to Junk Email");
        let event = note(&[("S:SFA", "SFV=NSPM;DI=SJ")]);
        assert!(!spam(&event).unwrap().is_to_junk());
        assert_eq!(spam(&note(&[("AMA", "SUM|v=1")])), None);
    }

    #[test]
    fn malware_is_named_by_either_form() {
        for ev in ["EV|engine=M|v=1|name=Win32/Evil|file=bad.exe", "EV|M|Win32/Evil|bad.exe"] {
            let event = note(&[("AMA", "SUM|v=1|action=b"), ("AMA", ev), ("AMA", ev)]);
            let found = malware(&event).unwrap();
            assert!(found.has_stopped());
            assert_eq!(found.in_words(), "The malware filter found Win32/Evil in bad.exe; blocked");
        }
        let event = note(&[("AMA", "SUM|v=0|action=p|"), ("AMA", "EV")]);
        let found = malware(&event).unwrap();
        assert_eq!((found.has_stopped(), found.named()), (false, None));
        assert_eq!(found.in_words(), "The malware filter looked at it; let pass");
    }
}

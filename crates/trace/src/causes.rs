//! Why, in words: every cause known, how it is recognised, who must act, and the fix.
//!
//! May touch: nothing (pure).
//! Standards: RFC 3463 §2 (codes), RFC 5321 §4.2.1 (replies of several lines).
//!
//! A cause found here is known by its [`Reason`]; one that another server names is read from its reply.
//! What a reply says decides only the words people are told, never a status.

mod ours;
mod remote;
mod smart_host;

use events::Reason;
use serde::Serialize;

pub use smart_host::{AtSmartHost, ENDPOINT_MARK, at_smart_host, endpoint};

/// Characters of a reply that are looked at; longer ones are cut.
const REPLY_CHARS_MAX: usize = 4_096;
/// What a code of one digit alone counts, before its length: more than a short word, less than a sentence.
const CODE_WEIGHT: usize = 10;
/// What a code such as 5.7.133 counts, which says one thing only.
const EXACT_CODE_WEIGHT: usize = 40;
/// What a range of codes counts.
const RANGE_WEIGHT: usize = 30;
/// What words count, before their length.
const WORDS_WEIGHT: usize = 8;
/// What a code and words together count, before their lengths.
const BOTH_WEIGHT: usize = 60;
/// What a clue counts that says hardly more than "no".
const WEAK_WEIGHT: usize = 1;
/// Codes that mean no more than "no": words say more.
const UNSPECIFIC: &[&str] =
    &["5.7.0", "5.7.1", "4.7.0", "4.7.1", "5.1.0", "5.3.0", "4.3.0", "5.5.0", "4.4.2"];

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Actor {
    /// The administrator of this organization.
    Administrator,
    /// The sender, or the sender's administrator.
    Sender,
    /// The administrator of the recipient's system.
    Remote,
    /// The recipient.
    Recipient,
    /// Nobody.
    Nobody,
}

impl Actor {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Administrator => "you, as administrator of this organization",
            Actor::Sender => "the sender",
            Actor::Remote => "the administrator of the recipient's mail system",
            Actor::Recipient => "the recipient",
            Actor::Nobody => "nobody",
        }
    }
}

/// Who found the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Side {
    /// This server, or the server whose log was read.
    Ours,
    /// The next server, in its reply.
    Remote,
}

/// One sign of a cause in a reply: a code, words, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clue {
    /// Reply code or enhanced code, `?` for any one digit; empty for any.
    pub code: &'static str,
    /// All of these, in lower case; none for any.
    pub words: &'static [&'static str],
    /// Whether every other clue says more.
    pub is_weak: bool,
}

impl Clue {
    const fn code(code: &'static str) -> Clue {
        Clue { code, words: &[], is_weak: false }
    }

    const fn words(words: &'static [&'static str]) -> Clue {
        Clue { code: "", words, is_weak: false }
    }

    const fn both(code: &'static str, words: &'static [&'static str]) -> Clue {
        Clue { code, words, is_weak: false }
    }

    const fn weak(words: &'static [&'static str]) -> Clue {
        Clue { code: "", words, is_weak: true }
    }

    /// How much the clue says of a reply; `None` where it does not stand there.
    fn weight(&self, reply: &Reply) -> Option<usize> {
        let coded = !self.code.is_empty();
        if coded && !reply.codes.iter().any(|code| like(code, self.code)) {
            return None;
        }
        if !self.words.iter().all(|word| reply.text.contains(word)) {
            return None;
        }
        let exact = self.code.chars().filter(|letter| *letter != '?').count();
        let spoken: usize = self.words.iter().map(|word| word.len()).sum();
        // 5.7.133 names one case; 5.7.1 names many.
        let is_exact = self.code.rsplit('.').next().is_some_and(|detail| detail.len() > 1) && coded;
        Some(match (coded, self.words.is_empty()) {
            _ if self.is_weak => WEAK_WEIGHT,
            (true, false) => BOTH_WEIGHT.saturating_add(exact).saturating_add(spoken),
            (true, true) if UNSPECIFIC.contains(&self.code) => WEAK_WEIGHT,
            (true, true) if self.code.contains('?') => RANGE_WEIGHT,
            (true, true) if is_exact && self.code.len() > 3 => EXACT_CODE_WEIGHT.saturating_add(exact),
            (true, true) => CODE_WEIGHT.saturating_add(exact),
            (false, _) => WORDS_WEIGHT.saturating_add(spoken),
        })
    }

    /// As a list shows it: `5.7.1 and "relaying denied"`.
    pub fn in_words(&self) -> String {
        let quoted: Vec<String> = self.words.iter().map(|word| format!("\"{word}\"")).collect();
        let words = quoted.join(" and ");
        match (self.code.is_empty(), words.is_empty()) {
            (true, _) => words,
            (false, true) => self.code.to_owned(),
            (false, false) => format!("{} and {words}", self.code),
        }
    }
}

/// A code against a pattern in which `?` is one digit.
fn like(code: &str, pattern: &str) -> bool {
    code.len() == pattern.len()
        && code
            .bytes()
            .zip(pattern.bytes())
            .all(|(letter, wanted)| letter == wanted || wanted == b'?' && letter.is_ascii_digit())
}

/// One cause and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCause {
    /// Its name; those other servers name begin with `Remote`.
    pub name: &'static str,
    /// Who finds it.
    pub side: Side,
    /// The reasons of our own events that mean it.
    pub reasons: &'static [Reason],
    /// Its signs in a reply.
    pub clues: &'static [Clue],
    /// What happened, as a sentence.
    pub meaning: &'static str,
    /// Who must act.
    pub actor: Actor,
    /// What to do, as a sentence.
    pub fix: &'static str,
}

impl KnownCause {
    /// What people are told.
    pub fn explanation(&self) -> Explanation {
        Explanation { name: self.name, cause: self.meaning, actor: self.actor, fix: self.fix }
    }
}

/// What is said of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The cause's name.
    pub name: &'static str,
    /// What happened, as a sentence.
    pub cause: &'static str,
    /// Who must act.
    pub actor: Actor,
    /// What to do, as a sentence.
    pub fix: &'static str,
}

/// Every cause known: ours first, then those of other servers, each by its file's name.
pub fn all() -> impl Iterator<Item = &'static KnownCause> {
    ours::ALL.iter().chain(remote::ALL)
}

/// The words for a reason of ours. Every reason has its own.
pub fn explain(reason: Reason) -> Explanation {
    let named = |wanted: Reason| ours::ALL.iter().find(|cause| cause.reasons.contains(&wanted));
    let found = named(reason).or_else(|| named(Reason::Internal));
    found.map_or(
        // The test below shows that every reason is found.
        Explanation {
            name: "Internal",
            cause: "An error inside the server.",
            actor: Actor::Administrator,
            fix: "Look at the service log at the time of the event, and report it.",
        },
        KnownCause::explanation,
    )
}

/// The cause that a reply names, by the clue that says most; `None` where no clue stands in it.
///
/// `side` says who wrote the reply: `550 5.1.1` of ours is our directory's word, of another server theirs.
pub fn recognise(reply: &str, side: Side) -> Option<&'static KnownCause> {
    let reply = Reply::read(reply);
    let list = match side {
        Side::Ours => ours::ALL,
        Side::Remote => remote::ALL,
    };
    let mut best: Option<(usize, &'static KnownCause)> = None;
    for cause in list {
        let weight = cause.clues.iter().filter_map(|clue| clue.weight(&reply)).max();
        // Of equals the first stays: the lists are in a fixed order.
        if let Some(weight) = weight
            && best.is_none_or(|(most, _)| weight > most)
        {
            best = Some((weight, cause));
        }
    }
    best.map(|(_, cause)| cause)
}

/// The words for a row's end or delay: its reason, the reply where there is one, and who wrote that.
///
/// A remote reply explains a refusal better than "the remote server refused"; a reply of a log without
/// reasons is read as the log's own server's first.
pub fn explain_reply(reason: Option<Reason>, remote: Option<&str>, own: Option<&str>) -> Option<Explanation> {
    let told = match reason {
        Some(Reason::RemotePermanent | Reason::RemoteTransient) => {
            remote.or(own).and_then(|reply| recognise(reply, Side::Remote))
        }
        Some(_) => None,
        None => remote
            .and_then(|reply| recognise(reply, Side::Remote))
            .or_else(|| own.and_then(|reply| recognise(reply, Side::Ours)))
            .or_else(|| own.and_then(|reply| recognise(reply, Side::Remote))),
    };
    told.map(KnownCause::explanation).or_else(|| reason.map(explain))
}

/// A reply made comparable.
struct Reply {
    /// Reply codes and enhanced codes that stand in it.
    codes: Vec<String>,
    /// Its words in lower case, the lines joined without the codes at their heads.
    text: String,
}

impl Reply {
    fn read(reply: &str) -> Reply {
        let short: String = reply.chars().take(REPLY_CHARS_MAX).collect();
        let mut codes: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let lines = short.lines().map(str::trim).filter(|line| !line.is_empty());
        for line in lines {
            let mut at_head = true;
            for word in line.split(|letter: char| letter.is_whitespace()).filter(|word| !word.is_empty()) {
                let rest = if at_head { head(word, &mut codes) } else { Some(word) };
                let Some(word) = rest else { continue };
                at_head = false;
                let bare = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
                if mail::codes::is_enhanced(bare) {
                    codes.push(bare.to_owned());
                }
                words.push(word.to_lowercase());
            }
        }
        Reply { codes, text: words.join(" ") }
    }
}

/// Takes the codes off the first words of a line: `550-5.1.1`, `550`, `#5.1.1`, `<kim@…>:` stays.
fn head<'a>(word: &'a str, codes: &mut Vec<String>) -> Option<&'a str> {
    let mut rest = word.trim_start_matches('#');
    if let Some((code, behind)) = rest.split_at_checked(3)
        && code.bytes().all(|letter| letter.is_ascii_digit())
        && (behind.is_empty() || behind.starts_with(['-', ' ', '#']))
    {
        codes.push(code.to_owned());
        rest = behind.trim_start_matches(['-', '#']);
        if rest.is_empty() {
            return None;
        }
    }
    if mail::codes::is_enhanced(rest) {
        codes.push(rest.to_owned());
        return None;
    }
    Some(rest)
}

#[cfg(test)]
mod tests;

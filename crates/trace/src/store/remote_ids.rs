//! By what numbers a message is found when a paste names the id that another server gave it.
//!
//! May touch: nothing (pure).

use events::{Event, EventId};

use super::open_message::hash;

/// Words of one reply that may be an id.
const WORDS_MAX: usize = 8;
/// An id is not shorter, in bytes.
const WORD_BYTES_MIN: usize = 4;

/// The id as a number, without regard to case: people write it as they please.
pub(crate) fn remote_id_number(id: &str) -> i64 {
    hash(id.to_ascii_lowercase().as_bytes())
}

/// The words of a reply that may be an id: replies that no rule of ours understands have theirs somewhere too.
fn words_of_reply(reply: &str) -> impl Iterator<Item = &str> {
    let words = reply.split(|ch: char| !ch.is_ascii_alphanumeric() && !matches!(ch, '-' | '.' | '_'));
    words.map(|word| word.trim_matches('.')).filter(|word| may_be_id(word)).take(WORDS_MAX)
}

/// Words with a digit that are neither a code (`250`, `2.0.0`) nor a host's name.
fn may_be_id(word: &str) -> bool {
    let is_code = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && word.len() < 8;
    let is_host = word
        .rsplit_once('.')
        .is_some_and(|(_, last)| last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic()));
    word.len() >= WORD_BYTES_MIN && word.bytes().any(|byte| byte.is_ascii_digit()) && !is_code && !is_host
}

/// The ids that other servers gave a message, as far as this event says so.
pub(crate) fn remote_ids(event: &Event) -> impl Iterator<Item = &str> {
    let is_handed_on = matches!(event.event_id, EventId::Send | EventId::SendExternal | EventId::Deliver);
    let reply = event.detail.remote_reply.as_deref().filter(|_| is_handed_on);
    event.detail.remote_queue_id.as_deref().into_iter().chain(reply.into_iter().flat_map(words_of_reply))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_replies_are_found_and_codes_and_hosts_are_not() {
        let table = [
            ("250 2.0.0 Ok: queued as 4C1F2A", vec!["4C1F2A"]),
            ("250 OK id=1rXabc-000001-2B", vec!["1rXabc-000001-2B"]),
            (
                "250 2.0.0 OK  1700000000 d2-20020a05si123.45 - gsmtp",
                vec!["1700000000", "d2-20020a05si123.45"],
            ),
            ("250 2.6.0 <m1@fabrikam.example> Hostname=exch01.contoso.example] Queued mail", vec![]),
            ("250 2.0.0 3vabc12345-1 Message accepted for delivery", vec!["3vabc12345-1"]),
        ];
        for (reply, ids) in table {
            assert_eq!(words_of_reply(reply).collect::<Vec<_>>(), ids, "{reply}");
        }
        assert_eq!(remote_id_number("4c1f2a"), remote_id_number("4C1F2A"));
    }
}

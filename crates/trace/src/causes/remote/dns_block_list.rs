//! The cause DnsBlockList: its signs, its meaning, who acts and the fix.
//!
//! May touch: nothing (pure).

use crate::causes::{Actor, Clue, KnownCause, Side};

pub(super) const CAUSE: KnownCause = KnownCause {
    name: "RemoteDnsBlockList",
    side: Side::Remote,
    reasons: &[],
    clues: &[
        Clue::words(&["blocked using"]),
        Clue::words(&["spamhaus"]),
        Clue::words(&["barracudacentral"]),
        Clue::words(&["spamcop"]),
        Clue::words(&["sorbs"]),
        Clue::words(&["rbl"]),
        Clue::words(&["dnsbl"]),
        Clue::words(&["block list"]),
        Clue::words(&["blocklist"]),
        Clue::words(&["blacklist"]),
        Clue::words(&["listed at"]),
        Clue::words(&["is listed"]),
    ],
    meaning: "The address of the sending server stands on a public block list that the recipient's system asks.",
    actor: Actor::Administrator,
    fix: "Look the address up at the list that the reply names, stop what put it there (a broken-in account, an open relay, a dynamic address), and ask for removal.",
};

#[cfg(test)]
mod tests {
    #[test]
    fn its_replies_are_recognised() {
        crate::causes::tests::recognised(
            &super::CAUSE,
            &[
                "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.example/query/ip/192.0.2.10",
                "550 5.7.1 Service unavailable, Client host [192.0.2.10] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.example/query/ip/192.0.2.10 AS(1450)",
                "554 mx.fabrikam.example ESMTP Sorry, 192.0.2.10 is listed at bl.spamcop.example",
                "550 5.7.1 Mail from 192.0.2.10 refused: blacklisted",
            ],
        );
    }
}

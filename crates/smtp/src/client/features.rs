//! Reads what a server offers in its EHLO reply.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.1.1, RFC 1870 §3, RFC 4954 §3.

use crate::reply::Reply;

/// The extensions a server offers, as far as we use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// SIZE: `Some(0)` is offered without a limit.
    pub size: Option<u64>,
    /// PIPELINING.
    pub pipelining: bool,
    /// DSN.
    pub dsn: bool,
    /// ENHANCEDSTATUSCODES.
    pub enhanced_status_codes: bool,
    /// STARTTLS.
    pub starttls: bool,
    /// AUTH with PLAIN.
    pub auth_plain: bool,
    /// AUTH with LOGIN.
    pub auth_login: bool,
    /// 8BITMIME.
    pub eight_bit_mime: bool,
    /// BINARYMIME.
    pub binary_mime: bool,
    /// CHUNKING.
    pub chunking: bool,
    /// SMTPUTF8.
    pub smtputf8: bool,
}

impl Features {
    /// Reads the keyword lines, all but the first; unknown ones are passed over.
    pub fn read(reply: &Reply) -> Features {
        let mut features = Features::default();
        for line in reply.lines().skip(1) {
            // `AUTH=PLAIN` is an old form that some servers still send beside the right one.
            let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                "SIZE" => {
                    let limit = words.next().and_then(|word| word.parse().ok());
                    features.size = Some(limit.unwrap_or(0));
                }
                "PIPELINING" => features.pipelining = true,
                "DSN" => features.dsn = true,
                "ENHANCEDSTATUSCODES" => features.enhanced_status_codes = true,
                "STARTTLS" => features.starttls = true,
                "AUTH" => {
                    for mechanism in words {
                        features.auth_plain |= mechanism.eq_ignore_ascii_case("PLAIN");
                        features.auth_login |= mechanism.eq_ignore_ascii_case("LOGIN");
                    }
                }
                "8BITMIME" => features.eight_bit_mime = true,
                "BINARYMIME" => features.binary_mime = true,
                "CHUNKING" => features.chunking = true,
                "SMTPUTF8" => features.smtputf8 = true,
                _ => {}
            }
        }
        features
    }

    /// The largest message the server says it takes.
    pub fn size_limit(&self) -> Option<u64> {
        self.size.filter(|limit| *limit > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keywords_in_any_case() {
        let reply = Reply::fixed(
            250,
            None,
            "mx PIPELINING\nsize 1000\nAuth CRAM-MD5 login\nAUTH=PLAIN\n8BitMime\nX-ODD\nCHUNKING",
        );
        let features = Features::read(&reply);
        let expected = Features {
            size: Some(1000),
            auth_plain: true,
            auth_login: true,
            eight_bit_mime: true,
            chunking: true,
            ..Features::default()
        };
        assert_eq!(features, expected);
        assert_eq!(Features::read(&Reply::fixed(250, None, "mx\nSIZE")).size_limit(), None);
    }
}

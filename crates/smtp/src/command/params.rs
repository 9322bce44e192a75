//! Reads and prints the parameters of MAIL and RCPT.
//!
//! May touch: nothing (pure).
//! Standards: RFC 1870 §5, RFC 3030 §3, RFC 3461 §4, RFC 4954 §5, RFC 6152 §2, RFC 6531 §3.4.

use std::fmt;
use std::str::FromStr;

use mail::{Address, ReversePath};

use super::{BLANKS, CommandError, digits};
use crate::xtext;

/// RFC 3461 §4.4: longest ENVID in octets, encoded.
const ENVID_BYTES_MAX: usize = 100;
/// RFC 3461 §4.2: longest ORCPT in octets, encoded.
const ORCPT_BYTES_MAX: usize = 500;

/// What BODY= says about the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Body {
    /// `7BIT`, or not given.
    #[default]
    SevenBit,
    /// `8BITMIME`, RFC 6152.
    EightBitMime,
    /// `BINARYMIME`, RFC 3030.
    BinaryMime,
}

/// RET=, how much of the message a failure report returns, RFC 3461 §4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ret {
    /// `FULL`: the whole message.
    Full,
    /// `HDRS`: its header section.
    Headers,
}

/// NOTIFY=, when the sender wants a report, RFC 3461 §4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notify {
    /// `NEVER`.
    Never,
    /// Any of the three; at least one is set.
    On {
        /// `SUCCESS`.
        success: bool,
        /// `FAILURE`.
        failure: bool,
        /// `DELAY`.
        delay: bool,
    },
}

/// ORCPT=, the recipient as the original sender wrote it, RFC 3461 §4.2.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OriginalRecipient {
    /// Address type, `rfc822` or `utf-8` mostly.
    pub address_type: String,
    /// The address, decoded.
    pub address: String,
}

/// The parameters of MAIL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailParams {
    /// SIZE= in octets.
    pub size: Option<u64>,
    /// BODY=.
    pub body: Body,
    /// SMTPUTF8.
    pub smtputf8: bool,
    /// RET=.
    pub ret: Option<Ret>,
    /// ENVID=, decoded.
    pub envid: Option<String>,
    /// AUTH=, decoded; `Null` is `<>`, RFC 4954 §5.
    pub auth: Option<ReversePath>,
}

/// The parameters of RCPT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RcptParams {
    /// NOTIFY=.
    pub notify: Option<Notify>,
    /// ORCPT=.
    pub orcpt: Option<OriginalRecipient>,
}

/// Splits `keyword[=value]` words, RFC 5321 §4.1.2 `esmtp-param`.
fn words(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split(BLANKS).filter(|word| !word.is_empty()).map(|word| match word.split_once('=') {
        Some((keyword, value)) => (keyword, Some(value)),
        None => (word, None),
    })
}

/// Sets a parameter once; a second one of the same name is an error, RFC 5321 §4.1.1.11.
fn once<T>(slot: &mut Option<T>, value: Option<T>) -> Result<(), CommandError> {
    match (slot.is_none(), value) {
        (true, Some(value)) => {
            *slot = Some(value);
            Ok(())
        }
        _ => Err(CommandError::Arguments),
    }
}

impl MailParams {
    /// Reads the words after the path.
    pub(super) fn parse(text: &str) -> Result<MailParams, CommandError> {
        let mut params = MailParams::default();
        let (mut body, mut smtputf8) = (None, None);
        for (keyword, value) in words(text) {
            if keyword.eq_ignore_ascii_case("SIZE") {
                once(&mut params.size, value.and_then(digits))?;
            } else if keyword.eq_ignore_ascii_case("BODY") {
                once(&mut body, value.and_then(|value| value.parse().ok()))?;
            } else if keyword.eq_ignore_ascii_case("SMTPUTF8") {
                once(&mut smtputf8, if value.is_none() { Some(()) } else { None })?;
            } else if keyword.eq_ignore_ascii_case("RET") {
                once(&mut params.ret, value.and_then(|value| value.parse().ok()))?;
            } else if keyword.eq_ignore_ascii_case("ENVID") {
                once(&mut params.envid, value.and_then(envid))?;
            } else if keyword.eq_ignore_ascii_case("AUTH") {
                once(&mut params.auth, value.and_then(submitter))?;
            } else {
                return Err(CommandError::Parameter);
            }
        }
        params.body = body.unwrap_or_default();
        params.smtputf8 = smtputf8.is_some();
        Ok(params)
    }
}

impl RcptParams {
    /// Reads the words after the path.
    pub(super) fn parse(text: &str) -> Result<RcptParams, CommandError> {
        let mut params = RcptParams::default();
        for (keyword, value) in words(text) {
            if keyword.eq_ignore_ascii_case("NOTIFY") {
                once(&mut params.notify, value.and_then(|value| value.parse().ok()))?;
            } else if keyword.eq_ignore_ascii_case("ORCPT") {
                once(&mut params.orcpt, value.and_then(|value| value.parse().ok()))?;
            } else {
                return Err(CommandError::Parameter);
            }
        }
        Ok(params)
    }
}

fn envid(value: &str) -> Option<String> {
    let good = !value.is_empty() && value.len() <= ENVID_BYTES_MAX && value.is_ascii();
    if good { xtext::decode(value) } else { None }
}

/// RFC 4954 §5: `AUTH=mailbox` in xtext, or `<>`. An address we cannot read counts as `<>`.
fn submitter(value: &str) -> Option<ReversePath> {
    let text = xtext::decode(value)?;
    Some(Address::parse(&text).map_or(ReversePath::Null, ReversePath::Address))
}

/// A parameter value no standard knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value of the parameter is not known")]
pub struct ValueError;

impl FromStr for Body {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Body, ValueError> {
        match text.to_ascii_uppercase().as_str() {
            "7BIT" => Ok(Body::SevenBit),
            "8BITMIME" => Ok(Body::EightBitMime),
            "BINARYMIME" => Ok(Body::BinaryMime),
            _ => Err(ValueError),
        }
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Body::SevenBit => "7BIT",
            Body::EightBitMime => "8BITMIME",
            Body::BinaryMime => "BINARYMIME",
        })
    }
}

impl FromStr for Ret {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Ret, ValueError> {
        match text.to_ascii_uppercase().as_str() {
            "FULL" => Ok(Ret::Full),
            "HDRS" => Ok(Ret::Headers),
            _ => Err(ValueError),
        }
    }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ret::Full => "FULL",
            Ret::Headers => "HDRS",
        })
    }
}

impl FromStr for Notify {
    type Err = ValueError;

    /// RFC 3461 §4.1: `"NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" )`; NEVER stands alone.
    fn from_str(text: &str) -> Result<Notify, ValueError> {
        let text = text.to_ascii_uppercase();
        if text == "NEVER" {
            return Ok(Notify::Never);
        }
        let (mut success, mut failure, mut delay) = (false, false, false);
        for word in text.split(',') {
            let flag = match word {
                "SUCCESS" => &mut success,
                "FAILURE" => &mut failure,
                "DELAY" => &mut delay,
                _ => return Err(ValueError),
            };
            *flag = true;
        }
        Ok(Notify::On { success, failure, delay })
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notify::On { success, failure, delay } = self else { return f.write_str("NEVER") };
        let mut comma = "";
        for (set, word) in [(success, "SUCCESS"), (failure, "FAILURE"), (delay, "DELAY")] {
            if *set {
                write!(f, "{comma}{word}")?;
                comma = ",";
            }
        }
        Ok(())
    }
}

impl FromStr for OriginalRecipient {
    type Err = ValueError;

    /// RFC 3461 §4.2: `addr-type ";" xtext`.
    fn from_str(text: &str) -> Result<OriginalRecipient, ValueError> {
        if text.len() > ORCPT_BYTES_MAX {
            return Err(ValueError);
        }
        let (address_type, address) = text.split_once(';').ok_or(ValueError)?;
        let good = !address_type.is_empty()
            && address_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let address =
            xtext::decode(address).filter(|address| good && !address.is_empty()).ok_or(ValueError)?;
        Ok(OriginalRecipient { address_type: address_type.to_owned(), address })
    }
}

impl fmt::Display for OriginalRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{}", self.address_type, xtext::encode(&self.address))
    }
}

//! The parts of a PEM file: certificates and the private key, apart from each other.
//! May touch: nothing (pure).
//! Standards: RFC 7468 §2.
//! Known gaps: an encrypted private key is not decrypted.

use crate::error::CmdletError;

/// The largest PEM file taken, in bytes; the server reads no larger one.
const PEM_BYTES_MAX: usize = 1 << 20;
const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pem {
    /// The certificates, the server's own first.
    pub(super) certificates: String,
    /// The private key, if it is there.
    pub(super) key: String,
}

/// Reads the blocks of a file; text around them is left out.
///
/// # Errors
/// `Invalid`, with what to do.
pub(super) fn read(bytes: &[u8], what: &str) -> Result<Pem, CmdletError> {
    if bytes.len() > PEM_BYTES_MAX {
        return Err(CmdletError::Invalid(format!("{what} is too long for a PEM file")));
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.contains(BEGIN)).ok_or_else(|| {
        CmdletError::Invalid(format!(
            "{what} is not PEM; make it from a PFX file with `openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes`"
        ))
    })?;
    let mut pem = Pem::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(label) = line.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut block = format!("{BEGIN}{label}{DASHES}\n");
        loop {
            let Some(line) = lines.next().map(str::trim) else {
                return Err(CmdletError::Invalid(format!("{what} is cut off: {label} has no end")));
            };
            block.push_str(line);
            block.push('\n');
            if line == end {
                break;
            }
        }
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => pem.certificates.push_str(&block),
            "ENCRYPTED PRIVATE KEY" => return Err(encrypted(what)),
            _ if label.ends_with("PRIVATE KEY") && block.contains("Proc-Type: 4,ENCRYPTED") => {
                return Err(encrypted(what));
            }
            _ if label.ends_with("PRIVATE KEY") => {
                if !pem.key.is_empty() {
                    return Err(CmdletError::Invalid(format!("{what} holds more than one private key")));
                }
                pem.key = block;
            }
            // Parameters of curves and the like, which keys repeat.
            _ => {}
        }
    }
    Ok(pem)
}

fn encrypted(what: &str) -> CmdletError {
    CmdletError::Invalid(format!(
        "the private key in {what} is encrypted; decrypt it first: `openssl pkey -in FILE -out FILE.key`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(label: &str) -> String {
        format!("-----BEGIN {label}-----\nQUJD\n-----END {label}-----\n")
    }

    #[test]
    fn certificates_and_key_are_taken_apart() {
        let text = format!(
            "Bag Attributes\r\n{}{}subject=x\n{}{}",
            block("EC PARAMETERS"),
            block("PRIVATE KEY"),
            block("CERTIFICATE").replace('\n', "\r\n"),
            block("CERTIFICATE")
        );
        let pem = read(text.as_bytes(), "the file").unwrap();
        assert_eq!(pem.key, block("PRIVATE KEY"));
        assert_eq!(pem.certificates, block("CERTIFICATE").repeat(2));
    }

    #[test]
    fn what_cannot_be_used_says_what_to_do() {
        let cases = [
            (b"\x30\x82\x01".to_vec(), "openssl pkcs12"),
            (block("ENCRYPTED PRIVATE KEY").into_bytes(), "openssl pkey"),
            (b"-----BEGIN CERTIFICATE-----\nQUJD\n".to_vec(), "cut off"),
            (block("PRIVATE KEY").repeat(2).into_bytes(), "more than one"),
            (vec![b'x'; PEM_BYTES_MAX + 1], "too long"),
        ];
        for (bytes, why) in cases {
            let error = read(&bytes, "the file").unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}

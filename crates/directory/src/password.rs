//! Hashes passwords with argon2id and compares them.
//!
//! May touch: chance (the salt).
//! Standards: RFC 9106 §4 (argon2id); the costs are those OWASP names first: 19 MiB, 2 passes, 1 lane.

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use world::Chance;

use crate::DirectoryError;
use crate::recipient::PasswordHash;

/// Longest password, in bytes: a bound on what one sign-in can make us hash.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Shortest new password, in characters; passwords that exist go on to work.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Memory of one run, KiB.
pub const MEMORY_KIB: u32 = Params::DEFAULT_M_COST;
/// Bytes of a salt, RFC 9106 §3.1.
const SALT_BYTES: usize = 16;

/// Hashes a new password. Slow on purpose (tens of milliseconds): see [`crate::Credentials::hash`] for the bounded way.
pub fn hash(chance: &Chance, password: &str) -> Result<PasswordHash, DirectoryError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(DirectoryError::invalid(
            "Password",
            format!("it is too short; give at least {PASSWORD_CHARS_MIN} characters."),
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(DirectoryError::invalid(
            "Password",
            format!("it is too long; give at most {PASSWORD_BYTES_MAX} bytes."),
        ));
    }
    hash_any(chance, password.as_bytes())
}

/// A hash nobody's password has, so that an unknown user costs what a known one does.
pub(crate) fn dummy(chance: &Chance) -> Result<PasswordHash, DirectoryError> {
    let mut noise = [0; 32];
    chance.fill(&mut noise);
    hash_any(chance, &noise)
}

fn hash_any(chance: &Chance, password: &[u8]) -> Result<PasswordHash, DirectoryError> {
    let mut salt = [0; SALT_BYTES];
    chance.fill(&mut salt);
    let failed = |error: argon2::password_hash::Error| DirectoryError::Password(error.to_string());
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    let phc = argon2().hash_password(password, &salt).map_err(failed)?;
    Ok(PasswordHash::from_phc(phc.to_string()))
}

/// Whether the password is the one that was hashed; compared in constant time.
pub fn verify(hash: &PasswordHash, password: &[u8]) -> bool {
    password.len() <= PASSWORD_BYTES_MAX
        && Phc::new(hash.as_phc()).is_ok_and(|phc| argon2().verify_password(password, &phc).is_ok())
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

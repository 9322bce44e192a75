//! Chance: random bytes, numbers and UUIDs.
//!
//! May touch: the operating system's random source (the real one only).
//! Standards: RFC 9562 §5.4 (UUIDv4), RFC 9562 §5.7 (UUIDv7).

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::Clock;

/// What a source of chance has to be able to do; real below, simulated in `sim/dice.rs`.
pub(crate) trait ChanceSource: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// A handle on a source of random numbers. Cheap to clone.
#[derive(Clone)]
pub struct Chance(Arc<dyn ChanceSource>);

impl Chance {
    pub(crate) fn from_source(source: Arc<dyn ChanceSource>) -> Self {
        Self(source)
    }

    /// Cryptographically secure numbers from AWS-LC, seeded by the operating system.
    #[must_use]
    pub fn real() -> Self {
        Self(Arc::new(RealChance))
    }

    /// Fills `bytes` with random bytes. In the real world they are fit for keys and tokens.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    /// A random number over the whole range.
    #[must_use]
    pub fn u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A random number from 0 to `end - 1`; 0 if `end` is 0. The bias is below `end / 2^64`.
    #[must_use]
    pub fn below(&self, end: u64) -> u64 {
        let scaled = (u128::from(self.u64()) * u128::from(end)) >> 64;
        u64::try_from(scaled).unwrap_or(0)
    }

    /// A UUIDv7: milliseconds of `clock`, then 74 random bits.
    #[must_use]
    pub fn uuid_v7(&self, clock: &Clock) -> Uuid {
        let mut random = [0; 10];
        self.0.fill(&mut random);
        let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A UUIDv4: 122 random bits.
    #[must_use]
    pub fn uuid_v4(&self) -> Uuid {
        let mut random = [0; 16];
        self.0.fill(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid()
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}

struct RealChance;

impl ChanceSource for RealChance {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Going on with predictable identifiers and tokens would be worse than stopping.
            tracing::error!("the operating system's random source failed");
            std::process::abort();
        }
    }
}

//! The cmdlets: a folder per noun, a file per cmdlet.
//! May touch: nothing (pure).

use crate::cmdlet::Cmdlet;

/// The cmdlets of each noun.
pub(crate) static NOUNS: &[&[&Cmdlet]] = &[];

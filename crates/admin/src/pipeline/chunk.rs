//! What passes from command to command: a portion of objects and how they are shown.
//! May touch: nothing (pure).

use std::sync::Arc;

use serde_json::Value;

use crate::cmdlet::Cmdlet;
use crate::output::OutputType;
use crate::view::Format;

/// The type of objects nobody declared.
pub(crate) static PLAIN: OutputType = OutputType::NONE;

/// How objects are shown at the end of the pipeline.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The properties that were declared, for times and wordings.
    pub(crate) output: &'static OutputType,
    /// Table or list, when nobody says which.
    pub(crate) format: Format,
    /// The properties that were selected; all of them otherwise.
    pub(crate) columns: Option<Arc<Vec<String>>>,
}

impl About {
    /// Objects of a cmdlet.
    pub(crate) fn of(cmdlet: &'static Cmdlet) -> About {
        About { output: &cmdlet.output, format: Format::default_of(cmdlet), columns: None }
    }

    /// Objects of a type of the shell's own.
    pub(crate) fn table(output: &'static OutputType) -> About {
        About { output, format: Format::Table, columns: None }
    }

    /// Values and objects nobody declared.
    pub(crate) fn plain() -> About {
        About { output: &PLAIN, format: Format::List, columns: None }
    }
}

/// A portion of objects.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// What they are.
    pub(crate) about: About,
    /// The objects, or single values.
    pub(crate) items: Vec<Value>,
}

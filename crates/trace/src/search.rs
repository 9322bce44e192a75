//! Search: one query over all day files and the refusals, with an exact total and stable paging.
//!
//! May touch: the store.

mod api;
mod cursor;
mod pattern;

pub use api::{
    Answer, FILTER_VALUES_MAX, Gap, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Query, Refused, RowOrder, SearchError, SourceAsked,
    SubjectFilter, SubjectFilterType, TraceRow,
};
pub use cursor::Cursor;
pub use pattern::{AddressPattern, PatternError};

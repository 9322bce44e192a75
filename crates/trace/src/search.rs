//! Search: one query over all day files and the refusals, with an exact total and stable paging.
//!
//! May touch: the store (reading).

mod api;
mod cursor;
mod days;
mod engine;
mod facets;
mod folding;
mod gathered;
mod message;
mod network;
mod pattern;

pub use api::{
    Answer, FILTER_VALUES_MAX, Gap, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Query, Refused, RowOrder,
    SOURCES_AT_A_GLANCE, SearchError, SourceAsked, SubjectFilter, SubjectFilterType, Total, TraceRow,
};
pub use cursor::Cursor;
pub(crate) use engine::{Engine, day_gap, lost_days};
pub use facets::{Facet, FacetFilter};
pub(crate) use facets::{Facets, names_place, satisfies, servers_in, with_own_place};
pub(crate) use folding::{Piece, SubjectFold, pieces, words};
pub(crate) use gathered::Gathered;
#[cfg(test)]
pub(crate) use message::refused_row;
pub(crate) use message::{MessageView, each_once};
pub use network::{IpNetwork, NetworkError};
pub use pattern::{AddressPattern, PatternError, is_wild_match};

#[cfg(test)]
pub(crate) mod model;
#[cfg(test)]
pub(crate) mod traffic;

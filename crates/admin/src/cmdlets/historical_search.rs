//! The cmdlets of HistoricalSearch: reports in the background.
//! May touch: nothing (pure).

mod get_historical_search;
pub(crate) mod object;
mod start_historical_search;
mod stop_historical_search;

use crate::cmdlet::Cmdlet;

pub(crate) static ALL: &[&Cmdlet] =
    &[&start_historical_search::CMDLET, &get_historical_search::CMDLET, &stop_historical_search::CMDLET];

//! Administration: one registry of cmdlets, and the shell, HTTP, help and completion as views of it.
//! May touch: what the Context holds, through the cmdlets.
//!
//! A cmdlet is one file under `cmdlets/<noun>/`: a constant [`cmdlet::Cmdlet`] and the function that runs it, listed
//! in the noun's file. Everything else here is generated from those constants.

pub mod alert_attempts;
pub mod answer;
pub mod arguments;
pub mod audit;
pub mod background;
mod change;
pub mod cmdlet;
mod cmdlets;
pub mod command_line;
pub mod completion;
pub mod context;
pub mod error;
pub mod filter;
pub mod help;
pub mod historical;
pub mod http;
pub mod nearest;
pub mod output;
pub mod parameter;
pub mod pipeline;
mod privacy;
pub mod registry;
pub mod role;
mod role_scope;
mod row_names;
#[cfg(test)]
mod sample;
pub mod services;
pub mod session;
pub mod settings;
pub mod shell;
pub mod sign_in_throttle;
#[cfg(test)]
mod tests;
mod trace_alerts;
pub mod value;
pub mod view;

pub use arguments::Arguments;
pub use cmdlets::surroundings;
pub use context::{Context, Instance};
pub use error::CmdletError;
pub use output::{Output, Row};
pub use role::Actor;
pub use services::Services;

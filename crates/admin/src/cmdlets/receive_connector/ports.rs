//! The listening sockets of a Receive connector before and after a change.
//! May touch: listeners (through `Services::listeners`).

use directory::{ListenSource, ReceiveConnector};

use crate::context::Context;
use crate::error::CmdletError;
use crate::services::PreparedListeners;

/// Opens what a connector will listen on, before the change is committed. `None` where no server listens here, or
/// the configuration file says where it does.
pub(super) async fn prepare(
    context: &Context,
    connector: &ReceiveConnector,
) -> Result<Option<Box<dyn PreparedListeners>>, CmdletError> {
    let Some(listeners) = &context.services.listeners else { return Ok(None) };
    if connector.listen != ListenSource::Bindings || !connector.enabled {
        return Ok(None);
    }
    let prepared = listeners.prepare(&connector.name, &connector.bindings).await;
    prepared.map(Some).map_err(CmdletError::Conflict)
}

/// Accepts on the sockets that were opened; closes those of a connector that is disabled now.
pub(super) fn activate(
    context: &Context,
    connector: &ReceiveConnector,
    prepared: Option<Box<dyn PreparedListeners>>,
) {
    if let Some(prepared) = prepared {
        prepared.activate();
    } else if !connector.enabled {
        close(context, &connector.name);
    }
}

/// Keeps a renamed connector's sockets.
pub(super) fn rename(context: &Context, from: &str, to: &str) {
    if let Some(listeners) = &context.services.listeners {
        listeners.rename(from, to);
    }
}

/// Closes a connector's sockets.
pub(super) fn close(context: &Context, name: &str) {
    if let Some(listeners) = &context.services.listeners {
        listeners.close(name);
    }
}

/// Where it listens now, else where it would.
pub(super) fn shown(context: &Context, connector: &ReceiveConnector) -> Vec<String> {
    let bound = context.services.listeners.as_ref().map(|listeners| listeners.bound(&connector.name));
    let addresses = match bound {
        Some(bound) if !bound.is_empty() => bound,
        _ => connector.bindings.clone(),
    };
    addresses.iter().map(ToString::to_string).collect()
}

//! The cmdlet of ServiceHealth.
//! May touch: nothing (pure).

mod health;
mod test_service_health;

use crate::cmdlet::Cmdlet;
use crate::context::Context;

pub(crate) static ALL: &[&Cmdlet] = &[&test_service_health::CMDLET];

/// The components that are not healthy: name, whether it does not work at all, and why.
pub(crate) async fn ailing(context: &Context) -> Vec<(String, bool, String)> {
    let components = test_service_health::components(context).await.into_iter();
    let ailing = components.filter(|component| component.status != health::Status::Healthy);
    ailing.map(|one| (one.name, one.status == health::Status::Unhealthy, one.detail)).collect()
}

//! Test-ServiceHealth: tries every part of the server and says how it is.
//! May touch: health probe, listeners, transport (read), mailbox (read), directory (read), clock, executor.

use std::sync::Arc;

use directory::CertificateService;

use super::health::{self, Component, Status};
use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::exchange_certificate;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property};
use crate::role::Role;

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Test-ServiceHealth",
    synopsis: "Tries every part of the server and says how it is.",
    description: "One row per component: the directory, the Receive connectors, the transport, suspended queues, the spool (which has to commit something), the message trace, the mailbox store, back pressure and certificates. Healthy needs nothing; Degraded works, and somebody should look at it; Unhealthy does not work. What is not healthy is warned of too.",
    examples: &[
        Example { command: "Test-ServiceHealth", sentence: "Shows how every component is." },
        Example {
            command: "Test-ServiceHealth -Format json",
            sentence: "Gives the same to a monitoring program.",
        },
    ],
    roles: &[Role::Monitoring],
    parameters: &[Parameters::Fixed(&[])],
    output: OutputType {
        name: "ServiceHealth",
        properties: &[Property::text("Component"), Property::text("Status"), Property::text("Detail")],
        settings: None,
        table: &["Component", "Status", "Detail"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

/// Every component.
pub(super) async fn components(context: &Context) -> Vec<Component> {
    let mut components = vec![directory(context).await];
    components.extend(listeners(context));
    components.push(transport(context));
    components.extend(suspended(context));
    components.extend(measured(context).await);
    components.push(mailboxes(context).await);
    components.extend(certificates(context));
    components
}

async fn run(context: &Context, _: &Arguments) -> Result<Output, CmdletError> {
    let components = components(context).await;
    let mut output = Output::list(components.iter().map(Component::row).collect());
    let ailing = components.iter().filter(|component| component.status != Status::Healthy);
    output.warnings.extend(ailing.map(|component| format!("{}: {}", component.name, component.detail)));
    Ok(output)
}

async fn directory(context: &Context) -> Component {
    let directory = context.directory.clone();
    let probed = context.world.exec.blocking(move || directory.probe()).await;
    Component::of("Directory", "can be read", probed.map_err(|error| format!("cannot be read: {error}")))
}

fn listeners(context: &Context) -> Vec<Component> {
    let Some(listeners) = &context.services.listeners else {
        return vec![Component::off("Receive connectors", context.services.is_observer)];
    };
    let snapshot = context.directory.snapshot();
    let mut names: Vec<_> =
        snapshot.receive_connectors().filter(|one| one.enabled).map(|one| one.name.clone()).collect();
    names.sort();
    if names.is_empty() {
        let detail = "none is enabled, so no mail comes in; Set-ReceiveConnector -Enabled true enables one";
        return vec![Component::new("Receive connectors", Status::Unhealthy, detail)];
    }
    names.iter().map(|name| health::listener(name, &listeners.bound(name))).collect()
}

fn transport(context: &Context) -> Component {
    let Ok(transport) = context.services.transport() else {
        return Component::off("Transport", context.services.is_observer);
    };
    let stopping = transport.stopping().borrow().clone();
    let queues = transport.queues();
    let poisoned = queues.iter().filter(|queue| queue.identity.ends_with("\\Poison"));
    health::transport(&stopping, poisoned.map(|queue| queue.message_count as u64).sum())
}

/// Queues from which nothing leaves because somebody wants it so.
fn suspended(context: &Context) -> Option<Component> {
    let queues = context.services.transport().ok()?.queues();
    let suspended: Vec<(String, u64)> = queues
        .into_iter()
        .filter(|queue| queue.status == "Suspended")
        .map(|queue| (format!("{} ({})", queue.identity, queue.next_hop_domain), queue.message_count as u64))
        .collect();
    health::suspended(&suspended)
}

/// What only the server can measure.
async fn measured(context: &Context) -> Vec<Component> {
    let Some(probe) = context.services.health.as_ref().map(Arc::clone) else {
        return ["Spool", "Message trace"].map(Component::missing).to_vec();
    };
    let spool = probe.commit().await.map_err(|why| format!("cannot commit, so no mail is accepted: {why}"));
    let mut components =
        vec![Component::of("Spool", "commits durably", spool), health::feed(&probe.feed_lag())];
    components
        .extend(probe.pressure().into_iter().map(|(resource, level)| health::pressure(resource, level)));
    components
}

async fn mailboxes(context: &Context) -> Component {
    let name = "Mailbox store";
    let Ok(store) = context.services.mailboxes() else {
        return Component::off(name, context.services.is_observer);
    };
    let snapshot = context.directory.snapshot();
    let Some(mailbox) = snapshot.recipients().find(|one| one.kind.is_mailbox()).map(|one| one.guid) else {
        return Component::new(name, Status::Healthy, "runs; there is no mailbox yet");
    };
    // One that was never delivered to has no file, which is no fault.
    let read = match store.exists(mailbox).await {
        Ok(true) => store.folder_statistics(mailbox).await.map(|_| ()),
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    Component::of(name, "can be read", read.map_err(|error| format!("cannot be read: {error}")))
}

/// A row per certificate to be warned of, or one for all; and one per service that has none that is valid.
fn certificates(context: &Context) -> Vec<Component> {
    let snapshot = context.directory.snapshot();
    let now = context.world.clock.now();
    let mut components: Vec<Component> = snapshot
        .certificates()
        .filter_map(|certificate| {
            let status = if certificate.is_valid_at(now) { Status::Degraded } else { Status::Unhealthy };
            let concern = exchange_certificate::concern(certificate, now)?;
            Some(Component::new("Certificates", status, concern))
        })
        .collect();
    for service in [CertificateService::Smtp, CertificateService::Iis] {
        let is_served =
            snapshot.certificates().any(|one| one.services.contains(&service) && one.is_valid_at(now));
        // Nothing listens for mail on one that observes.
        let is_off = service == CertificateService::Smtp && context.services.is_observer;
        if !is_served && !is_off {
            let detail = format!("no valid certificate is enabled for {}", service.as_str());
            components.push(Component::new("Certificates", Status::Unhealthy, detail));
        }
    }
    if components.is_empty() {
        components.push(Component::new("Certificates", Status::Healthy, "none ends within 30 days"));
    }
    components
}

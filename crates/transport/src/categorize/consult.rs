//! Asks the agents at the Routing points and works what they want into the plan of the categorizer.
//!
//! May touch: agents, clock, directory snapshot.
//! Known gaps: header edits and redirection at the Routing points follow with transport rules.

use agents::{Action, Context, Dispatch, Envelope, Point, Rejection, Session};
use directory::{PermissionSet, SessionIdentity, Snapshot};
use events::Source;
use mail::Address;
use spool::EntryNo;

use super::plan::{Candidate, Fork, Plan, Step};
use crate::Shared;
use crate::agent_notes::{Component, Notes, add_spent};
use crate::envelope::{Entry, Trust};
use crate::failure::Failure;
use crate::item::Item;

/// What agents wanted at OnSubmittedMessage.
#[derive(Default)]
pub(super) struct Submitted {
    /// Recipients they added.
    pub(super) added: Vec<Address>,
    /// Every recipient ends here.
    pub(super) ended: Option<Ending>,
    /// Notes, and the time they took.
    pub(super) notes: Notes,
}

/// How an agent ends recipients.
pub(super) enum Ending {
    /// With a report.
    Fail(Failure),
    /// Without one.
    Drop(events::Reason),
}

impl Shared {
    /// OnSubmittedMessage, before anything is resolved.
    pub(super) fn consult_submitted(&self, snapshot: &Snapshot, item: &Item) -> Submitted {
        let mut submitted = Submitted::default();
        let asked = self.ask(Point::SubmittedMessage, snapshot, item, recipients(&item.entries));
        for (agent, action) in asked.wanted.into_iter().map(|wanted| (wanted.agent, wanted.action)) {
            match action {
                Action::AddRecipient(address) => submitted.added.push(address),
                Action::Note(pairs) => submitted.notes.push((agent, pairs)),
                Action::Reject(rejection) => submitted.ended = Some(Ending::Fail(failure(&rejection))),
                Action::Drop { reason, .. } => submitted.ended = Some(Ending::Drop(reason)),
                Action::Edit(_) | Action::Redirect(_) | Action::Submit(_) => not_here(agent),
            }
        }
        add_spent(&mut submitted.notes, Component::Categorizer, &asked.spent);
        submitted
    }

    /// OnResolvedMessage, OnRoutedMessage, OnCategorizedMessage: the plan is made, nothing is done yet.
    pub(super) fn consult_planned(&self, snapshot: &Snapshot, item: &Item, plan: &mut Plan) -> Notes {
        let mut notes = Notes::new();
        let mut spent = Vec::new();
        for point in [Point::ResolvedMessage, Point::RoutedMessage, Point::CategorizedMessage] {
            if !self.agents.has_agents(point) {
                continue;
            }
            let queued = plan.steps.iter().filter_map(|step| match step {
                Step::Queue { candidate, .. } => Some(candidate.entry.recipient.clone()),
                _ => None,
            });
            let asked = self.ask(point, snapshot, item, queued.collect());
            spent.extend(asked.spent);
            for (agent, action) in asked.wanted.into_iter().map(|wanted| (wanted.agent, wanted.action)) {
                match action {
                    Action::Note(pairs) => notes.push((agent, pairs)),
                    Action::Reject(rejection) => end(plan, &Ending::Fail(failure(&rejection))),
                    Action::Drop { reason, .. } => end(plan, &Ending::Drop(reason)),
                    Action::AddRecipient(_) | Action::Edit(_) | Action::Redirect(_) | Action::Submit(_) => {
                        not_here(agent);
                    }
                }
            }
        }
        add_spent(&mut notes, Component::Categorizer, &spent);
        notes
    }

    fn ask(&self, point: Point, snapshot: &Snapshot, item: &Item, recipients: Vec<Address>) -> Dispatch {
        if !self.agents.has_agents(point) {
            return Dispatch::default();
        }
        let origin = &item.envelope.origin;
        let permissions = match origin.trust {
            Trust::Internal => SessionIdentity::ExternallySecured.permissions(),
            Trust::Anonymous => PermissionSet::EMPTY,
        };
        let session = Session {
            client_ip: origin.client_ip,
            client_hostname: origin.helo.clone(),
            principal: origin.authenticated_as,
            permissions,
            connector: origin.connector.clone().unwrap_or_default(),
            tls: false,
        };
        let envelope = Envelope {
            network_message_id: Some(item.envelope.network_message_id),
            reverse_path: Some(item.envelope.return_path.clone()),
            recipients,
            size: Some(item.envelope.size),
        };
        let context = Context::new(&session, &envelope, snapshot);
        self.agents.dispatch(point, &context, &self.world.clock)
    }
}

/// Ends every recipient that would have been queued.
fn end(plan: &mut Plan, ending: &Ending) {
    for step in &mut plan.steps {
        if let Step::Queue { candidate, fork, .. } = step {
            *step = ended((**candidate).clone(), fork.clone(), ending);
        }
    }
}

/// The step that ends a candidate.
pub(super) fn ended(candidate: Candidate, fork: Fork, ending: &Ending) -> Step {
    let candidate = Box::new(candidate);
    match ending {
        Ending::Fail(failure) => Step::Fail { candidate, failure: failure.clone(), fork },
        Ending::Drop(reason) => Step::Drop { candidate, reason: *reason },
    }
}

fn failure(rejection: &Rejection) -> Failure {
    let status = rejection.reply.enhanced().map_or_else(|| "5.7.1".to_owned(), |code| code.to_string());
    Failure::new(rejection.reason, Source::Agent, &status, rejection.reply.text())
}

fn recipients(entries: &[(EntryNo, Entry)]) -> Vec<Address> {
    entries.iter().map(|(_, entry)| entry.recipient.clone()).collect()
}

fn not_here(agent: &str) {
    tracing::warn!(agent, "this action is not available at the Routing points");
}

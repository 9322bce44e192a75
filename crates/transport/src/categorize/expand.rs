//! Expands a distribution group into its members: the one place where a group becomes people.
//!
//! May touch: nothing (pure; works on a directory snapshot).
//! Standards: RFC 5321 §3.9.2, RFC 3461 §5.2.7.

use std::sync::Arc;

use directory::Recipient;
use events::Reason;

use super::plan::{Candidate, Fork, Step};
use super::resolve::{Forwarding, Pending, Resolver, Via, without_success};
use crate::envelope::{Entry, MessageKind, Notify};
use crate::failure::Failure;

impl Resolver<'_> {
    /// Ends the group's own entry and puts its members, as they are now, on the list of work.
    pub(super) fn expand(&mut self, pending: Pending, group: &Recipient) {
        if let Some(reason) = self.report_to_group(group) {
            let candidate = Box::new(pending.candidate);
            self.plan.steps.push(Step::Drop { candidate, reason });
            return;
        }
        let members = self.members(group);
        if !self.has_room_for(&pending.candidate.entry, &members) {
            self.fail(pending, Failure::recipient_limit());
            return;
        }
        let address = group.primary_smtp_address.clone();
        let wanted = pending.candidate.entry.notify;
        let report = wanted.success().then(|| Box::new(pending.candidate.entry.clone()));
        self.plan.steps.push(Step::Expand {
            group: address.clone(),
            members: members.iter().map(|member| member.primary_smtp_address.as_str().to_owned()).collect(),
            ends: pending.candidate.stored,
            report,
        });
        let (notify, fork) = self.reports_of_members(&pending, group);
        // Pushed last to first: the list of work is a stack, and the first member is to come first.
        for member in members.iter().rev() {
            let parent = &pending.candidate.entry;
            let mut path = parent.path.clone();
            path.push(address.as_str().to_owned());
            let entry = Entry {
                recipient: member.primary_smtp_address.clone(),
                notify,
                path,
                ..Entry::submitted(member.primary_smtp_address.clone(), None, notify)
            };
            let entry = Entry { original: parent.original.clone(), ..entry };
            self.work.push(Pending {
                candidate: Candidate { stored: None, entry },
                via: Via::Group(address.clone()),
                fork: fork.clone(),
                forward_only: Vec::new(),
                forwarding: Forwarding::Open,
            });
        }
    }

    /// The members as they are now, in the order of the group.
    fn members(&self, group: &Recipient) -> Vec<Arc<Recipient>> {
        group.members.iter().filter_map(|guid| self.snapshot.recipient(*guid).cloned()).collect()
    }

    /// Reports to a group end here, unless it is an NDR and the group passes those to its owner.
    fn report_to_group(&self, group: &Recipient) -> Option<Reason> {
        match self.envelope.kind {
            MessageKind::Ordinary => None,
            MessageKind::Ndr if group.report_to_manager_enabled => None,
            MessageKind::Ndr | MessageKind::DelayDsn | MessageKind::SuccessDsn => Some(Reason::ReportToGroup),
        }
    }

    /// ReportToOriginator: as the sender asked. ReportToManager: NDRs to the first owner. Neither: nobody.
    fn reports_of_members(&self, pending: &Pending, group: &Recipient) -> (Notify, Fork) {
        let asked = without_success(pending.candidate.entry.notify);
        if group.report_to_manager_enabled {
            let owner = group.managed_by.first().and_then(|guid| self.snapshot.recipient(*guid));
            if let Some(owner) = owner {
                let only_failures = Notify::given(false, true, false);
                return (only_failures, Fork::ReportTo(owner.primary_smtp_address.clone()));
            }
        }
        if group.report_to_originator_enabled {
            (asked, pending.fork.clone())
        } else {
            (Notify::NEVER, pending.fork.clone())
        }
    }
}

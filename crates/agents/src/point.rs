//! The points of a message's way where agents are asked, in the order they come.
//!
//! May touch: nothing (pure).

/// The part of the transport a point belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The SMTP session.
    SmtpReceive,
    /// The categorizer.
    Routing,
    /// Delivery to a mailbox.
    Delivery,
}

macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $stage:ident;)+) => {
        /// Where an agent is asked. Ordered as the points come on a message's way (exchange names kept).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Point {
            $($(#[$doc])* $variant,)+
        }

        impl Point {
            /// Every point in order.
            pub const ALL: &'static [Point] = &[$(Point::$variant),+];

            /// Exchange's name of the event.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Point::$variant => $name,)+ }
            }

            /// The part of the transport it belongs to.
            #[must_use]
            pub fn stage(self) -> Stage {
                match self { $(Point::$variant => Stage::$stage,)+ }
            }
        }
    };
}

points! {
    /// A client connected; nothing was said yet.
    Connect = "OnConnect" in SmtpReceive;
    /// HELO.
    HeloCommand = "OnHeloCommand" in SmtpReceive;
    /// EHLO.
    EhloCommand = "OnEhloCommand" in SmtpReceive;
    /// STARTTLS.
    StartTlsCommand = "OnStartTlsCommand" in SmtpReceive;
    /// AUTH.
    AuthCommand = "OnAuthCommand" in SmtpReceive;
    /// The sign-in succeeded or failed.
    EndOfAuthentication = "OnEndOfAuthentication" in SmtpReceive;
    /// MAIL FROM; the return path is known.
    MailCommand = "OnMailCommand" in SmtpReceive;
    /// RCPT TO; `recipient` is the one asked about.
    RcptToCommand = "OnRcptToCommand" in SmtpReceive;
    /// DATA, or the first BDAT.
    DataCommand = "OnDataCommand" in SmtpReceive;
    /// The empty line behind the header came.
    EndOfHeaders = "OnEndOfHeaders" in SmtpReceive;
    /// The whole message came; it is not acknowledged yet.
    EndOfData = "OnEndOfData" in SmtpReceive;
    /// RSET.
    RsetCommand = "OnRsetCommand" in SmtpReceive;
    /// A command was refused, by an agent or the server.
    Reject = "OnReject" in SmtpReceive;
    /// The session ended.
    Disconnect = "OnDisconnect" in SmtpReceive;
    /// Taken off the Submission queue.
    SubmittedMessage = "OnSubmittedMessage" in Routing;
    /// Recipients resolved, next hop not chosen.
    ResolvedMessage = "OnResolvedMessage" in Routing;
    /// Groups expanded, next hops chosen.
    RoutedMessage = "OnRoutedMessage" in Routing;
    /// The categorizer is done; the message goes to its queues.
    CategorizedMessage = "OnCategorizedMessage" in Routing;
    /// Before it is put into a mailbox.
    DeliverMailItem = "OnDeliverMailItem" in Delivery;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_stage_by_stage_with_names_of_their_own() {
        assert!(Point::ALL.is_sorted_by_key(|point| point.stage()));
        let mut names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
        assert!(Point::Connect < Point::MailCommand && Point::EndOfData < Point::SubmittedMessage);
    }
}

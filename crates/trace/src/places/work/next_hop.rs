//! Where a hand-on went: what its own record says, and what a join says in its place.
//!
//! May touch: nothing (pure).

use events::{Event, NextHop};

/// The pair of custom-data that holds where a hand-on went as its own record says, if a join says otherwise.
const NEXT_HOP: &str = "NextHop";
const OUTSIDE: &str = "Outside";
const INTERNAL: &str = "Internal";
const PLACE: &str = "Place:";

/// Says where a hand-on went: to the hop it is joined with, or where its own record says if there is none. That is kept
/// beside, because a better join may take the hop away again.
pub(super) fn tell(event: &mut Event, joined: Option<NextHop>) {
    let said = event.custom_data.iter().position(|(name, _)| name == NEXT_HOP);
    match (joined, said) {
        (Some(joined), None) if event.detail.next_hop.as_ref() != Some(&joined) => {
            let was = match event.detail.next_hop.replace(joined) {
                None => String::new(),
                Some(NextHop::Outside) => OUTSIDE.to_owned(),
                Some(NextHop::Internal) => INTERNAL.to_owned(),
                Some(NextHop::Place(place)) => format!("{PLACE}{place}"),
            };
            event.custom_data.push((NEXT_HOP.to_owned(), was));
        }
        (Some(joined), _) => event.detail.next_hop = Some(joined),
        (None, Some(at)) => {
            let (_, was) = event.custom_data.remove(at);
            event.detail.next_hop = match was.as_str() {
                OUTSIDE => Some(NextHop::Outside),
                INTERNAL => Some(NextHop::Internal),
                other => other.strip_prefix(PLACE).map(|place| NextHop::Place(place.to_owned())),
            };
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use events::{EventId, Source};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_the_record_said_comes_back_when_the_join_is_gone() {
        let place = |name: &str| Some(NextHop::Place(name.to_owned()));
        for said in [None, Some(NextHop::Outside), Some(NextHop::Internal), place("Place:x"), place("")] {
            let mut event =
                Event::new(Timestamp::UNIX_EPOCH, EventId::Send, Source::Smtp, Default::default());
            event.detail.next_hop = said;
            let before = event.clone();
            for joined in ["one", "one", "another"] {
                tell(&mut event, place(joined));
                assert_eq!(event.detail.next_hop, place(joined));
            }
            tell(&mut event, None);
            assert_eq!(event, before);
            tell(&mut event, None);
            assert_eq!(event, before);
        }
    }
}

//! What is more than there is room for.
//!
//! May touch: nothing (pure).

use events::EventRecipient;

use crate::StoreError;
use crate::search::traffic::traffic;
use crate::status::Fold;

#[test]
fn a_message_of_more_recipients_than_rows_is_cut_and_no_failure() {
    let rows_max = 1 << 20;
    let (key, mut event) = traffic(81, 1, 1).remove(0);
    let recipient = |number: usize| EventRecipient {
        address: format!("u{number}@contoso.example"),
        status: String::new(),
    };
    event.recipients = (0..=rows_max).map(recipient).collect();
    let mut fold = Fold::default();
    fold.absorb(key, &event);
    assert_eq!((fold.len(), fold.is_cut()), (rows_max, true));
    let last = i64::try_from(fold.len()).unwrap() - 1;
    assert!(last <= crate::store::ORDINAL_MAX, "every row has a row id");
    // What came before the cut goes on.
    event.recipients = vec![recipient(7)];
    fold.absorb(key, &event);
    assert_eq!(fold.len(), rows_max);
}

#[test]
fn a_bound_that_is_reached_is_no_damage() {
    assert!(!StoreError::TooMuch("more than a message may have").is_damage());
    assert!(StoreError::Inconsistent("a row without its events").is_damage());
}

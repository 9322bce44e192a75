//! Receive connectors: what is said before the last one that takes mail goes.
//! May touch: a simulated world.

use super::*;

#[test]
fn what_would_shut_out_all_mail_is_said() {
    let office = Office::open();
    let (code, err) = office.fails("Remove-ReceiveConnector Default --");
    assert_eq!(code, 2, "{err}");
    let words = ["Remove-ReceiveConnector", "Default Frontend mx1"];
    let (code, _, err) = office.ask(&words, Answer::No);
    assert_eq!(code, 1);
    assert!(err.contains("takes no mail from outside"), "{err}");
    let (code, _, err) = office.ask(&words, Answer::Yes);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("WARNING: \"Default Frontend mx1\": this server then takes no mail"), "{err}");
}

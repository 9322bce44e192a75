//! Whose look-up a search that stays open goes on with.
//! May touch: a simulated world.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::role::{Actor, RoleGroup, Via};
use crate::tests::mail_flow::office;
use crate::{Arguments, registry};

fn actor(name: &str, session: Option<u128>) -> Actor {
    let actor = Actor::with_groups(name, &[RoleGroup::OrganizationManagement]);
    Actor { session: session.map(Uuid::from_u128), ..actor }
}

#[test]
fn nobody_goes_on_with_the_look_up_of_somebody_else_or_of_another_session() {
    let office = office();
    let instance = &office.instance;
    let cmdlet = registry::find("Get-MessageTrace").unwrap();
    let asked = |body: Value| Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
    let question = asked(json!({ "RecipientAddress": ["x@tailspin.example"], "ResultSize": 100 }));
    let kim = instance.context(actor("kim", Some(1)));
    let output = office.sim.run(registry::invoke(&kim, &question)).unwrap();
    instance.just_made.remember(&kim, &question, &output);
    let at_the_socket = Actor { via: Via::LocalSocket, ..actor("kim", Some(1)) };
    for other in [actor("lee", Some(1)), actor("kim", Some(2)), actor("kim", None), at_the_socket] {
        let other = instance.context(other);
        assert!(instance.just_made.take(&other, &question).is_none(), "{:?}", other.actor);
    }
    let elsewhere = asked(json!({ "RecipientAddress": ["y@tailspin.example"] }));
    assert!(instance.just_made.take(&kim, &elsewhere).is_none());
    // How much of the answer is wanted is no part of the question.
    let same = asked(json!({ "RecipientAddress": ["x@tailspin.example"], "ResultSize": 50 }));
    let again = instance.context(actor("kim", Some(1)));
    let look = instance.just_made.take(&again, &same).unwrap();
    assert_eq!(Some(look.id()), kim.command());
    assert!(instance.just_made.take(&again, &same).is_none(), "one search goes on with it");
}

/// What was near to a question without an answer was told of, and an open search that goes on keeps that.
#[test]
fn a_search_that_goes_on_keeps_of_whom_its_look_up_told_beside_the_rows() {
    let office = office();
    let instance = &office.instance;
    let cmdlet = registry::find("Get-MessageTrace").unwrap();
    let body = json!({ "RecipientAddress": ["x@tailspin.example"], "Subject": "nothing of the kind" });
    let question = Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
    let kim = instance.context(actor("kim", Some(1)));
    let output = office.sim.run(registry::invoke(&kim, &question)).unwrap();
    assert!(output.rows.is_empty() && !output.also_about.is_empty(), "{output:?}");
    instance.just_made.remember(&kim, &question, &output);
    let again = instance.context(actor("kim", Some(1)));
    let look = instance.just_made.take(&again, &question).unwrap();
    assert_eq!(look.about().as_deref(), Some("x@tailspin.example"));
}

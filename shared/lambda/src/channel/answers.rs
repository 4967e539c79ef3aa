//! What a caller is answered when its message was taken, or its batch.

use contracts::Problem;
use domain::Ticket;
use serde_json::{Map, Value, json};

use super::counter::Taken;
use crate::http::{answer, refuse_with};

/// `202`: the ticket stands in the table, or there is none to make.
pub(super) fn taken(taken: &Taken) -> Value {
    answer(202, &told(taken))
}

fn told(taken: &Taken) -> Value {
    match taken {
        Taken::Ticket { ticket, duplicate } => {
            let mut members = of_ticket(ticket);
            members.insert("duplicate".to_owned(), json!(duplicate));
            Value::Object(members)
        }
        Taken::Noted(why) => json!({ "noted": why }),
    }
}

/// How a ticket is named to its channel.
pub(super) fn of_ticket(ticket: &Ticket) -> Map<String, Value> {
    let members = [
        ("ticket", ticket.id().as_str()),
        ("number", ticket.number().as_str()),
        ("status", ticket.status().as_str()),
    ];
    members.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect()
}

/// One result an item, counted from 1 as the caller counts. `202` when any was taken; else `422`, or
/// `503` when sending it again would help.
pub(super) fn batch(results: &[Result<Taken, Problem>]) -> Value {
    let refused = results.iter().filter(|result| result.is_err()).count();
    let items: Vec<Value> = (1..).zip(results).map(|(item, result)| one(item, result)).collect();
    let members = Map::from_iter([
        ("taken".to_owned(), json!(results.len() - refused)),
        ("refused".to_owned(), json!(refused)),
        ("results".to_owned(), Value::Array(items)),
    ]);
    if refused < results.len() {
        return answer(202, &Value::Object(members));
    }
    let ours = results.iter().any(|result| result.as_ref().is_err_and(|e| e.status >= 500));
    let problem = if ours {
        Problem::new(503, "unavailable", "The batch could not be stored")
            .detail("Send the same batch again; a repeated request never makes a second ticket.")
    } else {
        Problem::new(422, "batch-refused", "No message of the batch was taken")
            .detail("`results` has a problem for each.")
    };
    refuse_with(&problem, members)
}

fn one(item: usize, result: &Result<Taken, Problem>) -> Value {
    match result {
        Ok(taken @ Taken::Ticket { .. }) => json!({ "item": item, "answer": told(taken) }),
        Ok(Taken::Noted(why)) => json!({ "item": item, "noted": why }),
        Err(problem) => json!({ "item": item, "problem": problem }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(results: &[Result<Taken, Problem>]) -> (Value, Value) {
        let answer = batch(results);
        let body = answer["body"].as_str().unwrap();
        (answer["statusCode"].clone(), serde_json::from_str(body).unwrap())
    }

    fn refused(status: u16) -> Result<Taken, Problem> {
        Err(Problem::new(status, "some", "Some"))
    }

    #[test]
    fn one_taken_is_enough_and_our_trouble_says_so() {
        let (code, body) = status(&[refused(422), Ok(Taken::Noted("for later")), refused(503)]);
        assert_eq!((code, &body["taken"], &body["refused"]), (json!(202), &json!(1), &json!(2)));
        assert_eq!(body["results"][1], json!({ "item": 2, "noted": "for later" }));
        assert_eq!(body["results"][2]["problem"]["status"], 503);
        let (code, body) = status(&[refused(422), refused(409)]);
        assert_eq!(
            (code, &body["type"]),
            (json!(422), &json!("urn:lianxin:problem:batch-refused"))
        );
        assert_eq!(body["results"].as_array().unwrap().len(), 2);
        assert_eq!(status(&[refused(422), refused(503)]).0, 503);
        assert_eq!(status(&[]).0, 422);
    }
}

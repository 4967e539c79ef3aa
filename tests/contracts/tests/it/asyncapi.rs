//! `events/asyncapi.yaml` describes every queue of the template: who takes from it, what lies in it and
//! where it goes when nobody can deal with it. It is drawn from the template, with `UPDATE_SAMPLES=1`.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fmt::Write as _;

use lianxin_local::template::{Queue, Source, Template};
use serde_norway::Value;

use crate::support::{path, text};

const FILE: &str = "events/asyncapi.yaml";

const HEAD: &str = "# Drawn from infra/template.yaml by tests/contracts (UPDATE_SAMPLES=1); not edited by hand.
asyncapi: 3.0.0
info:
  title: The queues of Lianxin (连心)
  version: 1.0.0
  description: >-
    A message is a reason to look, and no more: it may be lost, doubled, late or out of order, and the table decides.
    Physical names begin with the stack's name.
defaultContentType: application/json
servers:
  sqs: {host: 'sqs.{region}.amazonaws.com', protocol: sqs, description: Amazon SQS standard queues}
";

const COMPONENTS: &str = "components:
  messages:
    ticketHint:
      title: Look at this ticket
      payload: {schemaFormat: 'application/schema+json;version=draft-2020-12', schema: {$ref: schemas/ticket_hint.v1.schema.json}}
    followersHint:
      title: Ask the next followers of this ticket
      payload: {schemaFormat: 'application/schema+json;version=draft-2020-12', schema: {$ref: schemas/followers_hint.v1.schema.json}}
    uploadHint:
      title: Look at this upload
      payload: {schemaFormat: 'application/schema+json;version=draft-2020-12', schema: {$ref: schemas/upload_hint.v1.schema.json}}
    objectCreated:
      title: The store's own notice of a new object, and of a mail that has lain for an hour the upkeep's in the same form
      externalDocs: {url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html'}
";

/// The messages that lie in a queue, by their names in the components.
fn messages(queue: &str) -> &'static [&'static str] {
    match queue {
        "attachment" => &["uploadHint", "objectCreated"],
        "step-feedback" => &["ticketHint", "followersHint"],
        "channel-mayor-mailbox" => &["objectCreated", "ticketHint"],
        _ => &["ticketHint"],
    }
}

fn drawn() -> String {
    let template = Template::local().unwrap();
    let short = |name: &str| name.strip_prefix("lianxin-").unwrap().to_owned();
    let taken_by = |queue: &Queue| {
        let takes = |source: &Source| matches!(source, Source::Queue { queue: of, .. } if *of == queue.name);
        let function =
            template.functions.iter().find(|function| function.sources.iter().any(takes));
        function.map(|function| function.name.clone())
    };
    let (mut channels, mut operations) =
        (String::from("channels:\n"), String::from("operations:\n"));
    for queue in &template.queues {
        let Some(function) = taken_by(queue) else { continue };
        let (name, (dead, receives)) = (short(&queue.name), queue.dead_letter.clone().unwrap());
        let dead = short(&dead);
        let of = messages(&name).iter();
        let of: Vec<String> =
            of.map(|one| format!("{one}: {{$ref: '#/components/messages/{one}'}}")).collect();
        // Writing to a String cannot fail.
        let _written = writeln!(
            channels,
            "  {name}:\n    address: {name}\n    description: taken by {function}; after {receives} receives to {dead}\n    messages: {{{}}}",
            of.join(", ")
        );
        let _written = writeln!(
            operations,
            "  {name}.taken: {{action: receive, channel: {{$ref: '#/channels/{name}'}}}}"
        );
    }
    format!("{HEAD}{channels}{operations}{COMPONENTS}")
}

#[test]
fn every_queue_is_described_as_it_is() {
    let drawn = drawn();
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        std::fs::write(path(FILE), &drawn).unwrap();
    } else {
        assert!(text(FILE) == drawn, "{FILE}: run with UPDATE_SAMPLES=1:\n{drawn}");
    }
    let read: Value = serde_norway::from_str(&drawn).unwrap();
    let template = Template::local().unwrap();
    let taken = template.queues.iter().filter(|queue| queue.dead_letter.is_some()).count();
    assert_eq!(read["channels"].as_mapping().unwrap().len(), taken);
    for message in read["components"]["messages"].as_mapping().unwrap().values() {
        if let Some(schema) = message["payload"]["schema"]["$ref"].as_str() {
            assert!(path(&format!("events/{schema}")).is_file(), "{schema}");
        }
    }
}

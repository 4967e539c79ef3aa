//! The engines as the functions see them: through the AWS SDK, over HTTP.

use std::path::Path;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ReturnConsumedCapacity, ScalarAttributeType,
};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_sqs::types::QueueAttributeName;

use super::client::{clients, sns_client};
use super::meter::{Counts, Meter};
use super::{Engines, REGION, topic_arn};
use cloud::Clients;

struct City {
    engines: Engines,
    clients: Clients,
    meter: Meter,
}

impl City {
    fn start(data: &Path) -> Self {
        let engines = Engines::start(data).expect("engines start");
        let meter = Meter::new();
        let clients = clients(&engines.endpoints, &meter);
        Self { engines, clients, meter }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn create_table(clients: &Clients, name: &str) {
    let key = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("complete");
    let schema = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash)
        .build()
        .expect("complete");
    clients
        .dynamodb
        .create_table()
        .table_name(name)
        .attribute_definitions(key)
        .key_schema(schema)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("table created");
}

async fn note_of(clients: &Clients) -> Option<AttributeValue> {
    let got = clients
        .dynamodb
        .get_item()
        .table_name("tickets")
        .key("pk", text("t1"))
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .expect("item read");
    got.item.and_then(|mut item| item.remove("note"))
}

#[tokio::test]
async fn items_survive_a_restart_and_are_metered() {
    let data = tempfile::tempdir().expect("directory");
    let city = City::start(data.path());
    create_table(&city.clients, "tickets").await;
    let before = city.meter.snapshot();
    city.clients
        .dynamodb
        .put_item()
        .table_name("tickets")
        .item("pk", text("t1"))
        .item("note", text("kept"))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .expect("item put");
    assert_eq!(note_of(&city.clients).await, Some(text("kept")));
    let spent = city.meter.snapshot() - before;
    let expected = Counts {
        dynamodb_requests: 2,
        dynamodb_write_units: 1.0,
        dynamodb_read_units: 1.0,
        ..Counts::default()
    };
    assert_eq!(spent, expected);
    city.engines.stop().await.expect("stops in time");

    let city = City::start(data.path());
    assert_eq!(note_of(&city.clients).await, Some(text("kept")));
    city.engines.stop().await.expect("stops in time");
}

#[tokio::test]
async fn messages_are_sent_received_and_deleted() {
    let data = tempfile::tempdir().expect("directory");
    let City { engines, clients, meter } = City::start(data.path());
    let sqs = &clients.sqs;
    let created = sqs.create_queue().queue_name("intake").send().await.expect("queue created");
    let url = created.queue_url.expect("has a URL");
    let arn = QueueAttributeName::QueueArn;
    let known = sqs.get_queue_attributes().queue_url(&url).attribute_names(arn.clone());
    let attributes = known.send().await.expect("attributes").attributes.expect("attributes");
    assert!(attributes.get(&arn).expect("has an ARN").contains(REGION));

    sqs.send_message().queue_url(&url).message_body("{}").send().await.expect("sent");
    let received = sqs.receive_message().queue_url(&url).send().await.expect("received");
    let message = received.messages().first().expect("one message").clone();
    assert_eq!(message.body(), Some("{}"));
    let handle = message.receipt_handle.expect("has a handle");
    sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.expect("deleted");
    let received = sqs.receive_message().queue_url(&url).send().await.expect("received");
    assert!(received.messages().is_empty());

    let expected = Counts { sqs_requests: 5, sqs_empty_receives: 1, ..Counts::default() };
    assert_eq!(meter.snapshot(), expected);

    let large = "x".repeat(1024 * 1024 + 1);
    let refused = sqs.send_message().queue_url(&url).message_body(large).send().await;
    let refused = refused.expect_err("too large").into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameterValue"));
    engines.stop().await.expect("stops in time");
}

#[tokio::test]
async fn messages_are_published_to_a_topic_that_is_there() {
    let data = tempfile::tempdir().expect("directory");
    let City { engines, meter, .. } = City::start(data.path());
    let sns = sns_client(&engines.endpoints, &meter);
    let arn = topic_arn("finance");
    let publish = |arn: &str, message: String| {
        sns.publish().topic_arn(arn).subject("a report").message(message).send()
    };
    let refused = publish(&arn, "too early".to_owned()).await.expect_err("no such topic");
    assert!(refused.into_service_error().is_not_found_exception());
    let created = sns.create_topic().name("finance").send().await.expect("topic created");
    assert_eq!(created.topic_arn(), Some(&*arn));
    let taken = publish(&arn, "可用 available: 1 元 & more".to_owned()).await.expect("published");
    assert!(taken.message_id().is_some());
    let large = publish(&arn, "x".repeat(256 * 1024 + 1)).await.expect_err("too large");
    assert!(large.into_service_error().is_invalid_parameter_exception());
    // Not counted: no ticket asks for it.
    assert_eq!(meter.snapshot(), Counts::default());
    engines.stop().await.expect("stops in time");
}

/// The status of one conditional put: 200 when it created the object.
async fn create(s3: aws_sdk_s3::Client, key: String, body: Vec<u8>) -> u16 {
    let put = s3.put_object().bucket("cases").key(key).if_none_match("*").body(body.into());
    match put.send().await {
        Ok(_) => 200,
        Err(error) => error.raw_response().expect("answered").status().as_u16(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_conditional_puts_wins() {
    let data = tempfile::tempdir().expect("directory");
    let City { engines, clients, meter } = City::start(data.path());
    let s3 = &clients.s3;
    s3.create_bucket().bucket("cases").send().await.expect("bucket created");
    for round in 0..10_usize {
        let key = format!("a/{round}");
        let puts = (0..8_u8).map(|n| tokio::spawn(create(s3.clone(), key.clone(), vec![n; 1000])));
        let mut statuses = Vec::new();
        for put in puts.collect::<Vec<_>>() {
            statuses.push(put.await.expect("no panic"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
        let list = s3.list_objects_v2().bucket("cases").send().await.expect("listed");
        assert_eq!(list.contents().len(), round + 1);
    }
    assert_eq!(meter.snapshot(), Counts { s3_requests: 1 + 10 * 9, ..Counts::default() });
    engines.stop().await.expect("stops in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_never_fail_while_objects_go() {
    let data = tempfile::tempdir().expect("directory");
    let City { engines, clients, .. } = City::start(data.path());
    let s3 = clients.s3.clone();
    s3.create_bucket().bucket("cases").send().await.expect("bucket created");
    for n in 0..40 {
        assert_eq!(create(s3.clone(), format!("b/{n}"), Vec::new()).await, 200);
    }
    let deleter = tokio::spawn(async move {
        for n in 0..40 {
            let delete = s3.delete_object().bucket("cases").key(format!("b/{n}"));
            delete.send().await.expect("deleted");
        }
    });
    let once = clients.s3.config().to_builder().retry_config(RetryConfig::disabled());
    let once = aws_sdk_s3::Client::from_conf(once.build());
    while !deleter.is_finished() {
        once.list_objects_v2().bucket("cases").send().await.expect("listed");
    }
    deleter.await.expect("all deleted");
    engines.stop().await.expect("stops in time");
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let data = tempfile::tempdir().expect("directory");
    let City { engines, clients, meter } = City::start(data.path());
    clients.s3.create_bucket().bucket("cases").send().await.expect("bucket created");
    let mut forged = engines.endpoints.clone();
    forged.secret_key = "0".repeat(40);
    let stranger = super::client::clients(&forged, &meter).s3;
    let refused = stranger.list_objects_v2().bucket("cases").send().await.expect_err("refused");
    assert_eq!(refused.raw_response().expect("answered").status().as_u16(), 403);
    engines.stop().await.expect("stops in time");
}

#[tokio::test]
async fn data_in_use_is_refused_and_the_secret_is_hidden() {
    let data = tempfile::tempdir().expect("directory");
    let engines = Engines::start(data.path()).expect("engines start");
    let second = Engines::start(data.path()).expect_err("locked");
    assert!(second.to_string().contains("another process"), "{second:#}");
    assert!(!format!("{engines:?}").contains(&engines.endpoints.secret_key));
    drop(engines);
    Engines::start(data.path()).expect("lock released").stop().await.expect("stops in time");
}

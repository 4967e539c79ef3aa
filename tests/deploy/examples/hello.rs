//! What the functions' cold starts are measured against: the smallest Lambda that makes one call by
//! the same SDK.
#![allow(clippy::disallowed_methods, reason = "a program of two settings reads them itself")]

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_dynamodb::Client::new(&config);
    let table = std::env::var("TICKETS_TABLE")?;
    let (client, table) = (&client, &table);
    lambda_runtime::run(service_fn(move |_: LambdaEvent<Value>| async move {
        let nobody = AttributeValue::S("nobody".to_owned());
        let get = client.get_item().table_name(table).key("pk", nobody.clone()).key("sk", nobody);
        let found = get.send().await?.item.is_some();
        Ok::<Value, Error>(json!({ "found": found }))
    }))
    .await
}

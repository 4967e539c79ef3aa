//! Creates what the template describes, if it is not there: tables, queues, topics, buckets, secrets.

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_sqs::types::QueueAttributeName;
use cloud::Clients;

use super::data::DataDir;
use crate::template::{Queue, Secret, Table, Template};

pub(super) async fn provision(
    template: &Template,
    (clients, sns): (&Clients, &aws_sdk_sns::Client),
    data: &DataDir,
) -> anyhow::Result<()> {
    create_tables(template, clients).await?;
    create_queues(template, clients).await?;
    for topic in &template.topics {
        let create = sns.create_topic().name(topic).send().await;
        create.with_context(|| format!("cannot create the topic {topic}"))?;
    }
    let buckets = clients.s3.list_buckets().send().await.context("cannot list the buckets")?;
    for bucket in &template.buckets {
        if !buckets.buckets().iter().any(|b| b.name() == Some(&bucket.name)) {
            let create = clients.s3.create_bucket().bucket(&bucket.name).send().await;
            create.with_context(|| format!("cannot create the bucket {}", bucket.name))?;
        }
    }
    for secret in &template.secrets {
        create_secret(data, secret)?;
    }
    Ok(())
}

async fn create_tables(template: &Template, clients: &Clients) -> anyhow::Result<()> {
    let existing = clients.dynamodb.list_tables().send().await.context("cannot list the tables")?;
    for table in
        template.tables.iter().filter(|table| !existing.table_names().contains(&table.name))
    {
        create_table(clients, table)
            .await
            .with_context(|| format!("cannot create the table {}", table.name))?;
    }
    for table in &template.tables {
        expire(clients, table)
            .await
            .with_context(|| format!("cannot let items of {} expire", table.name))?;
    }
    Ok(())
}

async fn create_queues(template: &Template, clients: &Clients) -> anyhow::Result<()> {
    // Dead-letter queues first: the others name them.
    let mut arns = BTreeMap::new();
    for queue in template.queues.iter().filter(|queue| queue.dead_letter.is_none()) {
        arns.insert(queue.name.clone(), create_queue(clients, queue, None).await?);
    }
    for queue in &template.queues {
        if let Some((dead, receives)) = &queue.dead_letter {
            let arn = arns
                .get(dead)
                .with_context(|| format!("{} names no known dead-letter queue", queue.name))?;
            let policy =
                serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives })
                    .to_string();
            create_queue(clients, queue, Some(policy)).await?;
        }
    }
    Ok(())
}

async fn create_table(clients: &Clients, table: &Table) -> anyhow::Result<()> {
    let mut keys = vec![(&table.hash, table.range.as_ref())];
    keys.extend(table.indexes.iter().map(|index| (&index.hash, index.range.as_ref())));
    let names: std::collections::BTreeSet<&String> =
        keys.iter().flat_map(|(hash, range)| std::iter::once(*hash).chain(*range)).collect();
    let mut create = clients
        .dynamodb
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest);
    for name in names {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        create = create.attribute_definitions(attribute.build()?);
    }
    create = create.set_key_schema(Some(schema(&table.hash, table.range.as_ref())?));
    for index in &table.indexes {
        let kind = if index.whole { ProjectionType::All } else { ProjectionType::KeysOnly };
        let index = GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(schema(&index.hash, index.range.as_ref())?))
            .projection(Projection::builder().projection_type(kind).build())
            .build()?;
        create = create.global_secondary_indexes(index);
    }
    create.send().await?;
    Ok(())
}

/// Also for a table that stands: an older city has not been told yet.
async fn expire(clients: &Clients, table: &Table) -> anyhow::Result<()> {
    let Some(attribute) = &table.expires else { return Ok(()) };
    let told = clients.dynamodb.describe_time_to_live().table_name(&table.name).send().await?;
    let told = told.time_to_live_description.and_then(|told| told.attribute_name);
    if told.as_ref() != Some(attribute) {
        let expires =
            TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build()?;
        let update = clients.dynamodb.update_time_to_live().table_name(&table.name);
        update.time_to_live_specification(expires).send().await?;
    }
    Ok(())
}

fn schema(hash: &str, range: Option<&String>) -> anyhow::Result<Vec<KeySchemaElement>> {
    let element =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let mut schema = vec![element(hash, KeyType::Hash)?];
    if let Some(range) = range {
        schema.push(element(range, KeyType::Range)?);
    }
    Ok(schema)
}

/// Creates a queue and gives its ARN.
async fn create_queue(
    clients: &Clients,
    queue: &Queue,
    redrive: Option<String>,
) -> anyhow::Result<String> {
    let failed = || format!("cannot create the queue {}", queue.name);
    let mut create = clients.sqs.create_queue().queue_name(&queue.name);
    create =
        create.attributes(QueueAttributeName::VisibilityTimeout, queue.visibility_s.to_string());
    if let Some(policy) = redrive {
        create = create.attributes(QueueAttributeName::RedrivePolicy, policy);
    }
    let url = create.send().await.with_context(failed)?.queue_url.with_context(failed)?;
    let arn = clients
        .sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::QueueArn);
    let attributes = arn.send().await.with_context(failed)?.attributes.with_context(failed)?;
    attributes.get(&QueueAttributeName::QueueArn).cloned().with_context(failed)
}

/// A secret of so many letters and digits.
pub(super) fn random_secret(length: usize) -> anyhow::Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
    Ok(letters.map(|letter| char::from(*letter)).collect())
}

/// Generates a secret, once; it is never overwritten, for everything sealed depends on it.
fn create_secret(data: &DataDir, secret: &Secret) -> anyhow::Result<()> {
    let path = data.secrets().join(&secret.name);
    if path.exists() {
        return Ok(());
    }
    let random = random_secret(usize::try_from(secret.length)?)
        .with_context(|| format!("the secret {}", secret.name))?;
    let text = match &secret.json {
        None => random,
        Some(json) => {
            let mut object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&json.template).with_context(|| {
                    format!("the template of the secret {} is not an object", secret.name)
                })?;
            object.insert(json.key.clone(), random.into());
            serde_json::to_string(&object)?
        }
    };
    DataDir::write_private(&path, &text)
}

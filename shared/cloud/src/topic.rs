//! Telling people by SNS: a mail to whoever has subscribed to the topic.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use ports::{FINANCE_TOPIC, PortError, Post, Posts};

use crate::error::port_error;
use crate::settings::{Settings, needed};

/// The topic of finance.
#[derive(Debug)]
pub struct SnsTopic {
    client: Client,
    arn: Option<String>,
}

impl SnsTopic {
    /// The topic that `FINANCE_TOPIC` names.
    #[must_use]
    pub fn new(client: Client, settings: &Settings) -> Self {
        Self { client, arn: settings.get("FINANCE_TOPIC").map(str::to_owned) }
    }
}

#[async_trait]
impl Posts for SnsTopic {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        if post.url != FINANCE_TOPIC {
            return Err(PortError::Permanent("this function tells only finance".to_owned()));
        }
        let subject = post.headers.iter().find(|(name, _)| name == "subject");
        let publish = self
            .client
            .publish()
            .topic_arn(needed(self.arn.as_deref(), "FINANCE_TOPIC")?)
            .set_subject(subject.map(|(_, subject)| subject.clone()))
            .message(String::from_utf8_lossy(&post.body));
        publish.send().await.map(|_| 200).map_err(|e| port_error("Publish", &e))
    }
}

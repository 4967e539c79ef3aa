//! The queues of hints on SQS. A message is a reason to look; losing one loses nothing.

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use contracts::{Hint, MailNotice, UploadHint};
use domain::{ChannelName, Step};
use ports::{Hints, PortError};

use crate::error::port_error;
use crate::settings::{Settings, needed};

/// The queues this function may send to.
#[derive(Debug)]
pub(crate) struct SqsHints {
    client: Client,
    settings: Settings,
}

/// Settings with the queues of tellings begin so; then the channel's name in capitals.
const TELL: &str = "TELL_";

fn tell_setting(channel: &ChannelName) -> String {
    format!("{TELL}{}", channel.as_str().to_ascii_uppercase().replace('-', "_"))
}

/// A reason longer than this is cut: it is for a person to read.
const REASON_CHARS_MAX: usize = 500;

impl SqsHints {
    pub(crate) const fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    fn queue(&self, step: Step) -> Result<&str, PortError> {
        self.url(match step {
            Step::Intake => "QUEUE_INTAKE",
            Step::Dispatch => "QUEUE_DISPATCH",
            Step::Handling => "QUEUE_HANDLING",
            Step::Feedback => "QUEUE_FEEDBACK",
            Step::Evaluation => "QUEUE_EVALUATION",
            Step::Archive => "QUEUE_ARCHIVE",
        })
    }

    /// How many messages wait in a queue or are being worked on.
    async fn depth(&self, url: &str) -> Result<u64, PortError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|e| port_error("GetQueueAttributes", &e))?;
        let count = |name| answer.attributes()?.get(name)?.parse::<u64>().ok();
        Ok(names.iter().filter_map(count).sum())
    }

    fn url(&self, name: &str) -> Result<&str, PortError> {
        needed(self.settings.get(name), name)
    }
}

#[async_trait]
impl Hints for SqsHints {
    async fn send(&self, step: Step, hint: &Hint) -> Result<(), PortError> {
        let send =
            self.client.send_message().queue_url(self.queue(step)?).message_body(hint.to_body());
        send.send().await.map(drop).map_err(|e| port_error("SendMessage", &e))
    }

    async fn look(&self, hint: &UploadHint) -> Result<(), PortError> {
        let queue = self.url("QUEUE_ATTACHMENT")?;
        let send = self.client.send_message().queue_url(queue).message_body(hint.to_body());
        send.send().await.map(drop).map_err(|e| port_error("SendMessage upload", &e))
    }

    async fn mail(&self, notice: &MailNotice) -> Result<(), PortError> {
        let queue = self.url("QUEUE_MAIL")?;
        let send = self.client.send_message().queue_url(queue).message_body(notice.to_body());
        send.send().await.map(drop).map_err(|e| port_error("SendMessage mail", &e))
    }

    async fn backlog(&self, step: Step) -> Result<u64, PortError> {
        self.depth(self.queue(step)?).await
    }

    fn channels(&self) -> Vec<ChannelName> {
        let names = self.settings.starting_with(TELL).map(|(name, _)| name);
        let names = names.map(|name| name.to_ascii_lowercase().replace('_', "-"));
        names.filter_map(|name| ChannelName::parse(&name).ok()).collect()
    }

    async fn tell(&self, channel: &ChannelName, hint: &Hint) -> Result<(), PortError> {
        let queue = self.url(&tell_setting(channel))?;
        let send = self.client.send_message().queue_url(queue).message_body(hint.to_body());
        send.send().await.map(drop).map_err(|e| port_error("SendMessage telling", &e))
    }

    async fn untold(&self, channel: &ChannelName) -> Result<u64, PortError> {
        self.depth(self.url(&tell_setting(channel))?).await
    }

    async fn bury(&self, body: &str, reason: &str) -> Result<(), PortError> {
        let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
        let attribute =
            MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let attribute =
            attribute.map_err(|e| PortError::Permanent(format!("impossible request: {e}")))?;
        let send = self
            .client
            .send_message()
            .queue_url(self.url("DEAD_LETTER_QUEUE")?)
            .message_body(body)
            .message_attributes("reason", attribute);
        send.send().await.map(drop).map_err(|e| port_error("SendMessage dead letter", &e))
    }
}

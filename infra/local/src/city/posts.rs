//! The way out of the one-machine city: by HTTP or by mail, as the registered address says, or to a topic.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use cloud::SnsTopic;
use courier::{Courier, Mailer, Reach};
use ports::{Clock, PortError, Post, Posts};

/// What the addresses of topics begin with.
const TOPIC: &str = "topic:";

/// All ways; in the cloud each function has one, that of its channel or the topic.
#[derive(Debug)]
pub(super) struct LocalPosts {
    ways: Ways,
    topic: SnsTopic,
    announcements: Announcements,
}

/// Out of the city.
#[derive(Debug)]
struct Ways {
    courier: Courier,
    mailer: Mailer,
}

impl Ways {
    fn new() -> Self {
        Self { courier: Courier::new(Reach::Loopback), mailer: Mailer::new(Reach::Loopback) }
    }

    fn check(&self, url: &str) -> Result<(), PortError> {
        if Mailer::is_for(url) { self.mailer.check(url) } else { self.courier.check(url) }
    }
}

/// Whether this is an address to which a channel may be told, as far as that shows at once.
pub(super) fn check(url: &str) -> Result<(), PortError> {
    Ways::new().check(url)
}

/// Nobody is subscribed on one machine: its people read a file.
struct Announcements {
    file: PathBuf,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Announcements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcements").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Announcements {
    /// Appends a post: time and subject in a line, then the body.
    fn append(&self, post: &Post) -> Result<(), PortError> {
        let subject = post.headers.iter().find(|(name, _)| name == "subject");
        let subject = subject.map_or(post.url.as_str(), |(_, subject)| subject);
        let body = String::from_utf8_lossy(&post.body);
        let text = format!("{} {subject}\n{}\n\n", self.clock.now(), body.trim_end());
        let mut options = std::fs::OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(&self.file);
        // In one write, so that what others append does not come between.
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| {
            let file = self.file.display();
            PortError::Temporary(format!("{file} cannot be written: {}", e.kind()))
        })
    }
}

impl LocalPosts {
    /// Posts to a topic, and what was announced there to this file.
    pub(super) fn new(topic: SnsTopic, file: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { ways: Ways::new(), topic, announcements: Announcements { file, clock } }
    }
}

#[async_trait]
impl Posts for LocalPosts {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        if post.url.starts_with(TOPIC) {
            let status = self.topic.post(post).await?;
            self.announcements.append(post)?;
            return Ok(status);
        }
        if Mailer::is_for(&post.url) {
            self.ways.mailer.post(post).await
        } else {
            self.ways.courier.post(post).await
        }
    }
}

#[cfg(test)]
mod tests {
    use cloud::Settings;
    use ports::FINANCE_TOPIC;

    use super::*;
    use crate::city::{CityClock, DataDir};
    use crate::engines::client::sns_client;
    use crate::engines::meter::Meter;
    use crate::engines::{Engines, topic_arn};

    #[tokio::test]
    async fn what_a_topic_has_taken_stands_in_the_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let engines = Engines::start(data.root()).unwrap();
        let sns = sns_client(&engines.endpoints, &Meter::new());
        let setting = ("FINANCE_TOPIC".to_owned(), topic_arn("finance"));
        let settings: Settings = [setting].into_iter().collect();
        let clock = Arc::new(CityClock::open(&data).unwrap());
        let topic = SnsTopic::new(sns.clone(), &settings);
        let posts = LocalPosts::new(topic, data.announcements(), clock);
        let post = |subject: &str| Post {
            url: FINANCE_TOPIC.to_owned(),
            headers: vec![("subject".to_owned(), subject.to_owned())],
            body: "可用 available: 1 元\n".into(),
        };
        // There is no such topic yet.
        assert!(posts.post(&post("first")).await.is_err());
        assert!(!data.announcements().exists());

        sns.create_topic().name("finance").send().await.unwrap();
        for subject in ["second", "third"] {
            assert_eq!(posts.post(&post(subject)).await, Ok(200));
        }
        let text = std::fs::read_to_string(data.announcements()).unwrap();
        let parts: Vec<&str> = text.trim_end().split("\n\n").collect();
        assert_eq!(parts.len(), 2, "{text}");
        assert!(parts[0].ends_with("+08:00 second\n可用 available: 1 元"), "{text}");
        assert!(parts[1].contains(" third\n"), "{text}");
        engines.stop().await.unwrap();
    }
}

//! The way out of the one-machine city: by HTTP or by mail, as the registered address says.

use async_trait::async_trait;
use courier::{Courier, Mailer, Reach};
use ports::{PortError, Post, Posts};

/// Both ways; in the cloud each function has the one of its channel.
#[derive(Debug)]
pub(super) struct LocalPosts {
    courier: Courier,
    mailer: Mailer,
}

impl Default for LocalPosts {
    fn default() -> Self {
        Self { courier: Courier::new(Reach::Loopback), mailer: Mailer::new(Reach::Loopback) }
    }
}

impl LocalPosts {
    /// Whether this is an address to which may be posted, as far as that shows at once.
    pub(super) fn check(&self, url: &str) -> Result<(), PortError> {
        if Mailer::is_for(url) { self.mailer.check(url) } else { self.courier.check(url) }
    }
}

#[async_trait]
impl Posts for LocalPosts {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        if Mailer::is_for(&post.url) {
            self.mailer.post(post).await
        } else {
            self.courier.post(post).await
        }
    }
}

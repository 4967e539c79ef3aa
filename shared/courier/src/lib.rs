//! The way out to channels: HTTPS, or mail, to public addresses only; no redirects, a limited time.
//!
//! Where a channel is told is registered by ops, and yet may be wrong, or point inwards by the time
//! it is used: a name is resolved here, and each address it leads to is looked at before anything is
//! sent to it (server-side request forgery, OWASP A10:2021).

mod address;
mod mailer;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use ports::{PortError, Post, Posts};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

pub use address::is_public;
pub use mailer::Mailer;

/// A receiver that has not answered after so long is tried again later.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// A connection that does not stand after so long either.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Whom the courier goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, by HTTPS.
    Public,
    /// This machine too, and by plain HTTP: for the one-machine city, whose receivers live in it.
    Loopback,
}

impl Reach {
    fn allows(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::Loopback && address.is_loopback())
    }
}

/// The courier.
#[derive(Debug)]
pub struct Courier {
    // Made when it first goes out: a cold start has no use for it.
    client: OnceLock<Client>,
    reach: Reach,
}

/// Resolves a name and refuses it if it leads to an address that may not be reached.
#[derive(Debug)]
struct Guard(Reach);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let all: Vec<SocketAddr> = found.collect();
            if !all.iter().all(|address| reach.allows(address.ip())) {
                return Err("the name leads to an address that is not public".into());
            }
            Ok(Box::new(all.into_iter()) as Addrs)
        })
    }
}

impl Courier {
    /// A courier that goes so far.
    #[must_use]
    pub const fn new(reach: Reach) -> Self {
        Self { client: OnceLock::new(), reach }
    }

    /// Whether this is an address to which may be posted, as far as that shows before its name is
    /// resolved.
    ///
    /// # Errors
    /// [`PortError::Permanent`] says why it is none.
    pub fn check(&self, url: &str) -> Result<(), PortError> {
        let url = self.checked(url)?;
        let host = url.host_str().unwrap_or_default();
        let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if url.scheme() == "https" || local {
            return Ok(());
        }
        Err(PortError::Permanent("plain http leaves this machine".to_owned()))
    }

    fn client(&self) -> Result<&Client, PortError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .dns_resolver(Arc::new(Guard(self.reach)))
            .no_proxy()
            .user_agent("lianxin")
            .build()
            .map_err(|_build| PortError::Permanent("no HTTP client".to_owned()))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn checked(&self, url: &str) -> Result<Url, PortError> {
        let url = Url::parse(url).map_err(|_quoted| refused("it is no URL"))?;
        if url.scheme() != "https" && self.reach != Reach::Loopback {
            return Err(refused("it is not https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it names a user"));
        }
        let host = url.host_str().ok_or_else(|| refused("it names no host"))?;
        // A literal address is not resolved, so the guard never sees it.
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if literal.is_ok_and(|address| !self.reach.allows(address)) {
            return Err(refused("the address is not public"));
        }
        Ok(url)
    }
}

/// Why nothing may be posted to an address.
fn refused(why: &str) -> PortError {
    PortError::Permanent(format!("nothing is posted there: {why}"))
}

#[async_trait]
impl Posts for Courier {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        let mut request = self.client()?.post(self.checked(&post.url)?).body(post.body.clone());
        for (name, value) in &post.headers {
            request = request.header(name, value);
        }
        // The error's own text names the address, which may hold a token.
        request.send().await.map(|answer| answer.status().as_u16()).map_err(|error| {
            let why = if error.is_timeout() { "no answer in time" } else { "not reached" };
            PortError::Temporary(why.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(url: &str) -> Post {
        Post { url: url.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    #[tokio::test]
    async fn nothing_is_posted_inwards_by_address_or_by_name() {
        let courier = Courier::new(Reach::Public);
        for url in [
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://169.254.169.254/latest/meta-data",
            "https://10.1.2.3/",
            "https://0x7f000001/",
            "https://2130706433/",
            "http://example.org/",
            "https://user:word@example.org/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            let refused = courier.post(&post(url)).await.unwrap_err();
            assert!(matches!(refused, PortError::Permanent(_)), "{url}: {refused}");
        }
        let named = courier.post(&post("https://localhost/")).await.unwrap_err();
        assert_eq!(named, PortError::Temporary("not reached".to_owned()));
    }

    #[tokio::test]
    async fn the_one_machine_city_reaches_itself_and_nothing_else_inwards() {
        let courier = Courier::new(Reach::Loopback);
        let nobody = courier.post(&post("http://127.0.0.1:1/")).await.unwrap_err();
        assert_eq!(nobody, PortError::Temporary("not reached".to_owned()));
        let inwards = courier.post(&post("http://10.0.0.1/")).await.unwrap_err();
        assert!(matches!(inwards, PortError::Permanent(_)));
    }
}

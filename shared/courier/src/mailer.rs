//! The way out to people who write mail: SMTP under TLS to the mail server that ops register.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use lettre::address::{Address, Envelope};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use ports::{PortError, Post, Posts};
use reqwest::Url;

use crate::{CONNECT_WITHIN, Reach, refused};

/// A server that has not taken a mail after so long is tried again later.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// Submission under TLS from the first byte, and with STARTTLS (RFC 8314, RFC 6409).
const TLS_PORT: u16 = 465;
const STARTTLS_PORT: u16 = 587;
/// How a mail begins: the rest of its header and its body follow.
const TO: &str = "To: ";

/// The mailer. A registered address is `smtps://user:password@host[:port]/sender`, or `smtp://…` for a
/// server that turns to TLS by STARTTLS; what is posted is a mail that begins with its `To:`.
#[derive(Clone, Copy, Debug)]
pub struct Mailer {
    reach: Reach,
}

/// What a registered address says.
struct Way {
    host: String,
    port: u16,
    tls_from_the_first: bool,
    credentials: Option<Credentials>,
    sender: Address,
}

impl Mailer {
    /// A mailer that goes so far.
    #[must_use]
    pub const fn new(reach: Reach) -> Self {
        Self { reach }
    }

    /// Whether an address is one of a mail server.
    #[must_use]
    pub fn is_for(url: &str) -> bool {
        url.starts_with("smtp://") || url.starts_with("smtps://")
    }

    /// Whether mail may be sent by this address, as far as that shows before its name is resolved.
    ///
    /// # Errors
    /// [`PortError::Permanent`] says why not.
    pub fn check(self, url: &str) -> Result<(), PortError> {
        self.way(url).map(drop)
    }

    fn way(self, url: &str) -> Result<Way, PortError> {
        let url = Url::parse(url).map_err(|_quoted| refused("it is no URL"))?;
        let tls_from_the_first = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(refused("it is neither smtps nor smtp")),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refused("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.parse().is_ok_and(|address: IpAddr| !self.reach.allows(address)) {
            return Err(refused("the address is not public"));
        }
        let text = |encoded: &str| {
            let pairs = format!("x={}", encoded.replace('+', "%2B"));
            let read = Url::parse(&format!("x:?{pairs}")).ok()?;
            read.query_pairs().next().map(|(_, text)| text.into_owned())
        };
        let sender = text(url.path().trim_start_matches('/')).and_then(|text| text.parse().ok());
        let credentials = url
            .password()
            .and_then(|password| Some(Credentials::new(text(url.username())?, text(password)?)));
        Ok(Way {
            port: url.port().unwrap_or(if tls_from_the_first { TLS_PORT } else { STARTTLS_PORT }),
            host,
            tls_from_the_first,
            credentials,
            sender: sender.ok_or_else(|| refused("its path is no sender's address"))?,
        })
    }

    /// The first address of a host, if all may be reached.
    async fn address(self, way: &Way) -> Result<SocketAddr, PortError> {
        let found = tokio::net::lookup_host((way.host.as_str(), way.port));
        let found = tokio::time::timeout(CONNECT_WITHIN, found).await;
        let found = found.ok().and_then(Result::ok).into_iter().flatten();
        let all: Vec<SocketAddr> = found.collect();
        let first = all.first().copied();
        let first = first.ok_or_else(|| PortError::Temporary("not reached".to_owned()))?;
        if all.iter().all(|address| self.reach.allows(address.ip())) {
            return Ok(first);
        }
        Err(refused("the name leads to an address that is not public"))
    }

    fn tls(way: &Way, address: SocketAddr) -> Result<Tls, PortError> {
        // Only the one-machine city reaches itself, and a mail between two of its tasks needs no TLS.
        if address.ip().is_loopback() {
            return Ok(Tls::None);
        }
        let parameters = TlsParameters::new(way.host.clone())
            .map_err(|_tls| PortError::Permanent("no TLS client".to_owned()))?;
        Ok(if way.tls_from_the_first {
            Tls::Wrapper(parameters)
        } else {
            Tls::Required(parameters)
        })
    }
}

/// To whom a mail goes, by its first line.
fn recipient(mail: &[u8]) -> Option<Address> {
    let line = mail.split(|byte| *byte == b'\r').next()?;
    std::str::from_utf8(line).ok()?.strip_prefix(TO)?.trim().parse().ok()
}

#[async_trait]
impl Posts for Mailer {
    /// The server's reply code, which is of the same kind as a status: 2xx is done.
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        let way = self.way(&post.url)?;
        let address = self.address(&way).await?;
        let to = recipient(&post.body).ok_or_else(|| refused("the mail does not say to whom"))?;
        let mail = [format!("From: {}\r\n", way.sender).as_bytes(), &post.body].concat();
        let envelope = Envelope::new(Some(way.sender.clone()), vec![to])
            .map_err(|_envelope| refused("the mail does not say to whom"))?;
        let domain = ClientId::Domain(way.sender.domain().to_owned());
        // Connected to by the address that was looked at; TLS holds the server to its name.
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
                .port(address.port())
                .tls(Self::tls(&way, address)?)
                .hello_name(domain)
                .timeout(Some(TAKEN_WITHIN));
        if let Some(credentials) = way.credentials {
            transport = transport.credentials(credentials);
        }
        let transport = transport.build();
        let sent = transport.send_raw(&envelope, &mail);
        // The library's limit is for each reply; this one is for the whole.
        let sent = tokio::time::timeout(TAKEN_WITHIN, sent).await;
        let late = || PortError::Temporary("no answer in time".to_owned());
        match sent.map_err(|_late| late())? {
            Ok(response) => Ok(response.code().into()),
            Err(error) => match error.status() {
                Some(code) => Ok(code.into()),
                None if error.is_timeout() => Err(late()),
                None => Err(PortError::Temporary("not reached".to_owned())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"To: a@mail.example\r\nSubject: x\r\n\r\nx\r\n";

    fn post(url: &str, body: &[u8]) -> Post {
        Post { url: url.to_owned(), headers: Vec::new(), body: body.to_vec() }
    }

    #[test]
    fn an_address_says_server_user_and_sender() {
        let mailer = Mailer::new(Reach::Public);
        let way = mailer.way("smtps://box%40city.example:a%2Fb+c@mail.example/box@city.example");
        let way = way.unwrap();
        assert_eq!((way.host.as_str(), way.port), ("mail.example", TLS_PORT));
        assert_eq!(way.sender.to_string(), "box@city.example");
        assert_eq!(
            way.credentials,
            Some(Credentials::new("box@city.example".to_owned(), "a/b+c".to_owned()))
        );
        assert_eq!(mailer.way("smtp://mail.example/b@city.example").unwrap().port, STARTTLS_PORT);
    }

    #[tokio::test]
    async fn nothing_is_sent_inwards_or_to_nobody() {
        let mailer = Mailer::new(Reach::Public);
        for url in [
            "smtps://127.0.0.1/b@city.example",
            "smtps://[::1]/b@city.example",
            "smtp://10.0.0.1:25/b@city.example",
            "smtps://localhost/b@city.example",
            "smtps://mail.example/",
            "https://mail.example/b@city.example",
            "nonsense",
        ] {
            let refused = mailer.post(&post(url, MAIL)).await.unwrap_err();
            assert!(matches!(refused, PortError::Permanent(_)), "{url}: {refused}");
        }
        let local = Mailer::new(Reach::Loopback);
        let nobody = local.post(&post("smtp://127.0.0.1:1/b@city.example", MAIL)).await;
        assert_eq!(nobody.unwrap_err(), PortError::Temporary("not reached".to_owned()));
        for mail in [b"Subject: x\r\n\r\n".as_slice(), b"To: \r\n\r\n", b"To: a b\r\n\r\n", b""] {
            let to = local.post(&post("smtp://127.0.0.1:1/b@city.example", mail)).await;
            assert!(matches!(to.unwrap_err(), PortError::Permanent(_)));
        }
    }
}

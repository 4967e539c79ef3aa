//! The receiver of those who write mail: as much of SMTP (RFC 5321) as takes a mail in.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Receivers;
use crate::wire::Channel;

/// The longest mail that is taken, in bytes.
const MAIL_BYTES_MAX: usize = 1024 * 1024;

/// Binds 127.0.0.1 and takes mail in.
pub(super) async fn listen(
    receivers: Receivers,
    (stop, tasks): (&CancellationToken, &mut JoinSet<()>),
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port for mail")?;
    let address = listener.local_addr()?;
    let stop = stop.clone();
    tasks.spawn(async move {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_ended) = talks.join_next() => {}
                Ok((stream, _)) = listener.accept() => {
                    // One that breaks off is the sender's to begin again.
                    talks.spawn(talk(stream, receivers.clone()));
                }
            }
        }
    });
    Ok(address)
}

async fn talk(stream: TcpStream, receivers: Receivers) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 lianxin receivers\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" | "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 ok\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = mail(&mut stream).await?;
                if receivers.hear(Channel::Mailbox.name(), &key(&mail), mail.as_bytes()) {
                    b"250 taken\r\n"
                } else {
                    b"451 not now\r\n"
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return stream.shutdown().await;
            }
            _ => b"502 what?\r\n",
        };
        stream.write_all(reply).await?;
    }
}

/// What follows DATA, to the line with a full stop alone; of two at a line's beginning one is taken off.
async fn mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).await?;
        if read == 0 || mail.len() > MAIL_BYTES_MAX {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        if line.trim_end() == "." {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// The key of what is told: the mail's id says ticket and event.
fn key(mail: &str) -> String {
    let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap_or_default();
    id.split('@').next().unwrap_or_default().replace('.', "/")
}

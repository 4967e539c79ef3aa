//! A city under test: its data directory and the binary that runs on it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use domain::Timestamp;
use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use lianxin_local::city::{Access, DataDir};
use ports::Clock;
use serde_json::{Value, json};

/// The binary under test.
pub(crate) const LIANXIN: &str = env!("CARGO_BIN_EXE_lianxin-under-test");
/// The channel's route.
pub(crate) const ROUTE: &str = "/channels/hotline-12345";

/// A city's clock that stands where a test puts it.
pub(crate) struct Standing(pub(crate) Timestamp);

#[async_trait]
impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn wall(&self) -> Timestamp {
        self.0
    }

    async fn pause(&self, _ms: u64) {}
}

/// Real messages, or `None` (loudly) where there are none; then the built-in samples serve.
pub(crate) fn real_messages() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::vars()
        .find(|(name, _)| name == "LIANXIN_MESSAGES")
        .map_or(default, |(_, dir)| dir.into());
    let file = folder.join("messages_replied.jsonl");
    if file.is_file() {
        return Some(file);
    }
    println!(
        "SKIPPED: no real messages at {} (set LIANXIN_MESSAGES); using the invented samples",
        file.display()
    );
    None
}

/// The file that [`TestCity::replay`] sends: real messages, or the samples.
pub(crate) fn messages_file() -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/samples/messages.jsonl");
    real_messages().unwrap_or(samples)
}

/// A data directory that goes with the test.
pub(crate) struct TestCity {
    dir: tempfile::TempDir,
}

impl TestCity {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A city with a copy of another's data; that one must not be running.
    pub(crate) fn copy_of(other: &Self) -> Self {
        let city = Self::new();
        copy_dir(other.path(), city.path());
        city
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(LIANXIN);
        command.arg("--data").arg(self.path()).arg("--json").args(args);
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed and gives its one JSON object.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "lianxin {args:?} failed\n{out}\n{err}");
        serde_json::from_str(&out)
            .unwrap_or_else(|e| panic!("lianxin {args:?} printed no JSON object: {e}\n{out}"))
    }

    /// `replay` of real messages (or samples), with more arguments.
    pub(crate) fn replay(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["replay"]);
        command.args(real_messages()).args(more);
        command
    }

    /// What `verify` finds.
    pub(crate) fn verify(&self) -> Value {
        let output = self.run(&["verify"]);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("verify: {e}\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    pub(crate) fn assert_clean(&self) -> Value {
        let found = self.verify();
        assert_eq!(found["violations"], json!([]), "{found:#}");
        found
    }

    /// Waits until a ticket has come to a status, and shows it.
    pub(crate) async fn wait_for(&self, ticket: &str, status: &str) -> Value {
        for _ in 0..150 {
            let shown = self.json(&["ticket", "show", ticket]);
            if shown["status"] == status {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{ticket} never became {status}: {}", self.json(&["ticket", "show", ticket]));
    }

    /// Opens the data here, exclusively (or through the city that runs on it).
    pub(crate) async fn access(&self) -> Access {
        Access::open(DataDir::open(self.path()).unwrap()).await.unwrap()
    }

    /// Starts `up` on any free port.
    pub(crate) fn up(&self) -> Up {
        self.up_with("RUST_LOG", "info")
    }

    /// Starts `up` with a variable set.
    pub(crate) fn up_with(&self, name: &str, value: &str) -> Up {
        let mut child = self
            .command(&["up", "--port", "0"])
            .env(name, value)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("up said {line:?}: {e}"));
        Up { child, url: said["url"].as_str().unwrap().to_owned() }
    }

    /// Puts another secret, at once, as an operator would.
    pub(crate) fn put_secret(&self, secret: &Value) {
        let path = self.path().join("secrets/channel-hotline-12345-secret");
        let part = path.with_extension("new");
        std::fs::write(&part, secret.to_string()).unwrap();
        std::fs::rename(part, path).unwrap();
    }

    /// The hotline's secret.
    pub(crate) fn secret(&self) -> Vec<u8> {
        self.secret_of("hotline-12345")
    }

    /// A channel's secret.
    pub(crate) fn secret_of(&self, channel: &str) -> Vec<u8> {
        let file = self.path().join(format!("secrets/channel-{channel}-secret"));
        let text = std::fs::read_to_string(file).unwrap();
        let secret: Value = serde_json::from_str(&text).unwrap();
        secret["current"].as_str().unwrap().as_bytes().to_vec()
    }
}

/// A running city; it is killed when the test ends.
pub(crate) struct Up {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Drop for Up {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Up {
    /// Asks it to stop, and waits until it has drained.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "the city did not drain");
    }

    /// Posts a body with a good signature; gives status and body.
    pub(crate) async fn post(&self, secret: &[u8], body: &[u8]) -> (u16, Value) {
        let timestamp = now_s().to_string();
        self.post_with(
            &[(TIMESTAMP_HEADER, &timestamp), (SIGNATURE_HEADER, &sign(secret, &timestamp, body))],
            body,
        )
        .await
    }

    /// Posts a body with a good signature to another route.
    pub(crate) async fn post_to(&self, route: &str, secret: &[u8], body: &Value) -> (u16, Value) {
        let (timestamp, body) = (now_s().to_string(), body.to_string());
        let signature = sign(secret, &timestamp, body.as_bytes());
        let headers = [(TIMESTAMP_HEADER, &*timestamp), (SIGNATURE_HEADER, &*signature)];
        self.send(route, &headers, body.as_bytes()).await
    }

    /// Posts with these headers.
    pub(crate) async fn post_with(&self, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
        self.send(ROUTE, headers, body).await
    }

    pub(crate) async fn send(
        &self,
        route: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, Value) {
        let mut post =
            reqwest::Client::new().post(format!("{}{route}", self.url)).body(body.to_vec());
        for (name, value) in headers {
            post = post.header(*name, *value);
        }
        let answer = post.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text)
                .unwrap_or_else(|e| panic!("{status} without JSON: {e}\n{text}")),
        )
    }
}

/// Copies files and folders, but nothing by which a process would be found.
fn copy_dir(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_dir(&entry.path(), &target);
        } else if entry.file_name() != "engines.lock" && entry.file_name() != "city.json" {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A submission as the hotline would post it.
pub(crate) fn submission(order: &str) -> Value {
    json!({
        "type": "submit",
        "order_id": order,
        "sent_at": "2025-06-01T08:00:00+08:00",
        "title": "路口井盖破损",
        "content": "松果社区示例路口的窨井盖破了，成了没盖的井，请尽快更换。",
        "citizen": { "name": "样例民甲", "phone": "10000000001", "address": "虚构里1号" },
    })
}

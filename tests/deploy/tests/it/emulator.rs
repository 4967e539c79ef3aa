//! The emulator as a process, and the stack that is deployed to it.

use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::tools::{Tools, root, run};

/// What the stack is called; its functions are this and their folder.
pub(crate) const STACK: &str = "lianxin";
/// The emulated region.
pub(crate) const REGION: &str = "us-east-1";
/// Both halves of the emulator's credentials.
pub(crate) const CREDENTIAL: &str = "test";

/// A running emulator with nothing in it; it is killed when the test ends.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    home: tempfile::TempDir,
    /// Where it listens.
    pub(crate) address: String,
}

impl Emulator {
    /// Starts one on a free port.
    pub(crate) async fn start(tools: &Tools) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let home = tempfile::tempdir().unwrap();
        let log = File::create(home.path().join("log")).unwrap();
        let child = tools
            .command("python")
            .arg(root().join("tests/deploy/emulator.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TMPDIR", home.path())
            .env("GATEWAY_PORT", port.to_string())
            .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1")])
            .env("IOT_MTLS_ENABLED", "0")
            // The functions inherit it, so the template needs no parameter for it.
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            .envs(credentials())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let emulator = Self { child, home, address };
        emulator.wait().await;
        emulator
    }

    async fn wait(&self) {
        for _ in 0..300 {
            let answer = reqwest::get(self.url("/_ministack/health")).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("the emulator does not answer:\n{}", self.log());
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it has printed, the functions' logs among it.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.home.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Deploys the template as `infra/README.md` says.
    pub(crate) fn deploy(&self, tools: &Tools) {
        let mut sam = tools.command("sam");
        sam.args(["deploy", "--template-file", "infra/template.yaml", "--stack-name", STACK])
            .args(["--capabilities", "CAPABILITY_IAM", "--resolve-s3", "--no-progressbar"])
            .args(["--region", REGION, "--parameter-overrides", "Stage=test"])
            .arg(format!("Architecture={}", architecture()))
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_ENDPOINT_URL", self.url(""))
            .envs(credentials())
            .current_dir(root());
        if let Err(fault) = run(&mut sam) {
            panic!("not deployed: {fault}\n{}", self.log());
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// This machine's, as Lambda calls it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

fn credentials() -> [(&'static str, &'static str); 3] {
    [
        ("AWS_ACCESS_KEY_ID", CREDENTIAL),
        ("AWS_SECRET_ACCESS_KEY", CREDENTIAL),
        ("AWS_DEFAULT_REGION", REGION),
    ]
}

//! The deployed city as its callers and its staff see it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use cloud::{AwsSecrets, Clients, Parts, Settings, SystemClock, SystemEntropy};
use domain::{Status, Ticket, TicketId};
use lambda::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use ports::{Kit, World};
use serde_json::Value;

use crate::emulator::{CREDENTIAL, Emulator, REGION, STACK};
use crate::tools::Tools;

/// How long a ticket may take to come to a status: a step's first run starts a process.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long the desk goes by the rules it has read.
const RULES_KEPT_MS: i64 = 5_000;

/// A stack, and a desk in front of its stores.
#[derive(Debug)]
pub(crate) struct Deployed {
    /// The emulator that holds it.
    pub(crate) emulator: Emulator,
    /// Names of everything, as the functions have them.
    settings: Settings,
    config: SdkConfig,
    http: reqwest::Client,
}

impl Deployed {
    /// Builds the functions and deploys the template to a new emulator.
    pub(crate) async fn new(tools: &Tools) -> Self {
        tools.build_functions();
        let emulator = Emulator::start(tools).await;
        emulator.deploy(tools);
        let settings = settings(&emulator).await;
        let keys = Credentials::new(CREDENTIAL, CREDENTIAL, None, None, "deploy-tests");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(emulator.url(""))
            .build();
        Self { emulator, settings, config, http: reqwest::Client::new() }
    }

    /// A desk's world, from what the deployed functions have in their environments.
    pub(crate) fn world(&self) -> World {
        let s3 = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true).build();
        let clients = Clients {
            dynamodb: aws_sdk_dynamodb::Client::new(&self.config),
            sqs: aws_sdk_sqs::Client::new(&self.config),
            s3: aws_sdk_s3::Client::from_conf(s3),
        };
        let parts = Parts {
            clients,
            secrets: Arc::new(AwsSecrets::new(self.secrets(), &self.settings)),
            posts: Arc::new(ports::NoPosts),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            kit: Kit::new(lambda::defaults(), RULES_KEPT_MS),
        };
        cloud::world(parts, &self.settings).unwrap()
    }

    fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    /// What the hotline signs with.
    pub(crate) async fn hotline_secret(&self) -> String {
        let environment = environment(&self.emulator, "channel-hotline-12345").await;
        let id = environment["CHANNEL_SECRET"].as_str().unwrap().to_owned();
        let answer = self.secrets().get_secret_value().secret_id(id).send().await.unwrap();
        let secret: Value = serde_json::from_str(answer.secret_string().unwrap()).unwrap();
        secret["current"].as_str().unwrap().to_owned()
    }

    /// Posts a signed webhook through the HTTP API; gives status and body.
    pub(crate) async fn post(&self, secret: &str, body: &Value) -> (u16, Value) {
        let api = api(&self.emulator).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let body = body.to_string();
        let answer = self
            .http
            .post(self.emulator.url("/channels/hotline-12345"))
            .header("host", api)
            .header("content-type", "application/json")
            .header(TIMESTAMP_HEADER, &now)
            .header(SIGNATURE_HEADER, sign(secret.as_bytes(), &now, body.as_bytes()))
            .body(body)
            .send()
            .await
            .unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        let body = serde_json::from_str(&text);
        (status, body.unwrap_or_else(|e| panic!("{status} without JSON: {e}\n{text}")))
    }

    /// Invokes a function by Lambda's API; it must succeed.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Value {
        let path = format!("/2015-03-31/functions/{STACK}-{function}/invocations");
        let request = self.http.post(self.emulator.url(&path)).body(event.to_string());
        let answer = request.send().await.unwrap();
        let failed = answer.headers().contains_key("x-amz-function-error");
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success() && !failed, "{function} answered {status}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until a ticket has come to a status.
    pub(crate) async fn wait_for(&self, world: &World, id: &TicketId, status: Status) -> Ticket {
        let start = tokio::time::Instant::now();
        loop {
            let ticket = world.tickets.load(id).await.unwrap().unwrap().ticket;
            if ticket.status() == status {
                return ticket;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the ticket is {} and never became {status}\n{}",
                ticket.status(),
                self.emulator.log()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn get(emulator: &Emulator, path: &str) -> Value {
    let answer = reqwest::get(emulator.url(path)).await.unwrap();
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}\n{text}"))
}

/// The host by which the emulator knows the stack's HTTP API.
async fn api(emulator: &Emulator) -> String {
    let apis = get(emulator, "/v2/apis").await;
    let id = apis["items"][0]["apiId"].as_str().unwrap_or_else(|| panic!("no API: {apis}"));
    format!("{id}.execute-api.{}", emulator.address)
}

/// A deployed function's environment.
async fn environment(emulator: &Emulator, function: &str) -> Value {
    let path = format!("/2015-03-31/functions/{STACK}-{function}/configuration");
    get(emulator, &path).await["Environment"]["Variables"].clone()
}

/// The environments of all functions together, as the shell's desk has them.
async fn settings(emulator: &Emulator) -> Settings {
    let mut pairs = Vec::new();
    for folder in std::fs::read_dir(crate::tools::root().join("functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let environment = environment(emulator, &name).await;
        let variables = environment.as_object().unwrap_or_else(|| panic!("{name} not deployed"));
        let texts = variables.iter().map(|(name, value)| (name, value.as_str().unwrap()));
        pairs.extend(texts.map(|(name, value)| (name.clone(), value.to_owned())));
    }
    pairs.into_iter().collect()
}

//! The local view of `infra/template.yaml`: what a city needs in order to run, taken from the very
//! file that deploys it, so that the two cannot drift apart.
//!
//! Only what the one-machine city uses is read; roles, alarms and logs are the cloud's. References
//! between resources are resolved to local physical names. Whatever this reader does not understand
//! in the parts it reads is an error that names the resource and the property, never a guess.

mod node;
mod resources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_norway::Value;

use self::node::Scope;

/// The template, as built into this binary.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The parameters of a one-machine city, as built into this binary.
pub const LOCAL_PARAMETERS: &str = include_str!("../../environments/local.yaml");

/// The stack's name on one machine: the first part of every physical name.
pub const STACK_NAME: &str = "lianxin";

/// The account's number on one machine.
pub const ACCOUNT_ID: &str = "000000000000";

/// Everything of the template that runs locally, each list in the template's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The functions, with their event sources.
    pub functions: Vec<Function>,
    /// All queues, dead-letter queues too.
    pub queues: Vec<Queue>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// The names of the topics.
    pub topics: Vec<String>,
    /// The secrets, without their values.
    pub secrets: Vec<Secret>,
    /// The HTTP API's routes.
    pub routes: Vec<Route>,
}

/// A function to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its folder under `functions/`, such as `step-intake`.
    pub name: String,
    /// The longest that one invocation may take, in seconds.
    pub timeout_s: u64,
    /// Its environment variables, the common ones included.
    pub environment: BTreeMap<String, EnvValue>,
    /// What invokes it, routes apart: those are in [`Template::routes`].
    pub sources: Vec<Source>,
}

/// The value of an environment variable: text, or what stands for a resource by its local name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvValue {
    /// Plain text.
    Literal(String),
    /// A table's name.
    Table(String),
    /// A bucket's name.
    Bucket(String),
    /// The name of the queue whose URL is meant.
    QueueUrl(String),
    /// The name of a secret, as in [`Secret::name`].
    Secret(String),
    /// The name of the topic whose ARN is meant.
    Topic(String),
}

/// What invokes a function by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Messages of a queue.
    Queue {
        /// The queue's name.
        queue: String,
        /// The most messages in one invocation.
        batch_size: u32,
        /// The most invocations at a time.
        max_concurrency: u32,
    },
    /// The clock.
    Schedule {
        /// Seconds from one run to the next.
        every_s: u64,
    },
}

/// A queue to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name, such as `lianxin-step-intake`.
    pub name: String,
    /// How long a received message stays hidden, in seconds.
    pub visibility_s: u32,
    /// Where a message goes that was received too often, and how often that is.
    pub dead_letter: Option<(String, u32)>,
}

/// A table to create. All keys are strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its logical id, such as `Tickets`.
    pub logical: String,
    /// Its name, such as `lianxin-tickets`.
    pub name: String,
    /// The partition key.
    pub hash: String,
    /// The sort key.
    pub range: Option<String>,
    /// The attribute with the time, in seconds since the epoch, after which an item goes by itself.
    pub expires: Option<String>,
    /// Its global secondary indexes.
    pub indexes: Vec<Index>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The partition key.
    pub hash: String,
    /// The sort key.
    pub range: Option<String>,
    /// Whether it projects whole items, or their keys only.
    pub whole: bool,
}

/// A bucket to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its logical id, such as `Archive`.
    pub logical: String,
    /// Its name.
    pub name: String,
    /// The queues that are told of every object put into it.
    pub created: Vec<String>,
}

/// A secret to generate, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its logical id in kebab case, such as `root-key`.
    pub name: String,
    /// How many random letters and digits to generate.
    pub length: u32,
    /// Where those go in a JSON object; `None` when they are the whole secret.
    pub json: Option<SecretJson>,
}

/// The JSON object that a generated secret becomes part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretJson {
    /// The object, as JSON text.
    pub template: String,
    /// The key to add to it.
    pub key: String,
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Such as `POST`.
    pub method: String,
    /// Such as `/channels/hotline-12345`.
    pub path: String,
    /// The function that answers, by its folder's name.
    pub function: String,
}

impl Template {
    /// Reads the built-in template with the built-in parameters of a one-machine city.
    ///
    /// # Errors
    ///
    /// As for [`Template::parse`]; the tests show that there are none.
    pub fn local() -> anyhow::Result<Self> {
        let parameters = parse_parameters(LOCAL_PARAMETERS)
            .context("cannot read infra/environments/local.yaml")?;
        Self::parse(TEMPLATE, &parameters)
    }

    /// Reads a template, its parameters set by `parameters` where those say so.
    ///
    /// # Errors
    ///
    /// When `text` is not YAML, when a parameter is unknown, missing or not allowed, or when a
    /// property that the local city needs is missing, malformed or not understood.
    pub fn parse(text: &str, parameters: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let root: Value = serde_norway::from_str(text).context("the template is not YAML")?;
        let scope = Scope::new(&root, parameters)?;
        Ok(Self {
            functions: resources::functions(&scope)?,
            queues: resources::queues(&scope)?,
            tables: resources::tables(&scope)?,
            buckets: resources::buckets(&scope)?,
            topics: resources::topics(&scope)?,
            secrets: resources::secrets(&scope)?,
            routes: resources::routes(&scope)?,
        })
    }

    /// The function in the folder `name`.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// Every table and bucket under the name of its setting: `Journal` is `JOURNAL_TABLE`. The shell's
    /// desk has them all, also those that no deployed function has.
    pub fn desk_stores(&self) -> impl Iterator<Item = (String, String)> {
        let tables = self.tables.iter().map(|table| (&table.logical, "TABLE", &table.name));
        let buckets = self.buckets.iter().map(|bucket| (&bucket.logical, "BUCKET", &bucket.name));
        tables.chain(buckets).map(|(logical, kind, name)| {
            (format!("{}_{kind}", logical.to_uppercase()), name.clone())
        })
    }

    /// The functions that the clock invokes, each with the seconds from one run to the next.
    pub fn schedules(&self) -> impl Iterator<Item = (&Function, u64)> {
        self.functions.iter().flat_map(|function| {
            function.sources.iter().filter_map(move |source| match source {
                Source::Schedule { every_s } => Some((function, *every_s)),
                Source::Queue { .. } => None,
            })
        })
    }
}

/// Reads a file of `infra/environments`: one `Parameter: value` a line.
///
/// # Errors
///
/// When `text` is not a YAML mapping from names to plain values.
pub fn parse_parameters(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let file: BTreeMap<String, Value> =
        serde_norway::from_str(text).context("not a mapping of parameters")?;
    file.into_iter()
        .map(|(name, value)| {
            let text = node::scalar(&value)
                .with_context(|| format!("parameter {name} is not a plain value"))?;
            Ok((name, text))
        })
        .collect()
}

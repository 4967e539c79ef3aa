//! `lianxin quarantine`: what channels have sent that nobody understood, until somebody looks at it.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use contracts::QuarantineId;
use lambda::{Reader, admit_quarantined, drop_quarantined, quarantined, quarantined_words};
use ports::World;
use serde_json::{Value, json};

use super::ticket::{reason, staff};
use super::{print, say};
use crate::city::{Access, DESK, DataDir};

/// What channels have sent that nobody understood: list it, read it, make it a ticket, drop it
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what can be read in an entry, with numbers and plates masked; it is journalled
    Show {
        /// The entry's id, as the list has it
        id: String,
        /// Why: `handling`, `follow_up`, `complaint_review`, `audit`, `legal_request`,
        /// `citizen_request`
        #[arg(long, default_value = "handling")]
        reason: String,
        /// As whom
        #[arg(long = "as", value_name = "STAFF/ROLE/UNIT", default_value = SHELL)]
        actor: String,
    },
    /// Make an entry a ticket of its channel; its words are the text
    Admit {
        /// The entry's id, as the list has it
        id: String,
        /// The title; the beginning of the words if absent
        #[arg(long)]
        title: Option<String>,
        /// The channel's own id of the request, if somebody knows it
        #[arg(long)]
        order: Option<String>,
    },
    /// Remove an entry that is nothing
    Drop {
        /// The entry's id, as the list has it
        id: String,
    },
}

/// As whom an entry is read when nobody is named.
const SHELL: &str = "shell/supervisor/command-centre";

impl Quarantine {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        match self.action {
            None => list(&world, json).await?,
            Some(Action::Show { id, reason: why, actor }) => {
                let reader =
                    Reader { actor: staff(&actor)?, reason: reason(&why)?, unmasked: false };
                show(&world, &reader, &parse(&id)?, json).await?;
            }
            Some(Action::Admit { id, title, order }) => {
                let asked = (title.as_deref(), order.as_deref());
                let ticket = admit_quarantined(&world, &parse(&id)?, asked).await;
                let ticket = ticket.context("not admitted")?;
                if access.running.is_none() {
                    say("No city is running here: the ticket goes on at the next start.");
                }
                let (id, number) = (ticket.id().as_str(), ticket.number().as_str());
                print(
                    json,
                    &json!({ "ticket": id, "number": number, "status": ticket.status().as_str() }),
                    &format!("{number} ({id}) is {}", ticket.status()),
                )?;
            }
            Some(Action::Drop { id }) => {
                drop_quarantined(&world, &parse(&id)?).await.context("not dropped")?;
                print(json, &json!({ "dropped": id }), &format!("dropped: {id}"))?;
            }
        }
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

fn parse(id: &str) -> anyhow::Result<QuarantineId> {
    QuarantineId::parse(id).context(
        "an id in quarantine is a channel's name, a slash and 64 hexadecimal digits: `lianxin quarantine` lists them",
    )
}

async fn list(world: &World, json: bool) -> anyhow::Result<()> {
    let all = quarantined(world).await?;
    let mut lines = format!("{} in quarantine", all.len());
    let mut rows = Vec::new();
    for (id, entry) in all {
        let Some(entry) = entry else {
            lines.push_str(&format!("\n  {id}  (unreadable)"));
            rows.push(json!({ "id": id.to_string(), "channel": id.channel().as_str() }));
            continue;
        };
        let (at, bytes, reason) = (&entry.at, entry.bytes, entry.reason());
        lines.push_str(&format!("\n  {id}\n    {at}  {bytes} bytes  {reason}"));
        rows.push(json!({
            "id": id.to_string(),
            "channel": entry.channel,
            "at": at,
            "problem": entry.problem,
            "fields": entry.fields,
            "bytes": bytes,
        }));
    }
    print(json, &json!({ "quarantine": Value::Array(rows) }), &lines)
}

async fn show(world: &World, reader: &Reader, id: &QuarantineId, json: bool) -> anyhow::Result<()> {
    let (entry, words) = quarantined_words(world, reader, id).await.context("not shown")?;
    let object = json!({
        "id": id.to_string(),
        "channel": entry.channel,
        "at": entry.at,
        "problem": entry.problem,
        "fields": entry.fields,
        "bytes": entry.bytes,
        "words": words,
    });
    let (at, bytes, reason) = (&entry.at, entry.bytes, entry.reason());
    print(json, &object, &format!("{id}\n{at}  {bytes} bytes  {reason}\n\n{words}"))
}

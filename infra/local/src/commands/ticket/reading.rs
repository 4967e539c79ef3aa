//! `lianxin ticket show` and `lianxin ticket dossier`: reading, journalled before anything is shown.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use contracts::SealedText;
use domain::{Actor, Ticket};
use lambda::{Reader, Shown, case_file, followers, held, read};
use ports::World;
use serde_json::{Value, json};

use super::{load, print, reason, staff, story, view};

/// As whom a text is read when nobody is named: the supervisor at this shell.
const SHELL: &str = "shell/supervisor/command-centre";

/// Show a ticket's state and timeline; texts stay sealed unless opened
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The ticket's id or its public number
    id: String,
    /// Show the texts too, with names, numbers and addresses masked; it is journalled
    #[arg(long, requires = "reason")]
    open: bool,
    /// With --open: mask nothing
    #[arg(long, requires = "open")]
    unmask: bool,
    /// Why: `handling`, `follow_up`, `complaint_review`, `audit`, `legal_request`, `citizen_request`
    #[arg(long, requires = "open")]
    reason: Option<String>,
    /// As whom
    #[arg(long = "as", value_name = "STAFF/ROLE/UNIT", default_value = SHELL)]
    actor: String,
}

impl Show {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let ticket = load(world, &self.id).await?;
        let (mut object, mut lines) = (view(&ticket), story(&ticket));
        let followers = followers(world, ticket.id()).await?;
        if followers > 0 {
            lines.push_str(&format!("\n  {followers} others follow it or got its answer"));
        }
        if let Value::Object(members) = &mut object {
            members.insert("followers".to_owned(), followers.into());
        }
        if self.open {
            let why = self.reason.as_deref().unwrap_or_default();
            let reader = reader(&self.actor, why, self.unmask)?;
            let records = held(world, &ticket).await?;
            let shown = read(world, &reader, &ticket, &records).await.context("refused")?;
            let of = |seq_record: &domain::SealedRef| {
                let found = shown.iter().find(|(record, _)| *record == seq_record.record);
                found.map_or(&Shown::Unreadable, |(_, shown)| shown)
            };
            let texts = ticket.timeline().iter().filter_map(|entry| {
                let sealed = entry.event.sealed()?;
                Some((entry.seq, as_json(of(sealed)), as_lines(of(sealed))))
            });
            let mut list = Vec::new();
            for (seq, one, said) in texts {
                lines.push_str(&format!("\n\n[{seq}]\n{said}"));
                list.push(json!({ "seq": seq, "text": one }));
            }
            if let Value::Object(members) = &mut object {
                members.insert("texts".to_owned(), Value::Array(list));
            }
        }
        print(json, &object, &lines)
    }
}

fn reader(actor: &str, why: &str, unmasked: bool) -> anyhow::Result<Reader> {
    Ok(Reader { actor: staff(actor)?, reason: reason(why)?, unmasked })
}

fn as_json(shown: &Shown) -> Value {
    match shown {
        Shown::Text(text, _) => serde_json::to_value(text).unwrap_or_default(),
        Shown::Erased => json!({ "type": "erased" }),
        Shown::Unreadable => json!({ "type": "unreadable" }),
    }
}

/// A text for the terminal. Control characters would move the cursor or repaint what was said, so
/// they go out.
fn as_lines(shown: &Shown) -> String {
    let text = match shown {
        Shown::Text(SealedText::RequestV1 { title, body, citizen, .. }, _) => {
            let given = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{}  {}  {}\n{title}\n{body}",
                given(&citizen.name),
                given(&citizen.phone),
                given(&citizen.address)
            )
        }
        Shown::Text(SealedText::NoteV1 { text, photos }, _) => {
            photos.iter().fold(text.clone(), |said, key| format!("{said}\nphoto {key}"))
        }
        Shown::Erased => "(erased)".to_owned(),
        Shown::Unreadable => "(unreadable)".to_owned(),
    };
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// Render the printable case file of an archived ticket
#[derive(Debug, Args)]
pub(super) struct DossierCmd {
    /// The ticket's id or its public number
    id: String,
    /// Where to write the page; only you can read it, and it is nowhere else
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
    /// Mask nothing, and show the photos
    #[arg(long)]
    unmask: bool,
    /// Why: `handling`, `follow_up`, `complaint_review`, `audit`, `legal_request`, `citizen_request`
    #[arg(long)]
    reason: String,
    /// As whom
    #[arg(long = "as", value_name = "STAFF/ROLE/UNIT", default_value = SHELL)]
    actor: String,
}

impl DossierCmd {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let ticket: Ticket = load(world, &self.id).await?;
        let reader = reader(&self.actor, &self.reason, self.unmask)?;
        let html = case_file(world, &reader, &ticket).await.context("no case file")?;
        write_private(&self.out, &html)?;
        let who: &Actor = &reader.actor;
        let out = self.out.display().to_string();
        print(
            json,
            &json!({ "ticket": ticket.id().as_str(), "out": out, "unmasked": self.unmask, "by": who.to_string() }),
            &format!("the case file of {} is in {out}", ticket.number()),
        )
    }
}

/// Writes a new file that only its owner reads. One that stands is not written over: it may be
/// another case's, or a link to somewhere else.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

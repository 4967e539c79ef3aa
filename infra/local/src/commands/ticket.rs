//! `lianxin ticket`: a desk in the shell.

pub(crate) mod act;
mod prove;
mod reading;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use contracts::EntryWire;
use domain::{Actor, LikelyLead, PublicNumber, Reason, Ticket, TicketId};
use ports::World;
use serde_json::{Value, json};

use super::print;
use crate::city::{Access, DESK, DataDir};

/// Look at a ticket, or do something to it
#[derive(Debug, Args)]
pub(crate) struct TicketCmd {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show a ticket's state and timeline; texts stay sealed unless opened
    Show(reading::Show),
    /// Render the printable case file of an archived ticket
    Dossier(reading::DossierCmd),
    /// Prove a ticket against the daily heads
    Prove(prove::Prove),
    /// Carry out a command as a member of staff
    Do(act::Do),
}

impl TicketCmd {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        match self.command {
            What::Show(show) => show.run(&world, json).await?,
            What::Dossier(dossier) => dossier.run(&world, json).await?,
            What::Prove(prove) => prove.run(&world, json).await?,
            What::Do(act) => {
                let id = act.run(&world).await?;
                let ticket = load(&world, id.as_str()).await?;
                print(json, &view(&ticket), &story(&ticket))?;
            }
        }
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The member of staff that `STAFF/ROLE/UNIT` names.
pub(crate) fn staff(text: &str) -> anyhow::Result<Actor> {
    Actor::parse(&format!("staff:{text}")).map_err(|_fault| {
        anyhow::anyhow!("{text:?} is not STAFF/ROLE/UNIT, such as u017/handler/water-company")
    })
}

/// The reason of a reading or an erasure. What was given instead is not quoted: it may be about somebody.
pub(crate) fn reason(text: &str) -> anyhow::Result<Reason> {
    let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    Reason::parse(text).with_context(|| format!("the reason is not one of {}", all.join(", ")))
}

/// The ticket that a person means by an id or a public number.
pub(crate) async fn find(world: &World, text: &str) -> anyhow::Result<TicketId> {
    if let Ok(id) = TicketId::parse(text) {
        return Ok(id);
    }
    let number = PublicNumber::parse(&text.to_uppercase()).map_err(|_fault| {
        anyhow::anyhow!("{text:?} is neither a ticket's id (26 characters) nor a public number (17, the last one a check)")
    })?;
    let found = world.tickets.by_number(&number).await?;
    match found.as_slice() {
        [id] => Ok(id.clone()),
        [] => anyhow::bail!("no ticket has the number {number}"),
        several => anyhow::bail!(
            "{} tickets share the number {number}: name one by its id: {}",
            several.len(),
            several.iter().map(TicketId::as_str).collect::<Vec<_>>().join(", ")
        ),
    }
}

async fn load(world: &World, text: &str) -> anyhow::Result<Ticket> {
    let id = find(world, text).await?;
    let ticket = world.tickets.whole(&id).await?;
    ticket.with_context(|| format!("there is no ticket {id}"))
}

/// What it may repeat, as long as nobody has decided.
fn likely(ticket: &Ticket) -> impl Iterator<Item = &LikelyLead> {
    ticket.likely().iter().filter(|_| ticket.lead().is_none())
}

fn view(ticket: &Ticket) -> Value {
    let assignment = ticket.assignment();
    json!({
        "ticket": ticket.id().as_str(),
        "number": ticket.number().as_str(),
        "channel": ticket.channel().as_str(),
        "status": ticket.status().as_str(),
        "version": ticket.version(),
        "received_at": ticket.received_at().to_string(),
        "unit": assignment.map(|a| a.unit.as_str()),
        "tier": assignment.map(|a| a.tier.as_str()),
        "keeper": ticket.keeper().map(domain::UnitCode::as_str),
        "found_by": ticket.found_by().map(domain::UnitCode::as_str),
        "tasks": ticket.tasks().iter().map(|(unit, task)| json!({ "unit": unit.as_str(), "due": task.due.to_string() })).collect::<Vec<_>>(),
        "item": assignment.map(|a| a.item.as_str()),
        "unit_due": assignment.map(|a| a.due.to_string()),
        "citizen_due": ticket.citizen_due().map(|due| due.to_string()),
        "lead": ticket.lead().map(TicketId::as_str),
        "answered_with": ticket.answered_with().map(TicketId::as_str),
        "likely": likely(ticket).map(|one| json!({ "ticket": one.ticket.as_str(), "score": one.score })).collect::<Vec<_>>(),
        "matters": ticket.matters().keys().map(|matter| matter.as_str()).collect::<Vec<_>>(),
        "dossier": ticket.archive().map(|archive| json!({ "key": archive.key, "sha256": archive.sha256.to_string() })),
        "erased_at": ticket.erased_at().map(|at| at.to_string()),
        "head": ticket.head().to_string(),
        "timeline": ticket.timeline().iter().map(EntryWire::from).collect::<Vec<_>>(),
    })
}

fn story(ticket: &Ticket) -> String {
    let mut lines = format!(
        "{}  {}  {}  version {}\n  by {}, received {}",
        ticket.number(),
        ticket.id(),
        ticket.status(),
        ticket.version(),
        ticket.channel(),
        ticket.received_at()
    );
    if let Some(assignment) = ticket.assignment() {
        let Some(citizen_due) = ticket.citizen_due() else { return lines };
        lines.push_str(&format!(
            "\n  {} for {}: the unit's limit {}, the citizen's {}",
            assignment.unit, assignment.item, assignment.due, citizen_due
        ));
    }
    if let Some(lead) = ticket.lead() {
        lines.push_str(&format!("\n  follows {lead}"));
    }
    if let Some(lead) = ticket.answered_with() {
        lines.push_str(&format!("\n  got the answer of {lead}"));
    }
    for one in likely(ticket) {
        let percent = f64::from(one.score) / 10.0;
        lines.push_str(&format!("\n  may repeat {}  ({percent:.1} %)", one.ticket));
    }
    for entry in ticket.timeline() {
        let EntryWire { at, kind, actor, .. } = EntryWire::from(entry);
        lines.push_str(&format!("\n  {:>3}  {at}  {kind:<14}  {actor}", entry.seq));
    }
    lines
}

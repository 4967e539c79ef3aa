//! `lianxin erase`: erases a person at the person's request, or because the law says so.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use domain::{Reason, TicketId};
use ports::World;
use serde_json::json;

use super::{print, ticket};
use crate::city::{Access, DESK, DataDir};

/// Erase a person: destroys the keys of all texts, for ever
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// All tickets of this telephone number, digits only; `-` reads it from standard input, where no
    /// history and no list of processes shows it
    #[arg(
        long,
        value_name = "NUMBER",
        conflicts_with_all = ["ticket", "email"],
        required_unless_present_any = ["ticket", "email"]
    )]
    phone: Option<String>,
    /// All tickets of letters from this address, as the mail gave it; `-` reads it likewise
    #[arg(long, value_name = "ADDRESS", conflicts_with = "ticket")]
    email: Option<String>,
    /// Only this ticket, by its id or public number; may be given several times
    #[arg(long, value_name = "ID")]
    ticket: Vec<String>,
    /// `handling`, `follow_up`, `complaint_review`, `audit`, `legal_request` or `citizen_request`
    #[arg(long)]
    reason: String,
    /// As whom; only a supervisor may
    #[arg(long = "as", value_name = "STAFF/ROLE/UNIT")]
    actor: String,
}

impl Erase {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let (actor, reason) = (ticket::staff(&self.actor)?, ticket::reason(&self.reason)?);
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        // Whether a number has tickets is nobody's business who may not erase.
        anyhow::ensure!(
            actor.may(domain::CommandKind::Erase),
            "refused: this role may not `erase`"
        );
        let tickets = self.tickets(&world).await?;
        let done = lambda::erase(&world, &actor, reason, &tickets).await;
        let done = done.context("not finished: give the same command again")?;
        report(json, &done, &open(&world, &done).await?, reason)?;
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn tickets(&self, world: &World) -> anyhow::Result<Vec<TicketId>> {
        if let Some(phone) = &self.phone {
            let phone = if phone == "-" { read_line()? } else { phone.clone() };
            let digits = !phone.is_empty() && phone.bytes().all(|b| b.is_ascii_digit());
            anyhow::ensure!(digits, "--phone must be digits only, as the channel gave it");
            return Ok(lambda::tickets_of(world, &phone).await?);
        }
        if let Some(address) = &self.email {
            let address = if address == "-" { read_line()? } else { address.clone() };
            anyhow::ensure!(
                address.contains('@'),
                "--email must be an address, as the mail gave it"
            );
            return Ok(lambda::tickets_of(world, &address).await?);
        }
        let mut tickets = Vec::new();
        for text in &self.ticket {
            tickets.push(ticket::find(world, text).await?);
        }
        Ok(tickets)
    }
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read from standard input")?;
    Ok(line.trim().to_owned())
}

/// The tickets whose cases are still open: staff must end those that wait for somebody's answer.
async fn open(world: &World, done: &[TicketId]) -> anyhow::Result<Vec<TicketId>> {
    let mut open = Vec::new();
    for id in done {
        let stored = world.tickets.load(id).await?;
        if stored.is_some_and(|stored| stored.ticket.closed_seq().is_none()) {
            open.push(id.clone());
        }
    }
    Ok(open)
}

fn report(json: bool, done: &[TicketId], open: &[TicketId], reason: Reason) -> anyhow::Result<()> {
    let ids: Vec<&str> = done.iter().map(TicketId::as_str).collect();
    let open: Vec<&str> = open.iter().map(TicketId::as_str).collect();
    let mut lines = match ids.len() {
        0 => "nothing to erase: no ticket is found, or it was done before".to_owned(),
        many => format!("the person of {many} tickets is erased"),
    };
    for id in &ids {
        let still = if open.contains(id) {
            "  still open: end it with `ticket do … decline --ground withdrawn`"
        } else {
            ""
        };
        lines.push_str(&format!("\n  {id}{still}"));
    }
    let reason = reason.as_str();
    let object = json!({ "erased": ids.len(), "reason": reason, "tickets": ids, "open": open });
    print(json, &object, &lines)
}

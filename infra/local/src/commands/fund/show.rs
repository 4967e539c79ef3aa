//! What the ledger says: accounts, applications, entries.

use clap::Args;
use domain::fund::{AccountId, Application, ApplicationId, Balance, FiscalYear, Money, Posting};
use ports::World;
use serde_json::{Value, json};

use super::deed::application;
use crate::commands::print;
use crate::commands::ticket::find;

/// So many entries are read at a time.
const PAGE: u16 = 500;

/// The accounts of a year
#[derive(Debug, Args)]
pub(super) struct Accounts {
    /// The fiscal year; by default this one
    #[arg(long)]
    year: Option<u16>,
}

/// An application, or all of a ticket
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The application, or the ticket's id or public number
    id: String,
}

/// The entries of an account
#[derive(Debug, Args)]
pub(super) struct Journal {
    /// Such as `fund/2026`
    account: String,
    /// Only what came after this entry
    #[arg(long, default_value_t = 0)]
    after: u32,
}

impl Accounts {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let this = FiscalYear::of(world.clock.now());
        let year = match self.year {
            None => this,
            Some(year) => FiscalYear::new(year)
                .ok_or_else(|| anyhow::anyhow!("{year} is no year from 1970 to 9999"))?,
        };
        let accounts = world.fund.accounts(year).await?;
        let views: Vec<Value> = accounts.iter().map(balance_view).collect();
        let object = json!({ "year": year.number(), "accounts": views });
        let mut lines = vec![format!(
            "{:<28} {:>17} {:>17} {:>17} {:>17}  open",
            year.number(),
            "appropriated",
            "available",
            "reserved",
            "paid"
        )];
        lines.extend(accounts.iter().map(balance_line));
        if accounts.is_empty() {
            lines.push("no account has an entry: `fund appropriate` begins one".to_owned());
        }
        print(json, &object, &lines.join("\n"))
    }
}

fn balance_line(balance: &Balance) -> String {
    let Balance { account, appropriated, available, reserved, paid, applications, .. } = balance;
    let mut line = format!(
        "{:<28} {:>17} {:>17} {:>17} {:>17}  {applications}",
        account.to_string(),
        appropriated.to_string(),
        available.to_string(),
        reserved.to_string(),
        paid.to_string()
    );
    if let Some(missing) = balance.below_floor() {
        line.push_str(&format!("\n    {missing} yuan below what the year must have"));
    }
    line
}

fn balance_view(balance: &Balance) -> Value {
    json!({
        "account": balance.account.to_string(),
        "status": balance.status.as_str(),
        "entries": balance.seq,
        "head": balance.head.to_string(),
        "appropriated_fen": balance.appropriated.fen(),
        "returned_fen": balance.returned.fen(),
        "transferred_in_fen": balance.transferred_in.fen(),
        "transferred_out_fen": balance.transferred_out.fen(),
        "carried_in_fen": balance.carried_in.fen(),
        "carried_out_fen": balance.carried_out.fen(),
        "available_fen": balance.available.fen(),
        "reserved_fen": balance.reserved.fen(),
        "paid_fen": balance.paid.fen(),
        "open_applications": balance.applications,
        "below_floor_fen": balance.below_floor().map(Money::fen),
    })
}

/// One entry, for a person.
pub(super) fn entry_line(posting: &Posting) -> String {
    let sum = posting.act.sum().map(|sum| sum.to_string()).unwrap_or_default();
    let about = posting.application.as_ref().map(ToString::to_string).unwrap_or_default();
    let (entry, kind) = (posting.entry().to_string(), posting.act.kind());
    format!("{entry:<24} {}  {kind:<16} {sum:>17}  {about}  {}", posting.at, posting.actor)
}

/// One entry, for a machine: the record that is stored and hashed.
pub(super) fn entry_view(posting: &Posting) -> Value {
    let record = posting.to_record();
    json!({
        "entry": posting.entry().to_string(),
        "kind": record.kind,
        "fields": record.fields,
        "hash": posting.hash().to_string(),
    })
}

impl Show {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let ids = match ApplicationId::parse(&self.id) {
            Ok(_) => vec![application(&self.id)?],
            Err(_) => world.fund.cases(&find(world, &self.id).await?).await?,
        };
        let (mut views, mut lines) = (Vec::new(), Vec::new());
        for id in &ids {
            let entries = world.fund.case(id).await?;
            anyhow::ensure!(!entries.is_empty(), "there is no application {id}");
            let case = Application::of(&entries)?;
            lines.push(format!(
                "{id}  {}  in {}\n  asked {}, approved {}, reserved {}, paid {}, released {}",
                case.stage(),
                case.account,
                case.asked,
                case.approval.as_ref().map_or(Money::ZERO, |approval| approval.amount),
                case.reserved,
                case.paid,
                case.released
            ));
            lines.extend(entries.iter().map(|posting| format!("  {}", entry_line(posting))));
            views.push(json!({
                "application": id.to_string(),
                "account": case.account.to_string(),
                "stage": case.stage().as_str(),
                "asked_fen": case.asked.fen(),
                "approved_fen": case.approval.as_ref().map(|approval| approval.amount.fen()),
                "reserved_fen": case.reserved.fen(),
                "paid_fen": case.paid.fen(),
                "released_fen": case.released.fen(),
                "entries": entries.iter().map(entry_view).collect::<Vec<_>>(),
            }));
        }
        if ids.is_empty() {
            lines.push("no money was asked for: `fund apply` does".to_owned());
        }
        print(json, &json!({ "applications": views }), &lines.join("\n"))
    }
}

impl Journal {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let account = AccountId::parse(&self.account);
        let account = account.map_err(|fault| anyhow::anyhow!("{:?}: {fault}", self.account))?;
        let (mut entries, mut after) = (Vec::new(), self.after);
        loop {
            let page = world.fund.entries(&account, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            entries.extend(page);
        }
        let object = json!({
            "account": account.to_string(),
            "entries": entries.iter().map(entry_view).collect::<Vec<_>>(),
        });
        let lines: Vec<String> = entries.iter().map(entry_line).collect();
        print(json, &object, &lines.join("\n"))
    }
}

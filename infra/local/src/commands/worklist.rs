//! `lianxin worklist`: a unit's open cards.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print;
use crate::city::{Access, DESK, DataDir};

/// The open cards of a unit, oldest due first
#[derive(Debug, Args)]
pub(crate) struct Worklist {
    /// The unit's code, or `command-centre.` and a desk: dispatcher, caller, supervisor, held
    #[arg(long)]
    unit: String,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u16,
}

impl Worklist {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let page = access.world(DESK)?.tickets.inbox(&self.unit, None, self.limit).await?;
        let cards: Vec<_> = page
            .items
            .iter()
            .map(|card| json!({ "ticket": card.ticket.as_str(), "kind": card.kind, "due": card.due.to_string() }))
            .collect();
        let mut lines = format!("{} open at {}", page.items.len(), self.unit);
        for card in &page.items {
            lines.push_str(&format!("\n  {}  {}  {}", card.due, card.ticket, card.kind));
        }
        print(
            json,
            &json!({ "unit": self.unit, "cards": cards, "more": page.next.is_some() }),
            &lines,
        )?;
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

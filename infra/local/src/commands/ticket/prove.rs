//! `lianxin ticket prove`: whether a ticket stands as the daily heads have published it.

use anyhow::Context as _;
use clap::Args;
use lambda::{Proof, prove};
use ports::World;
use serde_json::{Value, json};

use super::{load, print};

/// Prove a ticket against the daily heads: that nothing published of it was rewritten or cut off
#[derive(Debug, Args)]
pub(super) struct Prove {
    /// The ticket's id or its public number
    id: String,
}

impl Prove {
    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let ticket = load(world, &self.id).await?;
        let proof = prove(world, &ticket).await.context("not proven")?;
        print(json, &object(&proof, ticket.version()), &told(&proof, ticket.version()))
    }
}

fn object(proof: &Proof, version: u32) -> Value {
    let (date, sha256) = &proof.newest;
    json!({
        "ticket": proof.leaf.ticket.as_str(),
        "version": version,
        "proven_version": proof.leaf.version,
        "leaf": proof.leaf.to_string(),
        "date": proof.head.date,
        "root": proof.head.root,
        "index": proof.index,
        "leaves": proof.head.leaves,
        "path": proof.path.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "head": { "key": proof.key, "sha256": proof.sha256.to_string() },
        "heads": proof.heads,
        "newest": { "date": date, "sha256": sha256.to_string() },
    })
}

fn told(proof: &Proof, version: u32) -> String {
    let younger = match version - proof.leaf.version {
        0 => String::new(),
        more => format!("\n  {more} events are younger; the next head will hold them"),
    };
    let (date, sha256) = &proof.newest;
    format!(
        "{}: {} of {version} events stand as they were published on {}\n  leaf {} of {}, root {}{younger}\n  \
         the chain of heads is whole: {} up to {date}; the newest has the SHA-256 {sha256}",
        proof.leaf.ticket,
        proof.leaf.version,
        proof.head.date,
        proof.index + 1,
        proof.head.leaves,
        proof.head.root,
        proof.heads,
    )
}

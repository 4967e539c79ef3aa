//! `lianxin verify`: the fsck of a whole city.
//!
//! It reads everything that is stored and holds it to what the timelines say: chains, transitions,
//! statuses, index values and entries, cards, seals and commitments, keys, case files and addenda,
//! the published daily heads, the access journal, the fund's ledger, the directory, dead letters.
//! Texts are opened to check their commitments and identities; nothing of them is printed.

mod archive;
mod contents;
mod fund;
mod heads;
mod index;
mod journal;
mod photos;
mod seals;
mod tickets;
mod told;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use ports::{Clock as _, PortError, World};
use serde_json::{Value, json};

use self::contents::Contents;
use super::{print, redrive};
use crate::city::{Access, DESK, DataDir};

/// Check the whole city: chains, statuses, indexes, cards, seals, case files, queues
#[derive(Debug, Args)]
pub(crate) struct Verify {}

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    kind: &'static str,
    id: String,
    detail: String,
}

/// What a check has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    tickets: usize,
    archived: usize,
    events: usize,
    /// Entries of the fund's ledger.
    postings: usize,
    violations: BTreeSet<Violation>,
}

impl Findings {
    /// Notes a violation. `detail` says what and where, and quotes no text of a person.
    fn note(&mut self, kind: &'static str, id: &str, detail: impl Into<String>) {
        self.violations.insert(Violation { kind, id: id.to_owned(), detail: detail.into() });
    }
}

/// A running city moves while it is read; what is wrong stays wrong, so it is looked at again after
/// so long.
const SECOND_LOOK: Duration = Duration::from_secs(2);

impl Verify {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let mut findings = check(&access).await?;
        if access.running.is_some() && !findings.violations.is_empty() {
            tokio::time::sleep(SECOND_LOOK).await;
            let again = check(&access).await?;
            // By kind and place: a detail may count what still moves.
            let same =
                |one: &Violation, other: &Violation| one.kind == other.kind && one.id == other.id;
            findings.violations.retain(|one| again.violations.iter().any(|other| same(one, other)));
        }
        access.close().await?;
        let violations: Vec<Value> = findings
            .violations
            .iter()
            .map(|violation| json!({ "kind": violation.kind, "id": violation.id, "detail": violation.detail }))
            .collect();
        let object = json!({
            "tickets": findings.tickets,
            "archived": findings.archived,
            "events": findings.events,
            "postings": findings.postings,
            "violations": violations,
        });
        print(json, &object, &report(&findings))?;
        Ok(if findings.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn report(findings: &Findings) -> String {
    let mut lines = format!(
        "{} tickets, {} archived, {} events, {} entries of the fund: {} violations",
        findings.tickets,
        findings.archived,
        findings.events,
        findings.postings,
        findings.violations.len()
    );
    for Violation { kind, id, detail } in &findings.violations {
        lines.push_str(&format!("\n  {kind}  {id}  {detail}"));
    }
    lines
}

async fn check(access: &Access) -> anyhow::Result<Findings> {
    let world = access.world(DESK)?;
    let contents = Contents::read(access).await?;
    let root = world.secrets.root_key().await.context("the root key")?;
    let mut findings = Findings::default();
    let tickets = tickets::check(&contents, &world, &mut findings);
    let now = access.clock.now();
    seals::check(&contents, &tickets, ((&root, &world.region), now), &mut findings);
    index::check(&contents, &mut findings);
    archive::check(&contents, &tickets, &mut findings);
    heads::check(&contents, &tickets, &world.region, &mut findings);
    journal::check(&contents, &tickets, &world.region, &mut findings);
    fund::check(&contents, &tickets, &world.region, &mut findings);
    let place = (&*root, &world.region, world.clock.wall());
    photos::check(&contents, &tickets, place, &mut findings);
    directory(&world, &mut findings).await?;
    dead_letters(access, &mut findings).await?;
    Ok(findings)
}

/// The newest directory must be valid by today's rules.
async fn directory(world: &World, findings: &mut Findings) -> anyhow::Result<()> {
    match world.rules.imported_directory().await {
        Ok(_) => Ok(()),
        Err(PortError::Permanent(detail)) => {
            findings.note("directory_wrong", "directory", detail);
            Ok(())
        }
        Err(error @ PortError::Temporary(_)) => Err(error).context("the directory"),
    }
}

/// Dead letters wait for somebody: that is not in order either.
async fn dead_letters(access: &Access, findings: &mut Findings) -> anyhow::Result<()> {
    for queue in access.template.queues.iter().filter(|queue| queue.dead_letter.is_none()) {
        let reasons = redrive::waiting(access, &access.queue_url(&queue.name)?).await?;
        if !reasons.is_empty() {
            let detail = format!("{} messages wait; see `lianxin redrive --list`", reasons.len());
            findings.note("dead_letters", &queue.name, detail);
        }
    }
    Ok(())
}

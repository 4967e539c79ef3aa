//! `lianxin ticket do`: a command in a role, through the one command function.

mod order;
mod photos;
mod who;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::{CommandId, TicketId};
use lambda::{CommandError, Order, catalog_of, command, teach};
use ports::{Book, World};

use super::{find, staff};

pub(crate) use self::photos::upload;

/// Carry out a command as a member of staff
#[derive(Debug, Args)]
pub(super) struct Do {
    /// The ticket's id or its public number
    id: String,
    /// As whom: STAFF/ROLE/UNIT; by default a member of staff in the right role at the right unit
    #[arg(long = "as", value_name = "STAFF/ROLE/UNIT")]
    actor: Option<String>,
    /// Only if the ticket is still at this version
    #[arg(long)]
    if_match: Option<u32>,
    /// A key of your own: the same command with the same key is carried out once
    #[arg(long)]
    key: Option<String>,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Write a note
    Note { text: String },
    /// Add information that the citizen gave
    Supplement { text: String },
    /// Note that the citizen asks to hurry
    Urge { text: Option<String> },
    /// 派单: assign to who leads an item of the catalog, or to another unit; the classifier learns of it
    Dispatch {
        /// The item's code
        #[arg(long)]
        item: String,
        /// Another unit than the item's; needed where that depends on the place
        #[arg(long)]
        unit: Option<String>,
    },
    /// Decline: `outside_jurisdiction`, `litigation`, `repeated` or `not_actionable`; after an
    /// erasure `withdrawn`, without a text
    Decline {
        #[arg(long)]
        ground: String,
        /// The explanation to the citizen
        text: Option<String>,
    },
    /// Answer: solved, explained, planned or impossible
    Resolve {
        #[arg(long, default_value = "solved")]
        outcome: String,
        /// The reply to the citizen
        reply: String,
    },
    /// 督办: watch the case
    Supervise { text: Option<String> },
    /// 一诉一议: ask for money of the special fund
    ApplyForFund { text: Option<String> },
    /// 并案: let the ticket follow another and take its answer
    Merge {
        /// The other one's id or public number; by default the one that it most likely repeats
        lead: Option<String>,
    },
    /// Let the ticket stand alone again
    Unmerge,
    /// Report a follow-up call
    FollowUp(Call),
    /// Let the machine try again
    Retry,
    /// Decide on an open matter, or end it
    CloseMatter {
        matter: String,
        /// Grant what it asked for
        #[arg(long)]
        granted: bool,
    },
    #[command(flatten)]
    Tiers(Tiers),
}

/// What a follow-up call brought.
#[derive(Debug, Args)]
struct Call {
    /// Nobody answered
    #[arg(long, conflicts_with_all = ["contacted", "solved", "satisfaction"])]
    no_answer: bool,
    /// Did the unit contact the citizen?
    #[arg(long)]
    contacted: Option<bool>,
    /// Is it solved?
    #[arg(long)]
    solved: Option<bool>,
    /// satisfied, fairly or dissatisfied
    #[arg(long)]
    satisfaction: Option<String>,
}

/// What happens between the tiers.
#[derive(Debug, Subcommand)]
enum Tiers {
    /// 签收: the unit accepts the case
    Sign,
    /// 交办, 协办: give a unit a task of its own
    Assign {
        /// The unit's code
        #[arg(long)]
        unit: String,
        /// Its limit, such as 24h, 7d or 5wd
        #[arg(long)]
        limit: String,
        /// What it is to do
        text: Option<String>,
    },
    /// End a unit's task: done by the unit itself, or released by who leads
    EndTask {
        /// The unit's code
        #[arg(long)]
        unit: String,
        /// It is not needed any more
        #[arg(long)]
        release: bool,
        /// What was done
        text: Option<String>,
    },
    /// 退单: ask to give the case back, with the legal basis
    Return {
        /// `not_our_duty`, `not_our_area` or `several_units`
        #[arg(long)]
        ground: String,
        /// The unit that should have it
        #[arg(long)]
        propose: Option<String>,
        /// The legal basis
        text: String,
    },
    /// 延期: ask for more time, before the limit is over
    Extend {
        /// How much more, such as 24h, 7d or 5wd
        #[arg(long)]
        limit: String,
        /// Why
        text: String,
    },
    /// 中止: ask that the clocks stand while a lawful procedure runs
    Suspend {
        /// When it is reviewed, such as 2026-12-01
        #[arg(long, value_name = "DATE")]
        until: String,
        /// Which procedure
        text: String,
    },
    /// 吹哨: call the township, or units of the city
    Whistle {
        /// Their codes, separated by commas
        #[arg(long, value_delimiter = ',', required = true)]
        units: Vec<String>,
        text: Option<String>,
    },
    /// 报到: answer a whistle
    ReportIn {
        /// The unit does not come; say why
        #[arg(long)]
        refuse: bool,
        text: Option<String>,
    },
    /// 会商: bring units to one table, or the open table to a higher level
    Consult {
        /// three, two or one
        #[arg(long)]
        level: String,
        /// Their codes, separated by commas
        #[arg(long, value_delimiter = ',', required = true)]
        units: Vec<String>,
        /// The agenda
        text: Option<String>,
    },
    /// Write at the table: minutes, instruction or referral
    Minute {
        #[arg(long, default_value = "minutes")]
        paper: String,
        text: String,
    },
    /// 会商结论: the table decides
    Conclude {
        /// Who leads from now on
        #[arg(long)]
        lead: String,
        /// Who assists, separated by commas
        #[arg(long, value_delimiter = ',')]
        assisting: Vec<String>,
        /// The limit of all of them
        #[arg(long)]
        limit: String,
        /// The item, if the case has none yet
        #[arg(long)]
        item: Option<String>,
        /// Money of the special fund is to be asked for
        #[arg(long)]
        funded: bool,
        /// The measures
        text: String,
    },
    /// 动员: call a member of a team in the village's grids
    Mobilise {
        /// The member's id
        #[arg(long)]
        member: String,
        /// For what
        #[arg(long)]
        skill: String,
    },
    /// What a mobilised member reports: accepted, arrived, finished or declined; or `stood_down`
    Member {
        /// The member's id
        #[arg(long)]
        member: String,
        #[arg(long)]
        stage: String,
        /// A photo that the member took, as JPEG, PNG or WebP; again for another one, nine at most
        #[arg(long = "photo", value_name = "FILE")]
        photos: Vec<PathBuf>,
        text: Option<String>,
    },
}

impl Do {
    pub(super) async fn run(self, world: &World) -> anyhow::Result<TicketId> {
        let id = find(world, &self.id).await?;
        let actor = match &self.actor {
            Some(text) => staff(text)?,
            None => self.act.default_actor(world, &id).await?,
        };
        let key = match &self.key {
            Some(key) => key.clone(),
            None => format!("shell {}", random_key()?),
        };
        let cause = CommandId::derive(&actor.to_string(), &key);
        let directory = world.rules.directory().await?;
        let catalog = if self.act.names_an_item() {
            catalog_of(world, world.rules.books.newest(Book::Catalog).await?).await?
        } else {
            Arc::default()
        };
        let mut order = self.act.order((world, &id), (&catalog, &directory)).await?;
        if let Order::ReportMember { photos, .. } = &mut order {
            *photos = upload(world, (&id, &cause), self.act.photos()).await?;
        }
        match command(world, &actor, &id, (&order, &cause), self.if_match).await {
            Ok(done) => {
                taught(world, &id, &order).await;
                Ok(done.ticket.id().clone())
            }
            Err(CommandError::Refused { refusal, version }) => {
                anyhow::bail!("refused to {actor} at version {version}: {refusal}")
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Lets the classifier know of a dispatcher's decision. That stands whatever becomes of this: what is not
/// taught now is learned at the next training.
async fn taught(world: &World, id: &TicketId, order: &Order) {
    let Order::Dispatch { to } = order else { return };
    if let Err(error) = teach(world, id, &to.item).await {
        tracing::warn!(ticket.id = %id, %error, "the classifier learns of it later");
    }
}

/// A key that nobody has given before.
pub(crate) fn random_key() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

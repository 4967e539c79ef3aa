//! `lianxin ticket do`: a command in a role, through the one command function.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::{
    Actor, CommandId, DeclineGround, DispatchTo, FollowUpResult, ItemCode, Matter, Outcome, Role,
    Satisfaction, TicketId, UnitCode,
};
use lambda::{CommandError, Order, command};
use ports::World;

use super::{find, staff};

/// Carry out a command as a member of staff
#[derive(Debug, Args)]
pub(super) struct Do {
    /// The ticket's id or its public number
    id: String,
    /// As whom: STAFF/ROLE/UNIT; by default a member of staff in the right role for the command
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
    /// Assign to the unit of an item of the dispatch table, or to another unit
    Dispatch {
        /// The item's code
        #[arg(long)]
        item: String,
        /// Another unit than the item's
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
    /// Report a follow-up call
    FollowUp {
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
    },
    /// Let the machine try again
    Retry,
    /// Open a matter: return, extension, whistle, consultation, suspension or `fund_application`
    OpenMatter { matter: String, text: Option<String> },
    /// Close a matter
    CloseMatter {
        matter: String,
        /// Grant what it asked for
        #[arg(long)]
        granted: bool,
    },
}

fn word<T>(text: &str, parse: fn(&str) -> Option<T>, all: &[&str]) -> anyhow::Result<T> {
    parse(text).with_context(|| format!("{text:?} is not one of {}", all.join(", ")))
}

macro_rules! parsed {
    ($type:ident, $text:expr) => {{
        let all: Vec<&str> = $type::ALL.iter().map(|one| one.as_str()).collect();
        word($text, $type::parse, &all)
    }};
}

impl Act {
    fn role(&self) -> Role {
        match self {
            Self::Note { .. } | Self::Supplement { .. } | Self::Urge { .. } => Role::Operator,
            Self::Dispatch { .. } | Self::Decline { .. } => Role::Dispatcher,
            Self::Resolve { .. } => Role::Handler,
            Self::FollowUp { .. } => Role::Caller,
            Self::Retry | Self::OpenMatter { .. } | Self::CloseMatter { .. } => Role::Supervisor,
        }
    }

    fn order(&self) -> anyhow::Result<Order> {
        Ok(match self {
            Self::Note { text } => Order::Note { text: text.clone() },
            Self::Supplement { text } => Order::Supplement { text: text.clone() },
            Self::Urge { text } => Order::Urge { text: text.clone() },
            Self::Dispatch { item, unit } => {
                Order::Dispatch { to: destination(item, unit.as_deref())? }
            }
            Self::Decline { ground, text } => {
                Order::Decline { ground: parsed!(DeclineGround, ground)?, text: text.clone() }
            }
            Self::Resolve { outcome, reply } => {
                Order::Resolve { outcome: parsed!(Outcome, outcome)?, reply: reply.clone() }
            }
            Self::FollowUp { no_answer: true, .. } => {
                Order::FollowUp { result: FollowUpResult::NoAnswer }
            }
            Self::FollowUp { contacted, solved, satisfaction, .. } => {
                let satisfaction =
                    satisfaction.as_deref().map(|text| parsed!(Satisfaction, text)).transpose()?;
                let result = FollowUpResult::Reached {
                    contacted: *contacted,
                    solved: *solved,
                    satisfaction,
                };
                Order::FollowUp { result }
            }
            Self::Retry => Order::Retry,
            Self::OpenMatter { matter, text } => {
                Order::OpenMatter { matter: parsed!(Matter, matter)?, text: text.clone() }
            }
            Self::CloseMatter { matter, granted } => {
                Order::CloseMatter { matter: parsed!(Matter, matter)?, granted: *granted }
            }
        })
    }
}

/// Where an item of the dispatch table leads, or another unit of the table.
pub(crate) fn destination(item: &str, unit: Option<&str>) -> anyhow::Result<DispatchTo> {
    let table = lambda::keyword_table();
    let code = ItemCode::parse(item).map_err(|fault| anyhow::anyhow!("the item: {fault}"))?;
    let item = table
        .item(&code)
        .with_context(|| format!("there is no item {code} in infra/city/dispatch.csv"))?;
    let mut to = DispatchTo {
        item: item.item.clone(),
        unit: item.unit.clone(),
        tier: item.tier,
        limit: item.limit,
        confidence: None,
    };
    if let Some(unit) = unit {
        let code = UnitCode::parse(unit).map_err(|fault| anyhow::anyhow!("the unit: {fault}"))?;
        let known = table.items().iter().find(|item| item.unit == code);
        to.tier = known
            .with_context(|| format!("no item of the dispatch table leads to the unit {code}"))?
            .tier;
        to.unit = code;
    }
    Ok(to)
}

impl Do {
    pub(super) async fn run(self, world: &World) -> anyhow::Result<TicketId> {
        let id = find(world, &self.id).await?;
        let actor = match &self.actor {
            Some(text) => staff(text)?,
            None => self.default_actor(world, &id).await?,
        };
        let key = match &self.key {
            Some(key) => key.clone(),
            None => format!("shell {}", random_key()?),
        };
        let cause = CommandId::derive(&actor.to_string(), &key);
        match command(world, &actor, &id, (&self.act.order()?, &cause), self.if_match).await {
            Ok(done) => Ok(done.ticket.id().clone()),
            Err(CommandError::Refused { refusal, version }) => {
                anyhow::bail!("refused at version {version}: {refusal}")
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn default_actor(&self, world: &World, id: &TicketId) -> anyhow::Result<Actor> {
        let role = self.act.role();
        let centre =
            UnitCode::parse(domain::COMMAND_CENTRE).map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let stored =
            world.tickets.load(id).await?.with_context(|| format!("there is no ticket {id}"))?;
        let unit = match (role, stored.ticket.assignment()) {
            (Role::Handler, Some(assignment)) => assignment.unit.clone(),
            (
                Role::Handler | Role::Operator | Role::Dispatcher | Role::Caller | Role::Supervisor,
                _,
            ) => centre,
        };
        let id = domain::StaffId::parse("shell").map_err(|fault| anyhow::anyhow!("{fault}"))?;
        Ok(Actor::Staff { id, role, unit })
    }
}

fn random_key() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

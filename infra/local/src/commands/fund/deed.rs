//! What is done to the fund: an order in a role, through the one command function.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::fund::{AccountId, ApplicationId, Category, EntryRef, Item, Items, Money};
use domain::{Actor, COMMAND_CENTRE, CommandId, PayeeCode, Role, StaffId, TicketId, UnitCode};
use lambda::{FundOrder, Posted, Written, fund};
use ports::World;
use serde_json::json;

use super::show::{entry_line, entry_view};
use crate::commands::ticket::{act, find, staff};
use crate::commands::{print, say};

/// Who gives the order, and by which key.
#[derive(Debug, Args)]
pub(super) struct By {
    /// As whom: STAFF/ROLE/UNIT; by default somebody of the command centre who may, another one for each office
    #[arg(long = "as", value_name = "STAFF/ROLE/UNIT")]
    actor: Option<String>,
    /// A key of your own: the same order with the same key is carried out once
    #[arg(long)]
    key: Option<String>,
}

/// Amounts are yuan, such as 12000 or 1,234.56. An account is `fund/2026`, `centre/2026` or `township.mishan/2026`;
/// an application a ticket's id, a hyphen and a number; an entry an account, `#` and its place.
#[derive(Debug, Subcommand)]
pub(super) enum Deed {
    /// 拨款: the treasury gives an account a part of its year's money
    Appropriate {
        account: String,
        amount: String,
        #[command(flatten)]
        by: By,
    },
    /// 调剂: money goes to another account of the same year
    Transfer {
        account: String,
        to: String,
        amount: String,
        #[command(flatten)]
        by: By,
    },
    /// 申请: ask for the money of a case
    Apply {
        account: String,
        /// The ticket's id or public number
        ticket: String,
        /// What, and its estimate: road=12000; road, water, power, heating, environment, safety, facility, other
        #[arg(long = "item", value_name = "CATEGORY=YUAN", required = true)]
        items: Vec<String>,
        /// Why it serves the public and stands in no budget, with the quotes
        paper: String,
        #[command(flatten)]
        by: By,
    },
    /// 议定: the deliberation approves
    Approve {
        application: String,
        amount: String,
        /// The minutes
        paper: String,
        #[command(flatten)]
        by: By,
    },
    /// 不予支持: the deliberation refuses
    Refuse {
        application: String,
        /// The minutes
        paper: String,
        #[command(flatten)]
        by: By,
    },
    /// 预留: lay the approved money aside
    Reserve {
        application: String,
        #[command(flatten)]
        by: By,
    },
    /// 合同, 派工单: the work is ordered
    Contract {
        application: String,
        /// The contract or work note
        paper: String,
        #[command(flatten)]
        by: By,
    },
    /// 验收: the work is accepted
    Accept {
        application: String,
        /// A photo of it, as JPEG, PNG or WebP; again for another one, nine at most
        #[arg(long = "photo", value_name = "FILE")]
        photos: Vec<PathBuf>,
        /// The report
        paper: String,
        #[command(flatten)]
        by: By,
    },
    /// 支付: pay a part or all to a payee
    Pay {
        application: String,
        amount: String,
        /// The payee's code, such as its credit code; never a person's name
        #[arg(long)]
        payee: String,
        /// The invoice's number; one of the same payee is paid once
        #[arg(long)]
        invoice: String,
        #[command(flatten)]
        by: By,
    },
    /// 结项: it is over, and what is left is free again; before a payment it is cancelled
    Release {
        application: String,
        #[command(flatten)]
        by: By,
    },
    /// 退款: a payee has given money back
    Refund {
        /// The payment's entry
        payment: String,
        amount: String,
        #[command(flatten)]
        by: By,
    },
    /// 冲正: undo an entry that was wrong, or a payment that the bank has returned
    Reverse {
        entry: String,
        #[command(flatten)]
        by: By,
    },
    /// 结转: let an open application go on in the next year
    Carry {
        application: String,
        #[command(flatten)]
        by: By,
    },
    /// 年终: close an account whose year is over; what is left goes back to the treasury
    Close {
        account: String,
        /// What is left goes on in the next year instead
        #[arg(long)]
        carry: bool,
        #[command(flatten)]
        by: By,
    },
}

fn account(text: &str) -> anyhow::Result<AccountId> {
    AccountId::parse(text).map_err(|fault| anyhow::anyhow!("{text:?}: {fault}"))
}

pub(super) fn application(text: &str) -> anyhow::Result<ApplicationId> {
    ApplicationId::parse(text).map_err(|fault| anyhow::anyhow!("{text:?}: {fault}"))
}

fn entry(text: &str) -> anyhow::Result<EntryRef> {
    EntryRef::parse(text).map_err(|fault| anyhow::anyhow!("{text:?}: {fault}"))
}

fn yuan(text: &str) -> anyhow::Result<Money> {
    Money::parse(text).map_err(|fault| anyhow::anyhow!("the amount {text:?}: {fault}"))
}

fn written(text: &str) -> Written {
    Written { text: text.to_owned(), photos: Vec::new() }
}

fn items(texts: &[String]) -> anyhow::Result<Items> {
    let one = |text: &String| {
        let fault = || {
            let all: Vec<&str> = Category::ALL.iter().map(|one| one.as_str()).collect();
            anyhow::anyhow!("the item {text:?} is no CATEGORY=YUAN of {}", all.join(", "))
        };
        let (category, estimate) = text.split_once('=').ok_or_else(fault)?;
        let category = Category::parse(category).ok_or_else(fault)?;
        Ok(Item { category, estimate: yuan(estimate)? })
    };
    texts.iter().map(one).collect::<anyhow::Result<_>>().map(Items)
}

impl Deed {
    const fn by(&self) -> &By {
        match self {
            Self::Appropriate { by, .. }
            | Self::Transfer { by, .. }
            | Self::Apply { by, .. }
            | Self::Approve { by, .. }
            | Self::Refuse { by, .. }
            | Self::Reserve { by, .. }
            | Self::Contract { by, .. }
            | Self::Accept { by, .. }
            | Self::Pay { by, .. }
            | Self::Release { by, .. }
            | Self::Refund { by, .. }
            | Self::Reverse { by, .. }
            | Self::Carry { by, .. }
            | Self::Close { by, .. } => by,
        }
    }

    /// Who does it when nobody is named: four eyes hold, so not one person does all of it.
    fn default_actor(&self) -> anyhow::Result<Actor> {
        let (id, role) = match self {
            Self::Apply { .. } => ("shell-applicant", Role::Supervisor),
            Self::Approve { .. } | Self::Refuse { .. } => ("shell-leader", Role::Leader),
            Self::Refund { .. } | Self::Reverse { .. } => ("shell-audit", Role::Supervisor),
            Self::Appropriate { .. }
            | Self::Transfer { .. }
            | Self::Reserve { .. }
            | Self::Contract { .. }
            | Self::Accept { .. }
            | Self::Pay { .. }
            | Self::Release { .. }
            | Self::Carry { .. }
            | Self::Close { .. } => ("shell-finance", Role::Supervisor),
        };
        let fault = |fault| anyhow::anyhow!("{fault}");
        let unit = UnitCode::parse(COMMAND_CENTRE).map_err(fault)?;
        Ok(Actor::Staff { id: StaffId::parse(id).map_err(fault)?, role, unit })
    }

    fn actor(&self) -> anyhow::Result<Actor> {
        self.by().actor.as_ref().map_or_else(|| self.default_actor(), |text| staff(text))
    }

    /// The key that was given, or a new one, which is told: by it the order can be given again.
    fn key(&self) -> anyhow::Result<String> {
        if let Some(key) = &self.by().key {
            return Ok(key.clone());
        }
        let key = format!("shell-{}", act::random_key()?);
        say(&format!("the key of this order: {key}"));
        Ok(key)
    }

    async fn order(&self, world: &World, cause: &CommandId) -> anyhow::Result<FundOrder> {
        Ok(match self {
            Self::Appropriate { account: name, amount, .. } => {
                FundOrder::Appropriate { account: account(name)?, amount: yuan(amount)? }
            }
            Self::Transfer { account: name, to, amount, .. } => {
                let (account, to) = (account(name)?, account(to)?);
                FundOrder::Transfer { account, to, amount: yuan(amount)? }
            }
            Self::Apply { account: name, ticket, items: texts, paper, .. } => {
                let (account, items) = (account(name)?, items(texts)?);
                let ticket: TicketId = find(world, ticket).await?;
                FundOrder::Apply { account, ticket, items, paper: written(paper) }
            }
            Self::Accept { application: id, photos, paper, .. } => {
                let application = application(id)?;
                let photos = act::upload(world, (&application.ticket, cause), photos).await?;
                let paper = Written { text: paper.clone(), photos };
                FundOrder::Accept { application, paper }
            }
            other => other.order_in_words()?,
        })
    }

    /// The order of those that need nothing but their words.
    fn order_in_words(&self) -> anyhow::Result<FundOrder> {
        Ok(match self {
            Self::Approve { application: id, amount, paper, .. } => {
                let (application, amount) = (application(id)?, yuan(amount)?);
                FundOrder::Approve { application, amount, paper: written(paper) }
            }
            Self::Refuse { application: id, paper, .. } => {
                FundOrder::Refuse { application: application(id)?, paper: written(paper) }
            }
            Self::Reserve { application: id, .. } => {
                FundOrder::Reserve { application: application(id)? }
            }
            Self::Contract { application: id, paper, .. } => {
                FundOrder::Contract { application: application(id)?, paper: written(paper) }
            }
            Self::Pay { application: id, amount, payee, invoice, .. } => {
                let payee = PayeeCode::parse(&payee.to_uppercase())
                    .map_err(|fault| anyhow::anyhow!("the payee {payee:?}: {fault}"))?;
                anyhow::ensure!(!invoice.trim().is_empty(), "the invoice has no number");
                let (application, amount) = (application(id)?, yuan(amount)?);
                FundOrder::Pay { application, amount, payee, invoice: invoice.clone() }
            }
            Self::Release { application: id, .. } => {
                FundOrder::Release { application: application(id)? }
            }
            Self::Refund { payment, amount, .. } => {
                FundOrder::Refund { payment: entry(payment)?, amount: yuan(amount)? }
            }
            Self::Reverse { entry: text, .. } => FundOrder::Reverse { entry: entry(text)? },
            Self::Carry { application: id, .. } => {
                FundOrder::Carry { application: application(id)? }
            }
            Self::Close { account: name, carry, .. } => {
                FundOrder::Close { account: account(name)?, carry: *carry }
            }
            Self::Appropriate { .. }
            | Self::Transfer { .. }
            | Self::Apply { .. }
            | Self::Accept { .. } => anyhow::bail!("it needs more than its words"),
        })
    }

    pub(super) async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let actor = self.actor()?;
        let key = self.key()?;
        let cause = CommandId::derive(&actor.to_string(), &key);
        let order = self.order(world, &cause).await?;
        let posted = fund(world, &actor, (&order, &cause)).await;
        let Posted { postings, changed } = posted.map_err(|error| match error {
            lambda::FundError::Refused(_) | lambda::FundError::Ticket(_) => {
                anyhow::anyhow!("refused to {actor}: {error}")
            }
            _ => anyhow::Error::from(error).context(format!(
                "the outcome is unknown: give the same order again with `--key {key}`, and it is carried out once"
            )),
        })?;
        let object = json!({
            "changed": changed,
            "entries": postings.iter().map(entry_view).collect::<Vec<_>>(),
        });
        let mut lines: Vec<String> = postings.iter().map(entry_line).collect();
        if !changed {
            lines.push("  it had been carried out before".to_owned());
        }
        print(json, &object, &lines.join("\n"))
    }
}

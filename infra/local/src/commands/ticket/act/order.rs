//! The order that a shell's words give.

use std::path::PathBuf;

use anyhow::Context as _;
use domain::catalog::{Catalog, Lead};
use domain::directory::{Directory, Skill};
use domain::{
    Ask, Conclusion, DeclineGround, DispatchTo, FollowUpResult, IdFault, ItemCode, Level, Limit,
    Matter, MemberId, Outcome, Paper, ReturnGround, Satisfaction, Stage, TicketId, Timestamp,
    UnitCode, Units,
};
use lambda::Order;
use ports::World;

use super::{Act, Call, Tiers, find};

fn word<T>(text: &str, parse: fn(&str) -> Option<T>, all: &[&str]) -> anyhow::Result<T> {
    parse(text).with_context(|| format!("{text:?} is not one of {}", all.join(", ")))
}

macro_rules! parsed {
    ($type:ident, $text:expr) => {{
        let all: Vec<&str> = $type::ALL.iter().map(|one| one.as_str()).collect();
        word($text, $type::parse, &all)
    }};
}

pub(super) fn unit(text: &str) -> anyhow::Result<UnitCode> {
    UnitCode::parse(text).map_err(|fault| anyhow::anyhow!("the unit {text:?}: {fault}"))
}

pub(super) fn member(text: &str) -> anyhow::Result<MemberId> {
    MemberId::parse(text).map_err(|fault: IdFault| anyhow::anyhow!("the member {text:?}: {fault}"))
}

fn units(codes: &[String]) -> anyhow::Result<Units> {
    Ok(Units(codes.iter().map(|code| unit(code)).collect::<anyhow::Result<_>>()?))
}

fn limit(text: &str) -> anyhow::Result<Limit> {
    Limit::parse(text).with_context(|| format!("{text:?} is no limit such as 24h, 7d or 5wd"))
}

fn item(text: &str) -> anyhow::Result<ItemCode> {
    ItemCode::parse(text).map_err(|fault| anyhow::anyhow!("the item {text:?}: {fault}"))
}

fn day(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(&format!("{text}T00:00:00+08:00"))
        .map_err(|_fault| anyhow::anyhow!("{text:?} is no date such as 2026-12-01"))
}

impl Act {
    /// Whether the catalog must be read for it.
    pub(super) const fn names_an_item(&self) -> bool {
        matches!(self, Self::Dispatch { .. } | Self::Tiers(Tiers::Conclude { item: Some(_), .. }))
    }

    /// The photos that come with it.
    pub(super) fn photos(&self) -> &[PathBuf] {
        match self {
            Self::Tiers(Tiers::Member { photos, .. }) => photos,
            _ => &[],
        }
    }

    pub(super) async fn order(
        &self,
        of: (&World, &TicketId),
        by: (&Catalog, &Directory),
    ) -> anyhow::Result<Order> {
        let opened = |ask, text: &Option<String>| Order::OpenMatter { ask, text: text.clone() };
        Ok(match self {
            Self::Note { text } => Order::Note { text: text.clone() },
            Self::Supplement { text } => Order::Supplement { text: text.clone() },
            Self::Urge { text } => Order::Urge { text: text.clone() },
            Self::Dispatch { item, unit } => {
                Order::Dispatch { to: destination(item, unit.as_deref(), by)? }
            }
            Self::Decline { ground, text } => {
                Order::Decline { ground: parsed!(DeclineGround, ground)?, text: text.clone() }
            }
            Self::Resolve { outcome, reply } => {
                Order::Resolve { outcome: parsed!(Outcome, outcome)?, reply: reply.clone() }
            }
            Self::Supervise { text } => opened(Ask::Supervision, text),
            Self::ApplyForFund { text } => opened(Ask::FundApplication, text),
            Self::Merge { lead: Some(text) } => Order::Merge { lead: find(of.0, text).await? },
            Self::Merge { lead: None } => Order::Merge { lead: likeliest(of).await? },
            Self::Unmerge => Order::Unmerge,
            Self::FollowUp(call) => Order::FollowUp { result: call.result()? },
            Self::Retry => Order::Retry,
            Self::CloseMatter { matter, granted } => {
                Order::CloseMatter { matter: parsed!(Matter, matter)?, granted: *granted }
            }
            Self::Tiers(tiers) => tiers.order(by.0)?,
        })
    }
}

/// The ticket that this one most likely repeats, as the dispatch step has proposed.
async fn likeliest((world, id): (&World, &TicketId)) -> anyhow::Result<TicketId> {
    let stored = world.tickets.load(id).await?;
    let best = stored.as_ref().and_then(|stored| stored.ticket.likely().first());
    let best = best.map(|best| best.ticket.clone());
    best.with_context(|| {
        format!("nothing is proposed for {id}: name the ticket that it is to follow")
    })
}

impl Call {
    fn result(&self) -> anyhow::Result<FollowUpResult> {
        let Self { no_answer, contacted, solved, satisfaction } = self;
        if *no_answer {
            return Ok(FollowUpResult::NoAnswer);
        }
        let satisfaction =
            satisfaction.as_deref().map(|text| parsed!(Satisfaction, text)).transpose()?;
        let (contacted, solved) = (*contacted, *solved);
        Ok(FollowUpResult::Reached { contacted, solved, satisfaction })
    }
}

impl Tiers {
    fn order(&self, catalog: &Catalog) -> anyhow::Result<Order> {
        let opened = |ask, text: Option<String>| Order::OpenMatter { ask, text };
        Ok(match self {
            Self::Sign => Order::Sign,
            Self::Assign { unit: code, limit: text, text: note } => {
                Order::Assign { unit: unit(code)?, limit: limit(text)?, text: note.clone() }
            }
            Self::EndTask { unit: code, release, text } => {
                Order::EndTask { unit: unit(code)?, done: !release, text: text.clone() }
            }
            Self::Return { ground, propose, text } => {
                let ground = parsed!(ReturnGround, ground)?;
                let propose = propose.as_deref().map(unit).transpose()?;
                opened(Ask::Return { ground, propose }, Some(text.clone()))
            }
            Self::Extend { limit: more, text } => {
                opened(Ask::Extension(limit(more)?), Some(text.clone()))
            }
            Self::Suspend { until, text } => {
                opened(Ask::Suspension(day(until)?), Some(text.clone()))
            }
            Self::Whistle { units: codes, text } => {
                opened(Ask::Whistle(units(codes)?), text.clone())
            }
            Self::ReportIn { refuse, text } => {
                Order::ReportIn { accepts: !refuse, text: text.clone() }
            }
            Self::Consult { level, units: codes, text } => {
                let level = parsed!(Level, level)?;
                opened(Ask::Consultation(level, units(codes)?), text.clone())
            }
            Self::Minute { paper, text } => {
                Order::Minute { paper: parsed!(Paper, paper)?, text: text.clone() }
            }
            Self::Conclude { lead, assisting, limit: text, item: code, funded, text: measures } => {
                let conclusion = Conclusion {
                    item: code.as_deref().map(item).transpose()?,
                    catalog: code.as_ref().map(|_| catalog.version()),
                    lead: unit(lead)?,
                    assisting: units(assisting)?,
                    limit: limit(text)?,
                    funded: *funded,
                };
                Order::Conclude { conclusion, text: measures.clone() }
            }
            Self::Mobilise { member: id, skill } => {
                Order::Mobilise { member: member(id)?, skill: parsed!(Skill, skill)? }
            }
            Self::Member { member: id, stage, text, photos: _ } => {
                let (member, stage) = (member(id)?, parsed!(Stage, stage)?);
                // Whoever gives the order uploads them.
                Order::ReportMember { member, stage, text: text.clone(), photos: Vec::new() }
            }
        })
    }
}

/// Where an item of the catalog leads, or another unit. Who leads may depend on the place, which the shell
/// does not read: then a person names the unit.
fn destination(
    item: &str,
    other: Option<&str>,
    (catalog, directory): (&Catalog, &Directory),
) -> anyhow::Result<DispatchTo> {
    let code = self::item(item)?;
    let item = catalog.item(&code).with_context(|| {
        format!("there is no item {code} in version {} of the catalog", catalog.version())
    })?;
    let unit = match (other, &item.lead) {
        (Some(other), _) => unit(other)?,
        (None, Lead::Unit(unit)) if item.in_villages.is_none() => unit.clone(),
        (None, _) => {
            anyhow::bail!(
                "who leads {code} ({}) depends on the place: name it with --unit",
                item.name
            )
        }
    };
    let known = directory.unit(&unit);
    let tier = known.with_context(|| format!("the directory has no unit {unit}"))?.tier();
    Ok(item.to(unit, tier, None))
}

//! The catalog is checked code: what reads well and is wrong all the same.
//!
//! Each fault is told once, at the item where it is to be mended; of two items that are too much alike
//! each is told of the other. Of an item the worst of a sort is named, not every other one, so that a
//! catalog has never more than a few faults an item.

mod units;
mod wording;

use std::collections::BTreeMap;

use self::units::Handlers;
use self::wording::Wording;
use super::{Catalog, Item, Urgency};
use crate::calendar::Limit;
use crate::directory::Directory;
use crate::ids::ItemCode;
use crate::record::text_enum;

/// Every item has at least so many examples.
pub const EXAMPLES_MIN: usize = 2;

text_enum!(
    /// The kinds of faults of a catalog.
    FaultKind, "the kind of a catalog's fault" {
        /// A cell or line cannot be read: [`super::FormFault`]. [`check`] itself finds none.
        Unreadable = "unreadable",
        /// Something stands twice: a code, a name, a set of keywords, a keyword or a unit of an item.
        Duplicate = "duplicate",
        /// Two items speak with the same words.
        Ambiguous = "ambiguous",
        /// Nothing leads to the item.
        Unreachable = "unreachable",
        /// A unit is not in the directory.
        MissingUnit = "missing_unit",
        /// The limit is not one that the urgency allows.
        ImpossibleLimit = "impossible_limit",
        /// Who leads may not.
        ForbiddenMainHandler = "forbidden_main_handler",
        /// What is not the city's is led by somebody, or what the command centre keeps says not where to go.
        NotOurs = "not_ours",
        /// There are fewer than [`EXAMPLES_MIN`] examples.
        MissingExample = "missing_example",
    }
);

/// One thing that is wrong with an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{item}: {kind}: {detail}")]
pub struct Fault {
    /// What sort of fault.
    pub kind: FaultKind,
    /// Of which item.
    pub item: ItemCode,
    /// What is wrong, with the other item, the word or the unit, and what to do.
    pub detail: String,
}

/// Finds everything that is wrong with a catalog in a city with this directory: in the order of the
/// items, then of the kinds.
#[must_use]
pub fn check(catalog: &Catalog, directory: &Directory) -> Vec<Fault> {
    let mut findings = Findings::default();
    let wording = Wording::of(catalog.items());
    let handlers = Handlers::of(directory);
    for (at, item) in catalog.items().iter().enumerate() {
        let mut found = Found { findings: &mut findings, item };
        wording.check(at, &mut found);
        handlers.check(&mut found);
        limit(&mut found);
        not_ours(&mut found);
        examples(&mut found);
        findings.end_item();
    }
    findings.all
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    all: Vec<Fault>,
    /// Those of the item that is being looked at, by kind.
    of_item: BTreeMap<FaultKind, Vec<Fault>>,
}

impl Findings {
    fn end_item(&mut self) {
        self.all.extend(std::mem::take(&mut self.of_item).into_values().flatten());
    }
}

/// What is found of one item.
struct Found<'f, 'c> {
    findings: &'f mut Findings,
    item: &'c Item,
}

impl Found<'_, '_> {
    fn note(&mut self, kind: FaultKind, detail: String) {
        let item = self.item.code.clone();
        self.findings.of_item.entry(kind).or_default().push(Fault { kind, item, detail });
    }
}

/// The hours of a limit, five working days being a week.
fn hours(limit: Limit) -> u32 {
    match limit {
        Limit::Hours(hours) => u32::from(hours),
        Limit::Days(days) => u32::from(days) * 24,
        Limit::Workdays(days) => u32::from(days) * 7 * 24 / 5,
    }
}

fn limit(found: &mut Found<'_, '_>) {
    let (urgency, limit) = (found.item.urgency, found.item.limit);
    let most = urgency.hours_max();
    let may_be_days = match urgency {
        Urgency::Emergency | Urgency::Urgent => false,
        Urgency::General | Urgency::Complex => true,
    };
    match limit {
        // Days are counted from the next one: `1d` may be two days but for a minute.
        Limit::Days(_) | Limit::Workdays(_) if !may_be_days => found.note(
            FaultKind::ImpossibleLimit,
            format!("`{limit}` ends with a day, but `{urgency}` is in hours: at most `{most}h`, or another urgency"),
        ),
        Limit::Hours(_) | Limit::Days(_) | Limit::Workdays(_) if hours(limit) > most => found.note(
            FaultKind::ImpossibleLimit,
            format!(
                "`{limit}` is longer than `{urgency}` allows: at most {}, or another urgency",
                if may_be_days { format!("`{}d`", most / 24) } else { format!("`{most}h`") }
            ),
        ),
        Limit::Hours(_) | Limit::Days(_) | Limit::Workdays(_) => {}
    }
}

fn not_ours(found: &mut Found<'_, '_>) {
    let item = found.item;
    let is_kept = units::is_centre(&item.lead);
    if item.elsewhere.is_none() && is_kept {
        let detail = "led by the command centre, and no word of where to go instead: fill in `elsewhere`, or name who leads";
        found.note(FaultKind::NotOurs, detail.to_owned());
    }
    if item.elsewhere.is_some() && !is_kept {
        let detail = format!(
            "says where to go instead, and yet `{}` leads: name the command centre, or empty `elsewhere`",
            item.lead
        );
        found.note(FaultKind::NotOurs, detail);
    }
    if let Some(lead) = item.in_villages.as_ref().filter(|_| item.elsewhere.is_some()) {
        let detail = format!(
            "says where to go instead, and yet `{lead}` leads in villages: empty `in_villages`, or `elsewhere`"
        );
        found.note(FaultKind::NotOurs, detail);
    }
}

fn examples(found: &mut Found<'_, '_>) {
    let count = found.item.examples.len();
    if count < EXAMPLES_MIN {
        let detail = format!(
            "has {count} of {EXAMPLES_MIN} examples: add what a citizen might write, with a keyword in it"
        );
        found.note(FaultKind::MissingExample, detail);
    }
}

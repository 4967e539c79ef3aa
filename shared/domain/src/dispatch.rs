//! Precise dispatch (派单): from a text to an item of the catalog, its unit and its limit.
//!
//! With a confidence and the reasons. For now by a small table of keywords; the interface is the
//! one that the classifier will keep.

use std::collections::BTreeSet;

use crate::calendar::Limit;
use crate::command::DispatchTo;
use crate::ids::{ItemCode, UnitCode};
use crate::lifecycle::Tier;

/// Proposals surer than this, in thousandths, are dispatched without a person.
pub const SURE_AT: u16 = 600;
/// The item of what no keyword speaks for: a village's own matter, or what a dispatcher knows no better.
pub const GENERAL_ITEM: &str = "UC-003";
/// How many proposals a dispatcher is shown.
const PROPOSALS_MAX: usize = 5;

/// One item of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordItem {
    /// The item's code.
    pub item: ItemCode,
    /// The responsible unit.
    pub unit: UnitCode,
    /// The unit's tier.
    pub tier: Tier,
    /// The limit.
    pub limit: Limit,
    /// Not a matter of the city: always for a dispatcher to decide.
    pub not_ours: bool,
    /// The words that speak for it.
    pub keywords: Vec<String>,
}

impl KeywordItem {
    /// Where the item leads, chosen by the classifier with this confidence, or by a person.
    #[must_use]
    pub fn to(&self, confidence: Option<u16>) -> DispatchTo {
        DispatchTo {
            item: self.item.clone(),
            catalog: None,
            unit: self.unit.clone(),
            tier: self.tier,
            limit: self.limit,
            confidence,
        }
    }
}

/// One proposal, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Where to.
    pub to: DispatchTo,
    /// How sure, in thousandths.
    pub confidence: u16,
    /// The words that spoke. They are part of the citizen's text: show them, never store them.
    pub reasons: Vec<String>,
    /// Whether the machine may dispatch by it.
    pub sure: bool,
}

/// A table of keywords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeywordTable {
    items: Vec<KeywordItem>,
}

/// Why a table cannot be read; `line` counts from 1 with the heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the dispatch table: {expected}")]
pub struct TableFault {
    /// The line.
    pub line: usize,
    /// What it should be.
    pub expected: &'static str,
}

impl KeywordTable {
    /// Reads lines of `item,category,name,unit,tier,limit,keywords`, after a heading; keywords are
    /// separated by `|`. Items whose code begins with `NO-` are not the city's.
    ///
    /// # Errors
    /// [`TableFault`] names the line and what it should be.
    pub fn parse(text: &str) -> Result<Self, TableFault> {
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        for (line, row) in
            (1_usize..).zip(text.lines()).skip(1).filter(|(_, row)| !row.trim().is_empty())
        {
            let item = parse_row(row).map_err(|expected| TableFault { line, expected })?;
            if !seen.insert(item.item.clone()) {
                return Err(TableFault { line, expected: "each item stands once" });
            }
            items.push(item);
        }
        Ok(Self { items })
    }

    /// The items.
    #[must_use]
    pub fn items(&self) -> &[KeywordItem] {
        &self.items
    }

    /// The item with this code.
    #[must_use]
    pub fn item(&self, code: &ItemCode) -> Option<&KeywordItem> {
        self.items.iter().find(|item| item.item == *code)
    }

    /// What speaks for which item in a request, best first, at most five. A word in the title
    /// counts three times. The confidence is the best item's share of all that spoke, so two items
    /// that both speak leave the machine unsure.
    #[must_use]
    pub fn propose(&self, title: &str, body: &str) -> Vec<Proposal> {
        let mut scored: Vec<(u32, &KeywordItem, Vec<String>)> = self
            .items
            .iter()
            .filter_map(|item| {
                let (score, reasons) = score(item, title, body);
                (score > 0).then_some((score, item, reasons))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.item.cmp(&b.1.item)));
        // One more than what spoke, so that a single weak word is never certainty.
        let total = scored.iter().map(|(score, ..)| score).sum::<u32>() + 1;
        scored.truncate(PROPOSALS_MAX);
        let propose = |(score, item, reasons): (u32, &KeywordItem, Vec<String>)| {
            let confidence = u16::try_from(score * 1000 / total).unwrap_or(1000);
            Proposal {
                to: item.to(Some(confidence)),
                confidence,
                reasons,
                sure: confidence >= SURE_AT && !item.not_ours,
            }
        };
        scored.into_iter().map(propose).collect()
    }
}

fn score(item: &KeywordItem, title: &str, body: &str) -> (u32, Vec<String>) {
    let mut score = 0;
    let mut reasons = Vec::new();
    for word in &item.keywords {
        let spoke =
            3 * u32::from(title.contains(word.as_str())) + u32::from(body.contains(word.as_str()));
        if spoke > 0 {
            score += spoke;
            reasons.push(word.clone());
        }
    }
    (score, reasons)
}

fn parse_row(row: &str) -> Result<KeywordItem, &'static str> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let [item, _category, _name, unit, tier, limit, keywords] = cells.as_slice() else {
        return Err("seven cells: item,category,name,unit,tier,limit,keywords");
    };
    let keywords: Vec<String> = keywords
        .split('|')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if keywords.is_empty() {
        return Err("at least one keyword");
    }
    Ok(KeywordItem {
        item: ItemCode::parse(item).map_err(|_fault| "a code in the first cell")?,
        unit: UnitCode::parse(unit).map_err(|_fault| "a unit's code in the fourth cell")?,
        tier: Tier::parse(tier).ok_or("`city`, `township` or `village` in the fifth cell")?,
        limit: Limit::parse(limit)
            .ok_or("a limit such as `24h`, `7d` or `5wd` in the sixth cell")?,
        not_ours: item.starts_with("NO-"),
        keywords,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "item,category,name,unit,tier,limit,keywords\n\
        UC-001,市政,井盖,urban-management,city,24h,井盖|窨井\n\
        WA-001,供水,停水,water-company,city,24h,停水|水压\n\
        NO-001,不受理,涉诉,command-centre,city,5wd,法院|判决\n";

    #[test]
    fn one_clear_item_is_sure_and_two_are_not() {
        let table = KeywordTable::parse(TABLE).unwrap();
        let sure = table.propose("井盖破损", "路口的井盖破了");
        assert_eq!((sure[0].to.item.as_str(), sure[0].sure), ("UC-001", true));
        assert_eq!(sure[0].reasons, ["井盖"]);
        let torn = table.propose("井盖和停水", "井盖破了，还停水");
        assert_eq!(torn.len(), 2);
        assert!(!torn[0].sure);
        assert!(table.propose("你好", "谢谢").is_empty());
    }

    #[test]
    fn what_is_not_ours_is_never_sent_back_by_the_machine() {
        let table = KeywordTable::parse(TABLE).unwrap();
        let proposal = &table.propose("法院判决", "法院判决不公")[0];
        assert!(proposal.confidence > SURE_AT && !proposal.sure);
    }

    #[test]
    fn a_bad_row_is_named() {
        for (row, expected) in [
            (
                "UC-001,a,b,unit,city,24h",
                "seven cells: item,category,name,unit,tier,limit,keywords",
            ),
            ("UC-001,a,b,unit,county,24h,x", "`city`, `township` or `village` in the fifth cell"),
            (
                "UC-001,a,b,unit,city,soon,x",
                "a limit such as `24h`, `7d` or `5wd` in the sixth cell",
            ),
            ("UC-001,a,b,unit,city,24h,|", "at least one keyword"),
        ] {
            let fault = KeywordTable::parse(&format!("heading\n{row}")).unwrap_err();
            assert_eq!((fault.line, fault.expected), (2, expected));
        }
    }
}

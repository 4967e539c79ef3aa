//! A second way of counting: over the entries' canonical records, by the texts of their sides, without the
//! ledger's folds and without anything of the reports.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::fund::{ApplicationId, Posting};

use super::city::City;

/// An entry's record as plain texts.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) account: String,
    pub(crate) kind: String,
    pub(crate) reverses: Option<String>,
    pub(crate) debit: Option<String>,
    pub(crate) credit: Option<String>,
    pub(crate) fen: i64,
    pub(crate) at: Timestamp,
    pub(crate) application: Option<ApplicationId>,
    /// The entry itself, and the one that it gives back or undoes.
    entry: String,
    of: Option<String>,
    payee: Option<String>,
    actor: String,
}

pub(crate) fn lines(city: &City) -> Vec<Line> {
    city.postings().map(line).collect()
}

fn line(posting: &Posting) -> Line {
    let record = posting.to_record();
    let field = |name: &str| record.fields.get(name).cloned();
    let debit = field("debit");
    let fen = field("amount").filter(|_| debit.is_some());
    Line {
        account: field("account").unwrap(),
        kind: record.kind.clone(),
        reverses: field("reverses"),
        credit: field("credit"),
        fen: fen.map_or(0, |text| text.parse().unwrap()),
        at: posting.at,
        application: posting.application.clone(),
        entry: format!("{}#{}", record.fields["account"], record.fields["seq"]),
        of: field("payment").or_else(|| Some(format!("{}#{}", field("account")?, field("entry")?))),
        payee: field("payee"),
        actor: field("actor").unwrap(),
        debit,
    }
}

/// What an account has in a part before an instant.
pub(crate) fn in_part(lines: &[Line], account: &str, part: &str, before: Timestamp) -> i64 {
    let all = lines.iter().filter(|one| one.account == account && one.at < before);
    all.map(|one| {
        let came = if one.debit.as_deref() == Some(part) { one.fen } else { 0 };
        let went = if one.credit.as_deref() == Some(part) { one.fen } else { 0 };
        came - went
    })
    .sum()
}

/// What was paid less what came back, by a key, from an instant to another.
pub(crate) fn net<K: Ord>(
    lines: &[Line],
    (from, until): (Timestamp, Timestamp),
    key: impl Fn(&Line) -> Option<K>,
) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for one in lines.iter().filter(|one| (from..until).contains(&one.at)) {
        let came = if one.debit.as_deref() == Some("paid") { one.fen } else { 0 };
        let went = if one.credit.as_deref() == Some("paid") { one.fen } else { 0 };
        if let Some(key) = key(one).filter(|_| came != went) {
            *sums.entry(key).or_default() += came - went;
        }
    }
    sums
}

/// Whom a line pays, or whose payment it gives back or undoes.
pub(crate) fn payee(lines: &[Line], line: &Line) -> Option<String> {
    line.payee.clone().or_else(|| {
        let of = line.of.as_ref()?;
        payee(lines, lines.iter().find(|one| one.entry == *of)?)
    })
}

/// Whose account it is, or of which township who applied is.
pub(crate) fn township(lines: &[Line], line: &Line, townships: &[(&str, &str)]) -> String {
    let owner = line.account.split('/').next().unwrap().to_owned();
    let first =
        lines.iter().find(|one| one.application == line.application && one.kind == "applied");
    let unit = first.and_then(|first| first.actor.rsplit('/').next());
    match unit.filter(|unit| townships.iter().any(|(code, _)| code == unit)) {
        Some(unit) if line.application.is_some() && !owner.contains('.') => {
            format!("township.{unit}")
        }
        _ => owner,
    }
}

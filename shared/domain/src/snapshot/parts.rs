//! The parts of a snapshot of which a ticket can have several: matters, tasks, teams, warnings.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Limit;
use crate::card::CardKind;
use crate::matter::{Matter, OpenMatter, Paper, Terms, Units};
use crate::record::{Field, RecordFault, Text};
use crate::ticket::{Assignment, Crew, Promise, Task, Ticket};
use crate::timestamp::Timestamp;

type Fields = BTreeMap<String, String>;

/// Writes a part's fields as `name:key.field`.
fn put_part(name: &str, key: &str, part: Fields, fields: &mut Fields) {
    fields.extend(part.into_iter().map(|(field, text)| (format!("{name}:{key}.{field}"), text)));
}

/// Takes all parts of a name, by their keys. A field's name has no dot, a key may have some.
fn take_parts(name: &str, fields: &mut Fields) -> BTreeMap<String, Fields> {
    let mut parts: BTreeMap<String, Fields> = BTreeMap::new();
    fields.retain(|field, text| {
        let rest = field.strip_prefix(name).and_then(|rest| rest.strip_prefix(':'));
        let Some((key, field)) = rest.and_then(|rest| rest.rsplit_once('.')) else { return true };
        parts.entry(key.to_owned()).or_default().insert(field.to_owned(), std::mem::take(text));
        false
    });
    parts
}

/// All of a part was read, or it is of another version of the code.
fn whole<T>(part: T, left: &Fields) -> Result<T, RecordFault> {
    if left.is_empty() { Ok(part) } else { Err(RecordFault::Unknown) }
}

/// A flag is absent when it does not hold.
fn flag(holds: bool) -> Option<bool> {
    holds.then_some(true)
}

pub(super) fn put_all(ticket: &Ticket, fields: &mut Fields) {
    for (matter, open) in &ticket.matters {
        put_part("matter", matter.as_str(), matter_fields(open), fields);
    }
    for (unit, task) in &ticket.tasks {
        let mut part = Fields::new();
        task.tier.put("tier", &mut part);
        task.limit.put("limit", &mut part);
        task.since.put("since", &mut part);
        task.due.put("due", &mut part);
        task.paused_ms.put("paused_ms", &mut part);
        put_part("task", unit.as_str(), part, fields);
    }
    for (member, crew) in &ticket.crew {
        let mut part = Fields::new();
        crew.village.put("village", &mut part);
        crew.skill.put("skill", &mut part);
        crew.stage.put("stage", &mut part);
        crew.due.put("due", &mut part);
        put_part("crew", member.as_str(), part, fields);
    }
    for (card, (due, level)) in &ticket.warned {
        let mut part = Fields::new();
        due.put("due", &mut part);
        level.put("level", &mut part);
        put_part("warned", &card.to_string(), part, fields);
    }
}

fn matter_fields(open: &OpenMatter) -> Fields {
    let mut part = Fields::new();
    open.since.put("since", &mut part);
    open.terms.put("terms", &mut part);
    if !open.accepted.is_empty() {
        Units(open.accepted.clone()).put("accepted", &mut part);
    }
    open.running.put("running", &mut part);
    if !open.papers.is_empty() {
        let papers: Vec<&str> = open.papers.iter().map(|paper| paper.as_str()).collect();
        part.insert("papers".to_owned(), papers.join(" "));
    }
    part
}

pub(super) fn take_matters(f: &mut Fields) -> Result<BTreeMap<Matter, OpenMatter>, RecordFault> {
    let take = |(key, mut part): (String, Fields)| {
        let f = &mut part;
        let papers = f.remove("papers");
        let papers = papers.iter().flat_map(|papers| papers.split(' ')).map(Paper::from_text);
        let accepted = <Option<Units> as Field>::take("accepted", f)?.unwrap_or_default();
        let open = OpenMatter {
            since: Field::take("since", f)?,
            running: Field::take("running", f)?,
            papers: papers.collect::<Result<BTreeSet<_>, _>>()?,
            accepted: accepted.0,
            terms: Terms::take("terms", f)?,
        };
        Ok((Matter::from_text(&key)?, whole(open, f)?))
    };
    take_parts("matter", f).into_iter().map(take).collect()
}

pub(super) fn take_tasks<K: Text + Ord>(f: &mut Fields) -> Result<BTreeMap<K, Task>, RecordFault> {
    let take = |(key, mut part): (String, Fields)| {
        let f = &mut part;
        let task = Task {
            tier: Field::take("tier", f)?,
            limit: Field::take("limit", f)?,
            since: Field::take("since", f)?,
            due: Field::take("due", f)?,
            paused_ms: Field::take("paused_ms", f)?,
        };
        Ok((K::from_text(&key)?, whole(task, f)?))
    };
    take_parts("task", f).into_iter().map(take).collect()
}

pub(super) fn take_crew<K: Text + Ord>(f: &mut Fields) -> Result<BTreeMap<K, Crew>, RecordFault> {
    let take = |(key, mut part): (String, Fields)| {
        let f = &mut part;
        let crew = Crew {
            village: Field::take("village", f)?,
            skill: Field::take("skill", f)?,
            stage: Field::take("stage", f)?,
            due: Field::take("due", f)?,
        };
        Ok((K::from_text(&key)?, whole(crew, f)?))
    };
    take_parts("crew", f).into_iter().map(take).collect()
}

pub(super) fn take_warned(
    f: &mut Fields,
) -> Result<BTreeMap<CardKind, (Timestamp, u16)>, RecordFault> {
    let take = |(key, mut part): (String, Fields)| {
        let f = &mut part;
        let warned = (Field::take("due", f)?, Field::take("level", f)?);
        Ok((CardKind::from_text(&key)?, whole(warned, f)?))
    };
    take_parts("warned", f).into_iter().map(take).collect()
}

pub(super) fn put_assignment(assignment: &Assignment, fields: &mut Fields) {
    let Assignment { item, catalog, unit, tier, limit, due, since, more, paused_ms, signed, kept } =
        assignment;
    catalog.put("catalog", fields);
    item.put("item", fields);
    unit.put("unit", fields);
    tier.put("tier", fields);
    limit.put("limit", fields);
    due.put("due", fields);
    since.put("since", fields);
    more.put("more", fields);
    Some(*paused_ms).filter(|ms| *ms != 0).put("paused_ms", fields);
    flag(*signed).put("signed", fields);
    flag(*kept).put("kept", fields);
}

pub(super) fn take_assignment(f: &mut Fields) -> Result<Option<Assignment>, RecordFault> {
    let flag = |name, f: &mut Fields| Ok(<Option<bool> as Field>::take(name, f)?.is_some());
    let take = |f: &mut Fields| -> Result<Assignment, RecordFault> {
        Ok(Assignment {
            item: Field::take("item", f)?,
            catalog: Field::take("catalog", f)?,
            unit: Field::take("unit", f)?,
            tier: Field::take("tier", f)?,
            limit: Field::take("limit", f)?,
            due: Field::take("due", f)?,
            since: Field::take("since", f)?,
            more: Field::take("more", f)?,
            paused_ms: <Option<i64> as Field>::take("paused_ms", f)?.unwrap_or_default(),
            signed: flag("signed", f)?,
            kept: flag("kept", f)?,
        })
    };
    f.contains_key("item").then(|| take(f)).transpose()
}

pub(super) fn put_promise(promise: &Promise, fields: &mut Fields) {
    let limits = std::iter::once(&promise.limit).chain(&promise.more);
    let limits: Vec<String> = limits.map(Limit::to_string).collect();
    fields.insert("promise".to_owned(), limits.join(" "));
}

/// The first limit, then what was granted since.
pub(super) fn take_promise(f: &mut Fields) -> Result<Option<Promise>, RecordFault> {
    let Some(text) = f.remove("promise") else { return Ok(None) };
    let mut limits = text.split(' ').map(Limit::from_text);
    let limit = limits.next().unwrap_or(Err(RecordFault::Missing("promise")))?;
    Ok(Some(Promise { limit, more: limits.collect::<Result<_, _>>()? }))
}

//! What can be wrong with a graph of statuses: an unknown target, a status that nothing leads to, a dead
//! end. Other systems ship their workflow as data with such faults in it; ours is read by this before a
//! test lets it pass.

use std::collections::{BTreeMap, BTreeSet};

/// A fault of a graph; each names a status.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GraphFault {
    /// An arrow leads to a status that there is not.
    UnknownTarget(String),
    /// An arrow comes from a status that there is not.
    UnknownSource(String),
    /// Nothing leads to it.
    Unreachable(String),
    /// From it the end is never reached.
    DeadEnd(String),
}

/// Looks for faults in a graph of named statuses with one start and one end.
#[must_use]
pub fn lint(
    statuses: &[&str],
    arrows: &[(&str, &str)],
    (start, end): (&str, &str),
) -> Vec<GraphFault> {
    let known: BTreeSet<&str> = statuses.iter().copied().collect();
    let mut faults = BTreeSet::new();
    let (mut onward, mut backward) = (BTreeMap::new(), BTreeMap::new());
    for (from, to) in arrows {
        if !known.contains(from) {
            faults.insert(GraphFault::UnknownSource((*from).to_owned()));
        }
        if !known.contains(to) {
            faults.insert(GraphFault::UnknownTarget((*to).to_owned()));
        }
        onward.entry(*from).or_insert_with(Vec::new).push(*to);
        backward.entry(*to).or_insert_with(Vec::new).push(*from);
    }
    let (reached, ending) = (reach(start, &onward), reach(end, &backward));
    for status in known {
        if !reached.contains(status) {
            faults.insert(GraphFault::Unreachable(status.to_owned()));
        }
        if !ending.contains(status) {
            faults.insert(GraphFault::DeadEnd(status.to_owned()));
        }
    }
    faults.into_iter().collect()
}

/// Everything that arrows lead to from `start`.
fn reach<'a>(start: &'a str, arrows: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
    while let Some(status) = open.pop() {
        let next = arrows.get(status).into_iter().flatten();
        open.extend(next.copied().filter(|next| seen.insert(next)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;
    use crate::lifecycle::{Next, Status, TRANSITIONS};

    #[test]
    fn the_transition_table_has_no_fault() {
        let names: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let held = TRANSITIONS.iter().filter(|row| row.1 == EventKind::Held);
        let held: Vec<&str> = held.map(|row| row.0.as_str()).collect();
        let mut arrows = Vec::new();
        for (from, _, next) in TRANSITIONS {
            match next {
                Next::To(to) => arrows.push((from.as_str(), to.as_str())),
                Next::Same => {}
                Next::BeforeHold => arrows.extend(held.iter().map(|to| (from.as_str(), *to))),
            }
        }
        assert_eq!(lint(&names, &arrows, ("received", "archived")), []);
    }

    #[test]
    fn seeded_faults_are_found() {
        let statuses = ["new", "open", "waiting", "lost", "done"];
        let arrows = [
            ("new", "open"),
            ("open", "done"),
            ("open", "waiting"),
            ("lost", "done"),
            ("open", "closed"),
            ("gone", "done"),
        ];
        let found = lint(&statuses, &arrows, ("new", "done"));
        let wanted = [
            GraphFault::UnknownTarget("closed".to_owned()),
            GraphFault::UnknownSource("gone".to_owned()),
            GraphFault::Unreachable("lost".to_owned()),
            GraphFault::DeadEnd("waiting".to_owned()),
        ];
        assert_eq!(found, wanted);
    }
}

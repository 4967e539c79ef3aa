//! Every message of a real set as a ticket that comes after the others.

use std::collections::{BTreeMap, BTreeSet};

use domain::repeat::{Kind, propose};

use super::corpus::{Message, liked};

/// The bounds of the bands by true similarity in which proposals are counted.
const BANDS: [f64; 6] = [0.03, 0.05, 0.1, 0.2, 0.3, 0.5];

fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The runs of four characters of a message, counted anew.
fn runs(message: &Message) -> BTreeSet<Vec<char>> {
    let text: Vec<char> = format!("{}{}", message.title, message.body)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    text.windows(4).map(<[char]>::to_vec).collect()
}

/// In which band the true similarity of two sets of runs lies.
fn band(a: &BTreeSet<Vec<char>>, b: &BTreeSet<Vec<char>>) -> usize {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap());
    let jaccard = count(a.intersection(b).count()) / count(a.union(b).count().max(1));
    BANDS.iter().filter(|bound| jaccard >= **bound).count()
}

#[test]
fn every_surplus_copy_of_a_body_is_proposed_and_people_are_not_flooded() {
    let Some(messages) = liked() else { return };
    let mut bodies: BTreeMap<String, usize> = BTreeMap::new();
    let (mut surplus, mut found_surplus, mut to_the_first) = (0, 0, 0);
    let (mut proposals, mut with_any, mut most) = (0, 0, 0);
    let mut bands = [0; BANDS.len() + 1];
    let runs: BTreeMap<_, _> = messages.iter().map(|one| (&one.seen.ticket, runs(one))).collect();
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for (at, message) in messages.iter().enumerate() {
        let earlier = &messages[..at];
        let found = propose(&message.seen, earlier.iter().map(|one| &one.seen));
        proposals += found.len();
        with_any += usize::from(!found.is_empty());
        most = most.max(found.len());
        found.iter().for_each(|one| *kinds.entry(one.kind).or_default() += 1);
        for one in &found {
            bands[band(&runs[&message.seen.ticket], &runs[&one.ticket])] += 1;
        }
        let body = normal(&message.body);
        let Some(first) = bodies.get(&body) else {
            bodies.insert(body, at);
            continue;
        };
        surplus += 1;
        found_surplus += usize::from(found.iter().any(|one| one.evidence.same_body));
        to_the_first += usize::from(
            found.first().is_some_and(|one| one.ticket == messages[*first].seen.ticket),
        );
    }
    println!(
        "{} messages: {proposals} proposals, for {with_any} messages, at most {most}; {kinds:?}",
        messages.len()
    );
    println!("by true similarity, parted at {BANDS:?}: {bands:?}");
    println!(
        "surplus copies of a body: {surplus}, proposed {found_surplus}, of the first copy first {to_the_first}"
    );
    assert!(surplus > 50, "{surplus}");
    assert_eq!(found_surplus, surplus);
    // A person who looks at all of them looks at less than one a message.
    assert!(proposals < messages.len(), "{proposals}");
}

//! Whoever changes a timeline is found out, and told where.

use std::collections::BTreeMap;

use domain::{
    Actor, ChainFault, Entry, Event, Hash, Record, ReplayFault, Ticket, Timestamp, verify_chain,
};
use proptest::prelude::*;

use crate::support::{cause, moves, other_ticket, play, region, ticket, to_handling, walk};

/// A text of every type that a field can have; whichever fits a field is put in its place.
fn texts() -> Vec<String> {
    let other = domain::PublicNumber::new(&other_ticket(), Timestamp::MIN);
    let fixed = [
        "yes",
        "no",
        "7",
        "8",
        "7d",
        "8d",
        "channel",
        "call",
        "city",
        "village",
        "received",
        "archived",
        "solved",
        "planned",
        "satisfied",
        "fairly",
        "extension",
        "whistle",
        "litigation",
        "repeated",
        "consult",
        "thanks",
        "other",
        "another",
        "A,B",
        "image/png",
        "empty",
        "two",
        "three",
        "minutes",
        "referral",
        "suspension",
        "resumption",
        "arrived",
        "called",
        "command-centre.leader",
        "command-centre.supervisor",
        "errands",
        "visiting",
        "turn",
        "return",
        "not_our_area",
        "several_units",
        "convened",
        "third_return",
        "refunded",
        "centre/2027#3",
        "transport=2026-03-01T08:00:00.000+08:00",
        "2026-03-01T08:00:00.000+08:00",
        "2026-03-01T08:00:00.001+08:00",
    ];
    let mut texts = fixed.map(str::to_owned).to_vec();
    texts.push(other.as_str().to_owned());
    texts.extend(["a", "b"].map(|text| cause(text).as_str().to_owned()));
    texts.extend(["a", "b"].map(|text| Hash::of_bytes(text.as_bytes()).to_string()));
    texts
}

/// The event with each field changed, each optional field gone, and another event in its place.
fn other_events(event: &Event) -> Vec<Event> {
    let record = event.to_record();
    let read = |fields: BTreeMap<String, String>| {
        Event::from_record(&Record { kind: record.kind.clone(), fields })
            .ok()
            .filter(|other| other != event)
    };
    let mut others = vec![Event::Answered {}, Event::Retried {}];
    others.retain(|other| other != event);
    for name in record.fields.keys() {
        let changed = texts().into_iter().find_map(|text| {
            let mut fields = record.fields.clone();
            fields.insert(name.clone(), text);
            read(fields)
        });
        others.push(changed.unwrap_or_else(|| panic!("no other text for `{name}`")));
        let mut fields = record.fields.clone();
        fields.remove(name);
        others.extend(read(fields));
    }
    others
}

/// The entry with each of its parts changed, but for its time.
fn other_entries(entry: &Entry) -> Vec<Entry> {
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut changed = entry.clone();
        change(&mut changed);
        changed
    };
    let mut changed: Vec<Entry> = other_events(&entry.event)
        .into_iter()
        .map(|event| Entry { event, ..entry.clone() })
        .collect();
    let sweep = if entry.actor == Actor::Sweep { "step:intake" } else { "sweep" };
    changed.push(with(&|e| e.actor = Actor::parse(sweep).unwrap()));
    changed.push(with(&|e| {
        e.cause = if e.cause.is_some() { None } else { Some(cause("forged")) };
    }));
    changed.push(with(&|e| e.cause = Some(cause("other"))));
    changed.push(with(&|e| e.prev = Hash::of_bytes(b"other")));
    changed
}

fn seq_of(fault: ChainFault) -> u32 {
    match fault {
        ChainFault::Place { seq }
        | ChainFault::Altered { seq }
        | ChainFault::Time { seq }
        | ChainFault::Head { seq } => seq,
    }
}

/// The timeline with `entries` in the place of one.
fn put(timeline: &[Entry], at: usize, entries: &[Entry]) -> Vec<Entry> {
    let mut forged = timeline.to_vec();
    forged.splice(at..=at, entries.iter().cloned());
    forged
}

fn walked(moves: &[crate::support::Move]) -> Ticket {
    walk(moves)
        .into_iter()
        .filter_map(|stride| stride.outcome.ok())
        .next_back()
        .unwrap_or_else(ticket)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_changed_entry_is_named(moves in moves(24)) {
        let ticket = walked(&moves);
        let (timeline, head) = (ticket.timeline(), ticket.head());
        prop_assert_eq!(verify_chain(timeline, head), Ok(()));
        for (at, entry) in timeline.iter().enumerate() {
            let last = at + 1 == timeline.len();
            for other in other_entries(entry) {
                let fault = verify_chain(&put(timeline, at, &[other]), head).unwrap_err();
                let seq = entry.seq;
                let told = if last { ChainFault::Head { seq } } else { ChainFault::Altered { seq } };
                prop_assert_eq!(fault, told);
            }
        }
    }

    /// A changed time is found by the hash, or because it runs backwards.
    #[test]
    fn a_changed_time_is_named(moves in moves(24), by in 1..9 * Timestamp::DAY_MS) {
        let ticket = walked(&moves);
        let timeline = ticket.timeline();
        for (at, entry) in timeline.iter().enumerate() {
            for time in [entry.at.plus_millis(by), entry.at.plus_millis(-by)] {
                let other = Entry { at: time, ..entry.clone() };
                let fault = verify_chain(&put(timeline, at, &[other]), ticket.head()).unwrap_err();
                prop_assert_eq!(seq_of(fault), entry.seq);
            }
        }
    }

    #[test]
    fn a_missing_doubled_or_moved_entry_is_named(moves in moves(24)) {
        let ticket = walked(&moves);
        let (timeline, head) = (ticket.timeline(), ticket.head());
        for (at, entry) in timeline.iter().enumerate() {
            let seq = entry.seq;
            let doubled = put(timeline, at, &[entry.clone(), entry.clone()]);
            prop_assert_eq!(verify_chain(&doubled, head), Err(ChainFault::Place { seq: seq + 1 }));
            let without = put(timeline, at, &[]);
            let Some(next) = timeline.get(at + 1) else {
                prop_assert_eq!(verify_chain(&without, head), Err(ChainFault::Head { seq: seq - 1 }));
                continue;
            };
            prop_assert_eq!(verify_chain(&without, head), Err(ChainFault::Place { seq }));
            let mut renumbered = without;
            renumbered[at..].iter_mut().for_each(|entry| entry.seq -= 1);
            prop_assert_eq!(seq_of(verify_chain(&renumbered, head).unwrap_err()), seq);
            let mut swapped = timeline.to_vec();
            swapped.swap(at, at + 1);
            prop_assert_eq!(verify_chain(&swapped, head), Err(ChainFault::Place { seq }));
            (swapped[at].seq, swapped[at + 1].seq) = (seq, next.seq);
            prop_assert_eq!(seq_of(verify_chain(&swapped, head).unwrap_err()), seq);
        }
    }

    /// What cannot be seen from inside: each forged chain is whole, but its head is another.
    #[test]
    fn a_cut_or_rewritten_chain_is_found_by_its_published_head(moves in moves(24)) {
        let ticket = walked(&moves);
        let (timeline, head) = (ticket.timeline(), ticket.head());
        for (cut, last) in timeline.iter().enumerate().map(|(at, entry)| (&timeline[..at], entry)) {
            let own = cut.last().map_or(Hash::ZERO, Entry::hash);
            prop_assert_eq!(verify_chain(cut, own), Ok(()));
            prop_assert_eq!(verify_chain(cut, head), Err(ChainFault::Head { seq: last.seq - 1 }));
        }
        for at in 0..timeline.len() {
            let rewritten = rewrite(timeline, at);
            let own = rewritten.last().unwrap().hash();
            prop_assert_eq!(verify_chain(&rewritten, own), Ok(()));
            let seq = ticket.version();
            prop_assert_eq!(verify_chain(&rewritten, head), Err(ChainFault::Head { seq }));
            let replayed = Ticket::replay(region(), ticket.id().clone(), rewritten, head);
            prop_assert_eq!(replayed, Err(ReplayFault::Chain(ChainFault::Head { seq })));
        }
    }
}

/// The whole chain written afresh with another actor in one entry.
fn rewrite(timeline: &[Entry], at: usize) -> Vec<Entry> {
    let mut rewritten: Vec<Entry> = Vec::new();
    for (here, entry) in timeline.iter().enumerate() {
        let mut entry = entry.clone();
        entry.prev = rewritten.last().map_or(Hash::ZERO, Entry::hash);
        if here == at {
            entry.actor = Actor::parse("channel:forger").unwrap();
        }
        rewritten.push(entry);
    }
    rewritten
}

#[test]
fn a_whole_chain_that_is_no_ticket_is_refused() {
    let replay = |timeline: &[Entry]| {
        let chained = rewrite(timeline, usize::MAX);
        let renumbered: Vec<Entry> =
            (1_u32..).zip(chained).map(|(seq, entry)| Entry { seq, ..entry }).collect();
        let chained = rewrite(&renumbered, usize::MAX);
        let head = chained.last().map_or(Hash::ZERO, Entry::hash);
        Ticket::replay(region(), ticket().id().clone(), chained, head)
    };
    let ticket = play(&ticket(), to_handling());
    assert_eq!(replay(ticket.timeline()), Ok(ticket.clone()));
    assert_eq!(replay(&[]), Err(ReplayFault::Birth));
    assert_eq!(replay(&ticket.timeline()[1..]), Err(ReplayFault::Birth));
    let skipped = put(ticket.timeline(), 1, &[]);
    assert!(matches!(replay(&skipped), Err(ReplayFault::Transition { seq: 2, .. })));
    let twice = put(ticket.timeline(), 0, &vec![ticket.timeline()[0].clone(); 2]);
    assert!(matches!(replay(&twice), Err(ReplayFault::Transition { seq: 2, .. })));
}

/// A forger who holds the head as well still cannot let time run backwards.
#[test]
fn a_whole_chain_whose_time_runs_backwards_is_refused() {
    let mut timeline = play(&ticket(), to_handling()).timeline().to_vec();
    timeline[2].at = timeline[1].at.plus_millis(-1);
    let timeline = rewrite(&timeline, usize::MAX);
    let head = timeline.last().unwrap().hash();
    assert_eq!(verify_chain(&timeline, head), Err(ChainFault::Time { seq: 3 }));
}

/// Two auditors with other tools must come to the same hashes for ever.
#[test]
fn the_hashes_of_a_known_timeline_stay() {
    let ticket = play(&ticket(), to_handling());
    let lines: Vec<String> = ticket
        .timeline()
        .iter()
        .map(|entry| {
            let record = entry.event.to_record();
            let fields: Vec<String> =
                record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let Entry { seq, at, actor, .. } = entry;
            let hash = entry.hash();
            format!("{seq} {at} {actor} {} {}\n  {hash}", record.kind, fields.join(" "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

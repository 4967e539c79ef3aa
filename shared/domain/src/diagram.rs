//! The diagram of a ticket's life for `ARCHITECTURE.md`, drawn from the one transition table.

use std::collections::BTreeMap;

use crate::event::EventKind;
use crate::lifecycle::{Next, Status, TRANSITIONS, Turn};

/// How Mermaid shows whose turn it is.
const CLASSES: [(&str, &str); 3] = [
    ("machine", "fill:#dbeafe,stroke:#1e40af,color:#111827"),
    ("human", "fill:#fef3c7,stroke:#92400e,color:#111827"),
    ("finished", "fill:#e5e7eb,stroke:#374151,color:#111827"),
];

const fn class(status: Status) -> &'static str {
    match status.turn() {
        Turn::Machine(_) | Turn::Lead => "machine",
        Turn::Human(_) => "human",
        Turn::End => "finished",
    }
}

/// The diagram as Mermaid's `stateDiagram-v2`, ending with a line break.
///
/// It has one arrow for each row of [`TRANSITIONS`] that changes the status, joined where two lead
/// the same way; the colour of a status tells whose turn it is. The text is a function of the table
/// alone, so a test can compare it with what a document shows.
#[must_use]
pub fn diagram() -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    lines.push(format!("    [*] --> {} : {}", Status::Received, EventKind::Received));
    for status in Status::ALL {
        lines.extend(arrows(*status));
    }
    lines.push(format!("    {} --> [*]", Status::Archived));
    for (name, style) in CLASSES {
        let of_class = Status::ALL.iter().filter(|status| class(**status) == name);
        let names: Vec<&str> = of_class.map(|status| status.as_str()).collect();
        lines.push(format!("    classDef {name} {style}"));
        lines.push(format!("    class {} {name}", names.join(",")));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The arrows out of `from`, by target in the order of a ticket's life; a way back to where it was
/// held is a note, for it has as many targets as the machine has turns.
fn arrows(from: Status) -> Vec<String> {
    let mut ways: BTreeMap<Status, Vec<&str>> = BTreeMap::new();
    let mut notes = Vec::new();
    for (_, event, next) in TRANSITIONS.iter().filter(|row| row.0 == from) {
        match next {
            Next::To(to) => ways.entry(*to).or_default().push(event.as_str()),
            Next::Same => {}
            Next::BeforeHold => {
                notes
                    .push(format!("    note right of {from} : {event} leads back to where it was"));
            }
        }
    }
    let arrow =
        |(to, events): (Status, Vec<&str>)| format!("    {from} --> {to} : {}", events.join(" / "));
    ways.into_iter().map(arrow).chain(notes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diagram_is_as_reviewed() {
        insta::assert_snapshot!(diagram());
    }

    #[test]
    fn every_status_is_drawn_and_has_one_class() {
        let text = diagram();
        for status in Status::ALL {
            let lines = text.lines().filter(|line| line.starts_with("    class "));
            let named =
                lines.flat_map(|line| line.split([' ', ','])).filter(|w| *w == status.as_str());
            assert_eq!(named.count(), 1, "{status}");
            assert!(text.contains(&format!("--> {status} :")), "{status}");
        }
        let changing = TRANSITIONS.iter().filter(|row| matches!(row.2, Next::To(_))).count();
        let drawn: usize = text
            .lines()
            .filter(|line| line.contains(" : ") && line.contains("-->"))
            .map(|line| line.split(" / ").count())
            .sum();
        assert_eq!(drawn, changing + 1, "and the receipt");
    }
}

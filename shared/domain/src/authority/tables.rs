//! The tables of who may do what, for documents: drawn from [`GRANTS`] and the transition table.

use std::collections::BTreeSet;

use super::{GRANTS, Grant, READ_GRANTS};
use crate::command::CommandKind;
use crate::lifecycle::{Status, TRANSITIONS, Tier};
use crate::matter::Matter;

/// Who may give which command at which tier, with which part in the case, and in which statuses it makes
/// sense: a Markdown table, ending with a line break.
#[must_use]
pub fn authority_table() -> String {
    let mut lines = vec![
        "| role | at the tier of | with the part | may | while the ticket is |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for grant in GRANTS {
        let Grant { role, tiers, parts, command, matters } = grant;
        let of = words(matters.iter().map(|matter| matter.as_str()));
        let what =
            if of.is_empty() { format!("`{command}`") } else { format!("`{command}`: {of}") };
        let parts = words(parts.iter().map(|part| part.as_str()));
        let parts = if parts.is_empty() { "any".to_owned() } else { parts };
        lines.push(format!(
            "| {role} | {} | {parts} | {what} | {} |",
            tier_words(tiers),
            statuses(*command)
        ));
    }
    for grant in READ_GRANTS {
        let parts = words(grant.parts.iter().map(|part| part.as_str()));
        let parts = if parts.is_empty() { "any".to_owned() } else { parts };
        let what = if grant.unmasked { "read, unmasked too" } else { "read, masked" };
        let (role, tiers) = (grant.role, tier_words(grant.tiers));
        lines.push(format!("| {role} | {tiers} | {parts} | {what} | any |"));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Who opens and who closes each matter, and what waits for it: a Markdown table, ending with a line break.
#[must_use]
pub fn matter_table() -> String {
    let mut lines = vec![
        "| matter | opened by | closed by | blocks |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for matter in Matter::ALL {
        let who = |command| {
            let rows = GRANTS.iter().filter(|g| g.command == command && g.matters.contains(matter));
            let roles: BTreeSet<&str> = rows.map(|grant| grant.role.as_str()).collect();
            if roles.is_empty() { "by itself".to_owned() } else { words(roles.into_iter()) }
        };
        let blocked = CommandKind::ALL.iter().filter(|kind| matter.blocks(**kind));
        let blocked = words(blocked.map(|kind| kind.as_str()));
        let (opened, closed) = (who(CommandKind::OpenMatter), who(CommandKind::CloseMatter));
        lines.push(format!("| `{matter}` | {opened} | {closed} | {blocked} |"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ")
}

fn tier_words(tiers: &[Tier]) -> String {
    if tiers == Tier::ALL {
        "any".to_owned()
    } else {
        words(tiers.iter().map(|tier| tier.as_str()))
    }
}

/// The statuses in which the events may happen that a command is given for.
fn statuses(command: CommandKind) -> String {
    let possible = |status: &&Status| {
        let mut rows = TRANSITIONS.iter().filter(|row| row.0 == **status);
        rows.any(|row| command.leads_to().contains(&row.1))
    };
    let all: Vec<&Status> = Status::ALL.iter().filter(possible).collect();
    if all.len() == Status::ALL.len() {
        return "any".to_owned();
    }
    words(all.into_iter().map(|status| status.as_str()))
}

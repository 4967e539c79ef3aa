//! Write-backs: what a channel is to be told it has been told, or it is due, or given up in sight of
//! the staff.

use cloud::keys;
use domain::{Ticket, tellings};

use super::Findings;
use super::contents::{Item, text};

/// The attributes of a ticket item by which its channel is told.
pub(super) const OWN: &[&str] = &["td", "tn", "tf", "tl_pk", "tl_sk"];

/// Checks what stands beside the whole timeline of `ticket`.
pub(super) fn check(ticket: &Ticket, item: &Item, findings: &mut Findings) {
    let id = ticket.id().as_str();
    let told = item.get("td").and_then(|told| told.as_n().ok()?.parse().ok()).unwrap_or(0);
    let Some(partition) = text(item, "tl_pk") else {
        let untold = tellings(ticket.timeline(), told).len();
        if untold > 0 {
            findings.note(
                "untold",
                id,
                format!("its channel waits for {untold}, and nobody knows"),
            );
        }
        return;
    };
    let place = |given_up| keys::telling(ticket.region(), ticket.channel(), given_up);
    let of = text(item, "tl_sk").and_then(keys::ticket_of_instant_sort);
    if ![place(false), place(true)].iter().any(|place| place == partition)
        || of.as_ref() != Some(ticket.id())
    {
        findings.note("telling_wrong", id, "the sweep looks for it where it is not");
    }
}

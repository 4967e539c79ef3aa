//! Every key and index value of the tables, built here and nowhere else.
//!
//! The region is the first part of every partition key. Sort values begin with an instant as 15
//! digits of milliseconds, so that text order is time order.

use domain::fund::{AccountId, EntryRef, FiscalYear};
use domain::{
    CardKind, ChannelName, CommandId, Hash, PayeeCode, PublicNumber, RegionCode, Status, TicketId,
    Tier, Timestamp, Turn, UnitCode, UploadKey,
};
use ports::{DUE_SHARDS, DueTurn, Neighbourhood};

/// The sort key of the ticket itself.
pub const TICKET: &str = "T";
/// The sort key of a claim of an upload.
pub const CLAIM: &str = "U";
/// Sort keys of what a channel has sent in a minute begin so.
pub const COUNT: &str = "N#";
/// The sort key of the calendar in force.
pub const CALENDAR: &str = "calendar";
/// Sort keys of extra cards begin so.
pub const CARD: &str = "C#";
/// Sort keys of spilled entries begin so; then the first one's sequence in 6 digits.
pub const ENTRIES: &str = "E#";
/// Sort keys of the causes of spilled entries begin so, numbered alike.
pub const CAUSES: &str = "K#";

/// The partition key of a ticket's items, in all three tables.
#[must_use]
pub fn ticket(region: &RegionCode, id: &TicketId) -> String {
    format!("{region}#{id}")
}

/// The partition key of the claim of an upload, in the tickets table.
#[must_use]
pub fn claim(region: &RegionCode, key: &UploadKey) -> String {
    format!("{region}#u#{}", key.id())
}

/// The partition key of what a channel has sent, in the tickets table.
#[must_use]
pub fn counts(region: &RegionCode, channel: &ChannelName) -> String {
    format!("{region}#n#{channel}")
}

/// The sort key of what it has sent in the minute of `wall`.
#[must_use]
pub fn count(wall: Timestamp) -> String {
    format!("{COUNT}{:010}", wall.millis().div_euclid(Timestamp::MINUTE_MS))
}

/// The partition key of what is in force in a city, in the tickets table.
#[must_use]
pub fn rules(region: &RegionCode) -> String {
    format!("{region}#r")
}

/// The id in a partition key of a ticket.
#[must_use]
pub fn ticket_of(pk: &str) -> Option<TicketId> {
    TicketId::parse(pk.split_once('#')?.1).ok()
}

/// The sort key of an extra card.
#[must_use]
pub fn card(kind: &CardKind) -> String {
    format!("{CARD}{kind}")
}

/// The sort key of spilled entries, or of their causes, from `first` on.
#[must_use]
pub fn spilled(prefix: &str, first: u32) -> String {
    format!("{prefix}{first:06}")
}

/// The shard of a ticket: the last character of its id, which is as random as the hash.
#[must_use]
pub fn shard(id: &TicketId) -> u8 {
    id.as_str().bytes().last().unwrap_or(0) % DUE_SHARDS
}

/// An instant as sort values begin with it.
pub(crate) fn instant(at: Timestamp) -> String {
    format!("{:015}", at.millis())
}

/// `due`, partition: the machine's turns apart from people's limits, so that a pile of overdue
/// limits can never hide a turn from the sweep.
#[must_use]
pub fn due(region: &RegionCode, machine: bool, shard: u8) -> String {
    format!("{region}#{}#{shard:02}", if machine { 'm' } else { 'd' })
}

/// `due` and `inbox`, sort: oldest first. People's cards stand in `due` by when the clocks look at them.
#[must_use]
pub fn due_sort(due: Timestamp, id: &TicketId, kind: &CardKind) -> String {
    format!("{}#{id}#{kind}", instant(due))
}

/// What a sort value of `due` or `inbox` says.
#[must_use]
pub fn parse_due_sort(text: &str) -> Option<(DueTurn, String)> {
    let mut parts = text.splitn(3, '#');
    let millis: i64 = parts.next()?.parse().ok()?;
    let ticket = TicketId::parse(parts.next()?).ok()?;
    Some((DueTurn { ticket, due: Timestamp::from_millis(millis) }, parts.next()?.to_owned()))
}

/// The upper end, inclusive, of all sort values due at `until`.
#[must_use]
pub fn due_until(until: Timestamp) -> String {
    // `$` is the character after `#`, so it is above every value with this instant.
    format!("{}$", instant(until))
}

/// `inbox`, partition.
#[must_use]
pub fn inbox(region: &RegionCode, inbox: &str) -> String {
    format!("{region}#{inbox}")
}

/// `tier_status`, partition; `None` while the machine has the turn or nobody: those are found by
/// `due` and by number, and an entry would cost two writes at every hop.
#[must_use]
pub fn tier_status(
    region: &RegionCode,
    tier: Tier,
    status: Status,
    id: &TicketId,
) -> Option<String> {
    matches!(status.turn(), Turn::Human(_))
        .then(|| format!("{region}#{tier}#{status}#{:02}", shard(id)))
}

/// `tier_status` and `citizen`, sort by receipt; `archived`, by the last event.
#[must_use]
pub fn instant_sort(at: Timestamp, id: &TicketId) -> String {
    format!("{}#{id}", instant(at))
}

/// The ticket in such a sort value.
#[must_use]
pub fn ticket_of_instant_sort(text: &str) -> Option<TicketId> {
    TicketId::parse(text.split_once('#')?.1).ok()
}

/// `archived`, partition: the night's work finds by it what was closed of late.
#[must_use]
pub fn archived(region: &RegionCode, shard: u8) -> String {
    format!("{region}#{shard:02}")
}

/// `telling`, partition: what a channel is to be told; or what was given up, which staff see.
#[must_use]
pub fn telling(region: &RegionCode, channel: &ChannelName, given_up: bool) -> String {
    format!("{region}#{channel}{}", if given_up { "#given-up" } else { "" })
}

/// The instant that a sort value begins with.
#[must_use]
pub fn instant_of_sort(text: &str) -> Option<Timestamp> {
    Some(Timestamp::from_millis(text.split_once('#')?.0.parse().ok()?))
}

/// `number`, partition.
#[must_use]
pub fn number(region: &RegionCode, number: &PublicNumber) -> String {
    format!("{region}#{number}")
}

/// `citizen`, partition.
#[must_use]
pub fn citizen(region: &RegionCode, hash: &str) -> String {
    format!("{region}#{hash}")
}

/// `lead`, sort: who follows stands apart from who was answered.
#[must_use]
pub fn follower(answered: bool, id: &TicketId) -> String {
    format!("{}#{id}", if answered { 'a' } else { 'f' })
}

/// `lead`: the lower end, inclusive, of what comes after a follower, or of all of them.
#[must_use]
pub fn follower_sort(answered: bool, after: Option<&TicketId>) -> String {
    // `~` comes after every character of an id, so this is above it alone.
    after.map_or_else(
        || format!("{}#", if answered { 'a' } else { 'f' }),
        |id| format!("{}~", follower(answered, id)),
    )
}

/// `lead`: the upper end of all of them.
#[must_use]
pub fn followers_end(answered: bool) -> String {
    format!("{}#~", if answered { 'a' } else { 'f' })
}

/// `near` of the sketches, partition: township or none, and category. No code of a unit is `-`.
#[must_use]
pub fn neighbourhood(region: &RegionCode, place: Neighbourhood<'_>) -> String {
    format!("{region}#{}#{}", place.township.map_or("-", UnitCode::as_str), place.category)
}

/// `body` of the sketches, partition.
#[must_use]
pub fn same_body(region: &RegionCode, body: [u8; 8]) -> String {
    format!("{region}#{:016x}", u64::from_be_bytes(body))
}

/// The ledger, partition: an account's journal.
#[must_use]
pub fn ledger(region: &RegionCode, account: &AccountId) -> String {
    format!("{region}#{account}")
}

/// The accounts, partition: those of a year.
#[must_use]
pub fn accounts(region: &RegionCode, year: FiscalYear) -> String {
    format!("{region}#y#{}", year.number())
}

/// The accounts, sort: an application beside its ticket's others.
#[must_use]
pub fn application(number: u16) -> String {
    format!("{number:05}")
}

/// The accounts, partition: the entries of a command.
#[must_use]
pub fn carried_out(region: &RegionCode, cause: &CommandId) -> String {
    format!("{region}#c#{cause}")
}

/// The accounts, partition: the payment of an invoice.
#[must_use]
pub fn invoice(region: &RegionCode, payee: &PayeeCode, invoice: &Hash) -> String {
    format!("{region}#i#{payee}#{invoice}")
}

/// The accounts, partition: an entry that was reversed.
#[must_use]
pub fn reversed(region: &RegionCode, entry: &EntryRef) -> String {
    format!("{region}#x#{entry}")
}

/// The access journal, partition: a Beijing date (`yyyymmdd`) and a shard.
#[must_use]
pub fn journal(region: &RegionCode, date: &str, shard: u8) -> String {
    format!("{region}#{date}#{shard:02}")
}

/// The access journal and the ledger, sort: text order is the order of the entries.
#[must_use]
pub fn journal_sort(seq: u32) -> String {
    format!("{seq:010}")
}

/// The sort key of the head of a day's journal: what has been written so far, so that a tail that
/// is cut off shows.
pub const JOURNAL_HEAD: &str = "H";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_values_are_in_time_order_and_until_is_inclusive() {
        let id = TicketId::parse("0123456789abcdefghjkmnpqrs").unwrap();
        let at = |ms| Timestamp::from_millis(ms);
        let (early, late) =
            (due_sort(at(999), &id, &CardKind::Turn), due_sort(at(1000), &id, &CardKind::Turn));
        assert!(early < late);
        assert!(late < due_until(at(1000)) && due_until(at(999)) < late);
        let (turn, kind) = parse_due_sort(&late).unwrap();
        assert_eq!((turn.due, turn.ticket, kind.as_str()), (at(1000), id.clone(), "turn"));
        assert_eq!(parse_due_sort("1#x"), None);
        let pk = ticket(&RegionCode::parse("140581").unwrap(), &id);
        assert_eq!(ticket_of(&pk), Some(id));
    }
}

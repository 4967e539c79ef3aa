//! The fund's ledger: every journal folded again, its entries held to the tickets, and everything that is kept
//! beside the journals held to them.

use std::collections::{BTreeMap, BTreeSet};

use cloud::{balance_from_item, keys, posting_from_item};
use domain::fund::{
    AccountId, AccountJournal, Act, Application, ApplicationId, Balance, Books, EntryRef, Posting,
    reconcile, verify_account, verify_ledger,
};
use domain::{RegionCode, Ticket, TicketId};

use super::Findings;
use super::contents::{Contents, Item, text, unknown};

/// The attributes of an entry, and of everything beside.
const ENTRY: &[&str] = &["pk", "sk", "k", "f"];
const BESIDE: &[&str] = &["pk", "sk", "n", "h", "b", "en"];

/// The journals that can be read.
type Journals = BTreeMap<AccountId, Vec<Posting>>;

/// What is kept beside the journals: by its keys, which entries it names.
type Named = BTreeMap<(String, String), BTreeSet<EntryRef>>;

pub(super) fn check(
    contents: &Contents,
    tickets: &BTreeMap<String, Ticket>,
    region: &RegionCode,
    findings: &mut Findings,
) {
    let whole = contents.ledger.values().flat_map(BTreeMap::values);
    let (mut journals, mut unreadable) = (Journals::new(), false);
    for item in whole {
        let place = place(item);
        if unknown(item, ENTRY) > 0 {
            findings.note("attribute_unknown", &place, "unknown attributes beside an entry");
        }
        let posting = posting_from_item(item);
        if let Some(posting) = posting.filter(|posting| is_at_home(region, posting, item)) {
            journals.entry(posting.account.clone()).or_default().push(posting);
        } else {
            unreadable = true;
            findings.note("ledger_broken", &place, "the entry cannot be read, or is another's");
        }
    }
    findings.postings = journals.values().map(Vec::len).sum();
    let accounts = accounts(contents, region, findings);
    if !unreadable && let Some(books) = fold(&journals, &accounts, findings) {
        beside(contents, region, (&journals, &books), findings);
    }
    money_of_tickets(&journals, tickets, findings);
}

fn place(item: &Item) -> String {
    let part = |name| text(item, name).unwrap_or_default();
    format!("{} {}", part("pk"), part("sk"))
}

fn is_at_home(region: &RegionCode, posting: &Posting, item: &Item) -> bool {
    text(item, "pk") == Some(&keys::ledger(region, &posting.account))
}

/// The stored accounts that can be read.
fn accounts(
    contents: &Contents,
    region: &RegionCode,
    findings: &mut Findings,
) -> BTreeMap<AccountId, Balance> {
    let mut accounts = BTreeMap::new();
    for item in contents.accounts.values().flat_map(BTreeMap::values) {
        let place = place(item);
        if unknown(item, BESIDE) > 0 {
            findings.note("attribute_unknown", &place, "unknown attributes beside the ledger");
        }
        if !item.contains_key("b") {
            continue;
        }
        let balance = balance_from_item(item).filter(|balance| {
            text(item, "pk") == Some(&keys::accounts(region, balance.account.year))
        });
        match balance {
            Some(balance) => drop(accounts.insert(balance.account.clone(), balance)),
            None => findings.note("account_wrong", &place, "the account cannot be read"),
        }
    }
    accounts
}

/// Folds every journal, and all of them as one ledger; what is stored of an account must be what it folds to.
fn fold(
    journals: &Journals,
    accounts: &BTreeMap<AccountId, Balance>,
    findings: &mut Findings,
) -> Option<Books> {
    let mut whole = true;
    let mut all = Vec::new();
    for account in journals.keys().chain(accounts.keys()).collect::<BTreeSet<_>>() {
        let (entries, stored) = (journals.get(account), accounts.get(account));
        let (Some(entries), Some(stored)) = (entries, stored) else {
            let detail = "it has a journal and no account, or an account and no journal";
            findings.note("account_wrong", &account.to_string(), detail);
            whole = false;
            continue;
        };
        let journal = AccountJournal { account, entries, head: stored.head };
        match verify_account(&journal) {
            Err(fault) => {
                findings.note("ledger_broken", &account.to_string(), fault.to_string());
                whole = false;
            }
            Ok(folded) if folded != *stored => {
                let detail = "the account is not what its journal folds to";
                findings.note("account_wrong", &account.to_string(), detail);
            }
            Ok(_) => {}
        }
        all.push(journal);
    }
    if !whole {
        return None;
    }
    match verify_ledger(&all) {
        Ok(books) => Some(books),
        Err(fault) => {
            findings.note("ledger_broken", &fault.account.to_string(), fault.to_string());
            None
        }
    }
}

/// What is kept to find the way in the journals names exactly what they have.
fn beside(
    contents: &Contents,
    region: &RegionCode,
    (journals, books): (&Journals, &Books),
    findings: &mut Findings,
) {
    let mut wanted = wanted(region, (journals, books));
    for item in contents.accounts.values().flat_map(BTreeMap::values) {
        if item.contains_key("b") {
            continue;
        }
        let part = |name| text(item, name).unwrap_or_default().to_owned();
        let named = wanted.remove(&(part("pk"), part("sk")));
        let stored = entries(item);
        let counted = item.get("n").is_none_or(|count| {
            let many = stored.as_ref().map(|(_, many)| many.to_string());
            count.as_n().ok() == many.as_ref()
        });
        if named.is_none() || named != stored.map(|(entries, _)| entries) || !counted {
            let detail = "it names other entries than the journals have";
            findings.note("ledger_index_wrong", &place(item), detail);
        }
    }
    for ((pk, sk), _) in wanted {
        let detail = "what the journals have is not there to be found";
        findings.note("ledger_index_wrong", &format!("{pk} {sk}"), detail);
    }
}

/// The entries that an item names, and how many names there are.
fn entries(item: &Item) -> Option<(BTreeSet<EntryRef>, usize)> {
    let list = item.get("en")?.as_l().ok()?;
    let named = list.iter().map(|value| EntryRef::parse(value.as_s().ok()?).ok());
    Some((named.collect::<Option<_>>()?, list.len()))
}

fn wanted(region: &RegionCode, (journals, books): (&Journals, &Books)) -> Named {
    let mut wanted = Named::new();
    let one = "-".to_owned();
    let mut name = |pk: String, sk: String, entry: EntryRef| {
        wanted.entry((pk, sk)).or_default().insert(entry);
    };
    for posting in journals.values().flatten() {
        name(keys::carried_out(region, &posting.cause), one.clone(), posting.entry());
        if let Some(id) = &posting.application {
            let (pk, sk) = (keys::ticket(region, &id.ticket), keys::application(id.number));
            name(pk, sk, posting.entry());
        }
        if let Act::Reversed { entry: seq, .. } = posting.act {
            let undone = EntryRef { account: posting.account.clone(), seq };
            name(keys::reversed(region, &undone), one.clone(), undone);
        }
    }
    let payments = books.applications.values().flat_map(|one: &Application| &one.payments);
    for payment in payments.filter(|payment| !payment.reversed) {
        let pk = keys::invoice(region, &payment.payee, &payment.invoice);
        name(pk, one.clone(), payment.entry.clone());
    }
    wanted
}

/// No posting without its ticket, and no ticket with money that the journals lack.
fn money_of_tickets(
    journals: &Journals,
    tickets: &BTreeMap<String, Ticket>,
    findings: &mut Findings,
) {
    let mut by_ticket: BTreeMap<&TicketId, Vec<&Posting>> = BTreeMap::new();
    for posting in journals.values().flatten() {
        if let Some(ApplicationId { ticket, .. }) = &posting.application {
            by_ticket.entry(ticket).or_default().push(posting);
        }
    }
    for ticket in tickets.values() {
        let postings = by_ticket.remove(ticket.id()).unwrap_or_default();
        for fault in reconcile(ticket.timeline(), postings) {
            findings.note("money_differs", ticket.id().as_str(), fault.to_string());
        }
    }
    for (ticket, postings) in by_ticket {
        let detail = format!("{} entries of the ledger, and no ticket", postings.len());
        findings.note("money_without_ticket", ticket.as_str(), detail);
    }
}

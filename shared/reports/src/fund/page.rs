//! The figures as a page to print: what people read, without the entries.

use super::cover;
use super::figures::Figures;
use super::tables::Tables;
use crate::html::Page;
use crate::net::Net;
use crate::svg::{Bar, Scale, Series, bars};
use crate::table::Cell;

/// What an account has for payees, for applications, and left.
const USE: [Series; 3] = [
    Series { name: "已付 Paid", colour: "#1f4e79" },
    Series { name: "预留 Reserved", colour: "#9dc3e6" },
    Series { name: "可用 Available", colour: "#f2f2f2" },
];
const PAID: [Series; 1] = [Series { name: "净支付 Net paid", colour: "#1f4e79" }];

pub(super) fn page(figures: &Figures, tables: &Tables) -> String {
    let mut page = Page::new(&cover::title(figures));
    if let Some(mark) = cover::mark(figures) {
        page.mark(&mark);
    }
    page.pairs(&cover::pairs(figures));
    page.section("经费使用 Use by account");
    page.chart(&bars(Scale::Shares, &USE, &by_account(figures)));
    page.section("各期支付 Payments over the period");
    page.chart(&bars(Scale::Amounts, &PAID, &over_time(figures)));
    for table in [
        &tables.balances,
        &tables.budget,
        &tables.movements,
        &tables.townships,
        &tables.categories,
        &tables.payees,
        &tables.requests,
        &tables.payouts,
        &tables.returned,
        &tables.ages,
        &tables.reservations,
        &tables.anomalies,
    ] {
        page.table(table);
    }
    page.section("账簿位置 Position of the journals");
    page.texts(&cover::heads(figures));
    page.section("签字 Signatures");
    page.signers(&cover::signers());
    cover::notes().iter().for_each(|note| page.note(note));
    page.finish()
}

fn by_account(figures: &Figures) -> Vec<Bar> {
    let bars = figures.accounts.iter().map(|account| {
        let closing = account.closing;
        let used = account.used.map(|used| Cell::Share(used).shown()).unwrap_or_default();
        Bar {
            name: format!("{} {}", account.name, account.account.year.number()),
            parts: vec![closing.paid, closing.reserved, closing.available],
            label: format!("{used} / {}", account.came),
        }
    });
    bars.collect()
}

/// A bar that would be less than nothing is left empty, and says so by its amount.
fn over_time(figures: &Figures) -> Vec<Bar> {
    let bars = figures.paid.iter().map(|one| {
        let net: Net = one.paid.minus(one.refunded).unwrap_or_default();
        Bar { name: one.period.to_string(), parts: vec![net], label: net.to_string() }
    });
    bars.collect()
}

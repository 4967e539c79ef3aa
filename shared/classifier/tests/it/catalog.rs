//! The items head on the sample city's catalog, one example of each item held out.

use classifier::{Entry, Measures, coverage_at_precision, cross_validate_items, top};

const CATALOG: &str = include_str!("../../../../infra/city/catalog.csv");

/// One line of the catalog.
struct Item {
    cells: Vec<&'static str>,
    keywords: Vec<&'static str>,
}

impl Item {
    fn entry(&self) -> Entry<'_> {
        Entry {
            item: self.cells[0],
            category: self.cells[1],
            name: self.cells[2],
            keywords: &self.keywords,
            examples: &self.cells[11..13],
        }
    }
}

fn items() -> Vec<Item> {
    let item = |line: &'static str| {
        let cells: Vec<&str> = line.split(',').collect();
        Item { keywords: cells[10].split('|').collect(), cells }
    };
    CATALOG.lines().skip(1).map(item).collect()
}

#[test]
fn an_example_that_was_held_out_leads_to_its_item() {
    let items = items();
    let entries: Vec<Entry<'_>> = items.iter().map(Item::entry).collect();
    let predictions = cross_validate_items(&entries, &[], &mut |_| ());
    let (first, five) = (top(&predictions, 1), top(&predictions, 5));
    let ece = Measures::of(&predictions).ece;
    println!(
        "an example held out: {} texts, top 1 {first:.4}, top 5 {five:.4}, ECE {ece:.4}, \
         coverage at 0.95 {:.3}, at 0.98 {:.3}",
        predictions.len(),
        coverage_at_precision(&predictions, 0.95),
        coverage_at_precision(&predictions, 0.98),
    );
    for turn in predictions.chunks(items.len()) {
        let (first, five) = (top(turn, 1), top(turn, 5));
        let ece = Measures::of(turn).ece;
        println!("  in one turn: top 1 {first:.4}, top 5 {five:.4}, ECE {ece:.4}");
        assert!(first >= 0.88, "{first}");
        assert!(five >= 0.97, "{five}");
    }
    assert!(ece <= 0.05, "{ece}");
}

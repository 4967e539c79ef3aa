//! Who leads where.

use domain::catalog::{Item, Where};
use domain::place::{Gazetteer, Located, Places};
use domain::{ItemCode, Tier, UnitCode};

use super::{CITY, Row, SAMPLE, catalog, column};

fn located(text: &str) -> Located {
    Gazetteer::new(&CITY, &Places::default()).locate(text, "", None, None)
}

/// An item that leads so, with who assists.
fn item(lead: &str, in_villages: &str, assisting: &str) -> Item {
    let mut row: Row = SAMPLE.to_rows().next().unwrap();
    for (name, cell) in [("unit", lead), ("in_villages", in_villages), ("assisting", assisting)] {
        row[column(name)] = cell.to_owned();
    }
    catalog(&[row]).items()[0].clone()
}

fn said(item: &Item, place: &Located) -> String {
    match item.lead_at(place, &CITY, Some(900)) {
        Where::To(to) => {
            assert_eq!(to, item.to(to.unit.clone(), to.tier, Some(900)));
            format!("{} {}", to.unit, to.tier)
        }
        Where::NeedsPlace => "needs place".to_owned(),
        Where::Elsewhere => "elsewhere".to_owned(),
        Where::Missing(unit) => format!("no {unit}"),
    }
}

/// In a village; in a community; in a township of villages only; in one that has both; anywhere.
fn places() -> [Located; 5] {
    let of = |kind: &str| {
        let unit = CITY.units().find(|unit| {
            unit.kind.as_str() == kind && unit.parent.as_ref().unwrap().as_str() == "beicheng"
        });
        unit.unwrap().name.clone()
    };
    let township = |code: &str| CITY.unit(&UnitCode::parse(code).unwrap()).unwrap().name.clone();
    let texts =
        [of("village"), of("community"), township("mishan"), township("beicheng"), String::new()];
    texts.map(|text| located(&text))
}

#[test]
fn who_leads_depends_on_the_place_and_is_never_guessed() {
    let places = places();
    assert_eq!(
        places.each_ref().map(Located::in_village),
        [Some(true), Some(false), None, None, None]
    );
    let at = |item: &Item| places.each_ref().map(|place| said(item, place));
    let city = "urban-management city";
    assert_eq!(at(&item("urban-management", "", "")), [city; 5]);
    let (beicheng, mishan, open) = ("beicheng township", "mishan township", "needs place");
    assert_eq!(at(&item("@township", "", "")), [beicheng, beicheng, mishan, beicheng, open]);
    assert_eq!(
        at(&item("urban-management", "@township", "")),
        [beicheng, city, mishan, open, open]
    );
    let water = "water-affairs city";
    assert_eq!(at(&item("@township", "water-affairs", "")), [water, beicheng, water, open, open]);
    // Who leads in villages as everywhere needs no place.
    assert_eq!(at(&item("urban-management", "urban-management", "")), [city; 5]);
    assert_eq!(at(&item("nobody", "", "")), ["no nobody"; 5]);
}

#[test]
fn what_is_not_ours_leads_elsewhere_wherever_it_is() {
    let item = SAMPLE.item(&ItemCode::parse("GV-038").unwrap()).unwrap();
    assert!(item.elsewhere.is_some());
    for place in places() {
        assert_eq!(said(item, &place), "elsewhere");
    }
}

#[test]
fn a_person_chooses_any_unit_with_the_item_s_limit() {
    let item = &SAMPLE.items()[0];
    let to = item.to(UnitCode::parse("shiliugou").unwrap(), Tier::Village, None);
    assert_eq!((to.item, to.limit, to.confidence), (item.code.clone(), item.limit, None));
}

#[test]
fn who_assists_depends_on_the_place_and_is_not_who_leads() {
    let item = item("urban-management", "@township", "power-company|@township");
    let [village, community, .., anywhere] = places();
    let assisting = |place: &Located, lead: &str| {
        let units = item.assisting_at(place, &UnitCode::parse(lead).unwrap());
        units.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(assisting(&community, "urban-management"), "beicheng power-company");
    assert_eq!(assisting(&village, "beicheng"), "power-company");
    assert_eq!(assisting(&anywhere, "power-company"), "");
}

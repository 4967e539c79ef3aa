//! Where every run takes place: the sample city, whole, and which of its units the people of a run know.

use std::sync::{Arc, LazyLock};

use domain::catalog::{Catalog, Item, Lead};
use domain::directory::{Availability, Directory, Files, Skill, UnitKind};
use domain::{Calendar, MemberId, Tier, Timestamp, UnitCode};

const UNITS: &str = include_str!("../../../infra/city/units.csv");
const GRIDS: &str = include_str!("../../../infra/city/grids.csv");
const STAFF: &str = include_str!("../../../infra/city/staff.csv");
const MEMBERS: &str = include_str!("../../../infra/city/members.csv");
const CALENDAR: &str = include_str!("../../../infra/city/calendar.csv");

/// The townships that have to do with cases: few, so that the same ones meet often.
const TOWNSHIPS: [&str; 3] = ["mishan", "sizhuang", "beicheng"];
/// Of so many categories are the items that people know: their units are the offices.
const CATEGORIES: usize = 3;
/// So many villages of each.
const VILLAGES: usize = 3;
/// Days that an imported calendar may make a holiday: working days of the first weeks of every run.
const HOLIDAYS: [&str; 8] = [
    "2026-03-04",
    "2026-03-05",
    "2026-03-06",
    "2026-03-09",
    "2026-03-10",
    "2026-03-12",
    "2026-03-13",
    "2026-03-16",
];

/// A member of a team, as the village knows him.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: MemberId,
    pub(crate) skill: Skill,
    pub(crate) availability: Availability,
}

/// The city.
#[derive(Debug)]
pub(crate) struct Town {
    catalog: Arc<Catalog>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) directory: Arc<Directory>,
    /// The units of the city that lead the items that people know.
    pub(crate) offices: Vec<UnitCode>,
    pub(crate) townships: Vec<UnitCode>,
    pub(crate) villages: Vec<UnitCode>,
    /// One unit of each tier, or nearly, that has no part in any case.
    pub(crate) strangers: Vec<UnitCode>,
}

/// The items of the first categories that are the city's own.
fn known(catalog: &Catalog) -> impl Iterator<Item = &Item> {
    let categories: Vec<&str> = catalog.categories().take(CATEGORIES).collect();
    let items = catalog.items().iter();
    items.filter(move |item| {
        item.elsewhere.is_none() && categories.contains(&item.category.as_str())
    })
}

impl Town {
    fn read() -> Self {
        let [units, grids, staff, members] = [UNITS, GRIDS, STAFF, MEMBERS].map(str::to_owned);
        let files = Files { units, grids, staff, members, ..Files::default() };
        let directory = Directory::read(0, &files).expect("the sample city is valid");
        let catalog = lambda::sample_catalog();
        let named =
            |unit: &UnitCode| known(&catalog).any(|item| item.lead == Lead::Unit(unit.clone()));
        let of = |tier: Tier| {
            directory.units().filter(move |unit| unit.tier() == tier).map(|unit| unit.code.clone())
        };
        let centre = |code: &UnitCode| {
            directory.unit(code).is_some_and(|unit| unit.kind == UnitKind::Centre)
        };
        let (offices, others): (Vec<_>, Vec<_>) =
            of(Tier::City).filter(|code| !centre(code)).partition(&named);
        let (townships, rest): (Vec<_>, Vec<_>) =
            of(Tier::Township).partition(|code: &UnitCode| TOWNSHIPS.contains(&code.as_str()));
        let below = |township: &UnitCode| {
            let villages = directory.children(township).map(|unit| unit.code.clone());
            villages.take(VILLAGES).collect::<Vec<_>>()
        };
        let villages = townships.iter().flat_map(below).collect();
        let away = rest.last().cloned().into_iter();
        let strangers = away.flat_map(|township| {
            let village = below(&township).into_iter().take(1);
            std::iter::once(township).chain(village)
        });
        let strangers = strangers.chain(others.into_iter().take(1)).collect();
        let calendar = Arc::new(lambda::calendar());
        let directory = Arc::new(directory);
        Self { catalog, calendar, directory, offices, townships, villages, strangers }
    }

    /// The items that people know, each of a unit of the city.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&Item, &UnitCode)> {
        known(&self.catalog).filter_map(|item| match &item.lead {
            Lead::Unit(unit) => Some((item, unit)),
            Lead::Township => None,
        })
    }

    /// The members of a village's teams who can be called at a time.
    pub(crate) fn members(&self, village: &UnitCode, now: Timestamp) -> Vec<Known> {
        let grids = self.directory.grids_of(village);
        let members = grids.flat_map(|grid| self.directory.members_of(&grid.code));
        let known = members.filter_map(|member| {
            let skill = *member.skills.first()?;
            Some(Known { id: member.id.clone(), skill, availability: member.availability })
        });
        known.filter(|one| one.availability.covers(now, &self.calendar)).collect()
    }
}

/// The city of every run.
pub(crate) fn town() -> &'static Town {
    static TOWN: LazyLock<Town> = LazyLock::new(Town::read);
    &TOWN
}

/// The name and the text of the calendar that a run imports as its `number`-th.
pub(crate) fn next_calendar(number: u32) -> (String, String) {
    let day = HOLIDAYS[usize::try_from(number).unwrap_or(0) % HOLIDAYS.len()];
    (format!("simulated-{number}"), format!("{CALENDAR}{day},rest,演练\n"))
}

/// The calendar of an event that names this version.
pub(crate) fn calendar_of(version: &str) -> Option<Arc<Calendar>> {
    if town().calendar.made(version) {
        return Some(Arc::clone(&town().calendar));
    }
    let number = version.strip_prefix("simulated-")?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    imported(number.get(..digits)?.parse().ok()?)
}

/// An imported calendar, read once however many runs import it.
fn imported(number: u32) -> Option<Arc<Calendar>> {
    static READ: LazyLock<Vec<Arc<Calendar>>> = LazyLock::new(|| {
        let read = |number| {
            let (version, text) = next_calendar(number);
            Arc::new(Calendar::parse(&version, &text).expect("an imported calendar reads"))
        };
        (0..=IMPORTS_MAX).map(read).collect()
    });
    READ.get(usize::try_from(number).ok()?).map(Arc::clone)
}

/// No run imports more calendars than this.
pub(crate) const IMPORTS_MAX: u32 = 8;

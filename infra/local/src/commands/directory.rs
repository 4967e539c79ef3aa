//! `lianxin directory`: who is who in the city, and the import of a new directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::directory::{Directory as City, DirectoryFault, Files, Member, TeamKind, Unit};
use domain::{COMMAND_CENTRE, GridCode, UnitCode};
use lambda::{ImportError, Imported, import_directory};
use serde_json::{Value, json};

use super::print;
use crate::city::{Access, DESK, DataDir, SAMPLE};

/// Who is who in the city: version and counts of the directory in force
#[derive(Debug, Args)]
pub(crate) struct Directory {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a directory and name every fault with file, line and column; nothing is stored
    Check {
        /// The folder with units.csv, grids.csv, staff.csv and members.csv, and where there are any
        /// places.csv and areas.csv (infra/city/README.md); the built-in sample city if absent
        folder: Option<PathBuf>,
    },
    /// Make a directory the next version, if it has no fault and says something new
    Import {
        /// The folder, as of `check`
        folder: PathBuf,
    },
    /// Show a unit or a grid: parent, children, duties, grids, how many staff and members
    Show {
        /// The code of a unit or of a grid
        #[arg(default_value = COMMAND_CENTRE)]
        code: String,
    },
}

impl Directory {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        if let Some(Action::Check { folder }) = &self.action {
            return match City::read(0, &files(folder.as_deref())?) {
                Ok(city) => counted(&city, json!({ "faults": [] }), "no fault", json),
                Err(faults) => faulty(&faults, json),
            };
        }
        let access = Access::open(data).await?;
        let outcome = self.with(&access, json).await;
        access.close().await?;
        outcome
    }

    async fn with(self, access: &Access, json: bool) -> anyhow::Result<ExitCode> {
        let world = access.world(DESK)?;
        if let Some(Action::Import { folder }) = &self.action {
            let Imported { directory, is_new } =
                match import_directory(&world, &files(Some(folder))?).await {
                    Ok(imported) => imported,
                    Err(ImportError::Faults(faults)) => return faulty(&faults, json),
                    Err(error) => return Err(error).context("not imported"),
                };
            let version = directory.version();
            let said = if is_new { "imported as" } else { "it says nothing new: still" };
            let seen = json!({ "version": version, "imported": is_new });
            return counted(&directory, seen, &format!("{said} version {version}"), json);
        }
        let imported = world.rules.imported_directory().await?;
        let is_imported = imported.is_some();
        let city = match imported {
            Some(city) => city,
            None => City::read(0, &files(None)?)
                .map_err(|faults| anyhow::anyhow!("the sample city has {} faults", faults.len()))?,
        };
        match self.action {
            Some(Action::Show { code }) => show(&city, &code, json),
            None | Some(Action::Check { .. } | Action::Import { .. }) => {
                let version = is_imported.then_some(city.version());
                let said = version.map_or_else(
                    || "nothing is imported; this is the built-in sample city".to_owned(),
                    |version| format!("version {version}"),
                );
                counted(&city, json!({ "version": version }), &said, json)
            }
        }
    }
}

/// The texts of a folder, or those of the sample city.
fn files(folder: Option<&Path>) -> anyhow::Result<Files> {
    let Some(folder) = folder else {
        let mut sample = SAMPLE.into_iter();
        return Files::gather(|_| sample.next().map(str::to_owned).context("a file less"));
    };
    Files::gather(|name| {
        let path = folder.join(name);
        if Files::OPTIONAL.contains(&name) && !path.exists() {
            return Ok(String::new());
        }
        std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {} as UTF-8", path.display()))
    })
}

fn faulty(faults: &[DirectoryFault], json: bool) -> anyhow::Result<ExitCode> {
    let rows: Vec<Value> = faults
        .iter()
        .map(|DirectoryFault { file, line, column, expected }| {
            json!({ "file": file, "line": line, "column": column, "expected": expected })
        })
        .collect();
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let lines = format!("{}\nfaults: {}", lines.join("\n"), faults.len());
    print(json, &json!({ "faults": rows }), &lines)?;
    Ok(ExitCode::FAILURE)
}

/// How many there are of each.
fn count<'a>(of: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for one in of {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// `3 village, 16 township`.
fn listed(counts: &BTreeMap<&str, usize>) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    let all: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    all.join(", ")
}

/// Prints the counts of a directory after what was `said`.
fn counted(city: &City, mut seen: Value, said: &str, json: bool) -> anyhow::Result<ExitCode> {
    let kinds = count(city.units().map(|unit| unit.kind.as_str()));
    let roles = count(city.staff().map(|one| one.role.as_str()));
    let teams = count(city.all_members().map(|one| one.team.as_str()));
    let lines = format!(
        "{said}\n  {} units: {}\n  {} grids\n  {} staff: {}\n  {} members of teams: {}\n  {} further names of places, {} shapes of grids",
        city.units().len(),
        listed(&kinds),
        city.grids().len(),
        city.staff().len(),
        listed(&roles),
        city.all_members().len(),
        listed(&teams),
        city.places().names(),
        city.places().areas(),
    );
    let counts = json!({
        "units": city.units().len(),
        "kinds": kinds,
        "grids": city.grids().len(),
        "staff": city.staff().len(),
        "roles": roles,
        "members": city.all_members().len(),
        "teams": teams,
        "places": city.places().names(),
        "areas": city.places().areas(),
    });
    if let (Some(seen), Value::Object(counts)) = (seen.as_object_mut(), counts) {
        seen.extend(counts);
    }
    print(json, &seen, &lines)?;
    Ok(ExitCode::SUCCESS)
}

fn show(city: &City, code: &str, json: bool) -> anyhow::Result<ExitCode> {
    if let Some(unit) = UnitCode::parse(code).ok().and_then(|code| city.unit(&code)) {
        show_unit(city, unit, json)?;
    } else {
        let grid = GridCode::parse(code).ok().and_then(|code| city.grid(&code));
        let grid = grid.context("there is no unit or grid with this code in the directory")?;
        let village = city.unit(&grid.village).context("a grid without a village")?;
        let (teams, lines) = teams(city.members_of(&grid.code));
        let name = &village.name;
        print(
            json,
            &json!({ "grid": code, "village": grid.village.as_str(), "village_name": name, "members": teams }),
            &format!("grid {code} of {name} ({})\n  members: {lines}", grid.village),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How many members of which team, and the same for people.
fn teams<'a>(members: impl Iterator<Item = &'a Member>) -> (Value, String) {
    let mut counts: BTreeMap<TeamKind, usize> = BTreeMap::new();
    for member in members {
        *counts.entry(member.team).or_default() += 1;
    }
    let by = |name: fn(TeamKind) -> &'static str| -> BTreeMap<&str, usize> {
        counts.iter().map(|(team, count)| (name(*team), *count)).collect()
    };
    (json!(by(TeamKind::as_str)), listed(&by(TeamKind::name)))
}

fn show_unit(city: &City, unit: &Unit, json: bool) -> anyhow::Result<()> {
    let code = &unit.code;
    let children: Vec<&Unit> = city.children(code).collect();
    let grids: Vec<&str> = city.grids_of(code).map(|grid| grid.code.as_str()).collect();
    let staff = count(city.staff_of(code).map(|one| one.role.as_str()));
    let members = city.grids_of(code).flat_map(|grid| city.members_of(&grid.code));
    let (teams, members) = teams(members);
    let named = |unit: &&Unit| format!("{} {}", unit.code, unit.name);
    let codes: Vec<&str> = children.iter().map(|unit| unit.code.as_str()).collect();
    let object = json!({
        "unit": code.as_str(),
        "name": unit.name,
        "tier": unit.tier().as_str(),
        "kind": unit.kind.as_str(),
        "parent": unit.parent.as_ref().map(UnitCode::as_str),
        "duties": unit.duties,
        "children": codes,
        "grids": grids,
        "staff": staff,
        "members": teams,
    });
    let mut lines = format!("{} ({code}): {}, {}", unit.name, unit.kind, unit.tier());
    if let Some(parent) = city.parent(code) {
        lines.push_str(&format!("\n  parent: {}", named(&parent)));
    }
    if !unit.duties.is_empty() {
        lines.push_str(&format!("\n  duties: {}", unit.duties.join("、")));
    }
    if !children.is_empty() {
        let all: Vec<String> = children.iter().map(named).collect();
        lines.push_str(&format!("\n  children: {}", all.join(", ")));
    }
    if !grids.is_empty() {
        lines.push_str(&format!("\n  grids: {}\n  members: {members}", grids.join(", ")));
    }
    lines.push_str(&format!("\n  staff: {}", listed(&staff)));
    print(json, &object, &lines)
}

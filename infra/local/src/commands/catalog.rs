//! `lianxin catalog`: what citizens ask for and who answers it, as a table that is checked like code.

mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::catalog::{Catalog as Items, Fault, FaultKind, FormFault, check};
use domain::directory::Directory;
use lambda::{CatalogImportError, catalog_of, import_catalog};
use ports::Book;
use serde_json::{Value, json};

use super::print;
use crate::city::{Access, DESK, DataDir, sample_directory};

/// The dispatch catalog: categories, items, who answers them until when
#[derive(Debug, Args)]
pub(crate) struct Catalog {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Name every fault of a catalog: ambiguous, unreachable and duplicate items, missing units, impossible
    /// limits, forbidden main handlers. Nothing is stored
    Check {
        /// A table as .csv or .xlsx (infra/city/README.md); the catalog in force if absent
        file: Option<PathBuf>,
        /// Check it by the built-in sample city's directory, and open no city
        #[arg(long)]
        sample: bool,
    },
    /// Make a catalog the next version, if it has no fault and says something new, and train the
    /// classifier on it; takes some seconds
    Import {
        /// As of `check`
        file: PathBuf,
    },
    /// Write the catalog in force as a table that `import` reads again
    Export {
        /// Where to: .csv or .xlsx
        file: PathBuf,
        /// Another version than the one in force; 0 is the built-in sample
        #[arg(long)]
        version: Option<u32>,
    },
}

/// A catalog as a file gave it.
struct Read {
    items: Items,
    faults: Vec<FormFault>,
}

fn read(file: &Path) -> anyhow::Result<Read> {
    Ok(match table::read(file)? {
        Ok(items) => Read { items, faults: Vec::new() },
        Err(unreadable) => Read { items: unreadable.rest, faults: unreadable.faults },
    })
}

impl Catalog {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        if let Action::Check { file: Some(file), sample: true } = &self.action {
            return checked(&read(file)?, &sample_directory(), json);
        }
        let access = Access::open(data).await?;
        let outcome = self.with(&access, json).await;
        access.close().await?;
        outcome
    }

    async fn with(self, access: &Access, json: bool) -> anyhow::Result<ExitCode> {
        let world = access.world(DESK)?;
        let newest = || world.rules.books.newest(Book::Catalog);
        match self.action {
            Action::Check { file, .. } => {
                let read = match file {
                    Some(file) => read(&file)?,
                    None => {
                        let items = catalog_of(&world, newest().await?).await?;
                        Read { items: (*items).clone(), faults: Vec::new() }
                    }
                };
                checked(&read, &*world.rules.directory().await?, json)
            }
            Action::Import { file } => {
                let read = read(&file)?;
                if !read.faults.is_empty() {
                    return checked(&read, &*world.rules.directory().await?, json);
                }
                let (version, is_new) = match import_catalog(&world, &read.items).await {
                    Ok(imported) => imported,
                    Err(CatalogImportError::Faults(_)) => {
                        return checked(&read, &*world.rules.directory().await?, json);
                    }
                    Err(error) => return Err(error).context("not imported"),
                };
                let said = if is_new { "imported as" } else { "it says nothing new: still" };
                let object = json!({ "version": version, "imported": is_new, "items": read.items.items().len() });
                print(
                    json,
                    &object,
                    &format!("{said} version {version}; in force within a minute"),
                )?;
                Ok(ExitCode::SUCCESS)
            }
            Action::Export { file, version } => {
                let version = match version {
                    Some(version) => Some(version),
                    None => newest().await?,
                };
                let items = catalog_of(&world, version).await?;
                table::write(&file, &items)?;
                let (version, count) = (items.version(), items.items().len());
                let object = json!({ "version": version, "items": count, "file": file.display().to_string() });
                let said = format!("version {version} with {count} items is in {}", file.display());
                print(json, &object, &said)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Prints counts and faults; a fault makes the command fail.
fn checked(read: &Read, directory: &Directory, json: bool) -> anyhow::Result<ExitCode> {
    let found = check(&read.items, directory);
    let (categories, items) = (read.items.categories().len(), read.items.items().len());
    let mut faults: Vec<(FaultKind, Option<String>, String)> = Vec::new();
    for fault in &read.faults {
        let FormFault { line, column, item, expected } = fault;
        let item = item.as_ref().map(ToString::to_string);
        faults.push((fault.kind(), item, format!("line {line}, {column}: must be {expected}")));
    }
    for Fault { kind, item, detail } in found {
        faults.push((kind, Some(item.to_string()), detail));
    }
    let rows: Vec<Value> = faults
        .iter()
        .map(
            |(kind, item, detail)| json!({ "kind": kind.as_str(), "item": item, "detail": detail }),
        )
        .collect();
    let mut lines = vec![format!("{categories} categories, {items} items")];
    for (kind, item, detail) in &faults {
        lines.push(format!("{kind}  {}  {detail}", item.as_deref().unwrap_or("-")));
    }
    lines.push(if faults.is_empty() {
        "no fault".to_owned()
    } else {
        format!("faults: {}", faults.len())
    });
    let object = json!({ "categories": categories, "items": items, "faults": rows });
    print(json, &object, &lines.join("\n"))?;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

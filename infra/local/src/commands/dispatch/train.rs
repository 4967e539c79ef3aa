//! `lianxin dispatch train`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use classifier::{Head, Labelled, Lesson, Model, Progress, Text};
use domain::catalog::Catalog;
use indicatif::{ProgressBar, ProgressDrawTarget};
use lambda::{Learned, learned, put_model, sample_catalog, train};
use serde_json::json;

use super::rows::{self, Row};
use crate::city::{Access, DESK, DataDir};
use crate::commands::print;

#[derive(Debug, Args)]
pub(super) struct Train {
    /// Labelled texts: JSON Lines with `label`, and `text` or `title` and `body`. Where every label is an
    /// item of the catalog they teach the items; else they make a head of labels of their own
    #[arg(long, value_name = "FILE")]
    labelled: Option<PathBuf>,
    /// Write the model to this file
    #[arg(long, value_name = "MODEL", required_unless_present = "in_force")]
    out: Option<PathBuf>,
    /// Put the model in force in the city; on the catalog in force, and with what its dispatchers have
    /// decided
    #[arg(long)]
    in_force: bool,
    /// With --out: on the city's catalog and its dispatchers' decisions; else on the built-in sample alone
    #[arg(long)]
    past: bool,
}

impl Train {
    pub(super) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let rows = self.labelled.as_deref().map(rows::read).transpose()?.unwrap_or_default();
        if !self.past && !self.in_force {
            let model = trained(&sample_catalog(), &[], &rows)?;
            return self.told(&model, None, json);
        }
        let access = Access::open(data).await?;
        let outcome = self.with(&access, &rows).await;
        access.close().await?;
        let (model, version) = outcome?;
        self.told(&model, version, json)
    }

    async fn with(&self, access: &Access, rows: &[Row]) -> anyhow::Result<(Model, Option<u32>)> {
        let world = access.world(DESK)?;
        let version = world.rules.books.newest(ports::Book::Catalog).await?;
        let catalog = lambda::catalog_of(&world, version).await?;
        let past = learned(&world, &catalog).await?;
        let model = trained(&catalog, &past, rows)?;
        if !self.in_force {
            return Ok((model, None));
        }
        let version = put_model(&world, &model).await.context("the model was not put in force")?;
        Ok((model, Some(version)))
    }

    fn told(&self, model: &Model, version: Option<u32>, json: bool) -> anyhow::Result<ExitCode> {
        let bytes = model.to_bytes();
        if let Some(out) = &self.out {
            write(out, &bytes)?;
        }
        let on = model.trained_on();
        let thresholds = |head| -> Vec<_> {
            let all = model.thresholds(head).iter();
            all.map(|one| json!({ "precision": one.precision, "confidence": one.confidence, "coverage": one.coverage }))
                .collect()
        };
        let object = json!({
            "entries": on.entries,
            "lessons": on.lessons,
            "labelled": on.labelled,
            "bytes": bytes.len(),
            "version": version,
            "out": self.out.as_ref().map(|out| out.display().to_string()),
            "thresholds": { "items": thresholds(Head::Items), "labels": thresholds(Head::Labels) },
        });
        let mut lines = vec![format!(
            "trained on {} items, {} decisions of dispatchers, {} labelled texts; {} bytes",
            on.entries,
            on.lessons,
            on.labelled,
            bytes.len()
        )];
        for one in model.thresholds(Head::Items) {
            lines.push(format!(
                "of items it is {:.0} % right from a confidence of {:.1} % on: of {:.1} % of held-out sentences",
                one.precision * 100.0,
                one.confidence * 100.0,
                one.coverage * 100.0
            ));
        }
        lines.extend(
            version.map(|version| format!("in force as version {version} within a minute")),
        );
        print(json, &object, &lines.join("\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Written beside and moved there, so that nobody ever reads half a model.
fn write(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = out.with_extension("part");
    std::fs::write(&part, bytes).with_context(|| format!("cannot write {}", part.display()))?;
    std::fs::rename(&part, out).with_context(|| format!("cannot write {}", out.display()))
}

fn trained(catalog: &Arc<Catalog>, past: &[Learned], rows: &[Row]) -> anyhow::Result<Model> {
    let item =
        |label: &str| domain::ItemCode::parse(label).ok().and_then(|code| catalog.item(&code));
    let are_items = !rows.is_empty() && rows.iter().all(|row| item(&row.label).is_some());
    let mut lessons: Vec<Lesson<'_>> = Vec::new();
    for Learned { item: code, title, body, .. } in past {
        let Some(item) = catalog.item(code) else { continue };
        let text = Text { title, body };
        lessons.push(Lesson { item: item.code.as_str(), category: &item.category, text });
    }
    let mut labelled: Vec<Labelled<'_>> = Vec::new();
    for one in rows.iter().flat_map(Row::lessons) {
        match item(one.label).filter(|_| are_items) {
            Some(item) => lessons.push(Lesson {
                item: item.code.as_str(),
                category: &item.category,
                text: one.text,
            }),
            None => labelled.push(one),
        }
    }
    let bar = ProgressBar::new(0);
    if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let began = Instant::now();
    let mut told = |at: Progress| {
        bar.set_length(at.of as u64);
        bar.set_position(at.done as u64);
    };
    let model = train(catalog, &lessons, &labelled, &mut told);
    bar.finish_and_clear();
    tracing::info!(seconds = began.elapsed().as_secs_f64(), "trained");
    match model {
        Ok(model) => Ok(model),
        Err(fault) => bail!("no model can be trained: {fault}"),
    }
}

//! `lianxin dispatch`: the classifier, trained, measured and asked.

mod compare;
mod eval;
mod rows;
mod train;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use classifier::{Head, Model, Text};
use domain::catalog::Where;
use domain::place::Located;
use lambda::{Asked, Dispatcher, dispatcher, sample_catalog, sample_model};
use serde_json::{Value, json};

use super::print;
use crate::city::{Access, DESK, DataDir, sample_directory};

/// The classifier: from a text to an item of the catalog
#[derive(Debug, Args)]
pub(crate) struct Dispatch {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Train a model on a catalog, on labelled texts, and on what the city's dispatchers have decided
    Train(train::Train),
    /// Measure a model on labelled texts
    Eval(eval::Eval),
    /// Compare approaches on the catalog's own sentences, each held out, and on sentences written by hand
    Compare(compare::Compare),
    /// Say what the machine thinks of a text, and which words spoke
    Explain(Explain),
}

#[derive(Debug, Args)]
struct Explain {
    /// What the citizen wrote
    text: String,
    /// The title, if it has one
    #[arg(long, default_value = "")]
    title: String,
    /// A model; the one in force if absent
    #[arg(long)]
    model: Option<PathBuf>,
    /// By the built-in sample city, and open no city
    #[arg(long)]
    sample: bool,
}

/// The model in a file.
fn model(file: &Path) -> anyhow::Result<Model> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Model::from_bytes(&bytes).with_context(|| format!("{} cannot be used", file.display()))
}

impl Dispatch {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Train(train) => train.run(data, json).await,
            Action::Eval(eval) => eval.run(json),
            Action::Compare(compare) => compare.run(json),
            Action::Explain(explain) => explain.run(data, json).await,
        }
    }
}

impl Explain {
    async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        if self.sample {
            let by = Dispatcher::new(sample_directory(), sample_catalog(), sample_model());
            let by = self.other(Arc::new(by))?;
            return self.told(&by, json);
        }
        let access = Access::open(data).await?;
        let by = match access.world(DESK) {
            Ok(world) => dispatcher(&world).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        access.close().await?;
        let by = self.other(by?)?;
        self.told(&by, json)
    }

    /// With the model of a file, if one is named.
    fn other(&self, by: Arc<Dispatcher>) -> anyhow::Result<Arc<Dispatcher>> {
        let Some(file) = &self.model else { return Ok(by) };
        Ok(Arc::new(by.with_model(Arc::new(model(file)?))))
    }

    fn told(&self, by: &Dispatcher, json: bool) -> anyhow::Result<ExitCode> {
        let asked = Asked { title: &self.title, body: &self.text, ..Asked::default() };
        let opinion = by.opinion(asked);
        let mut lines = vec![format!("place: {}", placed(&opinion.place))];
        let mut rows = Vec::new();
        for proposal in &opinion.proposals {
            let (item, confidence) = (proposal.item, proposal.confidence);
            let reasons = by.reasons(asked, item);
            let to = leads(&proposal.to, item.elsewhere.as_deref());
            lines.push(format!(
                "{:>5.1} %  {}  {}  → {to}  ({})",
                f64::from(confidence) / 10.0,
                item.code,
                item.name,
                reasons.join("、")
            ));
            rows.push(json!({
                "item": item.code.as_str(),
                "name": item.name,
                "category": item.category,
                "confidence": f64::from(confidence) / 1000.0,
                "to": to,
                "limit": item.limit.to_string(),
                "reasons": reasons,
            }));
        }
        let text = Text { title: &self.title, body: &self.text };
        let labels: Vec<Value> = by
            .model()
            .labels(&text, 3)
            .into_iter()
            .map(|label| json!({ "label": label.label, "confidence": label.confidence }))
            .collect();
        if by.model().has(Head::Labels) {
            lines.push(format!("labels: {}", Value::from(labels.clone())));
        }
        let sure = opinion.sure.as_ref().map(|to| to.unit.to_string());
        lines.push(match (&sure, by.sure_at()) {
            (Some(unit), _) => format!("sure: to {unit} at once"),
            (None, Some(at)) => {
                format!("not sure (it decides from {:.1} % on): to a dispatcher", at * 100.0)
            }
            (None, None) => {
                "the model is another catalog's or never sure: to a dispatcher".to_owned()
            }
        });
        let Located { township, village, grid, .. } = &opinion.place;
        let object = json!({
            "place": {
                "township": township.as_ref().map(ToString::to_string),
                "village": village.as_ref().map(ToString::to_string),
                "grid": grid.as_ref().map(ToString::to_string),
                "by": opinion.place.by,
                "ambiguous": opinion.place.ambiguous,
            },
            "proposals": rows,
            "labels": labels,
            "sure": sure,
            "sure_at": by.sure_at(),
        });
        print(json, &object, &lines.join("\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn placed(place: &Located) -> String {
    let Located { township, village, grid, by, ambiguous, .. } = place;
    let codes = [
        township.as_ref().map(ToString::to_string),
        village.as_ref().map(ToString::to_string),
        grid.as_ref().map(ToString::to_string),
    ];
    let codes: Vec<String> = codes.into_iter().flatten().collect();
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join("、")) };
    match (codes.is_empty(), ambiguous) {
        (_, true) => format!("ambiguous{by}"),
        (true, false) => "unknown".to_owned(),
        (false, false) => format!("{}{by}", codes.join(" / ")),
    }
}

fn leads(to: &Where, elsewhere: Option<&str>) -> String {
    match to {
        Where::To(to) => to.unit.to_string(),
        Where::NeedsPlace => "depends on the place".to_owned(),
        Where::Elsewhere => format!("not the city's: {}", elsewhere.unwrap_or_default()),
        Where::Missing(unit) => format!("{unit}, which the directory does not have"),
    }
}

//! Labelled texts, as JSON Lines.

use std::path::Path;

use anyhow::Context as _;
use classifier::{Labelled, Text};
use serde::Deserialize;

/// One line. What else it has is not read.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    /// What people called it: a label, or the code of an item.
    pub(super) label: String,
    /// The text, with or without spaces between words; absent where there are title and body.
    #[serde(default)]
    text: Option<String>,
    /// The title as it was typed.
    #[serde(default)]
    title: Option<String>,
    /// The body as it was typed.
    #[serde(default)]
    body: Option<String>,
}

impl Row {
    /// The text as it was prepared; else as it was typed.
    pub(super) fn prepared(&self) -> Text<'_> {
        match &self.text {
            Some(text) => Text::untitled(text),
            None => self.typed().unwrap_or_default(),
        }
    }

    /// The text as it was typed, if the line has it.
    pub(super) fn typed(&self) -> Option<Text<'_>> {
        let body = self.body.as_deref()?;
        Some(Text { title: self.title.as_deref().unwrap_or_default(), body })
    }

    /// What it teaches: the text in every form that the line has.
    pub(super) fn lessons(&self) -> impl Iterator<Item = Labelled<'_>> {
        let label = self.label.as_str();
        let prepared = self.text.is_some().then(|| self.prepared());
        let texts = prepared.into_iter().chain(self.typed());
        texts.map(move |text| Labelled { label, text })
    }
}

/// Reads a file; a line that is none is named.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Row>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {} as UTF-8", file.display()))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let row = |(at, line): (usize, &str)| -> anyhow::Result<Row> {
        let wanted = "a JSON object with `label`, and `text` or `title` and `body`";
        let place = || format!("{}:{at}: must be {wanted}", file.display());
        let row: Row = serde_json::from_str(line).with_context(place)?;
        anyhow::ensure!(row.text.is_some() || row.body.is_some(), place());
        Ok(row)
    };
    let rows = lines.map(row).collect::<anyhow::Result<Vec<Row>>>()?;
    anyhow::ensure!(!rows.is_empty(), "{} has no line", file.display());
    Ok(rows)
}

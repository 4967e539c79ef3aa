//! `lianxin report`: reports on demand, the key that they are signed with, and whether files are what was signed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use ports::World;
use reports::{MANIFEST_NAME, Period, ReportFile};
use schedule_fund_report::FundReports;
use serde_json::json;

use super::print;
use crate::city::{Access, DESK, DataDir};

/// Reports on demand, and whether a report is what was signed
#[derive(Debug, Args)]
pub(crate) struct ReportCmd {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The fund's report of a day, month, quarter or year
    Fund(Fund),
    /// Check the files of a report against their signed manifest
    Check(Check),
    /// Print the public half of the key that reports are signed with: publish it
    Key,
}

/// The fund's report of a period
#[derive(Debug, Args)]
struct Fund {
    /// Such as 2026-03-07, 2026-03, 2026-Q1 or 2026; one that is not over gives a preliminary report
    #[arg(long)]
    period: String,
    /// Where the files go; the folder is made
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Check the files of a report
#[derive(Debug, Args)]
struct Check {
    /// The folder with the report and its manifest.json
    dir: PathBuf,
    /// The public key, in hexadecimal; by default this city's own
    #[arg(long)]
    key: Option<String>,
}

impl ReportCmd {
    pub(crate) async fn run(self, data: DataDir, json: bool) -> anyhow::Result<ExitCode> {
        let access = Access::open(data).await?;
        let world = access.world(DESK)?;
        match self.command {
            What::Fund(fund) => fund.run(world, json).await?,
            What::Check(check) => check.run(&world, json).await?,
            What::Key => {
                let key = HEXLOWER.encode(&public_key(&world).await?);
                let object = json!({ "key": key, "id": key_id(&world).await? });
                print(json, &object, &key)?;
            }
        }
        access.close().await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn public_key(world: &World) -> anyhow::Result<[u8; 32]> {
    let secret = world.secrets.report_key().await.context("the key that signs reports")?;
    Ok(reports::public_key(&secret))
}

async fn key_id(world: &World) -> anyhow::Result<String> {
    Ok(reports::key_id(&public_key(world).await?))
}

impl Fund {
    async fn run(self, world: World, json: bool) -> anyhow::Result<()> {
        let period = Period::parse(&self.period)?;
        let of = FundReports::new(world.clone());
        let published = of.published(period).await?;
        let report = of.make(period).await?;
        if let Some(published) = &published {
            check_same(&published.files, &report.files)?;
        }
        let mut files = Vec::new();
        for file in &report.files {
            let path = write(&self.out, file)?;
            let sha256 = file.sha256().to_string();
            files.push(json!({ "path": path.display().to_string(), "sha256": sha256 }));
        }
        let figures = &report.figures;
        let object = json!({
            "period": period.to_string(),
            "final": figures.over,
            "published": published.is_some(),
            "entries": figures.postings.len(),
            "anomalies": figures.anomalies.len(),
            "files": files,
        });
        let state = match (figures.over, published.is_some()) {
            (true, true) => "final, the same as the published one",
            (true, false) => "final",
            (false, _) => "preliminary: the period is not over",
        };
        let lines = format!(
            "{period}: {} entries, {} things to look at; {state}\n{}\nnext: `lianxin report check {}`",
            figures.postings.len(),
            figures.anomalies.len(),
            report
                .files
                .iter()
                .map(|file| format!("  {}", file.name))
                .collect::<Vec<_>>()
                .join("\n"),
            self.out.display()
        );
        print(json, &object, &lines)
    }
}

/// A report that was made again is the one that was published.
fn check_same(published: &[reports::ManifestFile], made: &[ReportFile]) -> anyhow::Result<()> {
    for file in published {
        let again = made.iter().find(|again| again.name == file.name);
        let same = again.is_some_and(|again| again.sha256().to_string() == file.sha256);
        ensure!(
            same,
            "{} was published with other bytes: run `lianxin verify`; if nothing is wrong there, another \
             version of this program has published it",
            file.name
        );
    }
    Ok(())
}

/// Writes a file that is whole or not there.
fn write(dir: &Path, file: &ReportFile) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let (path, part) = (dir.join(&file.name), dir.join(format!(".{}.part", file.name)));
    let cannot = || format!("cannot write {}", path.display());
    std::fs::write(&part, &file.bytes).with_context(cannot)?;
    std::fs::rename(&part, &path).with_context(cannot)?;
    Ok(path)
}

impl Check {
    async fn run(self, world: &World, json: bool) -> anyhow::Result<()> {
        let key = match &self.key {
            None => public_key(world).await?,
            Some(text) => {
                let bytes = HEXLOWER.decode(text.to_lowercase().as_bytes()).ok();
                let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                key.context("--key must be 64 hexadecimal digits")?
            }
        };
        let path = self.dir.join(MANIFEST_NAME);
        let manifest =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // A name with a slash would lead out of the folder.
        let read = |name: &str| {
            let plain = !name.contains(['/', '\\']);
            plain.then(|| std::fs::read(self.dir.join(name)).ok()).flatten()
        };
        let manifest = reports::verify(&manifest, &key, read)?;
        let object = json!({
            "report": manifest.report,
            "period": manifest.period,
            "final": manifest.over,
            "as_of": manifest.as_of,
            "files": manifest.files.len(),
            "key": manifest.key,
        });
        let lines = format!(
            "{} {}: {} files are what key {} has signed, as of {}",
            manifest.report,
            manifest.period,
            manifest.files.len(),
            manifest.key,
            manifest.as_of
        );
        print(json, &object, &lines)
    }
}

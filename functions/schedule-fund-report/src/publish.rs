//! Reports in their bucket: written once, signed, announced.

use domain::Timestamp;
use domain::fund::{Balance, FiscalYear};
use ports::{FINANCE_TOPIC, PortError, Post, PutOnce, World};
use reports::{MANIFEST_NAME, Manifest, Period, PeriodKind};

use crate::gather::stored;
use crate::{Report, ReportError, SETTLED_MS};

/// Of each kind so many are made in one run; the next makes more.
const MADE_UP_MOST: usize = 31;

/// Beside the files: the version of the directory that they were made by.
const DIRECTORY: &str = "directory";

/// The key of a file of a report.
fn key(world: &World, period: Period, name: &str) -> String {
    format!("f/{}/{period}/{name}", world.region)
}

pub(crate) async fn published(
    world: &World,
    period: Period,
) -> Result<Option<Manifest>, ReportError> {
    let Some(bytes) = world.reports.get(&key(world, period, MANIFEST_NAME)).await? else {
        return Ok(None);
    };
    let public = reports::public_key(&*world.secrets.report_key().await?);
    // Its files are compared when they are made again.
    let signed = reports::signed(&bytes, &public)?;
    Ok(Some(signed))
}

/// By which version of the directory a report is made: fixed before its first file is written, so that a run which
/// broke off is made up by the same bytes, whatever was imported meanwhile.
pub(crate) async fn directory(world: &World, period: Period) -> Result<u32, PortError> {
    let (key, now) = (key(world, period, DIRECTORY), world.rules.directory().await?.version());
    match world.reports.put_once(&key, now.to_string().as_bytes()).await? {
        PutOnce::Written | PutOnce::Same => Ok(now),
        PutOnce::Different(_) => {
            let fixed = begun_by(world, period).await?;
            fixed.ok_or_else(|| PortError::Permanent(format!("{key} is no version")))
        }
    }
}

/// The version of the directory that a report was begun by; `None` before its first file.
pub(crate) async fn begun_by(world: &World, period: Period) -> Result<Option<u32>, PortError> {
    let begun = world.reports.get(&key(world, period, DIRECTORY)).await?;
    Ok(begun.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok()))
}

/// Whether a period has a manifest.
pub(crate) async fn is_published(world: &World, period: Period) -> Result<bool, PortError> {
    Ok(world.reports.get(&key(world, period, MANIFEST_NAME)).await?.is_some())
}

/// Periods that are over and have no manifest, of each kind the oldest first: one that failed comes again, however
/// many later ones are published.
pub(crate) async fn due(world: &World) -> Result<Vec<Period>, PortError> {
    let now = world.clock.now().plus_millis(-SETTLED_MS);
    let Some(first) = first_entry(world).await? else { return Ok(Vec::new()) };
    let published = world.reports.list(&format!("f/{}/", world.region)).await?;
    let is_missing = |period: &Period| {
        let manifest = key(world, *period, MANIFEST_NAME);
        published.binary_search(&manifest).is_err()
    };
    let mut due = Vec::new();
    for kind in PeriodKind::ALL {
        let mut period = Period::of(first, *kind);
        let mut missing = Vec::new();
        while period.until() <= now && missing.len() < MADE_UP_MOST {
            missing.extend(Some(period).filter(is_missing));
            period = Period::of(period.until(), *kind);
        }
        due.extend(missing);
    }
    Ok(due)
}

/// When the fund had its first money; before that nobody waits for a report. An account begins in its own year or
/// in the one before.
async fn first_entry(world: &World) -> Result<Option<Timestamp>, PortError> {
    let accounts = stored(world, FiscalYear::of(world.clock.now())).await?;
    let oldest = accounts.last().map(|balance| balance.account.year);
    let mut first = None;
    for Balance { account, .. } in accounts.iter().filter(|one| Some(one.account.year) == oldest) {
        let entries = world.fund.entries(account, 0, 1).await?;
        let at = entries.first().map(|entry| entry.at);
        first = [first, at].into_iter().flatten().min();
    }
    Ok(first)
}

/// Writes the files, how the accounts stand at the end, and the manifest last; tells of it before, so that nobody
/// who waits hears nothing, though perhaps twice.
pub(crate) async fn publish(world: &World, report: &Report) -> Result<(), ReportError> {
    let period = report.figures.period;
    let (manifest, files) = report
        .files
        .split_last()
        .ok_or_else(|| PortError::Permanent("a report without files".to_owned()))?;
    for file in files {
        write(world, &key(world, period, &file.name), &file.bytes).await?;
    }
    for settled in &report.settled {
        settled.keep(world, period.until()).await?;
    }
    world.posts.post(&told(world, report)).await?;
    write(world, &key(world, period, &manifest.name), &manifest.bytes).await?;
    tracing::info!(%period, files = report.files.len(), "report published");
    Ok(())
}

async fn write(world: &World, key: &str, bytes: &[u8]) -> Result<(), PortError> {
    match world.reports.put_once(key, bytes).await? {
        PutOnce::Written | PutOnce::Same => Ok(()),
        PutOnce::Different(_) => Err(PortError::Permanent(format!(
            "{key} is published with other bytes: the journal or this program has changed"
        ))),
    }
}

/// What finance is told: where it lies, what it says in one line, and by what hash to know it.
fn told(world: &World, report: &Report) -> Post {
    let figures = &report.figures;
    let period = figures.period;
    let sha256 = report.files.last().map(|file| file.sha256().to_string()).unwrap_or_default();
    let body = format!(
        "专项经费报告 {period} 已生成。Fund report {period} is published.\n\
         位置 in the reports bucket: {}\n\
         期末可用 available: {} 元\n\
         期末预留 reserved: {} 元\n\
         累计支付 paid: {} 元\n\
         需关注 to look at: {}\n\
         manifest.json SHA-256: {sha256}\n",
        key(world, period, ""),
        figures.totals.available.plain(),
        figures.totals.reserved.plain(),
        figures.totals.paid.plain(),
        figures.anomalies.len(),
    );
    Post {
        url: FINANCE_TOPIC.to_owned(),
        headers: vec![("subject".to_owned(), format!("Lianxin fund report {period}"))],
        body: body.into_bytes(),
    }
}

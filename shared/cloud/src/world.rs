//! A function's world on AWS, from its settings.

use std::sync::Arc;

use domain::RegionCode;
use ports::{Clock, Entropy, Kit, Posts, Rules, Secrets, World};

use crate::books::S3Books;
use crate::calendars::DynamoCalendars;
use crate::census::DynamoCensus;
use crate::citizens::DynamoCitizens;
use crate::claims::DynamoClaims;
use crate::deliveries::DynamoDeliveries;
use crate::directories::S3Directories;
use crate::dossiers::S3Dossiers;
use crate::fund::DynamoFund;
use crate::journal::DynamoJournal;
use crate::quarantine::S3Quarantine;
use crate::queues::SqsHints;
use crate::settings::{Settings, SettingsFault};
use crate::sketches::DynamoSketches;
use crate::texts::DynamoSealed;
use crate::tickets::DynamoTickets;
use crate::turnstile::DynamoTurnstile;
use crate::uploads::S3Uploads;

/// The SDK's clients.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Tickets, sealed texts, keys.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Hints.
    pub sqs: aws_sdk_sqs::Client,
    /// Case files, uploads, quarantine, directories.
    pub s3: aws_sdk_s3::Client,
}

/// What differs between the cloud and one machine.
#[derive(Clone)]
pub struct Parts {
    /// The clients.
    pub clients: Clients,
    /// Where secrets come from.
    pub secrets: Arc<dyn Secrets>,
    /// The way out to channels.
    pub posts: Arc<dyn Posts>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What of the rules in force was read last.
    pub kit: Arc<Kit>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// The way to what is in force; directories lie where books do.
fn rules(
    (kit, clock): (Arc<Kit>, Arc<dyn Clock>),
    calendars: Arc<DynamoCalendars>,
    books: S3Books,
) -> Rules {
    let S3Books { client, region, bucket } = books.clone();
    let directories = Arc::new(S3Directories { client, region, bucket });
    Rules { kit, calendars, directories, books: Arc::new(books), clock }
}

/// The world of a function with these settings. What the settings do not name, the function does
/// not have: using it fails with a permanent error that says so.
///
/// # Errors
/// [`SettingsFault`] when what every function needs is missing.
pub fn world(parts: Parts, settings: &Settings) -> Result<World, SettingsFault> {
    let region =
        settings.parse("LIANXIN_REGION", "6 to 12 digits", |code| RegionCode::parse(code).ok())?;
    let lease_s: i64 = settings.parse("LEASE_SECONDS", "a number of seconds", |text| {
        text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds))
    })?;
    let lease_ms = lease_s * 1000;
    let Clients { dynamodb, sqs, s3 } = parts.clients;
    let named = |name| settings.get(name).map(str::to_owned);
    let tickets =
        Arc::new(DynamoTickets::new(dynamodb.clone(), settings, region.clone(), lease_ms)?);
    macro_rules! of_table {
        ($store:ident, $table:expr) => {
            Arc::new($store { client: dynamodb.clone(), region: region.clone(), table: $table })
        };
    }
    // Stores of the tickets table's other items, each a type of its own with the same fields.
    macro_rules! of_tickets {
        ($store:ident) => {
            of_table!($store, tickets.tickets.clone())
        };
    }
    let written_once =
        |setting| Arc::new(S3Dossiers { client: s3.clone(), bucket: named(setting), setting });
    let books =
        S3Books { client: s3.clone(), region: region.clone(), bucket: named("DIRECTORY_BUCKET") };
    Ok(World {
        lease_ms,
        rules: rules((parts.kit, Arc::clone(&parts.clock)), of_tickets!(DynamoCalendars), books),
        census: of_tickets!(DynamoCensus),
        citizens: of_tickets!(DynamoCitizens),
        journal: of_table!(DynamoJournal, named("JOURNAL_TABLE")),
        fund: Arc::new(DynamoFund {
            tickets: Arc::clone(&tickets),
            ledger: named("LEDGER_TABLE"),
            accounts: named("ACCOUNTS_TABLE"),
        }),
        sketches: of_table!(DynamoSketches, named("SKETCHES_TABLE")),
        claims: of_tickets!(DynamoClaims),
        turnstile: of_tickets!(DynamoTurnstile),
        deliveries: of_tickets!(DynamoDeliveries),
        posts: parts.posts,
        tickets,
        texts: of_table!(DynamoSealed, named("SEALED_TABLE")),
        keys: of_table!(DynamoSealed, named("KEYS_TABLE")),
        hints: Arc::new(SqsHints::new(sqs, settings.clone())),
        dossiers: written_once("ARCHIVE_BUCKET"),
        reports: written_once("REPORTS_BUCKET"),
        quarantine: Arc::new(S3Quarantine {
            client: s3.clone(),
            bucket: named("QUARANTINE_BUCKET"),
        }),
        uploads: Arc::new(S3Uploads {
            client: s3,
            bucket: named("UPLOADS_BUCKET"),
            mail: named("MAIL_BUCKET"),
        }),
        secrets: parts.secrets,
        clock: parts.clock,
        entropy: parts.entropy,
        region,
    })
}

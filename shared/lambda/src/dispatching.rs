//! What the machine proposes for a request: by the catalog, the gazetteer and the model in force.
//!
//! The model ranks the items, the gazetteer says where, the catalog who leads there. Only what all three
//! are sure of goes to a unit without a person.

use std::sync::{Arc, Mutex, PoisonError};

use classifier::{Entry, Head, Labelled, Lesson, Model, Progress, Text, TrainFault, Training};
use domain::catalog::{Catalog, Item, Where};
use domain::directory::Directory;
use domain::place::{Gazetteer, Located, Point};
use domain::{DispatchTo, Tier, Timestamp};
use ports::{Book, PortError, World};

use crate::lessons::taught;

/// The share that was right of what the machine would send on by itself, when it was tried on unseen texts.
///
/// With whatever is less sure a dispatcher loses less time than a unit that has to give it back.
pub const WANTED_PRECISION: f32 = 0.90;
/// The item of what no words speak for in a village's own finding: a village's own small matters.
pub const GENERAL_ITEM: &str = "VG-001";
/// How many proposals a dispatcher is shown.
pub const PROPOSALS_MAX: usize = 5;

/// A request as far as dispatch reads it. It is a citizen's text: never to be stored or logged.
#[derive(Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The title; it may be empty.
    pub title: &'a str,
    /// The text.
    pub body: &'a str,
    /// The address as given.
    pub address: Option<&'a str>,
    /// Where the citizen stood.
    pub point: Option<Point>,
}

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asked(…)")
    }
}

/// One item that a request may be of.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal<'a> {
    /// The item.
    pub item: &'a Item,
    /// How probable it is, in thousandths.
    pub confidence: u16,
    /// Who leads it at the place of the request.
    pub to: Where,
}

/// What the machine thinks of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion<'a> {
    /// Where it lies.
    pub place: Located,
    /// The items it may be of, best first, at most [`PROPOSALS_MAX`].
    pub proposals: Vec<Proposal<'a>>,
    /// Where to send it without asking anybody: `None` when a person must decide.
    pub sure: Option<DispatchTo>,
}

/// What requests are dispatched by, of one moment.
#[derive(Debug)]
pub struct Dispatcher {
    directory: Arc<Directory>,
    catalog: Arc<Catalog>,
    gazetteer: Gazetteer,
    model: Arc<Model>,
    sure_at: Option<f32>,
}

impl Dispatcher {
    /// A dispatcher by these. A model that was trained on another catalog is sure of nothing: what it has
    /// learned of an item may not be what this catalog means by it.
    #[must_use]
    pub fn new(directory: Arc<Directory>, catalog: Arc<Catalog>, model: Arc<Model>) -> Self {
        let gazetteer = Gazetteer::new(&directory, directory.places());
        let fits = model.trained_on().catalog == Some(catalog.hash().to_string());
        let thresholds = model.thresholds(Head::Items).iter();
        let wanted = thresholds.filter(|threshold| threshold.precision >= WANTED_PRECISION);
        let least = wanted.map(|threshold| threshold.confidence).min_by(f32::total_cmp);
        let sure_at = least.filter(|_| fits);
        Self { directory, catalog, gazetteer, model, sure_at }
    }

    /// This dispatcher with another model.
    #[must_use]
    pub fn with_model(&self, model: Arc<Model>) -> Self {
        Self::new(Arc::clone(&self.directory), Arc::clone(&self.catalog), model)
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// From which confidence on the machine decides; `None`: never.
    #[must_use]
    pub const fn sure_at(&self) -> Option<f32> {
        self.sure_at
    }

    /// Says where a request lies, which items it may be of and whether the machine may send it on.
    #[must_use]
    pub fn opinion(&self, asked: Asked<'_>) -> Opinion<'_> {
        let Asked { title, body, address, point } = asked;
        let place = self.gazetteer.locate(title, body, address, point);
        let text = Text { title, body };
        // A model may know items that this catalog does not have: so more are asked for.
        let ranked = self.model.items(&text, 2 * PROPOSALS_MAX);
        let best = ranked.first().map_or(0.0, |best| best.confidence);
        let known = ranked.iter().filter_map(|one| {
            let item = domain::ItemCode::parse(&one.label).ok()?;
            let item = self.catalog.item(&item)?;
            let confidence = thousandths(one.confidence);
            let to = item.lead_at(&place, &self.directory, Some(confidence));
            Some(Proposal { item, confidence, to })
        });
        let proposals: Vec<Proposal<'_>> = known.take(PROPOSALS_MAX).collect();
        let sure = proposals.first().filter(|first| {
            self.sure_at.is_some_and(|sure| best >= sure) && first.confidence == thousandths(best)
        });
        let sure = sure.and_then(|first| match &first.to {
            // A village may lead only what it found itself.
            Where::To(to) if to.tier != Tier::Village => Some(to.clone()),
            Where::To(_) | Where::NeedsPlace | Where::Elsewhere | Where::Missing(_) => None,
        });
        Opinion { place, proposals, sure }
    }

    /// The words that spoke for an item. They are a piece of the citizen's text: show them, never store
    /// them.
    #[must_use]
    pub fn reasons(&self, asked: Asked<'_>, item: &Item) -> Vec<String> {
        let text = Text { title: asked.title, body: asked.body };
        let reasons = self.model.explain(&text, Head::Items, item.code.as_str());
        reasons.into_iter().map(|reason| reason.words).collect()
    }
}

fn thousandths(confidence: f32) -> u16 {
    // Of 0 to 1, so of 0 to 1000.
    (confidence.clamp(0.0, 1.0) * 1000.0).round() as u16
}

/// Trains a model on a catalog's own names, keywords and sentences, on what dispatchers have decided, and on
/// texts with labels.
///
/// # Errors
/// [`TrainFault`].
pub fn train(
    catalog: &Catalog,
    lessons: &[Lesson<'_>],
    labelled: &[Labelled<'_>],
    progress: &mut dyn FnMut(Progress),
) -> Result<Model, TrainFault> {
    let words = words(catalog);
    let entries = entries(catalog, &words);
    let catalog = Some(catalog.hash().to_string());
    let training = Training { entries: &entries, lessons, labelled, catalog };
    Model::train(&training, progress)
}

/// Each item's keywords and example sentences, as [`entries`] takes them.
#[must_use]
pub fn words(catalog: &Catalog) -> Vec<[Vec<&str>; 2]> {
    let items = catalog.items().iter();
    items.map(|item| [texts(&item.keywords), texts(&item.examples)]).collect()
}

/// The catalog as a model learns it, with the [`words`] of its items.
#[must_use]
pub fn entries<'a>(catalog: &'a Catalog, words: &'a [[Vec<&'a str>; 2]]) -> Vec<Entry<'a>> {
    let entries = catalog.items().iter().zip(words).map(|(item, [keywords, examples])| Entry {
        item: item.code.as_str(),
        category: &item.category,
        name: &item.name,
        keywords,
        examples,
    });
    entries.collect()
}

fn texts(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

/// The dispatcher in force, as a process last read it.
#[derive(Debug, Default)]
struct Dispatching {
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    dispatcher: Arc<Dispatcher>,
    /// The versions of catalog, model and lessons, where there are any.
    versions: [Option<u32>; 3],
    looked_at: Timestamp,
}

/// The dispatcher by what is in force; what was read is gone by for as long as the rules are.
///
/// # Errors
/// [`PortError`]; permanent when what is stored cannot be read.
pub async fn dispatcher(world: &World) -> Result<Arc<Dispatcher>, PortError> {
    world.rules.kit.beside::<Dispatching>().current(world).await
}

impl Dispatching {
    async fn current(&self, world: &World) -> Result<Arc<Dispatcher>, PortError> {
        let directory = world.rules.directory().await?;
        let wall = world.clock.wall();
        let kept =
            self.kept().filter(|kept| kept.dispatcher.directory.version() == directory.version());
        let age = |kept: &Kept| wall.millis() - kept.looked_at.millis();
        let fresh = |kept: &&Kept| (0..world.rules.kit.keep_ms()).contains(&age(kept));
        if let Some(fresh) = kept.as_ref().filter(fresh) {
            return Ok(Arc::clone(&fresh.dispatcher));
        }
        let books = &world.rules.books;
        let versions = [
            books.newest(Book::Catalog).await?,
            books.newest(Book::Model).await?,
            books.newest(Book::Lessons).await?,
        ];
        let dispatcher = match kept.filter(|kept| kept.versions == versions) {
            Some(kept) => kept.dispatcher,
            None => {
                if versions == [None; 3] {
                    return Ok(self.keep((by_the_sample(directory), versions), wall));
                }
                let [catalog, model, lessons] = versions;
                let catalog = catalog_of(world, catalog).await?;
                let known = (model_of(world, model).await?, model.unwrap_or(0));
                let model = taught(world, &catalog, known, lessons).await?;
                Arc::new(Dispatcher::new(directory, catalog, model))
            }
        };
        Ok(self.keep((dispatcher, versions), wall))
    }

    fn keep(
        &self,
        (dispatcher, versions): (Arc<Dispatcher>, [Option<u32>; 3]),
        looked_at: Timestamp,
    ) -> Arc<Dispatcher> {
        let kept = Kept { dispatcher: Arc::clone(&dispatcher), versions, looked_at };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        dispatcher
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The dispatcher of a city that has imported neither catalog nor model: made once for a directory, however
/// many cities a process plays.
fn by_the_sample(directory: Arc<Directory>) -> Arc<Dispatcher> {
    static MADE: Mutex<Option<Arc<Dispatcher>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let same = made.as_ref().filter(|made| Arc::ptr_eq(&made.directory, &directory));
    if let Some(same) = same {
        return Arc::clone(same);
    }
    let (catalog, model) = (crate::city::sample_catalog(), crate::city::sample_model());
    let new = Arc::new(Dispatcher::new(directory, catalog, model));
    *made = Some(Arc::clone(&new));
    new
}

async fn stored(world: &World, book: Book, version: u32) -> Result<Vec<u8>, PortError> {
    let bytes = world.rules.books.read(book, version).await?;
    let vanished =
        || PortError::Temporary(format!("version {version} of the {} is not there", book.name()));
    bytes.ok_or_else(vanished)
}

/// A version of the catalog; without one the sample city's.
///
/// # Errors
/// [`PortError`]; permanent when what is stored is no catalog.
pub async fn catalog_of(world: &World, version: Option<u32>) -> Result<Arc<Catalog>, PortError> {
    let Some(version) = version.filter(|version| *version > 0) else {
        return Ok(crate::city::sample_catalog());
    };
    let bytes = stored(world, Book::Catalog, version).await?;
    let wrong = |why: String| {
        PortError::Permanent(format!("version {version} of the catalog cannot be read: {why}"))
    };
    let text = String::from_utf8(bytes).map_err(|fault| wrong(fault.to_string()))?;
    let catalog = Catalog::parse(version, &text).map_err(|fault| wrong(fault.to_string()))?;
    Ok(Arc::new(catalog))
}

async fn model_of(world: &World, version: Option<u32>) -> Result<Arc<Model>, PortError> {
    let Some(version) = version else { return Ok(crate::city::sample_model()) };
    let bytes = stored(world, Book::Model, version).await?;
    // Requests do not wait for a model to be mended: until then people decide.
    let model = Model::from_bytes(&bytes).unwrap_or_else(|fault| {
        tracing::error!(version, %fault, "the model cannot be read: all goes to the dispatchers");
        Model::default()
    });
    Ok(Arc::new(model))
}

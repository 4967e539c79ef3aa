//! What is peculiar to the help desk's messages (`events/channels/media-help/schema.json`): the
//! programme, whether the reply may be broadcast, and photos.

use contracts::Circumstances;
use domain::{PHOTOS_MAX, UploadKey};
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type};

/// The length of a programme's name, in characters.
const PROGRAMME: (usize, usize) = (1, 64);

/// The media centre's words for what all such channels post, and its own fields. People rate on the
/// telephone: a programme does not ask them.
pub(crate) const CONTRACT: Contract = Contract {
    order: "story_id",
    sent_at: "told_at",
    text: "story",
    title_required: false,
    types: &[Type::Submit, Type::Supplement, Type::Urge, Type::Withdraw],
    more,
};

fn more(fields: &mut Fields, submission: &mut Submission, known: &mut Circumstances) {
    let programme = fields.text("programme", PROGRAMME);
    known.particulars.insert("栏目".to_owned(), programme);
    if let Some(may) = fields.optional_bool("broadcast") {
        known.particulars.insert("可否播出".to_owned(), (if may { "可" } else { "否" }).to_owned());
    }
    let parse: fn(&str) -> Option<UploadKey> = |text| UploadKey::parse(text).ok();
    submission.photos =
        fields.list("photo", PHOTOS_MAX, (parse, "the `key` that an upload was granted"));
}

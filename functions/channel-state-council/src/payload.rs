//! What is peculiar to the mini-program's messages (`events/channels/state-council/schema.json`): a
//! title that may be missing, the theme, and the region that the citizen chose.

use contracts::Circumstances;
use domain::RegionCode;
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type};

/// The length of a theme, in characters.
const THEME: (usize, usize) = (1, 64);
/// The length of a region's code, in digits; which are one says [`RegionCode`].
const REGION: (usize, usize) = (6, 12);

/// The mini-program's words for what all such channels post, and its own fields.
pub(crate) const CONTRACT: Contract = Contract {
    order: "letter_id",
    sent_at: "submitted_at",
    text: "content",
    title_required: false,
    types: Type::ALL,
    more,
};

fn more(fields: &mut Fields, _submission: &mut Submission, known: &mut Circumstances) {
    if let Some(theme) = fields.optional_text("theme", THEME) {
        known.particulars.insert("主题".to_owned(), theme);
    }
    let Some(region) = fields.optional_text("region", REGION) else { return };
    if RegionCode::parse(&region).is_err() {
        fields.note("region", "a code of 6 to 12 digits");
    }
    known.particulars.insert("行政区划".to_owned(), region);
}

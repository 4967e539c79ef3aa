//! What is peculiar to a letter (`events/channels/letters/schema.json`): how many have signed it.

use contracts::Circumstances;
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type};

/// The length of the number of signatures, in characters.
const SIGNATURES: (usize, usize) = (1, 6);

/// The office's words for what all such channels post, and its own field.
pub(crate) const CONTRACT: Contract = Contract {
    order: "letter_no",
    sent_at: "written_at",
    text: "letter",
    title_required: false,
    types: &[Type::Submit],
    more,
};

fn more(fields: &mut Fields, _submission: &mut Submission, known: &mut Circumstances) {
    if let Some(signatures) = fields.optional_text("signatures", SIGNATURES) {
        known.particulars.insert("联名人数".to_owned(), signatures);
    }
}

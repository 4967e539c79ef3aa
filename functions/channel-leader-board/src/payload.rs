//! What is peculiar to the board's messages (`events/channels/leader-board/schema.json`): to which
//! leader, and in which field of the board.

use contracts::Circumstances;
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type};

/// The lengths of the two, in characters.
const WORDS: (usize, usize) = (1, 64);

/// The board's words for what all such channels post, and its own fields.
pub(crate) const CONTRACT: Contract = Contract {
    order: "thread_id",
    sent_at: "posted_at",
    text: "content",
    title_required: true,
    types: Type::ALL,
    more,
};

fn more(fields: &mut Fields, _submission: &mut Submission, known: &mut Circumstances) {
    for (field, label) in [("addressee", "留言对象"), ("domain", "留言领域")] {
        if let Some(text) = fields.optional_text(field, WORDS) {
            known.particulars.insert(label.to_owned(), text);
        }
    }
}

//! What is peculiar to the hotline's messages (`events/channels/hotline-12345/schema.json`).

use lambda::messages::{Contract, Type};

/// The hotline's words for what all such channels post.
pub(crate) const CONTRACT: Contract = Contract {
    order: "order_id",
    sent_at: "sent_at",
    text: "content",
    title_required: true,
    types: Type::ALL,
    more: |_fields, _submission, _known| {},
};

//! What is peculiar to the hotline's messages (`events/channels/hotline-12345/schema.json`).

use lambda::messages::Contract;

/// The hotline's words for what all such channels post.
pub(crate) const CONTRACT: Contract = Contract {
    order: "order_id",
    sent_at: "sent_at",
    text: "content",
    title_required: true,
    more: |_fields, _submission| {},
};

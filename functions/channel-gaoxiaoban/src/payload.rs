//! What is peculiar to the app's messages (`events/channels/gaoxiaoban/schema.json`): the citizen's
//! place, photos, and a title that may be missing.

use contracts::{Circumstances, Place};
use domain::{PHOTOS_MAX, UploadKey};
use lambda::Submission;
use lambda::json::Fields;
use lambda::messages::{Contract, Type};

/// The app's words for what all such channels post, and its own fields.
pub(crate) const CONTRACT: Contract = Contract {
    order: "report_id",
    sent_at: "reported_at",
    text: "text",
    title_required: false,
    types: Type::ALL,
    more,
};

fn more(fields: &mut Fields, submission: &mut Submission, _known: &mut Circumstances) {
    submission.place = fields.inside("gps", |gps| {
        Some(Place { lat_e6: gps.degrees("lat", 90), lon_e6: gps.degrees("lon", 180) })
    });
    let parse: fn(&str) -> Option<UploadKey> = |text| UploadKey::parse(text).ok();
    submission.photos =
        fields.list("photos", PHOTOS_MAX, (parse, "the `key` that an upload was granted"));
}

//! What a citizen may send besides words.

use crate::record::text_enum;

text_enum!(
    /// The kinds of photo that are taken: those whose metadata can be found and cut out.
    MediaType, "one of `image/jpeg`, `image/png`, `image/webp`" {
        /// JPEG.
        Jpeg = "image/jpeg",
        /// PNG.
        Png = "image/png",
        /// WebP.
        Webp = "image/webp",
    }
);

text_enum!(
    /// Why an uploaded object is no photo that is attached.
    PhotoRefusal, "a reason for refusing a photo" {
        /// Nothing in it.
        Empty = "empty",
        /// Larger than what may be uploaded.
        TooLarge = "too_large",
        /// Its first bytes are not those of a kind of photo.
        UnknownType = "unknown_type",
        /// Another kind than was declared.
        OtherType = "other_type",
        /// Its structure breaks off or is not that of its kind.
        Damaged = "damaged",
        /// So many pixels that opening it would exhaust a program.
        TooManyPixels = "too_many_pixels",
    }
);

/// The most photos of one request, or of one report.
pub const PHOTOS_MAX: usize = 9;
/// The largest photo, in bytes.
pub const PHOTO_BYTES_MAX: u32 = 10 * 1024 * 1024;

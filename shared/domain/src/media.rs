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

/// The most photos of one request.
pub const PHOTOS_MAX: usize = 9;
/// The largest photo, in bytes.
pub const PHOTO_BYTES_MAX: u32 = 10 * 1024 * 1024;

//! The photos of a case file: each as it was sealed, within the page, and held to its commitment.
//!
//! A picture cannot be masked: whoever reads masked is told how many there are, and sees none.

use contracts::Photo;
use domain::{Event, Hash, MediaType, RecordId, SealedRef, Ticket, Timestamp};
use ports::{PortError, World};

use super::page::{Look, Page};
use super::{CaseFile, words};
use crate::read::Reader;

/// A photo that the timeline names.
#[derive(Debug)]
pub(super) struct Attached {
    /// The entry that names it.
    seq: u32,
    /// What the entry names.
    sealed: SealedRef,
    /// Its kind, as the entry says.
    media: MediaType,
    /// The size of the image in bytes, as the entry says.
    bytes: u32,
    /// What became of it.
    picture: Picture,
}

/// What became of a photo.
#[derive(Debug)]
enum Picture {
    /// The photo, and the commitment that it gives.
    Shown(Photo, Hash),
    /// The reader reads masked.
    Withheld,
    /// The person was erased: there is no key.
    Erased,
    /// The object is not there, or does not open.
    Unreadable,
}

fn named(ticket: &Ticket) -> impl Iterator<Item = (u32, &SealedRef, MediaType, u32)> {
    ticket.timeline().iter().filter_map(|entry| match &entry.event {
        Event::Attached { photo, media, bytes } => Some((entry.seq, photo, *media, *bytes)),
        _ => None,
    })
}

/// What the journal must tell of before [`open`].
pub(super) fn to_be_shown(reader: &Reader, sealed: &Ticket) -> Vec<RecordId> {
    let all = named(sealed).filter(|_| reader.unmasked);
    all.map(|(_, photo, ..)| photo.record.clone()).collect()
}

/// Opens the photos that the sealed timeline names, unless the reader reads masked.
pub(super) async fn open(
    world: &World,
    reader: &Reader,
    (sealed, erased_at): (&Ticket, Option<Timestamp>),
) -> Result<Vec<Attached>, PortError> {
    let records = to_be_shown(reader, sealed);
    let mut opened = match records.as_slice() {
        [] => None,
        records => world.vault().open_photos(sealed.id(), records).await?.map(Vec::into_iter),
    };
    let mut picture = || match &mut opened {
        Some(opened) => match opened.next().flatten() {
            Some((photo, seal)) => Picture::Shown(photo, seal),
            None => Picture::Unreadable,
        },
        None if reader.unmasked || erased_at.is_some() => Picture::Erased,
        None => Picture::Withheld,
    };
    let attached = named(sealed).map(|(seq, sealed, media, bytes)| Attached {
        seq,
        sealed: sealed.clone(),
        media,
        bytes,
        picture: picture(),
    });
    Ok(attached.collect())
}

/// The section; a case without photos has none.
pub(super) fn section(page: &mut Page, file: &CaseFile<'_>) {
    if file.photos.is_empty() {
        return;
    }
    page.section("附件照片");
    page.line(Look::Plain, &format!("共 {} 张。", file.photos.len()));
    if file.photos.iter().any(|photo| matches!(photo.picture, Picture::Withheld)) {
        let why = "照片无法脱敏，本件不予显示；确因工作需要的，请以未脱敏方式调取。";
        page.line(Look::Gone, why);
    }
    for photo in &file.photos {
        if let Picture::Shown(shown, seal) = &photo.picture {
            page.line(Look::Plain, &caption(photo.seq, shown));
            if *seal != photo.sealed.seal {
                page.line(Look::Wrong, "下图与承诺不符！");
            }
            page.picture(shown.media, &shown.image);
        }
    }
    let rows: Vec<_> = file.photos.iter().map(row).collect();
    page.table(&["序号", "类型与大小", "照片承诺", "核验"], &rows);
}

fn row(photo: &Attached) -> Vec<Vec<(Look, String)>> {
    vec![
        vec![(Look::Plain, photo.seq.to_string())],
        vec![(Look::Plain, format!("{}，{} 字节", photo.media, photo.bytes))],
        vec![(Look::Hash, photo.sealed.seal.to_string())],
        vec![verdict(photo)],
    ]
}

/// What the camera said of time and place: nobody has checked it.
fn caption(seq: u32, photo: &Photo) -> String {
    let mut text = format!("照片（时间线第 {seq} 条）。");
    if let Some(at) = &photo.taken_at {
        text.push_str(&format!("相机所示时间：{at}。"));
    }
    if let Some(place) = photo.place {
        text.push_str(&format!("相机所示位置：{}。", words::place(place)));
    }
    text
}

fn verdict(photo: &Attached) -> (Look, String) {
    match &photo.picture {
        Picture::Shown(_, seal) if *seal == photo.sealed.seal => {
            (Look::Plain, "与承诺一致".to_owned())
        }
        Picture::Shown(..) => (Look::Wrong, "与承诺不符！".to_owned()),
        Picture::Withheld => (Look::Gone, "未打开，未核验".to_owned()),
        Picture::Erased => (Look::Gone, "已删除，无从核验照片；承诺仍在链上".to_owned()),
        Picture::Unreadable => (Look::Wrong, "无法读取".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use domain::CommandId;

    use super::*;

    const IMAGE: &[u8] = b"\xFF\xD8<script>\"'>&\xFF\xD9";

    fn photo() -> Photo {
        Photo {
            media: MediaType::Jpeg,
            taken_at: Some("<script>alert(1)</script>".to_owned()),
            place: None,
            image: IMAGE.to_vec(),
        }
    }

    fn page(picture: Picture) -> String {
        let record = RecordId::of_command(&CommandId::derive("a", "b"));
        let sealed = SealedRef { record, seal: Hash::ZERO };
        let photo = Attached { seq: 3, sealed, media: MediaType::Jpeg, bytes: 19, picture };
        let reader = super::super::tests::reader();
        let mut file = super::super::tests::file(&reader, crate::read::Shown::Erased);
        file.photos.push(photo);
        let mut page = Page::new("");
        section(&mut page, &file);
        page.finish()
    }

    #[test]
    fn a_photo_is_within_the_page_and_held_to_its_commitment() {
        let html = page(Picture::Shown(photo(), Hash::ZERO));
        let data = data_encoding::BASE64.encode(IMAGE);
        assert!(html.contains(&format!("src=\"data:image/jpeg;base64,{data}\"")), "{html}");
        assert!(html.contains("与承诺一致") && html.contains("image/jpeg，19 字节"));
        let html = page(Picture::Shown(photo(), Hash::of_bytes(b"other")));
        assert!(html.contains("与承诺不符") && !html.contains("与承诺一致"));
    }

    #[test]
    fn what_a_camera_says_is_a_text_like_any_other() {
        let html = page(Picture::Shown(photo(), Hash::ZERO));
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"));
        assert_eq!(html.matches("<img").count(), 1);
    }

    #[test]
    fn what_is_not_shown_is_counted_and_its_reason_told() {
        for (picture, word) in [
            (Picture::Withheld, "照片无法脱敏"),
            (Picture::Erased, "已删除"),
            (Picture::Unreadable, "无法读取"),
        ] {
            let html = page(picture);
            assert!(html.contains("共 1 张") && html.contains(word), "{html}");
            assert!(!html.contains("<img") && !html.contains("与承诺"));
        }
    }
}

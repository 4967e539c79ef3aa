//! Mails that nobody has taken: the bucket tells of a mail once, and when that message is lost nothing
//! else does, for a mail is in no table before it is taken. A mail that is settled is gone, so one that
//! has lain for long is told of again, as the bucket did; twice does no harm.

use std::collections::BTreeSet;

use contracts::MailNotice;
use domain::Timestamp;
use ports::{PortError, World};

/// A mail that has lain for so long, in wall time, was not taken for want of a message, or cannot be
/// taken just now.
const MAIL_FORGOTTEN_MS: i64 = Timestamp::HOUR_MS;
/// A run looks at so many pages: a hundred thousand mails on S3, far more than a city is sent in an hour.
const PAGES_MAX: usize = 100;
/// A run tells of so many, the oldest: where the function is out of order, what is told of again must not
/// grow faster than what comes in.
const TOLD_MAX: usize = 1000;

/// What was done about the mails that lie there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mails {
    /// How many were told of again.
    pub told: u32,
    /// How many are longer than any that is taken. Of these nobody is told again: each time would be
    /// another dead letter.
    pub too_large: u32,
}

pub(crate) async fn tell_again(world: &World) -> Result<Mails, PortError> {
    let (oldest, too_large) = forgotten(world).await?;
    let mut mails = Mails { told: 0, too_large };
    for (_put, key) in oldest {
        world.hints.mail(&MailNotice { key }).await?;
        mails.told += 1;
    }
    let Mails { told, too_large } = mails;
    if told > 0 || too_large > 0 {
        tracing::warn!(told, too_large, "mails that nobody has taken");
    }
    Ok(mails)
}

/// The mails to tell of, oldest first, and how many lie there that are too large.
async fn forgotten(world: &World) -> Result<(BTreeSet<(Timestamp, String)>, u32), PortError> {
    // Not city time, which may be moved: it is the bucket that says when a mail was put.
    let until = world.clock.wall().plus_millis(-MAIL_FORGOTTEN_MS);
    let (mut oldest, mut too_large, mut from) = (BTreeSet::new(), 0, None);
    for _ in 0..PAGES_MAX {
        let page = world.uploads.mails(from.as_ref()).await?;
        for mail in page.items.into_iter().filter(|mail| mail.put <= until) {
            if mail.bytes > MailNotice::BYTES_MAX as u64 {
                too_large += 1;
                continue;
            }
            oldest.insert((mail.put, mail.key));
            if oldest.len() > TOLD_MAX {
                oldest.pop_last();
            }
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    Ok((oldest, too_large))
}

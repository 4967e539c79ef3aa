//! The shape of a channel that mail comes by: nobody waits for an answer, so whatever HTTP would refuse is
//! kept for staff.
//!
//! A mail server puts each mail into a bucket, whose messages come by a queue. A mail that is taken, or
//! that is not proven, is deleted; one that is proven and refused is deleted when it lies in quarantine.
//! Only what is too large stays where it lies until the bucket's lifecycle ends it, and its message goes
//! to the dead letters.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Hint, MailNotice, Problem};
use domain::{Hash, PHOTOS_MAX, UploadKey};
use ports::{PortError, World};
use serde_json::Value;

use super::counter::Counter;
use super::{Adapter, Message, Photo, Submission, Unverified, Verified};
use crate::function::{Failure, Function};
use crate::http::Request;
use crate::quarantine::keep;
use crate::records::{self, Records};
use crate::step::StepError;
use crate::tell::tell;

/// A deployed channel whose messages are mails.
pub struct Mailbox<A> {
    adapter: A,
    counter: Counter,
}

impl<A> std::fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({})", self.counter.channel)
    }
}

impl<A: Adapter + 'static> Mailbox<A> {
    /// The function of `adapter`. Its translation lists the ways to read one mail, the likeliest
    /// first: a way that is about a request which is not there gives way to the next.
    #[must_use]
    pub fn create(adapter: A, world: World) -> Arc<dyn Function> {
        let counter = Counter::new(&adapter, world);
        Arc::new(Self { adapter, counter })
    }

    async fn mail(&self, key: &str) -> Result<(), StepError> {
        let Counter { world, channel, .. } = &self.counter;
        let Some(mail) = world.uploads.mail(key, self.adapter.body_bytes_max()).await? else {
            tracing::info!(channel = %channel, "a mail that was settled before");
            return Ok(());
        };
        let Some(body) = mail else {
            tracing::warn!(channel = %channel, "refused: too large a mail");
            return Err(StepError::Permanent("too large a mail".to_owned()));
        };
        let secret = world.secrets.channel().await?;
        let (bytes, hash) = (body.len(), Hash::of_bytes(&body));
        let request = Request { path: String::new(), headers: [].into(), body };
        let unverified = Unverified::new(request, world.clock.wall());
        match unverified.verify(&self.adapter, &secret.secrets) {
            Ok(verified) => self.settle(&verified).await?,
            Err(problem) => {
                self.counter.refused(&problem);
                tracing::warn!(channel = %channel, body.bytes = bytes, body.sha256 = %hash, "a mail that is not proven");
            }
        }
        Ok(world.uploads.remove_mail(key).await?)
    }

    /// Takes a proven mail, or puts it into quarantine.
    async fn settle(&self, mail: &Verified) -> Result<(), StepError> {
        let Err(problem) = self.take(mail).await else { return Ok(()) };
        self.counter.refused(&problem);
        if problem.status >= 500 {
            return Err(StepError::Temporary(problem.kind));
        }
        let Counter { world, channel, .. } = &self.counter;
        Ok(keep(world, channel, (&problem, &self.adapter.unread(mail, None))).await?)
    }

    async fn take(&self, mail: &Verified) -> Result<(), Problem> {
        let mut last = Problem::new(400, "empty", "The mail holds no message");
        for way in self.adapter.translate(mail)? {
            let result = match way {
                Ok(Message::Submit(submission, known)) => {
                    // Only a request has photos: a reply and what a machine wrote are not searched.
                    let submission = self.with(submission, &self.adapter.photos(mail)).await;
                    let submission = submission.map_err(|e| self.counter.unavailable(&e))?;
                    self.counter.take(Message::Submit(submission, known)).await
                }
                Ok(message) => self.counter.take(message).await,
                Err(problem) => Err(problem),
            };
            match result {
                Ok(_taken) => return Ok(()),
                Err(problem) if problem.status == 404 => last = problem,
                Err(problem) => return Err(problem),
            }
        }
        Err(last)
    }

    /// A request that names its photos, which lie where uploads do. What they are called follows from
    /// the mail: the same mail again is the same request.
    async fn with(
        &self,
        mut submission: Submission,
        photos: &[Photo],
    ) -> Result<Submission, PortError> {
        let Counter { world, channel, .. } = &self.counter;
        for (at, photo) in (0_u32..).zip(photos.iter().take(PHOTOS_MAX)) {
            let Submission { order, sent_at, .. } = &submission;
            let place = [channel.as_str().as_bytes(), order.as_bytes(), &at.to_be_bytes()];
            let hash = Hash::of("lianxin.mail-photo.v1", &[&place[..], &[&photo.bytes]].concat());
            let mut name = [0; 16];
            name.iter_mut().zip(hash.as_bytes()).for_each(|(to, byte)| *to = *byte);
            let key = UploadKey::new(&world.region, *sent_at, &name);
            world.uploads.put(&key, photo.media, photo.bytes.clone()).await?;
            submission.photos.push(key);
        }
        Ok(submission)
    }
}

#[async_trait]
impl<A: Adapter + 'static> Records for Mailbox<A> {
    fn name(&self) -> &str {
        self.counter.channel.as_str()
    }

    /// One queue brings both: what the bucket says of a mail, and tickets of which somebody who wrote
    /// is to be told something.
    async fn record(&self, body: &str) -> Result<(), StepError> {
        if let Ok(hint) = Hint::from_body(body) {
            return tell(&self.counter.world, &self.adapter, &hint).await;
        }
        let notices = MailNotice::all_from_body(body)
            .map_err(|fault| StepError::Permanent(fault.to_string()))?;
        for notice in notices {
            self.mail(&notice.key).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<A: Adapter + 'static> Function for Mailbox<A> {
    async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        records::settle(self, &self.counter.world, event).await
    }
}

//! [`ports::Dossiers`], [`ports::Claims`], [`ports::Uploads`], [`ports::Hints`].

use contracts::{Hint, MailNotice, UploadHint};
use domain::{ChannelName, Hash, Step, Timestamp, UploadKey};
use futures_util::future::join_all;
use ports::{LyingMail, PutOnce, Upload};
use simulation::Stand;

use crate::lives::{life, lives};
use crate::stands::both;

both!(
    an_object_is_written_once,
    objects_are_listed_by_how_they_begin,
    an_upload_belongs_to_whom_claims_it_first,
    an_upload_is_fetched_and_removed,
    a_mail_lies_until_it_is_removed,
    hints_wait_in_the_queue_of_their_step,
);

async fn an_object_is_written_once(stand: &impl Stand) {
    let archive = &stand.world().dossiers;
    let key = "d/2026/03/one.json";
    assert_eq!(archive.get(key).await.unwrap(), None);
    let written = join_all((0..4).map(|_| archive.put_once(key, b"first"))).await;
    assert_eq!(written.iter().filter(|one| **one == Ok(PutOnce::Written)).count(), 1);
    assert_eq!(archive.put_once(key, b"first").await.unwrap(), PutOnce::Same);
    let other = archive.put_once(key, b"second").await.unwrap();
    assert_eq!(other, PutOnce::Different(Hash::of_bytes(b"first")), "what lies there");
    assert_eq!(archive.get(key).await.unwrap().as_deref(), Some(b"first".as_slice()));
}

async fn objects_are_listed_by_how_they_begin(stand: &impl Stand) {
    let archive = &stand.world().dossiers;
    for key in ["h/2026/10.json", "h/2026/02.json", "h/2025/12.json", "d/2026/01.json"] {
        archive.put_once(key, b"x").await.unwrap();
    }
    let listed = archive.list("h/2026/").await.unwrap();
    assert_eq!(listed, ["h/2026/02.json", "h/2026/10.json"]);
    assert_eq!(archive.list("h/").await.unwrap().len(), 3);
    assert!(archive.list("x/").await.unwrap().is_empty());
}

fn key(stand: &impl Stand, random: u8) -> UploadKey {
    UploadKey::new(&stand.world().region, Timestamp::from_millis(1_772_409_600_000), &[random; 16])
}

async fn an_upload_belongs_to_whom_claims_it_first(stand: &impl Stand) {
    let (claims, key) = (&stand.world().claims, key(stand, 1));
    let ids: Vec<_> = lives(4).iter().map(|life| life.new.ticket.id().clone()).collect();
    assert_eq!(claims.of(&key).await.unwrap(), None);
    let claimed = join_all(ids.iter().map(|id| claims.claim(&key, id))).await;
    let ours: Vec<_> = ids.iter().zip(claimed).filter(|(_, ours)| ours.clone().unwrap()).collect();
    assert_eq!(ours.len(), 1);
    let owner = ours[0].0;
    assert_eq!(claims.of(&key).await.unwrap().as_ref(), Some(owner));
    assert!(claims.claim(&key, owner).await.unwrap(), "the same again");
    let other = ids.iter().find(|id| *id != owner).unwrap();
    assert!(!claims.claim(&key, other).await.unwrap());
}

async fn an_upload_is_fetched_and_removed(stand: &impl Stand) {
    let (uploads, keys) = (&stand.world().uploads, [key(stand, 1), key(stand, 2)]);
    assert!(uploads.fetch(&keys[0], 100).await.unwrap().is_none());
    for key in &keys {
        let bytes = Some(b"a photo".to_vec());
        stand.upload(key, &Upload { declared: "image/jpeg".to_owned(), bytes }).await;
    }
    let fetched = uploads.fetch(&keys[0], 7).await.unwrap().unwrap();
    assert_eq!(fetched.declared, "image/jpeg");
    assert_eq!(fetched.bytes.as_deref(), Some(b"a photo".as_slice()));
    let large = uploads.fetch(&keys[0], 6).await.unwrap().unwrap();
    assert_eq!(large.bytes, None, "more than was to be read");
    let mut listed = Vec::new();
    let mut from = None;
    loop {
        let page = uploads.list(from.as_ref()).await.unwrap();
        listed.extend(page.items.into_iter().map(|(key, _)| key));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(listed, keys);
    uploads.remove(&keys[0]).await.unwrap();
    uploads.remove(&keys[0]).await.unwrap();
    assert!(uploads.fetch(&keys[0], 100).await.unwrap().is_none());
    assert!(uploads.fetch(&keys[1], 100).await.unwrap().is_some());
}

async fn mails(stand: &impl Stand) -> Vec<LyingMail> {
    let (mut listed, mut from) = (Vec::new(), None);
    loop {
        let page = stand.world().uploads.mails(from.as_ref()).await.unwrap();
        listed.extend(page.items);
        from = page.next;
        if from.is_none() {
            return listed;
        }
    }
}

async fn a_mail_lies_until_it_is_removed(stand: &impl Stand) {
    let world = stand.world();
    assert_eq!(mails(stand).await, []);
    let begun = world.clock.wall();
    // More than a page in memory, and a key that a store writes otherwise in its notices.
    let keys = ["m/1.eml", "m/2.eml", "m/3.eml", "m/4 一+.eml"];
    for (bytes, key) in keys.iter().enumerate() {
        stand.put_mail(key, &vec![b'x'; bytes]).await;
    }
    let listed = mails(stand).await;
    let told: Vec<_> = listed.iter().map(|mail| (mail.key.as_str(), mail.bytes)).collect();
    assert_eq!(told, keys.into_iter().zip(0..).collect::<Vec<_>>());
    // A store may know its time by the second only.
    let around = begun.plus_millis(-1000)..=world.clock.wall().plus_millis(1000);
    assert!(listed.iter().all(|mail| around.contains(&mail.put)), "{listed:?}: not wall time");
    assert_eq!(world.uploads.mail(keys[3], 3).await.unwrap(), Some(Some(b"xxx".to_vec())));
    assert_eq!(world.uploads.mail(keys[3], 2).await.unwrap(), Some(None), "too long");
    for _ in 0..2 {
        world.uploads.remove_mail(keys[0]).await.unwrap();
    }
    assert_eq!(world.uploads.mail(keys[0], 3).await.unwrap(), None);
    assert_eq!(mails(stand).await, listed[1..]);
    // One queue brings mails and tellings.
    let mailbox = ChannelName::parse("mayor-mailbox").unwrap();
    assert_eq!(world.hints.untold(&mailbox).await.unwrap(), 0);
    world.hints.mail(&MailNotice { key: keys[3].to_owned() }).await.unwrap();
    assert_eq!(world.hints.untold(&mailbox).await.unwrap(), 1);
}

async fn hints_wait_in_the_queue_of_their_step(stand: &impl Stand) {
    let hints = &stand.world().hints;
    let ticket = life().new.ticket;
    stand.world().tickets.create(&life().new).await.unwrap();
    for (step, sent) in [(Step::Intake, 1), (Step::Archive, 3)] {
        assert_eq!(hints.backlog(step).await.unwrap(), 0);
        for _ in 0..sent {
            let hint = Hint::new(ticket.id().clone(), 1);
            hints.send(step, &hint).await.unwrap();
        }
        assert_eq!(hints.backlog(step).await.unwrap(), sent);
    }
    hints.look(&UploadHint { key: key(stand, 1) }).await.unwrap();
    hints.bury("a body", &"a long reason ".repeat(200)).await.unwrap();
    assert_eq!(hints.backlog(Step::Intake).await.unwrap(), 1, "neither is a hint");
}

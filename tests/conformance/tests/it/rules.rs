//! [`ports::Calendars`], and the newest of [`ports::Directories`].

use domain::Timestamp;
use domain::directory::Files;
use futures_util::future::join_all;
use ports::StoredCalendar;
use simulation::Stand;

use crate::stands::both;

both!(
    a_calendar_follows_on_the_one_before,
    of_two_calendars_at_once_one_is_in_force,
    what_was_brought_to_a_calendar_is_noted_while_it_is_in_force,
    the_newest_directory_is_a_number,
);

fn calendar(number: u32, version: &str) -> StoredCalendar {
    StoredCalendar {
        number,
        version: version.to_owned(),
        text: format!("date,kind,name\n2026-03-{number:02},rest,演练\n"),
        since: Timestamp::from_millis(1_772_409_600_000 + i64::from(number)),
        replanned: 0,
    }
}

async fn a_calendar_follows_on_the_one_before(stand: &impl Stand) {
    let calendars = &stand.world().rules.calendars;
    assert_eq!(calendars.current().await.unwrap(), None);
    for number in 1..=3 {
        let next = calendar(number, &format!("v{number}"));
        assert!(calendars.put(&next).await.unwrap());
        assert_eq!(calendars.current().await.unwrap(), Some(next));
    }
    for wrong in [1, 2, 3, 5] {
        assert!(!calendars.put(&calendar(wrong, "another")).await.unwrap(), "{wrong}");
    }
    assert_eq!(calendars.current().await.unwrap(), Some(calendar(3, "v3")));
}

async fn of_two_calendars_at_once_one_is_in_force(stand: &impl Stand) {
    let calendars = &stand.world().rules.calendars;
    assert!(calendars.put(&calendar(1, "v1")).await.unwrap());
    let all: Vec<StoredCalendar> = (0..4).map(|at| calendar(2, &format!("of {at}"))).collect();
    let put = join_all(all.iter().map(|one| calendars.put(one))).await;
    let won: Vec<_> = all.iter().zip(put).filter(|(_, put)| put.clone().unwrap()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(calendars.current().await.unwrap().as_ref(), Some(won[0].0));
}

async fn what_was_brought_to_a_calendar_is_noted_while_it_is_in_force(stand: &impl Stand) {
    let calendars = &stand.world().rules.calendars;
    calendars.replanned(1, 16).await.unwrap();
    assert_eq!(calendars.current().await.unwrap(), None, "there is none to note it on");
    calendars.put(&calendar(1, "v1")).await.unwrap();
    calendars.replanned(1, 7).await.unwrap();
    let noted = async || calendars.current().await.unwrap().unwrap().replanned;
    assert_eq!(noted().await, 7);
    calendars.put(&calendar(2, "v2")).await.unwrap();
    assert_eq!(noted().await, 0);
    calendars.replanned(1, 8).await.unwrap();
    assert_eq!(noted().await, 0, "it is not in force any more");
    calendars.replanned(2, 1).await.unwrap();
    let stands = calendars.current().await.unwrap().unwrap();
    assert_eq!(stands, StoredCalendar { replanned: 1, ..calendar(2, "v2") });
}

async fn the_newest_directory_is_a_number(stand: &impl Stand) {
    let directories = &stand.world().rules.directories;
    assert_eq!(directories.newest().await.unwrap(), None);
    for version in 1..=11 {
        assert!(directories.put(version, &Files::default()).await.unwrap());
        assert_eq!(directories.newest().await.unwrap(), Some(version));
    }
}

//! [`ports::Calendars`], the newest of [`ports::Directories`], and [`ports::Books`].

use domain::Timestamp;
use domain::directory::Files;
use futures_util::future::join_all;
use ports::{Book, StoredCalendar};
use simulation::Stand;

use crate::stands::both;

both!(
    a_calendar_follows_on_the_one_before,
    of_two_calendars_at_once_one_is_in_force,
    what_was_brought_to_a_calendar_is_noted_while_it_is_in_force,
    the_newest_directory_is_a_number,
    a_book_s_version_is_written_once_and_each_book_has_its_own,
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

async fn a_book_s_version_is_written_once_and_each_book_has_its_own(stand: &impl Stand) {
    let rules = &stand.world().rules;
    let books = &rules.books;
    for book in Book::ALL {
        assert_eq!(books.newest(book).await.unwrap(), None);
        assert_eq!(books.read(book, 1).await.unwrap(), None);
        for version in 1..=11_u32 {
            let bytes = format!("{} {version}", book.name()).into_bytes();
            assert!(books.put(book, version, &bytes).await.unwrap());
            assert_eq!(books.newest(book).await.unwrap(), Some(version));
            assert_eq!(books.read(book, version).await.unwrap(), Some(bytes));
        }
        let all = (0..4).map(|at| async move { books.put(book, 12, &[at]).await.unwrap() });
        let won = join_all(all).await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1);
        assert!(!books.put(book, 3, b"other").await.unwrap());
        assert_eq!(
            books.read(book, 3).await.unwrap().unwrap(),
            format!("{} 3", book.name()).into_bytes()
        );
    }
    assert_eq!(rules.directories.newest().await.unwrap(), None, "a book is no directory");
}

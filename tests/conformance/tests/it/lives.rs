//! Tickets to test with: the lives of requests that a simulated city has led home without a fault.

use domain::{Ticket, Turn};
use ports::NewTicket;
use simulation::{Op, Settings, run};

/// A request's life.
#[derive(Debug)]
pub(crate) struct Life {
    /// How it began.
    pub(crate) new: NewTicket,
    /// The ticket at each of its writes, the first as created.
    pub(crate) versions: Vec<Ticket>,
}

/// So many lives, from webhook to case file.
pub(crate) fn lives(count: u32) -> Vec<Life> {
    let settings = Settings { tickets: count, record: true, nights: false, ..Settings::quiet(1) };
    let ops = run(&settings).ops;
    let news = ops.iter().filter_map(|op| match op {
        Op::Create(new) => Some((**new).clone()),
        _ => None,
    });
    news.map(|new| {
        let written = ops.iter().filter_map(|op| match op {
            Op::Advance(two) if two.0.id() == new.ticket.id() => Some(two.1.clone()),
            _ => None,
        });
        let versions = std::iter::once(new.ticket.clone()).chain(written).collect();
        Life { new, versions }
    })
    .collect()
}

/// One life.
pub(crate) fn life() -> Life {
    lives(1).remove(0)
}

impl Life {
    /// The first version and the next.
    pub(crate) fn first_two(&self) -> [&Ticket; 2] {
        [&self.versions[0], &self.versions[1]]
    }

    /// The last version: archived.
    pub(crate) fn last(&self) -> &Ticket {
        self.versions.last().unwrap()
    }

    /// Leads it so far that somebody's turn is as wanted.
    pub(crate) async fn lead(
        &self,
        world: &ports::World,
        until: impl Fn(&Turn) -> bool,
    ) -> &Ticket {
        assert!(world.tickets.create(&self.new).await.unwrap());
        for two in self.versions.windows(2) {
            if until(&two[0].turn()) {
                return &two[0];
            }
            world.tickets.advance(&two[0], &two[1]).await.unwrap();
        }
        self.last()
    }
}

//! Tickets to test with: the lives of requests that a simulated city has led home without a fault.

use domain::{Ticket, Timestamp, Turn, cards};
use ports::{Advanced, NewTicket};
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
    let spill_at = usize::MAX;
    of(&Settings { tickets: count, record: true, nights: false, spill_at, ..Settings::quiet(1) })
}

/// Lives in which people do much, each led so far that many have something to do in it.
pub(crate) fn peopled() -> Vec<Life> {
    let (tickets, lively, busy_ms) = (30, 6000, 8 * Timestamp::HOUR_MS);
    // In memory nothing may have been spilled: the engines spill by size, and do it themselves.
    let (erases, spill_at) = (0, usize::MAX);
    let settings = Settings { tickets, lively, busy_ms, erases, spill_at, ..Settings::quiet(1) };
    let mut lives = of(&Settings { record: true, nights: false, ..settings });
    for life in &mut lives {
        let busy = |ticket: &Ticket| cards(ticket, 0).len() > 1 && !ticket.is_machines();
        let keep = life.versions.iter().rposition(busy).map_or(1, |at| at + 1);
        life.versions.truncate(keep);
    }
    lives
}

fn of(settings: &Settings) -> Vec<Life> {
    let ops = run(settings).ops;
    let news = ops.iter().filter_map(|op| match op {
        Op::Create(new) => Some((**new).clone()),
        _ => None,
    });
    news.map(|new| {
        let mut versions = vec![new.ticket.clone()];
        for op in &ops {
            let Op::Advance(two) = op else { continue };
            // Who was not first has written nothing.
            let first = versions.last().map(Ticket::version) == Some(two.0.version());
            if two.0.id() == new.ticket.id() && first {
                versions.push(two.1.clone());
            }
        }
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
            // As its callers do: from what this store has loaded, which may have spilled.
            let stands = world.tickets.load(two[0].id()).await.unwrap().unwrap().ticket;
            let mut next = stands.clone();
            for entry in two[1].timeline().iter().filter(|entry| entry.seq > stands.version()) {
                let (event, actor) = (entry.event.clone(), entry.actor.clone());
                next.apply(event, actor, entry.cause.clone(), entry.at).unwrap();
            }
            let advanced = world.tickets.advance(&stands, &next).await.unwrap();
            assert_eq!(advanced, Advanced::Done);
        }
        self.last()
    }
}

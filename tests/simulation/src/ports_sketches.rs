//! The sketches in memory, which do not lag.

use async_trait::async_trait;
use domain::TicketId;
use domain::repeat::Seen;
use ports::{Cursor, Neighbourhood, Page, PortError, Sketches};

use crate::core::Port;
use crate::faults::Call;
use crate::ops::Op;

/// So many are read at a time.
const PAGE: usize = 2;

fn sort(seen: &Seen) -> String {
    format!("{:015}#{}", seen.received_at.millis(), seen.ticket)
}

#[async_trait]
impl Sketches for Port {
    async fn put(&self, category: &str, seen: &Seen) -> Result<(), PortError> {
        self.call(Call::SketchPut, seen.ticket.as_str(), |state, _| {
            state.record(|| Op::SketchPut(category.to_owned(), Box::new(seen.clone())));
            let entry = (category.to_owned(), seen.clone());
            state.store.sketches.insert(seen.ticket.clone(), entry);
            Ok(())
        })
        .await
    }

    async fn near(
        &self,
        place: Neighbourhood<'_>,
        from: Option<&Cursor>,
    ) -> Result<Page<Seen>, PortError> {
        self.call(Call::SketchNear, "", |state, _| {
            state.record(|| Op::SketchNear(place.township.cloned(), place.category.to_owned()));
            let here = |(category, seen): &&(String, Seen)| {
                category == place.category && seen.township.as_ref() == place.township
            };
            let below = |seen: &&Seen| from.is_none_or(|cursor| sort(seen) < cursor.0);
            let found = state.store.sketches.values().filter(here).map(|(_, seen)| seen);
            let mut found: Vec<&Seen> = found.filter(below).collect();
            found.sort_by_key(|seen| std::cmp::Reverse(sort(seen)));
            let more = found.len() > PAGE;
            found.truncate(PAGE);
            let next = found.last().filter(|_| more).map(|last| Cursor(sort(last)));
            Ok(Page { items: found.into_iter().cloned().collect(), next })
        })
        .await
    }

    async fn same_body(&self, body: [u8; 8]) -> Result<Vec<Seen>, PortError> {
        self.call(Call::SketchBody, "", |state, _| {
            state.record(|| Op::SketchBody(body));
            let same = |seen: &&Seen| seen.sketch.body_key() == Some(body);
            let seen = state.store.sketches.values().map(|(_, seen)| seen);
            let mut found: Vec<Seen> = seen.filter(same).cloned().collect();
            found.sort_by_key(sort);
            Ok(found)
        })
        .await
    }

    async fn remove(&self, ticket: &TicketId) -> Result<(), PortError> {
        self.call(Call::SketchRemove, ticket.as_str(), |state, _| {
            state.record(|| Op::SketchRemove(ticket.clone()));
            state.store.sketches.remove(ticket);
            Ok(())
        })
        .await
    }
}

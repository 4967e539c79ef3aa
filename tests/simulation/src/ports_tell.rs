//! How channels are told, in memory: [`Deliveries`], and receivers that remember what they were told.

use async_trait::async_trait;
use domain::{ChannelName, Ticket, TicketId, Timestamp};
use ports::{Deliveries, Delivery, DueDelivery, PortError, Post, Posts};

use crate::core::Port;
use crate::faults::Call;
use crate::index::Partition;
use crate::ops::Op;

#[async_trait]
impl Deliveries for Port {
    async fn due(
        &self,
        channel: &ChannelName,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueDelivery>, PortError> {
        self.call(Call::TellDue, "", |state, lag| {
            state.record(|| Op::TellDue(channel.clone(), until, limit));
            let place = Partition::Telling(channel.as_str().to_owned(), false);
            let entries = state.store.index.read(&place, lag).into_iter();
            let due = entries.take_while(|entry| entry.0 <= until).take(limit.into());
            Ok(due.map(|(due, ticket, _)| DueDelivery { ticket, due }).collect())
        })
        .await
    }

    async fn given_up(
        &self,
        channel: &ChannelName,
        limit: u16,
    ) -> Result<Vec<TicketId>, PortError> {
        let state = self.core.lock();
        let place = Partition::Telling(channel.as_str().to_owned(), true);
        let all = state.store.index.read(&place, 0).into_iter().take(limit.into());
        Ok(all.map(|(_, ticket, _)| ticket).collect())
    }

    async fn of(&self, id: &TicketId) -> Result<Option<(Ticket, Delivery)>, PortError> {
        self.call(Call::DeliveryOf, id.as_str(), |state, _| {
            state.record(|| Op::DeliveryOf(id.clone()));
            let row = state.store.tickets.get(id);
            Ok(row.map(|row| (row.ticket.clone(), row.delivery)))
        })
        .await
    }

    async fn told(&self, ticket: &Ticket, told: u32) -> Result<bool, PortError> {
        self.call(Call::Told, ticket.id().as_str(), |state, _| {
            state.record(|| Op::Told(Box::new(ticket.clone()), told));
            Ok(state.store.told(ticket.id(), ticket.version(), told))
        })
        .await
    }

    async fn put_off(
        &self,
        ticket: &Ticket,
        before: &Delivery,
        now: &Delivery,
    ) -> Result<bool, PortError> {
        self.call(Call::PutOff, ticket.id().as_str(), |state, _| {
            state.record(|| Op::PutOff(Box::new(ticket.clone()), *before, *now));
            Ok(state.store.put_off(ticket.id(), before, now))
        })
        .await
    }
}

#[async_trait]
impl Posts for Port {
    async fn post(&self, post: &Post) -> Result<u16, PortError> {
        let key = post.headers.iter().find(|(name, _)| name == "idempotency-key");
        let key = key.map_or_else(String::new, |(_, key)| key.clone());
        self.call(Call::Post, &key, |state, _| {
            if let Some((ticket, seq)) = key.split_once('/') {
                let ticket = TicketId::parse(ticket).unwrap();
                state.ledger.tell(&ticket, seq.parse().unwrap());
            }
            Ok(200)
        })
        .await
    }
}

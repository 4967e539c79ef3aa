//! The fund's ledger: [`Fund`].

use async_trait::async_trait;
use domain::fund::{
    AccountId, ApplicationId, Balance, EntryRef, FiscalYear, LedgerChange, Posting,
};
use domain::{CommandId, Hash, PayeeCode, Ticket, TicketId};
use ports::{Advanced, Fund, PortError};

use crate::bugs::Bug;
use crate::core::{Port, State};
use crate::faults::Call;
use crate::ops::Op;

#[async_trait]
impl Fund for Port {
    async fn post(
        &self,
        change: &LedgerChange,
        ticket: Option<(&Ticket, &Ticket)>,
    ) -> Result<Advanced, PortError> {
        let about =
            change.case.as_ref().map_or(change.cause.as_str(), |case| case.id.ticket.as_str());
        self.call(Call::FundPost, about, |state, _| {
            state.record(|| {
                let both = ticket.map(|(before, after)| (before.clone(), after.clone()));
                Op::FundPost(Box::new((change.clone(), both)))
            });
            let posted = state.post(change, ticket);
            state.ledger.late += u64::from(posted == Advanced::Stale);
            Ok(posted)
        })
        .await
    }

    async fn balance(&self, account: &AccountId) -> Result<Option<Balance>, PortError> {
        self.call(Call::FundBalance, "", |state, _| {
            state.record(|| Op::FundBalance(account.clone()));
            Ok(state.store.fund.accounts.get(account).cloned())
        })
        .await
    }

    async fn accounts(&self, year: FiscalYear) -> Result<Vec<Balance>, PortError> {
        self.call(Call::FundAccounts, "", |state, _| {
            state.record(|| Op::FundAccounts(year));
            let all = state.store.fund.accounts.values();
            let mut all: Vec<Balance> = all.filter(|b| b.account.year == year).cloned().collect();
            all.sort_by_key(|balance| balance.account.to_string());
            Ok(all)
        })
        .await
    }

    async fn entries(
        &self,
        account: &AccountId,
        after: u32,
        limit: u16,
    ) -> Result<Vec<Posting>, PortError> {
        self.call(Call::FundEntries, "", |state, _| {
            state.record(|| Op::FundEntries(account.clone(), after, limit));
            let journal = state.store.fund.journals.get(account).into_iter().flatten();
            let rest = journal.filter(|posting| posting.seq > after);
            Ok(rest.take(limit.into()).cloned().collect())
        })
        .await
    }

    async fn entry(&self, entry: &EntryRef) -> Result<Option<Posting>, PortError> {
        self.call(Call::FundEntry, "", |state, _| {
            state.record(|| Op::FundEntry(entry.clone()));
            Ok(state.store.fund.entry(entry).cloned())
        })
        .await
    }

    async fn case(&self, application: &ApplicationId) -> Result<Vec<Posting>, PortError> {
        self.call(Call::FundCase, application.ticket.as_str(), |state, _| {
            state.record(|| Op::FundCase(application.clone()));
            Ok(state.store.fund.case(application))
        })
        .await
    }

    async fn cases(&self, ticket: &TicketId) -> Result<Vec<ApplicationId>, PortError> {
        self.call(Call::FundCases, ticket.as_str(), |state, _| {
            state.record(|| Op::FundCases(ticket.clone()));
            let all = state.store.fund.cases.keys();
            Ok(all.filter(|id| id.ticket == *ticket).cloned().collect())
        })
        .await
    }

    async fn done(&self, cause: &CommandId) -> Result<Vec<EntryRef>, PortError> {
        self.call(Call::FundDone, cause.as_str(), |state, _| {
            state.record(|| Op::FundDone(cause.clone()));
            Ok(state.store.fund.done.get(cause).cloned().unwrap_or_default())
        })
        .await
    }

    async fn payment(
        &self,
        payee: &PayeeCode,
        invoice: &Hash,
    ) -> Result<Option<EntryRef>, PortError> {
        self.call(Call::FundPayment, payee.as_str(), |state, _| {
            state.record(|| Op::FundPayment(payee.clone(), *invoice));
            Ok(state.store.fund.invoices.get(&(payee.clone(), *invoice)).cloned())
        })
        .await
    }

    async fn is_reversed(&self, entry: &EntryRef) -> Result<bool, PortError> {
        self.call(Call::FundReversed, "", |state, _| {
            state.record(|| Op::FundReversed(entry.clone()));
            Ok(state.store.fund.reversed.contains(entry))
        })
        .await
    }
}

impl State {
    /// One write: entries, accounts, application and ticket, or nothing.
    fn post(&mut self, change: &LedgerChange, ticket: Option<(&Ticket, &Ticket)>) -> Advanced {
        let bug = self.settings.bug;
        let takes = self.store.fund.takes(change, bug);
        let halves = bug == Some(Bug::HalfWritten);
        if !takes && !halves {
            return Advanced::Stale;
        }
        let mut stands = Advanced::Done;
        if let Some((before, after)) = ticket {
            let since = self.store.tickets.get(after.id()).map_or(0, |row| row.changed);
            stands = self.store.advance(before, after, self.now);
            if stands == Advanced::Done {
                self.advanced(before, after, since);
            }
        }
        if !takes || (stands == Advanced::Stale && !halves) {
            return Advanced::Stale;
        }
        for wrong in self.store.fund.wrong(change) {
            self.ledger.violation(change.cause.as_str(), wrong);
        }
        self.store.fund.post(change);
        stands
    }
}

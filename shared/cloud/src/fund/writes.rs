//! The items of one write of the ledger, each with its condition.

use aws_sdk_dynamodb::types::{AttributeValue as Value, Delete, Put, TransactWriteItem, Update};
use domain::Record;
use domain::fund::{Balance, CaseChange, EntryRef, Invoice, LedgerChange, Posting};
use ports::PortError;

use super::{DynamoFund, ONE, key};
use crate::change::impossible;
use crate::item::{Item, bytes};
use crate::keys;
use crate::transaction::put_new;

fn texts(map: impl IntoIterator<Item = (String, String)>) -> Value {
    Value::M(map.into_iter().map(|(name, text)| (name, Value::S(text))).collect())
}

fn refs(entries: impl IntoIterator<Item = EntryRef>) -> Value {
    Value::L(entries.into_iter().map(|entry| Value::S(entry.to_string())).collect())
}

impl DynamoFund {
    /// The next entry of a journal.
    fn append(&self, posting: &Posting) -> Result<TransactWriteItem, PortError> {
        let Record { kind, fields } = posting.to_record();
        let mut item = self.entry_key(&posting.entry());
        item.insert("k".to_owned(), Value::S(kind));
        item.insert("f".to_owned(), texts(fields));
        put_new(self.ledger()?, item)
    }

    /// The account after its next entry, if the one before is still its last.
    fn settle(&self, posting: &Posting, after: &Balance) -> Result<TransactWriteItem, PortError> {
        let mut item = self.account_key(&after.account);
        item.insert("n".to_owned(), Value::N(after.seq.to_string()));
        item.insert("h".to_owned(), bytes(after.head.as_bytes()));
        item.insert("b".to_owned(), texts(after.to_fields()));
        if posting.seq == 1 {
            return put_new(self.table()?, item);
        }
        let before = Value::N(posting.seq.saturating_sub(1).to_string());
        let put = Put::builder()
            .table_name(self.table()?)
            .set_item(Some(item))
            .condition_expression("n = :before AND h = :head")
            .expression_attribute_values(":before", before)
            .expression_attribute_values(":head", bytes(posting.prev.as_bytes()))
            .build()
            .map_err(|e| impossible(&e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The application with its new entries, if nobody has added one.
    fn follow(
        &self,
        case: &CaseChange,
        postings: &[Posting],
    ) -> Result<TransactWriteItem, PortError> {
        let new = refs(postings.iter().map(Posting::entry));
        let after =
            usize::try_from(case.before).unwrap_or(usize::MAX).saturating_add(postings.len());
        let after = Value::N(after.to_string());
        if case.before == 0 {
            let mut item = self.case_key(&case.id);
            item.extend([("n".to_owned(), after), ("en".to_owned(), new)]);
            return put_new(self.table()?, item);
        }
        let update = Update::builder()
            .table_name(self.table()?)
            .set_key(Some(self.case_key(&case.id)))
            .update_expression("SET n = :after, en = list_append(en, :new)")
            .condition_expression("n = :before")
            .expression_attribute_values(":after", after)
            .expression_attribute_values(":new", new)
            .expression_attribute_values(":before", Value::N(case.before.to_string()))
            .build()
            .map_err(|e| impossible(&e))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// That entries have a name now, which none had.
    fn name(&self, mut key: Item, entries: Vec<EntryRef>) -> Result<TransactWriteItem, PortError> {
        key.insert("en".to_owned(), refs(entries));
        put_new(self.table()?, key)
    }

    /// That an invoice is not paid any more.
    fn free(&self, invoice: &Invoice) -> Result<TransactWriteItem, PortError> {
        let delete = Delete::builder()
            .table_name(self.table()?)
            .set_key(Some(self.invoice_key(invoice)))
            .condition_expression("en = :payment")
            .expression_attribute_values(":payment", refs([invoice.payment.clone()]))
            .build()
            .map_err(|e| impossible(&e))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    pub(super) fn writes(
        &self,
        change: &LedgerChange,
    ) -> Result<Vec<TransactWriteItem>, PortError> {
        let mut writes = Vec::new();
        for (posting, balance) in change.postings.iter().zip(&change.balances) {
            writes.push(self.append(posting)?);
            writes.push(self.settle(posting, balance)?);
        }
        let entries = change.postings.iter().map(Posting::entry).collect();
        let cause = keys::carried_out(self.region(), &change.cause);
        writes.push(self.name(key(cause, ONE), entries)?);
        if let Some(case) = &change.case {
            writes.push(self.follow(case, &change.postings)?);
        }
        if let Some(invoice) = &change.taken {
            writes.push(self.name(self.invoice_key(invoice), vec![invoice.payment.clone()])?);
        }
        if let Some(invoice) = &change.freed {
            writes.push(self.free(invoice)?);
        }
        for entry in &change.reversed {
            let key = key(keys::reversed(self.region(), entry), ONE);
            writes.push(self.name(key, vec![entry.clone()])?);
        }
        Ok(writes)
    }
}

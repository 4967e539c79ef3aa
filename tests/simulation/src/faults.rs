//! What can go wrong where, and how often it did.

use domain::{EventKind, Status, TRANSITIONS};

macro_rules! listed {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $one:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $one),* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$one),*];
        }
    };
}

listed!(
    /// The calls of the ports.
    #[allow(missing_docs, reason = "they are named as the ports' functions")]
    Call {
        Create, Load, Whole, SpilledCause, Advance, DueTurns, DueCards, Postpone, Inbox, Touch, ByNumber,
        CensusOpen, CensusArchived, Followers,
        FundPost, FundBalance, FundAccounts, FundEntries, FundEntry, FundCase, FundCases, FundDone, FundPayment,
        FundReversed,
        SketchPut, SketchNear, SketchBody, SketchRemove,
        TextPut, TextGet, TextRenew, TextList, TextRemove, TextAll,
        KeyWrapped, KeyDestroy,
        CitizenTickets, CitizenForget,
        JournalAppend,
        HintSend, HintLook, HintBacklog, HintBury,
        ObjectPut, ObjectGet, ObjectList,
        Claim, ClaimOf,
        UploadGrant, UploadFetch, UploadList, UploadRemove,
        HintTell, HintUntold, TellDue, DeliveryOf, Told, PutOff, Post,
        RootKey,
        CalendarCurrent, CalendarPut, CalendarReplanned,
    }
);

listed!(
    /// What can happen to a call.
    Fault {
        /// It is not done, and says so as "temporary".
        Lost,
        /// It is done, and the answer is lost.
        AnswerLost,
        /// It is refused for being one too many.
        Throttled,
        /// The function dies before it.
        CrashBefore,
        /// The function dies after it.
        CrashAfter,
        /// It takes longer than the function may.
        Slow,
        /// It answers from an index that lags behind.
        Stale,
    }
);

listed!(
    /// What can happen to a message.
    QueueFault {
        /// It is lost.
        Lost,
        /// It is delivered twice, at the same time.
        Doubled,
        /// It comes late.
        Late,
        /// It was dealt with and comes again: its deletion was lost.
        DeleteLost,
        /// Its whole queue is emptied.
        Purged,
        /// Something that is no message, or of a version to come, comes in its batch.
        Poison,
        /// It came too often and went to the dead letters.
        Dead,
        /// The whole function is out of order for a while.
        Outage,
    }
);

impl Call {
    /// Whether it reads an index, which may lag.
    #[must_use]
    pub const fn is_index(self) -> bool {
        matches!(
            self,
            Self::DueTurns
                | Self::DueCards
                | Self::Inbox
                | Self::ByNumber
                | Self::CensusOpen
                | Self::CensusArchived
                | Self::Followers
                | Self::CitizenTickets
                | Self::TellDue
        )
    }

    /// What can happen to it.
    #[must_use]
    pub const fn faults(self) -> &'static [Fault] {
        let all = Fault::ALL;
        if self.is_index() { all } else { all.split_at(all.len() - 1).0 }
    }
}

/// How often what has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    calls: Vec<u64>,
    faults: Vec<u64>,
    queue: Vec<u64>,
    edges: Vec<u64>,
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            calls: vec![0; Call::ALL.len()],
            faults: vec![0; Call::ALL.len() * Fault::ALL.len()],
            queue: vec![0; QueueFault::ALL.len()],
            edges: vec![0; TRANSITIONS.len()],
        }
    }
}

const fn at(call: Call, fault: Fault) -> usize {
    call as usize * Fault::ALL.len() + fault as usize
}

impl Coverage {
    pub(crate) fn call(&mut self, call: Call) {
        self.calls[call as usize] += 1;
    }

    pub(crate) fn fault(&mut self, call: Call, fault: Fault) {
        self.faults[at(call, fault)] += 1;
    }

    pub(crate) fn queue(&mut self, fault: QueueFault) {
        self.queue[fault as usize] += 1;
    }

    pub(crate) fn edge(&mut self, from: Status, event: EventKind) {
        let edge = TRANSITIONS.iter().position(|row| row.0 == from && row.1 == event);
        if let Some(edge) = edge {
            self.edges[edge] += 1;
        }
    }

    /// Adds what happened elsewhere.
    pub fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.calls, &other.calls),
            (&mut self.faults, &other.faults),
            (&mut self.queue, &other.queue),
            (&mut self.edges, &other.edges),
        ];
        for (mine, others) in pairs {
            mine.iter_mut().zip(others).for_each(|(mine, other)| *mine += other);
        }
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.iter().sum()
    }

    /// How many faults there were, of calls and of messages.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.faults.iter().chain(&self.queue).sum()
    }

    /// Each call with each of its faults, and how often.
    pub fn pairs(&self) -> impl Iterator<Item = ((Call, Fault), u64)> {
        let pairs = Call::ALL.iter().flat_map(|call| call.faults().iter().map(|f| (*call, *f)));
        pairs.map(|(call, fault)| ((call, fault), self.faults[at(call, fault)]))
    }

    /// Each fault of messages, and how often.
    pub fn messages(&self) -> impl Iterator<Item = (QueueFault, u64)> {
        QueueFault::ALL.iter().map(|fault| (*fault, self.queue[*fault as usize]))
    }

    /// Each edge of the transition table, and how often.
    pub fn edges(&self) -> impl Iterator<Item = ((Status, EventKind), u64)> {
        TRANSITIONS.iter().zip(&self.edges).map(|(row, count)| ((row.0, row.1), *count))
    }

    /// Everything that happened less often than `least`, as lines.
    #[must_use]
    pub fn rarer_than(&self, least: u64) -> Vec<String> {
        let pairs = self.pairs().map(|((call, fault), n)| (format!("{call:?} {fault:?}"), n));
        let edges = self.edges().map(|((status, event), n)| (format!("{status} {event}"), n));
        let queue = self.messages().map(|(fault, n)| (format!("message {fault:?}"), n));
        let all = pairs.chain(edges).chain(queue);
        all.filter(|(_, n)| *n < least).map(|(what, n)| format!("{what}: {n}")).collect()
    }
}

/// The least of each kind, what it is, and how many there are: for the eye.
impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rarest = self.pairs().min_by_key(|(_, n)| *n);
        let edge = self.edges().min_by_key(|(_, n)| *n);
        write!(f, "{} calls, {} faults", self.calls(), self.injected())?;
        if let Some(((call, fault), n)) = rarest {
            write!(f, "; {} pairs, rarest {call:?} {fault:?} {n}", self.pairs().count())?;
        }
        if let Some(((status, event), n)) = edge {
            write!(f, "; {} edges, rarest {status} {event} {n}", self.edges().count())?;
        }
        for (fault, n) in self.messages() {
            write!(f, "; messages {fault:?} {n}")?;
        }
        Ok(())
    }
}

//! What can happen to a ticket. An event is a fact in the past tense; it names units, items and
//! sealed records, and never holds a text or anything else about a person.

use std::collections::BTreeMap;

use crate::calendar::Limit;
use crate::hash::Hash;
use crate::ids::{ChannelName, ItemCode, PublicNumber, TicketId, UnitCode};
use crate::lifecycle::{Status, Tier};
use crate::media::{MediaType, PhotoRefusal};
use crate::record::{Field, Record, RecordFault, text_enum};
use crate::reference::{Candidates, SealedRef};
use crate::timestamp::Timestamp;

text_enum!(
    /// What the caller wants (诉求类型), by the usual six kinds of a hotline's record.
    RequestKind, "one of `consult`, `help`, `complaint`, `report`, `suggestion`, `thanks`" {
        /// 咨询.
        Consult = "consult",
        /// 求助.
        Help = "help",
        /// 投诉.
        Complaint = "complaint",
        /// 举报.
        Report = "report",
        /// 建议.
        Suggestion = "suggestion",
        /// 感谢.
        Thanks = "thanks",
    }
);

text_enum!(
    /// How a unit says it dealt with the request (办理结果).
    Outcome, "one of `solved`, `explained`, `planned`, `impossible`" {
        /// 已解决: done.
        Solved = "solved",
        /// 已解释: nothing to be done, or not lawful; explained.
        Explained = "explained",
        /// 已列入计划: will be done later, by a named plan.
        Planned = "planned",
        /// 无法解决: cannot be done.
        Impossible = "impossible",
    }
);

text_enum!(
    /// What the citizen says of the result (满意度). There is no "unknown": a rating is never invented.
    Satisfaction, "one of `satisfied`, `fairly`, `dissatisfied`" {
        /// 满意.
        Satisfied = "satisfied",
        /// 基本满意.
        Fairly = "fairly",
        /// 不满意.
        Dissatisfied = "dissatisfied",
    }
);

text_enum!(
    /// By which way a follow-up's result came.
    Via, "`call` or `channel`" {
        /// 回访: a caller of the city or township telephoned.
        Call = "call",
        /// The citizen's own rating through the channel.
        Channel = "channel",
    }
);

text_enum!(
    /// Why a request is not handled (不予受理).
    DeclineGround, "a ground for declining" {
        /// Not a matter of this city's administration.
        OutsideJurisdiction = "outside_jurisdiction",
        /// 涉法涉诉: before a court, an arbitrator or the petition office.
        Litigation = "litigation",
        /// 重复诉求: the same facts and reasons, already answered.
        Repeated = "repeated",
        /// Nothing in it that anyone could act on.
        NotActionable = "not_actionable",
        /// The citizen took it back.
        Withdrawn = "withdrawn",
    }
);

text_enum!(
    /// An open matter (design, section 3): not a status, each at most once open at a time, with its
    /// own card and clock, and each blocking what [`Matter::blocks`] says.
    Matter, "the name of an open matter" {
        /// 退单: the unit asks to give the ticket back.
        Return = "return",
        /// 延期: the unit asks for more time.
        Extension = "extension",
        /// 吹哨: a lower tier calls on a higher one.
        Whistle = "whistle",
        /// 会商: the parties are at one table.
        Consultation = "consultation",
        /// 中止: a lawful procedure stops both clocks.
        Suspension = "suspension",
        /// 督办: the command centre watches the case.
        Supervision = "supervision",
        /// 一诉一议: money of the special fund is asked for.
        FundApplication = "fund_application",
        /// 并案: the ticket is about to follow another.
        Merge = "merge",
    }
);

macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $name:ident = $kind:literal {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $key:literal ),* $(,)?
        }
    )*) => {
        /// One event of a ticket's timeline.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $( $(#[$doc])* $name { $( $(#[$field_doc])* $field: $type ),* } ),*
        }

        text_enum!(
            /// The kinds of [`Event`], in the order of a ticket's life.
            EventKind, "a kind of event" { $( $(#[$doc])* $name = $kind ),* }
        );

        impl Event {
            /// The kind of this event.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self { $( Self::$name { .. } => EventKind::$name ),* }
            }

            /// The canonical form that stores carry and the chain hashes.
            #[must_use]
            pub fn to_record(&self) -> Record {
                #[allow(unused_mut, reason = "an event without fields puts none")]
                let mut fields = BTreeMap::new();
                match self { $( Self::$name { $($field),* } => { $( $field.put($key, &mut fields); )* } ),* }
                Record { kind: self.kind().as_str().to_owned(), fields }
            }

            /// Reads the canonical form back.
            ///
            /// # Errors
            /// [`RecordFault`] names the field, never its value.
            pub fn from_record(record: &Record) -> Result<Self, RecordFault> {
                let mut fields = record.fields.clone();
                let kind = EventKind::parse(&record.kind).ok_or(RecordFault::Kind)?;
                let event = match kind {
                    $( EventKind::$name => Self::$name { $( $field: Field::take($key, &mut fields)? ),* } ),*
                };
                if fields.is_empty() { Ok(event) } else { Err(RecordFault::Unknown) }
            }
        }
    };
}

events! {
    /// 受理: the request stands in the table, its personal data sealed.
    Received = "received" {
        /// The channel it came by.
        channel: ChannelName = "channel",
        /// The number the citizen is told.
        number: PublicNumber = "number",
        /// What the caller wants.
        want: RequestKind = "want",
        /// The sealed request.
        request: SealedRef = "request",
    }
    /// The intake step has checked it and started the citizen's clock (from the receipt).
    Accepted = "accepted" {}
    /// 派单: assigned to a unit, whose clock starts now and not when it signs.
    Dispatched = "dispatched" {
        /// The item of the catalog.
        item: ItemCode = "item",
        /// The responsible unit.
        unit: UnitCode = "unit",
        /// The unit's tier.
        tier: Tier = "tier",
        /// The item's limit.
        limit: Limit = "limit",
        /// The version of the calendar by which `due` was reckoned.
        calendar: String = "calendar",
        /// The end of the unit's limit.
        due: Timestamp = "due",
        /// The end of the citizen's limit, reckoned from the receipt.
        citizen_due: Timestamp = "citizen_due",
        /// How sure the classifier was, in thousandths; absent when a person chose.
        confidence: Option<u16> = "confidence",
    }
    /// The classifier is not sure enough: a dispatcher decides.
    Doubted = "doubted" {
        /// The items it would have proposed, best first.
        candidates: Candidates = "candidates",
    }
    /// Not accepted for handling.
    Declined = "declined" {
        /// Why.
        ground: DeclineGround = "ground",
        /// The explanation to the citizen, if one was written.
        note: Option<SealedRef> = "note",
    }
    /// The citizen took the request back.
    Withdrawn = "withdrawn" {
        /// What the citizen said, if anything.
        note: Option<SealedRef> = "note",
    }
    /// 处置: the unit has its task and its clock runs.
    Opened = "opened" {}
    /// The citizen added information.
    Supplemented = "supplemented" {
        /// What was added.
        note: SealedRef = "note",
    }
    /// 催办: the citizen asks to hurry.
    Urged = "urged" {
        /// What the citizen said, if anything.
        note: Option<SealedRef> = "note",
    }
    /// A member of staff wrote a note on the ticket.
    Noted = "noted" {
        /// The note.
        note: SealedRef = "note",
    }
    /// A photo that the citizen uploaded lies in the archive, sealed and rid of its metadata.
    Attached = "attached" {
        /// The sealed photo.
        photo: SealedRef = "photo",
        /// Its kind.
        media: MediaType = "media",
        /// Its length, unsealed.
        bytes: u32 = "bytes",
    }
    /// An uploaded object was no photo, and is deleted.
    AttachmentRefused = "attachment_refused" {
        /// Why.
        reason: PhotoRefusal = "reason",
    }
    /// The unit has dealt with it and written the reply.
    Resolved = "resolved" {
        /// How it dealt with it.
        outcome: Outcome = "outcome",
        /// The reply to the citizen.
        reply: SealedRef = "reply",
    }
    /// 反馈: the reply was handed to the write-back.
    Answered = "answered" {}
    /// A follow-up call that reached nobody.
    CallFailed = "call_failed" {}
    /// 回访: the follow-up is over, with a result or after the attempts the rule allows.
    FollowedUp = "followed_up" {
        /// Whether the citizen was reached.
        reached: bool = "reached",
        /// By which way.
        via: Via = "via",
        /// Was the citizen contacted by the unit (响应)? Absent if not said.
        contacted: Option<bool> = "contacted",
        /// Is it solved (解决)? Absent if not said.
        solved: Option<bool> = "solved",
        /// How satisfied (满意)? Absent if not said.
        satisfaction: Option<Satisfaction> = "satisfaction",
    }
    /// A rating that came by the channel when no follow-up was waiting for it.
    Rated = "rated" {
        /// Is it solved? Absent if not said.
        solved: Option<bool> = "solved",
        /// How satisfied? Absent if not said.
        satisfaction: Option<Satisfaction> = "satisfaction",
    }
    /// A "no" in the follow-up sends the case back once, under supervision.
    Reopened = "reopened" {}
    /// 评价: what counts in the three rates. Absent means not said, and is never invented.
    Evaluated = "evaluated" {
        /// 响应.
        contacted: Option<bool> = "contacted",
        /// 解决.
        solved: Option<bool> = "solved",
        /// 满意.
        satisfaction: Option<Satisfaction> = "satisfaction",
    }
    /// 归档: the dossier lies in the archive.
    Archived = "archived" {
        /// The key of the object.
        key: String = "key",
        /// SHA-256 of the object's bytes.
        sha256: Hash = "sha256",
        /// The last event the dossier holds.
        sealed_seq: u32 = "sealed_seq",
    }
    /// What came after the dossier is sealed as well, by an object of its own.
    AddendumSealed = "addendum_sealed" {
        /// The key of the object.
        key: String = "key",
        /// SHA-256 of the object's bytes.
        sha256: Hash = "sha256",
        /// The last event the addendum holds.
        sealed_seq: u32 = "sealed_seq",
    }
    /// The machine gave up.
    Held = "held" {
        /// The status it was in.
        from: Status = "from",
        /// How often it was tried.
        attempts: u32 = "attempts",
    }
    /// Staff let the machine try again.
    Retried = "retried" {}
    /// A matter was opened.
    MatterOpened = "matter_opened" {
        /// Which.
        matter: Matter = "matter",
        /// The reason given, if a person opened it.
        note: Option<SealedRef> = "note",
    }
    /// A matter was closed.
    MatterClosed = "matter_closed" {
        /// Which.
        matter: Matter = "matter",
        /// Whether what it asked for was granted.
        granted: bool = "granted",
    }
    /// 并案: the ticket takes the answer of another from now on.
    Merged = "merged" {
        /// The ticket it follows.
        lead: TicketId = "lead",
    }
    /// The ticket stands alone again.
    Unmerged = "unmerged" {}
    /// The person was erased: the key is destroyed, and with it every text of this ticket.
    Erased = "erased" {}
}

impl Event {
    /// The sealed text this event names, if it names one; a photo is no text.
    #[must_use]
    pub const fn sealed(&self) -> Option<&SealedRef> {
        match self {
            Self::Received { request: sealed, .. }
            | Self::Resolved { reply: sealed, .. }
            | Self::Supplemented { note: sealed }
            | Self::Noted { note: sealed } => Some(sealed),
            Self::Declined { note, .. }
            | Self::Withdrawn { note }
            | Self::Urged { note }
            | Self::MatterOpened { note, .. } => note.as_ref(),
            Self::Accepted {}
            | Self::Dispatched { .. }
            | Self::Doubted { .. }
            | Self::Opened {}
            | Self::Attached { .. }
            | Self::AttachmentRefused { .. }
            | Self::Answered {}
            | Self::CallFailed {}
            | Self::FollowedUp { .. }
            | Self::Rated { .. }
            | Self::Reopened {}
            | Self::Evaluated { .. }
            | Self::Archived { .. }
            | Self::AddendumSealed { .. }
            | Self::Held { .. }
            | Self::Retried {}
            | Self::MatterClosed { .. }
            | Self::Merged { .. }
            | Self::Unmerged {}
            | Self::Erased {} => None,
        }
    }
}

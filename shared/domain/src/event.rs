//! What can happen to a ticket. An event is a fact in the past tense; it names units, items and
//! sealed records, and never holds a text or anything else about a person.

mod sealed;
mod words;

pub use self::words::{DeclineGround, Outcome, RequestKind, Satisfaction, Via};
use crate::calendar::Limit;
use crate::card::{CardKind, Owner};
use crate::directory::Skill;
use crate::fund::{ActKind, EntryRef, Money};
use crate::hash::Hash;
use crate::ids::{ChannelName, ItemCode, MemberId, PublicNumber, TicketId, UnitCode};
use crate::lifecycle::{Status, Tier};
use crate::matter::{Matter, Paper, Terms, Units, Why};
use crate::media::{MediaType, PhotoRefusal};
use crate::record::facts;
use crate::reference::{Candidates, Dues, SealedRef};
use crate::ticket::Stage;
use crate::timestamp::Timestamp;

facts! {
    /// One event of a ticket's timeline.
    Event,
    /// The kinds of [`Event`], in the order of a ticket's life.
    EventKind, "a kind of event", pub,

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
        /// The unit that found it on the spot; absent when somebody asked.
        found_by: Option<UnitCode> = "found_by",
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
        /// The version of the catalog that has the item; absent before catalogs had versions.
        catalog: Option<u32> = "catalog",
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
    /// 签收: the unit has accepted the case. It moves no clock.
    Signed = "signed" {}
    /// 协办, 交办: a unit has a task of its own in the case, and its clock runs.
    Tasked = "tasked" {
        /// The unit.
        unit: UnitCode = "unit",
        /// Its tier.
        tier: Tier = "tier",
        /// Its limit.
        limit: Limit = "limit",
        /// The version of the calendar by which `due` was reckoned.
        calendar: String = "calendar",
        /// The end of its limit.
        due: Timestamp = "due",
        /// What it is to do, if that was written.
        note: Option<SealedRef> = "note",
    }
    /// A task is over.
    TaskEnded = "task_ended" {
        /// The unit.
        unit: UnitCode = "unit",
        /// Whether the unit has done it; else it was released.
        done: bool = "done",
        /// What it has done, if that was written.
        note: Option<SealedRef> = "note",
    }
    /// 报到: a unit that a whistle called has answered.
    ReportedIn = "reported_in" {
        /// The unit.
        unit: UnitCode = "unit",
        /// Whether it takes part.
        accepts: bool = "accepts",
        /// Why not, or how.
        note: Option<SealedRef> = "note",
    }
    /// 会商: something was written at the table.
    Minuted = "minuted" {
        /// What.
        paper: Paper = "paper",
        /// The new end of the consultation, when it goes to the standing committee.
        due: Option<Timestamp> = "due",
        /// The text.
        note: SealedRef = "note",
    }
    /// 会商结论: the table has decided. What follows from it follows as events of its own.
    Concluded = "concluded" {
        /// Who leads from now on.
        lead: UnitCode = "lead",
        /// Who assists.
        assisting: Units = "assisting",
        /// The limit of all of them.
        limit: Limit = "limit",
        /// Whether money of the special fund is to be asked for.
        funded: bool = "funded",
        /// The measures.
        note: SealedRef = "note",
    }
    /// A deadline moved, and this is why. No other event moves one that stands.
    Rescheduled = "rescheduled" {
        /// Why.
        why: Why = "why",
        /// How much more was granted, of an extension.
        limit: Option<Limit> = "limit",
        /// When it is reviewed, of a suspension.
        until: Option<Timestamp> = "until",
        /// The version of the calendar by which the ends were reckoned.
        calendar: String = "calendar",
        /// The end of the unit's limit; absent before the first dispatch.
        due: Option<Timestamp> = "due",
        /// The end of the citizen's limit; absent before the first dispatch.
        citizen_due: Option<Timestamp> = "citizen_due",
        /// The ends of the tasks' limits.
        tasks: Dues = "tasks",
    }
    /// 督办: a limit is nearly over, is over, or is over for another day.
    Warned = "warned" {
        /// The card whose limit it is.
        card: CardKind = "card",
        /// 0 at four fifths, 1 at the end, then one more each day.
        level: u16 = "level",
        /// Who watches from now on.
        to: Owner = "to",
        /// The end that it is about.
        due: Timestamp = "due",
    }
    /// 动员: a village calls a member of a team.
    Mobilised = "mobilised" {
        /// The member.
        member: MemberId = "member",
        /// The village.
        village: UnitCode = "unit",
        /// For what.
        skill: Skill = "skill",
        /// Until when the member answers.
        due: Timestamp = "due",
    }
    /// A mobilised member has come further.
    MemberReported = "member_reported" {
        /// The member.
        member: MemberId = "member",
        /// How far.
        stage: Stage = "stage",
        /// What the member says, if anything.
        note: Option<SealedRef> = "note",
    }
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
    /// 随主件办结: the ticket it follows was answered, and its citizen gets the same reply.
    ResolvedWith = "resolved_with" {
        /// The ticket it follows.
        lead: TicketId = "lead",
        /// How that was dealt with.
        outcome: Outcome = "outcome",
        /// The reply to the citizen, sealed anew under this ticket's key.
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
        /// What it asks for.
        terms: Terms = "terms",
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
    /// 一诉一议: an entry about an application of this ticket stands in the fund's ledger, written with this.
    Funded = "funded" {
        /// What the entry says.
        act: ActKind = "act",
        /// The entry.
        entry: EntryRef = "entry",
        /// How much it is about; absent for a paper and a refusal.
        amount: Option<Money> = "amount",
        /// The paper it stands on, if it stands on one.
        paper: Option<SealedRef> = "paper",
    }
    /// The person was erased: the key is destroyed, and with it every text of this ticket.
    Erased = "erased" {}
}

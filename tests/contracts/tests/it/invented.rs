//! An invented case with a long life, the same at every run: what the golden samples are made of.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::collections::BTreeMap;

use contracts::{Citizen, SealedText};
use domain::{
    Actor, Archive, COMMAND_CENTRE, Calendar, Candidates, ChannelName, Command, CommandId, Context,
    DispatchTo, FollowUpResult, Hash, ItemCode, Limit, Matter, MatterOutcome, Outcome, RecordId,
    RegionCode, RequestKind, Role, Salt, Satisfaction, SealedRef, StaffId, Step, Ticket, TicketId,
    Tier, Timestamp, UnitCode, commitment,
};
use ports::TicketKey;

const CHANNEL: &str = "hotline-12345";
const ORDER: &str = "SAMPLE-0001";
const UNIT: &str = "heating-company";

/// The key of the invented ticket: SHA-256 of a text that `events/README.md` tells, so that anybody
/// can open the samples.
pub(crate) fn key() -> TicketKey {
    TicketKey::new(*Hash::of_bytes(b"lianxin sample ticket key").as_bytes())
}

/// The case up to its evaluation, and its sealed records.
pub(crate) struct Case {
    pub(crate) ticket: Ticket,
    pub(crate) records: BTreeMap<RecordId, Vec<u8>>,
}

/// The id of the invented ticket.
pub(crate) fn ticket_id() -> TicketId {
    TicketId::derive(&channel(), ORDER)
}

fn channel() -> ChannelName {
    ChannelName::parse(CHANNEL).unwrap()
}

fn request() -> SealedText {
    let some = |text: &str| Some(text.to_owned());
    SealedText::RequestV1 {
        order: ORDER.to_owned(),
        sent_at: "2026-01-20T09:12:30.000+08:00".to_owned(),
        title: "虚构里三号院室温不达标".to_owned(),
        body: "今年冬天室温一直只有十四度，老人和孩子受不了，请派人测温。".to_owned(),
        citizen: Citizen {
            name: some("样例民甲"),
            phone: some("10000000001"),
            address: some("虚构里三号院二单元"),
        },
        place: None,
        photos: Vec::new(),
        circumstances: None,
    }
}

fn dispatch() -> Command {
    let to = DispatchTo {
        item: ItemCode::parse("PU-010").unwrap(),
        unit: UnitCode::parse(UNIT).unwrap(),
        tier: Tier::City,
        limit: Limit::Workdays(5),
        confidence: None,
    };
    Command::Dispatch { to }
}

fn staff(role: Role, unit: &str) -> Actor {
    let id = StaffId::parse(&format!("sample-{role}")).unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

/// The life of the case as it is written.
struct Life {
    case: Case,
    now: Timestamp,
    calendar: Calendar,
}

impl Life {
    fn begin() -> Self {
        let id = ticket_id();
        let mut records = BTreeMap::new();
        let request = seal(&mut records, &id, RecordId::request(&id), &request());
        let now = Timestamp::parse("2026-01-20T09:12:31.250+08:00").unwrap();
        let region = RegionCode::parse("140581").unwrap();
        let order = (channel(), ORDER);
        let ticket = Ticket::receive(region, order, RequestKind::Complaint, request, now).unwrap();
        let calendar = Calendar::parse("sample-1", "date,kind,name\n2026-02-17,rest,x\n").unwrap();
        Self { case: Case { ticket, records }, now, calendar }
    }

    /// Something happens, a while later.
    fn then(&mut self, actor: Actor, command: &Command) {
        self.now = self.now.plus_millis(47 * Timestamp::MINUTE_MS + 1_001);
        let outside = !matches!(actor, Actor::Step(_));
        let message = format!("M-{}", self.case.ticket.version() + 1);
        let cause = outside.then(|| CommandId::derive(&actor.to_string(), &message));
        let context = Context { actor, now: self.now, calendar: &self.calendar, cause };
        let after = self.case.ticket.execute(command, &context);
        self.case.ticket = after.unwrap_or_else(|e| panic!("{command:?}: {e}"));
    }

    fn step(&mut self, step: Step, command: &Command) {
        self.then(Actor::Step(step), command);
    }

    fn centre(&mut self, role: Role, command: &Command) {
        self.then(staff(role, COMMAND_CENTRE), command);
    }

    fn handler(&mut self, command: &Command) {
        self.then(staff(Role::Handler, UNIT), command);
    }

    fn citizen(&mut self, command: &Command) {
        self.then(Actor::Channel(channel()), command);
    }

    fn note(&mut self, text: &str) -> SealedRef {
        let id = self.case.ticket.id().clone();
        let record = RecordId::of_command(&CommandId::derive("sample", text));
        let text = SealedText::NoteV1 { text: text.to_owned() };
        seal(&mut self.case.records, &id, record, &text)
    }

    fn handled(&mut self, outcome: Outcome, reply: &str) {
        self.step(Step::Handling, &Command::Open);
        let reply = self.note(reply);
        self.handler(&Command::Resolve { outcome, reply });
        self.step(Step::Feedback, &Command::Answer);
    }

    fn followed_up(&mut self, result: FollowUpResult) {
        self.centre(Role::Caller, &Command::FollowUp { result });
    }
}

/// Seals a text as the vault does, with salt and nonce that follow from the record instead of
/// chance: a sample is the same at every run, and never sealed twice with other content.
fn seal(
    records: &mut BTreeMap<RecordId, Vec<u8>>,
    ticket: &TicketId,
    record: RecordId,
    text: &SealedText,
) -> SealedRef {
    let draw = Hash::of("lianxin.sample.v1", &[record.as_str().as_bytes(), &text.to_bytes()]);
    let (salt, rest) = draw.as_bytes().split_first_chunk::<16>().unwrap();
    let (salt, nonce): (Salt, &[u8; 12]) = (*salt, rest.first_chunk().unwrap());
    let plain = text.to_bytes();
    let sealed = key().seal((ticket, &record), &[salt.as_slice(), &plain].concat(), *nonce);
    records.insert(record.clone(), sealed.unwrap());
    SealedRef { record, seal: commitment(&salt, &plain) }
}

fn said(solved: bool, satisfaction: Satisfaction) -> FollowUpResult {
    FollowUpResult::Reached {
        contacted: Some(true),
        solved: Some(solved),
        satisfaction: Some(satisfaction),
    }
}

/// The case after its archive: its citizen has rated once more.
pub(crate) fn late(archive: &Archive) -> Case {
    let mut life = Life::begin();
    life.case = case();
    life.now = life.case.ticket.status_since();
    let Archive { key, sha256, sealed_seq } = archive.clone();
    life.step(Step::Archive, &Command::Archive { key, sha256, sealed_seq });
    let satisfaction = Some(Satisfaction::Satisfied);
    life.citizen(&Command::Rate { solved: Some(true), satisfaction });
    life.case
}

/// The invented case: doubted, supplemented, urged, extended, refused at the follow-up, reopened
/// under supervision, evaluated.
pub(crate) fn case() -> Case {
    let mut life = Life::begin();
    life.step(Step::Intake, &Command::Accept);
    let candidates = ["PU-010", "PU-009"].map(|code| ItemCode::parse(code).unwrap());
    life.step(Step::Dispatch, &Command::Doubt { candidates: Candidates(candidates.into()) });
    let note = life.note("补充：今天室温十二度。");
    life.citizen(&Command::Supplement { note });
    life.centre(Role::Dispatcher, &dispatch());
    life.citizen(&Command::Urge { note: None });
    let matter = Matter::Extension;
    let note = Some(life.note("管网检修，申请延期。"));
    life.handler(&Command::OpenMatter { matter, note });
    let outcome = MatterOutcome { granted: true };
    life.centre(Role::Supervisor, &Command::CloseMatter { matter, outcome });
    life.handled(Outcome::Explained, "您好，该处为管网末端，水压偏低。");
    life.followed_up(FollowUpResult::NoAnswer);
    life.followed_up(said(false, Satisfaction::Dissatisfied));
    life.step(Step::Evaluation, &Command::Evaluate);
    let note = life.note("请承办单位入户测温。");
    life.centre(Role::Supervisor, &Command::Note { note });
    life.handled(Outcome::Solved, "您好，已更换循环泵，入户实测室温二十度。");
    life.followed_up(said(true, Satisfaction::Fairly));
    life.step(Step::Evaluation, &Command::Evaluate);
    life.case
}

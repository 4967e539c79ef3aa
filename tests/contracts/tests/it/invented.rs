//! An invented case with a long life, the same at every run: what the golden samples are made of.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use contracts::{Citizen, SealedText};
use domain::directory::{Directory, Files, Skill};
use domain::{
    Actor, Archive, Ask, COMMAND_CENTRE, Calendar, Candidates, ChannelName, Command, CommandId,
    Conclusion, Context, DispatchTo, FollowUpResult, Hash, ItemCode, Level, Limit, Matter,
    MatterOutcome, MemberId, Outcome, Paper, RecordId, RegionCode, RequestKind, Role, Salt,
    Satisfaction, SealedRef, StaffId, Stage, Step, Ticket, TicketId, Tier, Timestamp, UnitCode,
    Units, commitment,
};
use ports::TicketKey;

use crate::support::text;

const CHANNEL: &str = "hotline-12345";
const ORDER: &str = "SAMPLE-0001";
/// Who leads, who assists, and of which village.
const UNIT: &str = "heating-company";
const ASSISTING: &str = "housing-urban-rural";
const TOWNSHIP: &str = "mishan";
const VILLAGE: &str = "shiliugou";
/// Of a team in a grid of that village; comes at any time.
const MEMBER: &str = "m01302";

/// The sample city's directory.
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let file = |name: &str| Ok::<_, ()>(text(&format!("infra/city/{name}")));
    Directory::read(1, &Files::gather(file).unwrap()).unwrap()
});

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
        catalog: Some(3),
        unit: unit(UNIT),
        tier: Tier::City,
        limit: Limit::Workdays(5),
        confidence: None,
    };
    Command::Dispatch { to }
}

fn unit(code: &str) -> UnitCode {
    UnitCode::parse(code).unwrap()
}

fn staff(role: Role, of: &str) -> Actor {
    let id = StaffId::parse(&format!("sample-{role}")).unwrap();
    Actor::Staff { id, role, unit: unit(of) }
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
        let want = (RequestKind::Complaint, None);
        let ticket = Ticket::receive(region, order, want, request, now).unwrap();
        let calendar = Calendar::parse("sample-1", "date,kind,name\n2026-02-17,rest,x\n").unwrap();
        Self { case: Case { ticket, records }, now, calendar }
    }

    /// Something happens, a while later.
    fn then(&mut self, actor: Actor, command: &Command) {
        self.now = self.now.plus_millis(47 * Timestamp::MINUTE_MS + 1_001);
        let outside = !matches!(actor, Actor::Step(_) | Actor::Clocks);
        let message = format!("M-{}", self.case.ticket.version() + 1);
        let cause = outside.then(|| CommandId::derive(&actor.to_string(), &message));
        let (now, calendar, directory) = (self.now, &self.calendar, &*DIRECTORY);
        let context = Context { actor, now, calendar, directory, cause };
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
        self.handler_of(UNIT, command);
    }

    fn handler_of(&mut self, unit: &str, command: &Command) {
        self.then(staff(Role::Handler, unit), command);
    }

    fn citizen(&mut self, command: &Command) {
        self.then(Actor::Channel(channel()), command);
    }

    fn note(&mut self, text: &str) -> SealedRef {
        let id = self.case.ticket.id().clone();
        let record = RecordId::of_command(&CommandId::derive("sample", text));
        let text = SealedText::note(text);
        seal(&mut self.case.records, &id, record, &text)
    }

    /// A command with a note.
    fn with_note(&mut self, actor: Actor, text: &str, command: impl FnOnce(SealedRef) -> Command) {
        let note = self.note(text);
        self.then(actor, &command(note));
    }

    fn open(&mut self, actor: Actor, ask: Ask, text: Option<&str>) {
        let note = text.map(|text| self.note(text));
        self.then(actor, &Command::OpenMatter { ask, note });
    }

    fn granted(&mut self, matter: Matter) {
        let outcome = MatterOutcome { granted: true };
        self.centre(Role::Supervisor, &Command::CloseMatter { matter, outcome });
    }

    fn handled(&mut self, outcome: Outcome, reply: &str) {
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

/// The lead has more time, a township and its village assist, and a whistle calls one more.
fn assisted(life: &mut Life) {
    life.handler(&Command::Sign);
    let asking = staff(Role::Handler, UNIT);
    life.open(asking, Ask::Extension(Limit::Workdays(2)), Some("管网检修，申请延期。"));
    life.granted(Matter::Extension);
    let limit = Limit::Workdays(3);
    let dispatcher = staff(Role::Dispatcher, COMMAND_CENTRE);
    life.with_note(dispatcher, "请配合入户。", |note| Command::Assign {
        unit: unit(TOWNSHIP),
        limit,
        note: Some(note),
    });
    let village = Command::Assign { unit: unit(VILLAGE), limit, note: None };
    life.then(staff(Role::Dispatcher, TOWNSHIP), &village);
    let called = Units::from([unit(ASSISTING)]);
    life.open(staff(Role::Handler, TOWNSHIP), Ask::Whistle(called), None);
    life.with_note(staff(Role::Handler, ASSISTING), "派人到场。", |note| Command::ReportIn {
        accepts: true,
        note: Some(note),
    });
}

/// The village calls a volunteer; then all who assist have done their tasks.
fn mobilised(life: &mut Life) {
    let member = MemberId::parse(MEMBER).unwrap();
    let called = Command::Mobilise { member: member.clone(), skill: Skill::ChildCare };
    life.handler_of(VILLAGE, &called);
    let itself = || {
        let id = StaffId::parse(MEMBER).unwrap();
        Actor::Staff { id, role: Role::Member, unit: unit(VILLAGE) }
    };
    for stage in [Stage::Accepted, Stage::Arrived] {
        let report = Command::ReportMember { member: member.clone(), stage, note: None };
        life.then(itself(), &report);
    }
    life.with_note(itself(), "已照看孩子。", |note| Command::ReportMember {
        member,
        stage: Stage::Finished,
        note: Some(note),
    });
    for of in [VILLAGE, TOWNSHIP] {
        life.handler_of(of, &Command::EndTask { unit: unit(of), done: true, note: None });
    }
    life.with_note(staff(Role::Handler, ASSISTING), "外墙保温已查看。", |note| {
        Command::EndTask { unit: unit(ASSISTING), done: true, note: Some(note) }
    });
}

/// Four fifths of the limit are over, so the parties come to one table, which the leading group raises.
fn consulted(life: &mut Life) {
    life.now = Timestamp::parse("2026-01-29T08:00:00.000+08:00").unwrap();
    life.then(Actor::Clocks, &Command::Tick);
    let seats = Units::from([unit(UNIT), unit(ASSISTING)]);
    let supervisor = || staff(Role::Supervisor, COMMAND_CENTRE);
    let leader = || staff(Role::Leader, COMMAND_CENTRE);
    life.open(supervisor(), Ask::Consultation(Level::Two, seats), None);
    life.open(leader(), Ask::Consultation(Level::One, Units::default()), None);
    life.with_note(supervisor(), "会议纪要：换热站扩容。", |note| Command::Minute {
        paper: Paper::Minutes,
        note,
    });
    life.with_note(leader(), "批示：节前办结。", |note| Command::Minute {
        paper: Paper::Instruction,
        note,
    });
    let conclusion = Conclusion {
        item: None,
        catalog: None,
        lead: unit(UNIT),
        assisting: Units::from([unit(ASSISTING)]),
        limit: Limit::Workdays(5),
        funded: true,
    };
    life.with_note(leader(), "先入户测温，再扩容。", |note| Command::Conclude {
        conclusion,
        note,
    });
    life.step(Step::Handling, &Command::Open);
    let done = Command::EndTask { unit: unit(ASSISTING), done: true, note: None };
    life.handler_of(ASSISTING, &done);
    life.granted(Matter::FollowThrough);
    life.granted(Matter::FundApplication);
}

/// The invented case: doubted, supplemented, urged, extended, assisted by township, village and a called
/// unit, warned of, consulted upon, refused at the follow-up, reopened under supervision, evaluated.
pub(crate) fn case() -> Case {
    let mut life = Life::begin();
    life.step(Step::Intake, &Command::Accept);
    let candidates = ["PU-010", "PU-009"].map(|code| ItemCode::parse(code).unwrap());
    life.step(Step::Dispatch, &Command::Doubt { candidates: Candidates(candidates.into()) });
    let note = life.note("补充：今天室温十二度。");
    life.citizen(&Command::Supplement { note });
    life.centre(Role::Dispatcher, &dispatch());
    life.step(Step::Handling, &Command::Open);
    life.citizen(&Command::Urge { note: None });
    assisted(&mut life);
    mobilised(&mut life);
    consulted(&mut life);
    life.handled(Outcome::Explained, "您好，该处为管网末端，水压偏低。");
    life.followed_up(FollowUpResult::NoAnswer);
    life.followed_up(said(false, Satisfaction::Dissatisfied));
    life.step(Step::Evaluation, &Command::Evaluate);
    life.step(Step::Handling, &Command::Open);
    let note = life.note("请承办单位入户测温。");
    life.centre(Role::Supervisor, &Command::Note { note });
    life.handled(Outcome::Solved, "您好，已更换循环泵，入户实测室温二十度。");
    life.followed_up(said(true, Satisfaction::Fairly));
    life.step(Step::Evaluation, &Command::Evaluate);
    life.case
}

#[test]
fn what_units_tables_teams_and_clocks_do_occurs_in_the_case() {
    use domain::EventKind as E;
    let kinds: BTreeSet<E> = case().ticket.timeline().iter().map(|one| one.event.kind()).collect();
    let new = [E::Signed, E::Tasked, E::TaskEnded, E::ReportedIn, E::Minuted, E::Concluded];
    for kind in new.into_iter().chain([E::Rescheduled, E::Warned, E::Mobilised, E::MemberReported])
    {
        assert!(kinds.contains(&kind), "{kind} does not occur");
    }
}

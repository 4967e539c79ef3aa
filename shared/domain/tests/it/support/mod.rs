//! The city that the tests play in: one ticket, its people, every command they can give.

mod every;
mod reach;
mod walk;

use std::sync::LazyLock;

use domain::directory::{Directory, Files, Skill};
use domain::fund::{ActKind, EntryRef, Money};
use domain::{
    Actor, Ask, Calendar, Candidates, ChannelName, Command, CommandId, Conclusion, Context,
    DeclineGround, DispatchTo, FollowUpResult, Hash, ItemCode, Level, Likely, LikelyLead, Limit,
    Matter, MatterOutcome, MemberId, Outcome, Paper, RecordId, Refusal, RegionCode, RequestKind,
    ReturnGround, Role, Satisfaction, SealedRef, StaffId, Stage, Step, Ticket, TicketId, Tier,
    Timestamp, Turn, UnitCode, Units,
};

pub(crate) use every::commands;
pub(crate) use reach::{addendum, deeds_on, diligent, fresh, reached};
pub(crate) use walk::{Move, Stride, any_moves, moves, walk};

/// The unit that the tickets go to, and another one.
pub(crate) const OWN: &str = "transport";
pub(crate) const OTHER: &str = "water-company";

/// A township, and its village with a grid of its own.
pub(crate) const TOWNSHIP: &str = "mishan";
pub(crate) const VILLAGE: &str = "xucun";
/// A grid worker there who can always be called, and a volunteer who is away.
pub(crate) const MEMBER: &str = "m00001";
pub(crate) const AWAY: &str = "m00002";

/// A city of two departments, a township and a village.
pub(crate) static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let units = "unit,name,tier,kind,parent,duties\n\
        command-centre,指挥中心,city,centre,,\n\
        transport,交通局,city,department,command-centre,道路\n\
        water-company,供水公司,city,utility,command-centre,供水\n\
        mishan,米山镇,township,township,command-centre,\n\
        xucun,徐村,village,village,mishan,\n";
    let members = "member,name,team,skills,grid,contact,availability\n\
        m00001,样例员一,grid_workers,visiting|registering,140581001001,10090000001,always\n\
        m00002,样例员二,volunteers,errands,140581001001,10090000002,away\n";
    let files = Files {
        units: units.to_owned(),
        grids: "grid,village\n140581001001,xucun\n".to_owned(),
        staff: "staff,role,unit\n".to_owned(),
        members: members.to_owned(),
        ..Files::default()
    };
    Directory::read(1, &files).unwrap()
});

/// Two holidays and one make-up day in the weeks that the tests play in.
pub(crate) static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let text = "date,kind,name\n2026-03-09,rest,x\n2026-03-10,rest,x\n2026-03-14,work,x\n2026-03-23,rest,x\n";
    Calendar::parse("test-1", text).unwrap()
});

/// Who does what: a pair that may or may not be allowed.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) actor: Actor,
    pub(crate) command: Command,
}

pub(crate) fn deed(actor: Actor, command: Command) -> Deed {
    Deed { actor, command }
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A Wednesday morning.
pub(crate) fn start() -> Timestamp {
    at("2026-03-04T10:00:00+08:00")
}

pub(crate) fn region() -> RegionCode {
    RegionCode::parse("140581").unwrap()
}

pub(crate) fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

pub(crate) fn sealed(text: &str) -> SealedRef {
    let record = RecordId::of_command(&cause(text));
    SealedRef { record, seal: Hash::of_bytes(text.as_bytes()) }
}

pub(crate) fn cause(message: &str) -> CommandId {
    CommandId::derive("tests", message)
}

/// The ticket that every test begins with.
pub(crate) fn ticket() -> Ticket {
    let order = (channel("hotline-12345"), "A-1");
    let want = (RequestKind::Complaint, None);
    Ticket::receive(region(), order, want, sealed("request"), start()).unwrap()
}

/// What the village found on the spot.
/// The ticket that others follow.
pub(crate) fn other_request() -> Ticket {
    let order = (channel("hotline-12345"), "A-2");
    Ticket::receive(region(), order, (RequestKind::Help, None), sealed("request"), start()).unwrap()
}

pub(crate) fn finding() -> Ticket {
    let order = (channel("hotline-12345"), "A-3");
    let found = (RequestKind::Report, Some(unit(VILLAGE)));
    Ticket::receive(region(), order, found, sealed("request"), start()).unwrap()
}

pub(crate) fn unit(code: &str) -> UnitCode {
    UnitCode::parse(code).unwrap()
}

pub(crate) fn units<const N: usize>(codes: [&str; N]) -> Units {
    Units::from(codes.map(unit))
}

pub(crate) fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

pub(crate) fn other_ticket() -> TicketId {
    TicketId::derive(&channel("hotline-12345"), "A-2")
}

pub(crate) fn staff(role: Role, unit: &str) -> Actor {
    let id = StaffId::parse(&format!("u-{role}")).unwrap();
    Actor::Staff { id, role, unit: UnitCode::parse(unit).unwrap() }
}

pub(crate) fn centre(role: Role) -> Actor {
    staff(role, domain::COMMAND_CENTRE)
}

pub(crate) fn handler() -> Actor {
    staff(Role::Handler, OWN)
}

/// The member of the team.
pub(crate) fn crew() -> Actor {
    let (id, unit) = (StaffId::parse(MEMBER).unwrap(), unit(VILLAGE));
    Actor::Staff { id, role: Role::Member, unit }
}

/// Everybody: each step, the sweep, the clocks, the ticket's channel and another, each role, four units.
pub(crate) fn actors() -> Vec<Actor> {
    let mut actors: Vec<Actor> = Step::ALL.iter().copied().map(Actor::Step).collect();
    actors.extend([Actor::Sweep, Actor::Attachment, Actor::Clocks]);
    actors.extend(["hotline-12345", "wechat"].map(|name| Actor::Channel(channel(name))));
    let elsewhere = [Role::Handler, Role::Member];
    let centre_roles = Role::ALL.iter().filter(|role| !elsewhere.contains(role));
    actors.extend(centre_roles.map(|role| centre(*role)));
    actors.extend([OWN, OTHER, TOWNSHIP, VILLAGE].map(|unit| staff(Role::Handler, unit)));
    actors.extend([staff(Role::Dispatcher, TOWNSHIP), crew()]);
    actors
}

pub(crate) fn dispatch(unit: &str, limit: Limit) -> Command {
    let to = DispatchTo {
        item: ItemCode::parse("UC-001").unwrap(),
        catalog: None,
        unit: UnitCode::parse(unit).unwrap(),
        tier: DIRECTORY.unit(&self::unit(unit)).map_or(Tier::City, |unit| unit.tier()),
        limit,
        confidence: Some(917),
    };
    Command::Dispatch { to }
}

pub(crate) fn reached_call(
    contacted: Option<bool>,
    solved: Option<bool>,
    satisfaction: Option<Satisfaction>,
) -> Command {
    Command::FollowUp { result: FollowUpResult::Reached { contacted, solved, satisfaction } }
}

pub(crate) fn no_answer() -> Command {
    Command::FollowUp { result: FollowUpResult::NoAnswer }
}

pub(crate) fn resolve() -> Command {
    Command::Resolve { outcome: Outcome::Solved, reply: sealed("reply") }
}

pub(crate) fn decline() -> Command {
    Command::Decline { ground: DeclineGround::Litigation, note: Some(sealed("no")) }
}

/// How staff end a case whose person was erased.
pub(crate) fn withdraw_for_erased() -> Command {
    Command::Decline { ground: DeclineGround::Withdrawn, note: None }
}

pub(crate) fn archive() -> Command {
    let key = "dossiers/a-1.json".to_owned();
    Command::Archive { key, sha256: Hash::of_bytes(b"dossier"), sealed_seq: 9 }
}

pub(crate) fn ask(ask: Ask) -> Command {
    Command::OpenMatter { ask, note: Some(sealed("why")) }
}

/// Opens a matter as it is opened most often.
pub(crate) fn open_matter(matter: Matter) -> Command {
    ask(match matter {
        Matter::Return => {
            Ask::Return { ground: ReturnGround::NotOurDuty, propose: Some(unit(OTHER)) }
        }
        Matter::Extension => Ask::Extension(Limit::Workdays(2)),
        Matter::Whistle => Ask::Whistle(units([OWN, OTHER])),
        Matter::Suspension => Ask::Suspension(start().plus_millis(9 * Timestamp::DAY_MS)),
        Matter::Consultation => Ask::Consultation(Level::Three, units([OWN, OTHER])),
        Matter::Supervision => Ask::Supervision,
        Matter::FollowThrough => Ask::FollowThrough,
        Matter::FundApplication => Ask::FundApplication,
        Matter::Merge => Ask::Merge(likely()),
    })
}

/// What a ticket may repeat.
pub(crate) fn likely() -> Likely {
    Likely(vec![LikelyLead { ticket: other_ticket(), score: 912 }])
}

/// The lead's answer, which the machine hands to a follower.
pub(crate) fn resolve_with(to: &str) -> Command {
    let Command::Dispatch { to } = dispatch(to, Limit::Days(7)) else { unreachable!() };
    let (lead, outcome) = (other_ticket(), Outcome::Solved);
    Command::ResolveWith { lead, to, outcome, reply: sealed("as the lead") }
}

pub(crate) fn conclude(lead: &str, assisting: Units) -> Command {
    let (lead, limit) = (unit(lead), Limit::Workdays(7));
    let item = Some(ItemCode::parse("UC-001").unwrap());
    let conclusion = Conclusion { item, catalog: Some(3), lead, assisting, limit, funded: false };
    Command::Conclude { conclusion, note: sealed("measures") }
}

pub(crate) fn minute(paper: Paper) -> Command {
    Command::Minute { paper, note: sealed(paper.as_str()) }
}

pub(crate) fn assign(code: &str) -> Command {
    Command::Assign { unit: unit(code), limit: Limit::Days(2), note: None }
}

pub(crate) fn end_task(code: &str, done: bool) -> Command {
    Command::EndTask { unit: unit(code), done, note: None }
}

pub(crate) fn report_in(accepts: bool) -> Command {
    Command::ReportIn { accepts, note: Some(sealed("we come, or not")) }
}

pub(crate) fn mobilise(id: &str, skill: Skill) -> Command {
    Command::Mobilise { member: member(id), skill }
}

pub(crate) fn report(stage: Stage) -> Command {
    Command::ReportMember { member: member(MEMBER), stage, note: None }
}

pub(crate) fn close_matter(matter: Matter, granted: bool) -> Command {
    Command::CloseMatter { matter, outcome: MatterOutcome { granted } }
}

/// An entry of the fund's ledger about the ticket.
pub(crate) fn money(act: ActKind, amount: Option<&str>) -> Command {
    let entry = EntryRef::parse("fund/2026#7").unwrap();
    let amount = amount.map(|amount| Money::parse(amount).unwrap());
    let paper = (act != ActKind::Paid).then(|| sealed("paper"));
    let decides = match act {
        ActKind::Approved => Some(true),
        ActKind::Refused => Some(false),
        _ => None,
    };
    Command::Fund { act, entry, amount, paper, decides }
}

/// Whether it is for a step to give this command now.
pub(crate) fn is_its_turn(step: Step, command: &Command, ticket: &Ticket) -> bool {
    match (step, command) {
        // What it has found of repeats it says right after it has dispatched.
        (Step::Dispatch, Command::Merge { .. } | Command::OpenMatter { .. }) => {
            ticket.timeline().last().unwrap().actor == Actor::Step(step)
        }
        (Step::Feedback, Command::ResolveWith { .. } | Command::Unmerge) => {
            ticket.turn() == Turn::Lead
        }
        _ => ticket.turn() == Turn::Machine(step),
    }
}

/// Does it, or not.
pub(crate) fn perform(
    ticket: &Ticket,
    deed: &Deed,
    now: Timestamp,
    cause: Option<CommandId>,
) -> Result<Ticket, Refusal> {
    ticket.execute(&deed.command, &context(deed.actor.clone(), now, cause))
}

pub(crate) fn context(actor: Actor, now: Timestamp, cause: Option<CommandId>) -> Context<'static> {
    Context { actor, now, calendar: &CALENDAR, directory: &DIRECTORY, cause }
}

/// Does one thing after the other, an hour apart, each without a cause; every one must be accepted.
pub(crate) fn play(ticket: &Ticket, deeds: impl IntoIterator<Item = Deed>) -> Ticket {
    deeds.into_iter().fold(ticket.clone(), |ticket, deed| {
        let now = ticket.timeline().last().unwrap().at.plus_millis(Timestamp::HOUR_MS);
        perform(&ticket, &deed, now, None).unwrap_or_else(|refusal| panic!("{deed:?}: {refusal}"))
    })
}

/// The way of a ticket to the unit, and to the answer.
pub(crate) fn to_handling() -> Vec<Deed> {
    vec![
        deed(Actor::Step(Step::Intake), Command::Accept),
        deed(Actor::Step(Step::Dispatch), dispatch(OWN, Limit::Workdays(5))),
        deed(Actor::Step(Step::Handling), Command::Open),
    ]
}

/// The way to a dispatcher.
pub(crate) fn to_doubt() -> Vec<Deed> {
    let doubt = Command::Doubt { candidates: Candidates::default() };
    vec![deed(Actor::Step(Step::Intake), Command::Accept), deed(Actor::Step(Step::Dispatch), doubt)]
}

pub(crate) fn to_answered() -> Vec<Deed> {
    vec![deed(handler(), resolve()), deed(Actor::Step(Step::Feedback), Command::Answer)]
}

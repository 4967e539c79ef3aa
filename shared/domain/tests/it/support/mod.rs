//! The city that the tests play in: one ticket, its people, every command they can give.

mod reach;
mod walk;

use std::sync::LazyLock;

use domain::{
    Actor, Calendar, Candidates, ChannelName, Command, CommandId, Context, DeclineGround,
    DispatchTo, FollowUpResult, Hash, ItemCode, Limit, Matter, MatterOutcome, MediaType, Outcome,
    PhotoRefusal, RecordId, Refusal, RegionCode, RequestKind, Role, Satisfaction, SealedRef,
    StaffId, Step, Ticket, TicketId, Tier, Timestamp, UnitCode,
};

pub(crate) use reach::{addendum, deeds_on, diligent, fresh, reached};
pub(crate) use walk::{Move, Stride, any_moves, moves, walk};

/// The unit that the tickets go to, and another one.
pub(crate) const OWN: &str = "transport";
pub(crate) const OTHER: &str = "water-company";

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
    Ticket::receive(region(), order, RequestKind::Complaint, sealed("request"), start()).unwrap()
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

/// Everybody: each step, the sweep, the ticket's channel and another, each role, two units.
pub(crate) fn actors() -> Vec<Actor> {
    let mut actors: Vec<Actor> = Step::ALL.iter().copied().map(Actor::Step).collect();
    actors.extend([Actor::Sweep, Actor::Attachment]);
    actors.extend(["hotline-12345", "wechat"].map(|name| Actor::Channel(channel(name))));
    let centre_roles = Role::ALL.iter().filter(|role| **role != Role::Handler);
    actors.extend(centre_roles.map(|role| centre(*role)));
    actors.extend([OWN, OTHER].map(|unit| staff(Role::Handler, unit)));
    actors
}

pub(crate) fn dispatch(unit: &str, limit: Limit) -> Command {
    let to = DispatchTo {
        item: ItemCode::parse("UC-001").unwrap(),
        unit: UnitCode::parse(unit).unwrap(),
        tier: Tier::City,
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

pub(crate) fn open_matter(matter: Matter) -> Command {
    Command::OpenMatter { matter, note: Some(sealed("why")) }
}

pub(crate) fn close_matter(matter: Matter, granted: bool) -> Command {
    Command::CloseMatter { matter, outcome: MatterOutcome { granted } }
}

/// Every kind of command, and each in every way that makes a difference.
pub(crate) fn commands() -> Vec<Command> {
    use Satisfaction::{Dissatisfied, Fairly, Satisfied};
    let candidates = ["UC-001", "WA-001"].map(|code| ItemCode::parse(code).unwrap()).to_vec();
    let mut commands = vec![
        Command::Accept,
        Command::Doubt { candidates: Candidates(candidates) },
        Command::Doubt { candidates: Candidates(Vec::new()) },
        decline(),
        Command::Open,
        Command::Supplement { note: sealed("more") },
        Command::Urge { note: None },
        Command::Withdraw { note: Some(sealed("back")) },
        Command::Note { note: sealed("note") },
        Command::Attach { photo: sealed("photo"), media: MediaType::Jpeg, bytes: 4711 },
        Command::RefuseAttachment { reason: PhotoRefusal::Damaged },
        resolve(),
        Command::Answer,
        no_answer(),
        Command::Evaluate,
        archive(),
        Command::Hold { attempts: 10 },
        Command::Retry,
        Command::Merge { lead: other_ticket() },
        Command::Merge { lead: ticket().id().clone() },
        Command::Unmerge,
        Command::Erase,
        withdraw_for_erased(),
        dispatch(OWN, Limit::Hours(24)),
        dispatch(OWN, Limit::Days(7)),
        dispatch(OTHER, Limit::Workdays(5)),
    ];
    let said = [
        (None, None, None),
        (Some(true), Some(true), Some(Satisfied)),
        (Some(true), Some(false), Some(Fairly)),
        (Some(false), Some(true), Some(Dissatisfied)),
    ];
    for (contacted, solved, satisfaction) in said {
        commands.push(reached_call(contacted, solved, satisfaction));
        commands.push(Command::Rate { solved, satisfaction });
    }
    for matter in Matter::ALL {
        commands.push(open_matter(*matter));
        commands.extend([true, false].map(|granted| close_matter(*matter, granted)));
    }
    commands
}

/// Does it, or not.
pub(crate) fn perform(
    ticket: &Ticket,
    deed: &Deed,
    now: Timestamp,
    cause: Option<CommandId>,
) -> Result<Ticket, Refusal> {
    let context = Context { actor: deed.actor.clone(), now, calendar: &CALENDAR, cause };
    ticket.execute(&deed.command, &context)
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

pub(crate) fn to_answered() -> Vec<Deed> {
    vec![deed(handler(), resolve()), deed(Actor::Step(Step::Feedback), Command::Answer)]
}

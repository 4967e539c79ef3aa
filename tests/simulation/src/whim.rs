//! What somebody does unasked when a ticket has moved: whatever can be done to it, also by those who may
//! not.

use domain::{
    Actor, Ask, ChannelName, CommandId, DeclineGround, Level, Matter, Outcome, Paper, ReturnGround,
    Role, Satisfaction, Stage, Ticket, Tier, Timestamp, UnitCode, Units,
};
use lambda::Order;

use crate::moves::{COMMON, Move, apt};
use crate::rng::Rng;
use crate::staff::{
    Act, Deed, any_unit, centre, closing, conclusion, destination, handler, likeliest, limit, one,
    staff,
};
use crate::town::Town;

/// So many times a command is given again when nothing was answered.
const TRIES: u32 = 1000;
/// Who acts unasked.
const WHO: &str = "u9";

/// A ticket and the moment in which somebody has an idea.
pub(crate) struct Mood<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) number: u64,
    pub(crate) now: i64,
    pub(crate) town: &'static Town,
}

/// What somebody does unasked, by its number in the run.
pub(crate) fn whim(mood: &Mood<'_>, rng: &mut Rng) -> Deed {
    let (likely, apt) = apt(mood.ticket);
    let moves = if rng.chance(likely) { apt } else { COMMON };
    let (actor, order) = mood.act(rng.pick(moves), rng).unwrap_or_else(|| mood.note(rng));
    let cause = CommandId::derive(&actor.to_string(), &format!("whim {}", mood.number));
    let tries = if rng.chance(2000) { 1 } else { TRIES };
    let ticket = mood.ticket.id().clone();
    Deed { ticket, actor, order, cause, if_match: None, twin: false, tries }
}

impl Mood<'_> {
    fn text(&self) -> String {
        format!("又想起一件事 {}。", self.number)
    }

    fn some(&self, rng: &mut Rng) -> Option<String> {
        rng.chance(5000).then(|| self.text())
    }

    fn note(&self, rng: &mut Rng) -> Act {
        let lead = self.ticket.assignment().map(|lead| handler(WHO, &lead.unit));
        let actor = lead.filter(|_| rng.chance(2500));
        (actor.unwrap_or_else(|| centre(WHO, Role::Supervisor)), Order::Note { text: self.text() })
    }

    /// A unit that works on the case, at these tiers if there is one.
    fn working(&self, tiers: &[Tier], rng: &mut Rng) -> Option<UnitCode> {
        let lead = self.ticket.assignment().map(|lead| &lead.unit);
        let working: Vec<&UnitCode> = lead.into_iter().chain(self.ticket.tasks().keys()).collect();
        let fits = |unit: &&&UnitCode| {
            self.town.directory.unit(unit).is_some_and(|unit| tiers.contains(&unit.tier()))
        };
        let fitting: Vec<&UnitCode> = working.iter().filter(fits).copied().collect();
        one(&fitting, rng).map(|unit| (*unit).clone())
    }

    fn asks(&self, ask: Ask, rng: &mut Rng) -> Option<Act> {
        let lead = self.ticket.assignment()?;
        // A reason is forgotten now and then.
        let text = rng.chance(9500).then(|| self.text());
        Some((handler(WHO, &lead.unit), Order::OpenMatter { ask, text }))
    }

    fn act(&self, what: Move, rng: &mut Rng) -> Option<Act> {
        let channel =
            || Actor::Channel(ChannelName::parse(self.ticket.channel().as_str()).unwrap());
        let supervisor = centre(WHO, Role::Supervisor);
        Some(match what {
            Move::Supplement if rng.chance(5000) => {
                (centre(WHO, Role::Operator), Order::Supplement { text: self.text() })
            }
            Move::Supplement => (channel(), Order::Supplement { text: self.text() }),
            Move::Urge => (channel(), Order::Urge { text: self.some(rng) }),
            Move::Withdraw => (channel(), Order::Withdraw { text: self.some(rng) }),
            Move::Rate => {
                let satisfaction = Some(Satisfaction::Fairly);
                (channel(), Order::Rate { solved: Some(rng.chance(7000)), satisfaction })
            }
            Move::Note => self.note(rng),
            Move::Dispatch => {
                (supervisor, Order::Dispatch { to: destination(self.ticket, self.town, rng) })
            }
            Move::Decline => {
                let ground = DeclineGround::NotActionable;
                (supervisor, Order::Decline { ground, text: self.some(rng) })
            }
            Move::Watch => {
                let order = Order::OpenMatter { ask: Ask::Supervision, text: self.some(rng) };
                (centre(WHO, rng.pick(&[Role::Supervisor, Role::Leader])), order)
            }
            Move::Fund => {
                (supervisor, Order::OpenMatter { ask: Ask::FundApplication, text: self.some(rng) })
            }
            Move::Close => {
                let open: Vec<Matter> = self.ticket.matters().keys().copied().collect();
                let matter = if open.is_empty() { Matter::Extension } else { rng.pick(&open) };
                closing(self.ticket, matter, WHO, rng)
            }
            Move::Return => {
                let ground = rng.pick(ReturnGround::ALL);
                let propose = rng.chance(3000).then(|| any_unit(self.town, rng).clone());
                return self.asks(Ask::Return { ground, propose }, rng);
            }
            Move::Extension => return self.asks(Ask::Extension(limit(rng)), rng),
            Move::Suspension => {
                let hours = rng.pick(&[1, 5, 26, 40, 24 * 30]);
                let until = self.now + hours * Timestamp::HOUR_MS;
                return self.asks(Ask::Suspension(Timestamp::from_millis(until)), rng);
            }
            Move::Merge => return likeliest(self.ticket, WHO, rng),
            Move::Unmerge => {
                (centre(WHO, rng.pick(&[Role::Dispatcher, Role::Supervisor])), Order::Unmerge)
            }
            Move::Stranger => return self.strangely(rng),
            _ => return self.together(what, rng),
        })
    }

    /// What several units do in one case.
    fn together(&self, what: Move, rng: &mut Rng) -> Option<Act> {
        let (ticket, town) = (self.ticket, self.town);
        Some(match what {
            Move::Sign => (handler(WHO, &ticket.assignment()?.unit), Order::Sign),
            Move::Assign => self.assigns(rng),
            Move::EndTask => {
                let tasks: Vec<&UnitCode> = ticket.tasks().keys().collect();
                let unit = (*one(&tasks, rng)?).clone();
                let (done, text) = (rng.chance(5000), self.some(rng));
                let lead = ticket.assignment().map(|lead| &lead.unit);
                let actor = match lead.filter(|_| rng.chance(3000)) {
                    _ if done => handler(WHO, &unit),
                    Some(lead) => handler(WHO, lead),
                    None => centre(WHO, Role::Dispatcher),
                };
                (actor, Order::EndTask { unit, done, text })
            }
            Move::Whistle => {
                let by = self.working(&[Tier::Township, Tier::Village], rng)?;
                let own = town.directory.unit(&by)?;
                let units = if own.tier() == Tier::Village {
                    Units::from([own.parent.clone()?])
                } else {
                    Units::from([0, 1].map(|_| one(&town.offices, rng).unwrap().clone()))
                };
                let text = self.some(rng);
                (handler(WHO, &by), Order::OpenMatter { ask: Ask::Whistle(units), text })
            }
            Move::ReportIn => {
                let awaited: Vec<_> = ticket.matters().get(&Matter::Whistle)?.awaited().collect();
                let unit = handler(WHO, one(&awaited, rng)?);
                (unit, Order::ReportIn { accepts: rng.chance(5000), text: Some(self.text()) })
            }
            Move::Table => {
                let level = rng.pick(Level::ALL);
                let seats = Units::from([0, 1].map(|_| any_unit(town, rng).clone()));
                let role = rng.pick(&[Role::Dispatcher, Role::Supervisor, Role::Leader]);
                let lead = ticket.assignment().filter(|_| rng.chance(3000));
                let actor = lead.map_or_else(|| centre(WHO, role), |lead| handler(WHO, &lead.unit));
                let ask = Ask::Consultation(level, seats);
                (actor, Order::OpenMatter { ask, text: self.some(rng) })
            }
            Move::Minute => {
                let role = rng.pick(&[Role::Supervisor, Role::Leader]);
                (
                    centre(WHO, role),
                    Order::Minute { paper: rng.pick(Paper::ALL), text: self.text() },
                )
            }
            Move::Conclude => {
                let role = rng.pick(&[Role::Supervisor, Role::Leader]);
                let conclusion = conclusion(ticket, town, rng);
                (centre(WHO, role), Order::Conclude { conclusion, text: self.text() })
            }
            Move::Mobilise => {
                let village = self.working(&[Tier::Village], rng)?;
                let members = town.members(&village, Timestamp::from_millis(self.now));
                let known = one(&members, rng)?;
                let (member, skill) = (known.id.clone(), known.skill);
                (handler(WHO, &village), Order::Mobilise { member, skill })
            }
            _ => self.crew_reports(rng)?,
        })
    }

    /// A mobilised member comes further, or says what it may not.
    fn crew_reports(&self, rng: &mut Rng) -> Option<Act> {
        let out = self.ticket.crew().iter().filter(|(_, crew)| crew.stage.is_out());
        let crew: Vec<_> = out.collect();
        let (member, crew) = one(&crew, rng)?;
        let stages = Stage::ALL.iter().copied();
        let next: Vec<Stage> = stages.filter(|next| crew.stage.leads_to(*next)).collect();
        let known = one(&next, rng).copied().filter(|_| rng.chance(9000));
        let (member, stage) = ((*member).clone(), known.unwrap_or(Stage::Finished));
        let order = Order::ReportMember { member, stage, text: self.some(rng), photos: Vec::new() };
        Some((handler(WHO, &crew.village), order))
    }

    /// A township gives work to its villages, the centre to anybody.
    fn assigns(&self, rng: &mut Rng) -> Act {
        let (limit, text) = (limit(rng), self.some(rng));
        let township = self.working(&[Tier::Township], rng).filter(|_| rng.chance(5000));
        if let Some(township) = township {
            let of = |unit: &&UnitCode| {
                self.town.directory.parent(unit).is_some_and(|up| up.code == township)
            };
            let villages: Vec<&UnitCode> = self.town.villages.iter().filter(of).collect();
            if let Some(village) = one(&villages, rng) {
                let role = rng.pick(&[Role::Handler, Role::Dispatcher]);
                let actor = staff(WHO, role, township.as_str());
                return (actor, Order::Assign { unit: (*village).clone(), limit, text });
            }
        }
        let village = one(&self.town.villages, rng).filter(|_| rng.chance(5000));
        let unit = village.unwrap_or_else(|| any_unit(self.town, rng)).clone();
        let role = rng.pick(&[Role::Dispatcher, Role::Supervisor]);
        (centre(WHO, role), Order::Assign { unit, limit, text })
    }

    /// Somebody of a unit that has no part in any case.
    fn strangely(&self, rng: &mut Rng) -> Option<Act> {
        let unit = one(&self.town.strangers, rng)?;
        let role = rng.pick(&[Role::Handler, Role::Handler, Role::Dispatcher, Role::Supervisor]);
        let text = Some(self.text());
        let order = match rng.below(8) {
            0 => Order::Sign,
            1 => Order::Resolve { outcome: Outcome::Solved, reply: self.text() },
            2 => Order::EndTask { unit: unit.clone(), done: true, text },
            3 => Order::ReportIn { accepts: true, text },
            4 => {
                let ask = Ask::Extension(limit(rng));
                Order::OpenMatter { ask, text }
            }
            5 => Order::CloseMatter { matter: Matter::Extension, granted: true },
            6 => Order::Assign { unit: unit.clone(), limit: limit(rng), text },
            _ => Order::Note { text: self.text() },
        };
        Some((staff(WHO, role, unit.as_str()), order))
    }
}

/// What others do meanwhile: in a case that is sent on they go on with what they were asked for, for they hear
/// of it later.
pub(crate) fn meanwhile(mood: &Mood<'_>, deed: &Deed, rng: &mut Rng) -> Vec<Deed> {
    let moves: &[Move] = match deed.order {
        Order::Dispatch { .. } => {
            &[Move::Crew, Move::EndTask, Move::Crew, Move::EndTask, Move::Crew, Move::Crew]
        }
        // Nobody comes alone.
        Order::Mobilise { .. } => &[Move::Mobilise, Move::Mobilise, Move::Dispatch],
        _ => return Vec::new(),
    };
    let acts = moves.iter().filter_map(|one| mood.act(*one, rng)).collect::<Vec<_>>();
    let of = |(at, (actor, order)): (usize, Act)| {
        let cause = format!("whim {} meanwhile {at}", mood.number);
        let cause = CommandId::derive(&actor.to_string(), &cause);
        Deed { actor, order, cause, ..deed.clone() }
    };
    acts.into_iter().enumerate().map(of).collect()
}

/// Whether somebody is of a unit that has no part in any case.
pub(crate) fn is_strange(actor: &Actor, town: &'static Town) -> bool {
    matches!(actor, Actor::Staff { unit, .. } if town.strangers.contains(unit))
}

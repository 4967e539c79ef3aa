//! All tiers, played: what units of city, townships and villages do with a case before it is answered, by
//! the seed. Every deed goes through the one command function, as the staff's do.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::directory::{Directory, Skill, UnitKind};
use domain::{
    Actor, Ask, COMMAND_CENTRE, Calendar, Conclusion, Context, DispatchTo, Level, Limit, Matter,
    MemberId, OpenMatter, Owner, Paper, ReturnGround, Role, StaffId, Stage, Status, Terms, Ticket,
    Tier, Timestamp, UnitCode, Units,
};
use lambda::Order;

use super::citizens::draw;

/// Who does what next.
pub(super) enum Next {
    /// This.
    Deed(Box<Deed>),
    /// Nobody, until then: who was called says nothing.
    Waits(Timestamp),
    /// The way of every case: its unit answers, its dispatcher dispatches.
    Plain,
}

/// A command in a role at a unit.
pub(super) struct Deed {
    pub(super) actor: Actor,
    pub(super) order: Order,
}

/// The tiers of a city.
#[derive(Clone)]
pub(super) struct Tiers {
    pub(super) directory: Arc<Directory>,
    pub(super) calendar: Arc<Calendar>,
    pub(super) seed: u64,
}

/// A case with a longer timeline than this is only brought to its end.
const LONG: u32 = 45;

/// One look at one ticket.
struct Look<'a> {
    tiers: &'a Tiers,
    ticket: &'a Ticket,
    now: Timestamp,
}

impl Tiers {
    /// Every inbox that somebody of a unit reads.
    pub(super) fn inboxes(&self) -> impl Iterator<Item = String> + '_ {
        let desks = ["supervisor", "leader", "held"].map(|desk| format!("{COMMAND_CENTRE}.{desk}"));
        self.directory.units().map(|unit| unit.code.to_string()).chain(desks)
    }

    /// What happens next to a ticket, the same however often it is looked at.
    pub(super) fn next(&self, ticket: &Ticket, now: Timestamp) -> Next {
        let look = Look { tiers: self, ticket, now };
        match ticket.status() {
            Status::Handling => look.handling(),
            Status::NeedsDispatcher => look.matters().unwrap_or(Next::Plain),
            _ => Next::Plain,
        }
    }
}

impl Look<'_> {
    /// A number below 100 that this look at this ticket draws for something.
    fn chance(&self, what: &str) -> u64 {
        let stay = format!("{} {}", self.ticket.id(), self.ticket.version());
        draw(self.tiers.seed, what, &stay) % 100
    }

    fn pick<'a, T>(&self, what: &str, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or(1).max(1);
        let stay = format!("{} {}", self.ticket.id(), self.ticket.version());
        of.get(usize::try_from(draw(self.tiers.seed, what, &stay) % count).unwrap_or(0))
    }

    fn deed(&self, role: Role, unit: &str, order: Order) -> Next {
        let (Ok(id), Ok(unit)) = (StaffId::parse(&format!("played-{role}")), UnitCode::parse(unit))
        else {
            return Next::Plain;
        };
        Next::Deed(Box::new(Deed { actor: Actor::Staff { id, role, unit }, order }))
    }

    fn centre(&self, role: Role, order: Order) -> Next {
        self.deed(role, COMMAND_CENTRE, order)
    }

    fn close(&self, matter: Matter, granted: bool) -> Order {
        Order::CloseMatter { matter, granted }
    }

    fn handling(&self) -> Next {
        if self.ticket.erased_at().is_some() {
            return Next::Plain;
        }
        let parties = || self.crew().or_else(|| self.tasks());
        self.matters().or_else(parties).unwrap_or_else(|| self.lead())
    }

    /// What is open is decided first.
    fn matters(&self) -> Option<Next> {
        let matters = self.ticket.matters();
        let open = |matter| matters.get(&matter).map(|open| (matter, open));
        let order = [
            Matter::Suspension,
            Matter::Consultation,
            Matter::Return,
            Matter::Whistle,
            Matter::Extension,
        ];
        let (matter, open) = order.into_iter().find_map(open)?;
        Some(match matter {
            Matter::Suspension => self.suspension(open),
            Matter::Consultation => self.table(open),
            Matter::Return => self.decide_return(open),
            Matter::Whistle => self.report_in(open)?,
            _ => self.decide_extension(open),
        })
    }

    fn suspension(&self, open: &OpenMatter) -> Next {
        let unit = self.ticket.assignment().map_or(COMMAND_CENTRE, |a| a.unit.as_str());
        match (open.running, open.terms.due()) {
            (Some(_), Some(until)) if self.chance("resume") < 50 => Next::Waits(until),
            (Some(_), _) => self.deed(Role::Handler, unit, self.close(Matter::Suspension, true)),
            (None, _) => {
                let granted = self.chance("suspend") < 70;
                self.centre(Role::Supervisor, self.close(Matter::Suspension, granted))
            }
        }
    }

    fn decide_return(&self, open: &OpenMatter) -> Next {
        let proposed = match &open.terms {
            Terms::Return { propose, .. } => propose.as_ref(),
            _ => None,
        };
        let other = proposed.and_then(|code| self.tiers.directory.unit(code));
        let item = self.ticket.assignment();
        match (other, item) {
            (Some(unit), Some(stands)) if self.chance("return") < 75 => {
                let (unit, tier) = (unit.code.clone(), unit.tier());
                let (item, catalog, limit) = (stands.item.clone(), stands.catalog, stands.limit);
                let to = DispatchTo { item, catalog, unit, tier, limit, confidence: None };
                self.centre(Role::Dispatcher, Order::Dispatch { to })
            }
            _ => self.centre(Role::Dispatcher, self.close(Matter::Return, false)),
        }
    }

    /// Who was called comes, refuses, or says nothing until it is too late.
    fn report_in(&self, open: &OpenMatter) -> Option<Next> {
        let unit = open.awaited().next()?;
        Some(match self.chance("report-in") {
            0..70 => {
                let order = Order::ReportIn { accepts: true, text: None };
                self.deed(Role::Handler, unit.as_str(), order)
            }
            70..88 => {
                let text = Some("经核实不属于我单位职责，建议会商确定。".to_owned());
                self.deed(Role::Handler, unit.as_str(), Order::ReportIn { accepts: false, text })
            }
            _ => Next::Waits(open.terms.due()?),
        })
    }

    fn decide_extension(&self, open: &OpenMatter) -> Next {
        let order = self.close(Matter::Extension, self.chance("extend") < 70);
        match &open.terms {
            Terms::Extension { to: Owner::Unit(unit), .. } => {
                self.deed(Role::Dispatcher, unit.as_str(), order)
            }
            _ => self.centre(Role::Supervisor, order),
        }
    }

    /// Minutes, at level one the leaders' papers, then the conclusion; sometimes a level higher first.
    fn table(&self, open: &OpenMatter) -> Next {
        let Terms::Consultation { level, units, .. } = &open.terms else { return Next::Plain };
        let role = if *level == Level::One { Role::Leader } else { Role::Supervisor };
        let higher = match level {
            Level::Three => Some(Level::Two),
            Level::Two => Some(Level::One),
            Level::One => None,
        };
        if let Some(higher) = higher.filter(|_| self.chance("raise") < 12) {
            let ask = Ask::Consultation(higher, units.clone());
            let text = Some("责任一时难以划清，提请上一级会商。".to_owned());
            return self.centre(Role::Supervisor, Order::OpenMatter { ask, text });
        }
        let refers = *level == Level::One && self.chance("refer") < 30;
        let papers = [
            (Paper::Minutes, true, "各单位说明了情况，议定办理意见。"),
            (Paper::Instruction, *level == Level::One, "请牵头单位限期办结，举一反三。"),
            (Paper::Referral, refers, "建议建立长效机制，提请常委会研究。"),
        ];
        for (paper, needed, text) in papers {
            if needed && !open.papers.contains(&paper) {
                return self.centre(role, Order::Minute { paper, text: text.to_owned() });
            }
        }
        self.conclude(role, &units.0)
    }

    fn conclude(&self, role: Role, seats: &BTreeSet<UnitCode>) -> Next {
        let may_lead = |code: &&UnitCode| {
            self.tiers.directory.unit(code).is_some_and(|unit| unit.tier() != Tier::Village)
        };
        let leads: Vec<&UnitCode> = seats.iter().filter(may_lead).collect();
        let lead = self.pick("lead", &leads).map_or_else(|| self.anyone(), |unit| (*unit).clone());
        let assisting = seats.iter().filter(|unit| **unit != lead).take(2).cloned();
        let catalog = lambda::sample_catalog();
        let item = catalog.items().first().map(|item| item.code.clone());
        let conclusion = Conclusion {
            item: item.filter(|_| self.ticket.assignment().is_none()),
            catalog: None,
            assisting: Units(assisting.collect()),
            lead,
            limit: Limit::Workdays(5),
            funded: self.chance("fund") < 20,
        };
        let text = "由牵头单位组织整改，协办单位配合，按期反馈。".to_owned();
        self.centre(role, Order::Conclude { conclusion, text })
    }

    /// A unit of the city that any case may go to.
    fn anyone(&self) -> UnitCode {
        let units: Vec<&UnitCode> = self.of_kind(UnitKind::Department);
        self.pick("anyone", &units).map_or_else(
            || self.ticket.keeper().cloned().unwrap_or_else(|| self.centre_code()),
            |unit| (*unit).clone(),
        )
    }

    fn centre_code(&self) -> UnitCode {
        let centre = self.of_kind(UnitKind::Centre);
        centre.first().map_or_else(|| self.anyone(), |unit| (*unit).clone())
    }

    fn of_kind(&self, kind: UnitKind) -> Vec<&UnitCode> {
        let units = self.tiers.directory.units().filter(|unit| unit.kind == kind);
        units.map(|unit| &unit.code).collect()
    }

    /// Members who are out go on, one step at a time.
    fn crew(&self) -> Option<Next> {
        let out = self.ticket.crew().iter().find(|(_, crew)| crew.stage.is_out())?;
        let (member, crew) = out;
        let stage = match crew.stage {
            Stage::Called if self.chance("come") < 15 => Stage::Declined,
            Stage::Called => Stage::Accepted,
            Stage::Accepted => Stage::Arrived,
            _ => Stage::Finished,
        };
        let village = crew.village.as_str();
        let order =
            Order::ReportMember { member: member.clone(), stage, text: None, photos: Vec::new() };
        Some(self.deed(Role::Handler, village, order))
    }

    /// Who assists does its part; a village calls somebody first.
    fn tasks(&self) -> Option<Next> {
        let (unit, task) = self.ticket.tasks().first_key_value()?;
        if self.ticket.version() < LONG && self.chance("help") < 60 {
            if let Some(next) = self.mobilise(unit).filter(|_| task.tier == Tier::Village) {
                return Some(next);
            }
            let village = self.village_of(unit).filter(|_| task.tier == Tier::Township);
            if let Some(village) = village.filter(|code| !self.ticket.tasks().contains_key(*code)) {
                return Some(self.assign(unit, village));
            }
        }
        let text = Some("已按要求完成。".to_owned());
        let order = Order::EndTask { unit: unit.clone(), done: true, text };
        Some(self.deed(Role::Handler, unit.as_str(), order))
    }

    fn assign(&self, township: &UnitCode, village: &UnitCode) -> Next {
        let (unit, limit) = (village.clone(), Limit::Workdays(2));
        let text = Some("请到现场核实并先行处置。".to_owned());
        self.deed(Role::Handler, township.as_str(), Order::Assign { unit, limit, text })
    }

    fn village_of(&self, township: &UnitCode) -> Option<&UnitCode> {
        let villages: Vec<_> = self.tiers.directory.children(township).collect();
        self.pick("village", &villages).map(|unit| &unit.code)
    }

    /// Somebody of the village's grids who has a skill, can be called now, and was not called yet.
    fn mobilise(&self, village: &UnitCode) -> Option<Next> {
        if !self.ticket.crew().is_empty() {
            return None;
        }
        let grids: Vec<_> = self.tiers.directory.grids_of(village).collect();
        let grid = self.pick("grid", &grids)?;
        let can_come = |member: &&domain::directory::Member| {
            member.availability.covers(self.now, &self.tiers.calendar)
        };
        let members: Vec<(MemberId, Skill)> = self
            .tiers
            .directory
            .members_of(&grid.code)
            .filter(can_come)
            .filter_map(|member| Some((member.id.clone(), *member.skills.first()?)))
            .collect();
        let (member, skill) = self.pick("member", &members)?.clone();
        Some(self.deed(Role::Handler, village.as_str(), Order::Mobilise { member, skill }))
    }

    /// What the lead does, if not the plain thing: signs, gives back, asks for time, whistles, convenes.
    fn lead(&self) -> Next {
        let ticket = self.ticket;
        if ticket.matters().contains_key(&Matter::FollowThrough) {
            return self.centre(Role::Supervisor, self.close(Matter::FollowThrough, true));
        }
        let Some(assignment) = ticket.assignment().filter(|_| ticket.version() < LONG) else {
            return Next::Plain;
        };
        let unit = assignment.unit.as_str();
        if !assignment.signed && self.chance("sign") < 60 {
            return self.deed(Role::Handler, unit, Order::Sign);
        }
        let opened = |ask, text: &str| Order::OpenMatter { ask, text: Some(text.to_owned()) };
        let order = match (self.chance("lead"), assignment.tier) {
            (0..14, _) => opened(self.give_back(), "依据部门职责清单，该事项不属于我单位职责。"),
            (14..22, _) => {
                opened(Ask::Extension(Limit::Workdays(3)), "需采购配件，三个工作日内到货。")
            }
            (22..26, _) => {
                let until = self.now.plus_millis(3 * Timestamp::DAY_MS);
                opened(Ask::Suspension(until), "涉及司法鉴定，等待结论。")
            }
            (26..31, _) => {
                let seats = Units::from([assignment.unit.clone(), self.anyone()]);
                opened(Ask::Consultation(Level::Three, seats), "涉及多个行业，请召集会商。")
            }
            (31..60, Tier::Township) => {
                let called = Units::from([self.anyone()]);
                opened(Ask::Whistle(called), "本级无执法权限，请到场处置。")
            }
            (60..75, Tier::Township) => match self.village_of(&assignment.unit) {
                Some(village) => return self.assign(&assignment.unit, village),
                None => return Next::Plain,
            },
            (31..55, Tier::Village) => match self.tiers.directory.parent(&assignment.unit) {
                Some(township) => {
                    let called = Units::from([township.code.clone()]);
                    opened(Ask::Whistle(called), "村内无力解决，请乡镇到场。")
                }
                None => return Next::Plain,
            },
            (55..80, Tier::Village) => {
                return self.mobilise(&assignment.unit).unwrap_or(Next::Plain);
            }
            _ => return Next::Plain,
        };
        self.possible(self.deed(Role::Handler, unit, order))
    }

    /// To a township more often than elsewhere, so that all tiers have their share.
    fn give_back(&self) -> Ask {
        let townships = self.of_kind(UnitKind::Township);
        let propose = match self.chance("propose") {
            0..60 => self.pick("township", &townships).map(|unit| (*unit).clone()),
            _ => Some(self.anyone()),
        };
        let own = self.ticket.assignment().map(|a| &a.unit);
        let propose = propose.filter(|unit| Some(unit) != own);
        Ask::Return { ground: ReturnGround::NotOurDuty, propose }
    }

    /// What the rules would refuse, because it is too late or was decided before, is not tried: the unit
    /// goes the plain way.
    fn possible(&self, next: Next) -> Next {
        let Next::Deed(deed) = &next else { return next };
        let Some(command) = deed.order.tried() else { return Next::Plain };
        let context = Context {
            actor: deed.actor.clone(),
            now: self.now,
            calendar: &self.tiers.calendar,
            directory: &self.tiers.directory,
            cause: None,
        };
        if self.ticket.decide(&command, &context).is_ok() { next } else { Next::Plain }
    }
}

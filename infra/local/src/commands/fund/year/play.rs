//! Who does what the plan says, through the doors that everybody uses.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use contracts::{Citizen, Hint};
use domain::fund::{
    AccountId, AccountOwner, ApplicationId, EntryRef, FiscalYear, FundRefusal, Item, Items, Money,
};
use domain::{
    Actor, COMMAND_CENTRE, ChannelName, CommandId, DispatchTo, FollowUpResult, ItemCode, Limit,
    Outcome, PayeeCode, RequestKind, Satisfaction, Step as Machine, TicketId, Tier, Turn, UnitCode,
};
use lambda::step::{StepLogic, turn};
use lambda::{Admitted, FundError, FundOrder, Order, Submission, Written, command, fund, submit};
use ports::World;

use super::plan::{Act, Case, Step};

/// A step of the machine brings a ticket further; more than this at once is a circle.
const TURNS_MOST: usize = 12;
/// The unit of the city that has what is no township's.
const UNIT: &str = "housing-urban-rural";

/// Who plays.
pub(super) struct Player<'a> {
    world: &'a World,
    seed: u64,
    year: FiscalYear,
    tickets: BTreeMap<u32, TicketId>,
    applications: BTreeMap<u32, ApplicationId>,
    payments: BTreeMap<(u32, u8), EntryRef>,
    orders: u32,
}

/// The step that has a machine's turn.
fn step(of: Machine) -> &'static dyn StepLogic {
    match of {
        Machine::Intake => &step_intake::Intake,
        Machine::Dispatch => &step_dispatch::Dispatch,
        Machine::Handling => &step_handling::Handling,
        Machine::Feedback => &step_feedback::Feedback,
        Machine::Evaluation => &step_evaluation::Evaluation,
        Machine::Archive => &step_archive::Archive,
    }
}

fn staff(text: &str) -> anyhow::Result<Actor> {
    Actor::parse(&format!("staff:{text}")).map_err(|fault| anyhow::anyhow!("{text}: {fault}"))
}

fn centre(id: &str, role: &str) -> anyhow::Result<Actor> {
    staff(&format!("{id}/{role}/{COMMAND_CENTRE}"))
}

fn written(text: &str) -> Written {
    Written { text: text.to_owned(), photos: Vec::new() }
}

impl<'a> Player<'a> {
    pub(super) const fn new(world: &'a World, seed: u64, year: FiscalYear) -> Self {
        Self {
            world,
            seed,
            year,
            tickets: BTreeMap::new(),
            applications: BTreeMap::new(),
            payments: BTreeMap::new(),
            orders: 0,
        }
    }

    /// How many cases there are.
    pub(super) fn tickets(&self) -> usize {
        self.tickets.len()
    }

    fn cause(&mut self) -> CommandId {
        self.orders += 1;
        CommandId::derive("fund year", &format!("{} {}", self.seed, self.orders))
    }

    fn account(&self, owner: &AccountOwner) -> AccountId {
        AccountId { owner: owner.clone(), year: self.year }
    }

    pub(super) async fn take(&mut self, step: &Step) -> anyhow::Result<()> {
        if let Act::Appropriate(owner, amount) = &step.act {
            let order = FundOrder::Appropriate { account: self.account(owner), amount: *amount };
            self.posts(&centre("finance-1", "supervisor")?, &order).await?;
            return Ok(());
        }
        let case = step.case.as_ref().context("a step of a case")?;
        match &step.act {
            Act::Receive => self.receive(case).await,
            Act::Resolve => self.resolve(case).await,
            Act::Call => self.call(case).await,
            _ => self.money(case, &step.act).await,
        }
    }

    /// The request comes by the hotline and is sent to who will deal with it.
    async fn receive(&mut self, case: &Case) -> anyhow::Result<()> {
        let (number, category) = (case.number, case.category);
        let submission = Submission {
            order: format!("FUND-{}-{number}", self.seed),
            want: RequestKind::Help,
            sent_at: self.world.clock.now(),
            title: format!("第{number}件：{category}"),
            body: format!("示例{number}号院门口需要修一修，类别 {category}，大家都盼着。"),
            citizen: Citizen { phone: Some(format!("100{number:08}")), ..Citizen::default() },
            place: None,
            photos: Vec::new(),
        };
        let channel = ChannelName::parse("hotline-12345").map_err(|f| anyhow::anyhow!("{f}"))?;
        let id = match submit(self.world, &channel, &submission).await? {
            Admitted::Created(ticket) => ticket.id().clone(),
            other => bail!("the request {} stands already: {other:?}", submission.order),
        };
        self.tickets.insert(number, id.clone());
        self.machine(&id).await?;
        let asked = self.world.tickets.load(&id).await?.context("the ticket")?.ticket;
        let township = match &case.owner {
            AccountOwner::Township(code) => Some(code.clone()),
            AccountOwner::Fund | AccountOwner::Centre => None,
        };
        let unit = match &township {
            Some(code) => code.clone(),
            None => UnitCode::parse(UNIT).map_err(|fault| anyhow::anyhow!("{fault}"))?,
        };
        if asked.assignment().is_none_or(|assigned| assigned.unit != unit) {
            let to = DispatchTo {
                item: ItemCode::parse(lambda::GENERAL_ITEM).map_err(|f| anyhow::anyhow!("{f}"))?,
                unit,
                tier: if township.is_some() { Tier::Township } else { Tier::City },
                limit: Limit::Days(60),
                catalog: None,
                confidence: None,
            };
            self.commands(&centre("d1", "dispatcher")?, &id, Order::Dispatch { to }).await?;
        }
        self.machine(&id).await
    }

    /// Lets the steps work until it is somebody else's turn.
    async fn machine(&self, id: &TicketId) -> anyhow::Result<()> {
        for _ in 0..TURNS_MOST {
            let stored = self.world.tickets.load(id).await?.context("the ticket")?;
            let Turn::Machine(of) = stored.ticket.turn() else { return Ok(()) };
            turn(self.world, step(of), &Hint::of(&stored.ticket)).await?;
        }
        bail!("the machine goes in a circle with {id}")
    }

    async fn commands(&mut self, actor: &Actor, id: &TicketId, order: Order) -> anyhow::Result<()> {
        let cause = self.cause();
        command(self.world, actor, id, (&order, &cause), None).await?;
        self.machine(id).await
    }

    async fn resolve(&mut self, case: &Case) -> anyhow::Result<()> {
        let id = self.ticket(case)?;
        let stored = self.world.tickets.load(&id).await?.context("the ticket")?;
        let unit = stored.ticket.assignment().context("its unit")?.unit.clone();
        let handler = staff(&format!("h1/handler/{unit}"))?;
        let reply = format!("第{}件已办理，请您查看。", case.number);
        self.commands(&handler, &id, Order::Resolve { outcome: Outcome::Solved, reply }).await
    }

    async fn call(&mut self, case: &Case) -> anyhow::Result<()> {
        let id = self.ticket(case)?;
        let result = FollowUpResult::Reached {
            contacted: Some(true),
            solved: Some(true),
            satisfaction: Some(Satisfaction::Satisfied),
        };
        self.commands(&centre("c1", "caller")?, &id, Order::FollowUp { result }).await
    }

    fn ticket(&self, case: &Case) -> anyhow::Result<TicketId> {
        self.tickets.get(&case.number).cloned().context("its ticket")
    }

    /// Carries out an order, and lets the machine seal what it has changed.
    async fn posts(&mut self, actor: &Actor, order: &FundOrder) -> Result<EntryRef, FundError> {
        let cause = self.cause();
        let posted = fund(self.world, actor, (order, &cause)).await?;
        let first = posted.postings.first().ok_or(FundError::Busy)?;
        Ok(first.entry())
    }

    async fn money(&mut self, case: &Case, act: &Act) -> anyhow::Result<()> {
        let Some((actor, order)) = self.order(case, act)? else { return Ok(()) };
        let posted = match self.posts(&actor, &order).await {
            Err(FundError::Refused(FundRefusal::Insufficient { has, wants, .. }))
                if *act == Act::Reserve =>
            {
                self.help(case, (has, wants)).await?;
                self.posts(&actor, &order).await
            }
            posted => posted,
        };
        let entry = posted?;
        match act {
            Act::Apply => {
                let ticket = self.ticket(case)?;
                let id = ApplicationId { ticket, number: 1 };
                self.applications.insert(case.number, id);
            }
            Act::Pay(number, _) => {
                self.payments.insert((case.number, *number), entry);
            }
            _ => {}
        }
        self.machine(&self.ticket(case)?).await
    }

    /// An account that has run out is helped by the special fund.
    async fn help(&mut self, case: &Case, (has, wants): (Money, Money)) -> anyhow::Result<()> {
        let amount = wants.minus(has).context("what is missing")?;
        let (account, to) = (self.account(&AccountOwner::Fund), self.account(&case.owner));
        let order = FundOrder::Transfer { account, to, amount };
        self.posts(&centre("finance-1", "supervisor")?, &order).await?;
        Ok(())
    }

    /// Who orders what; nothing for what has become of no use.
    fn order(&self, case: &Case, act: &Act) -> anyhow::Result<Option<(Actor, FundOrder)>> {
        let number = case.number;
        let finance = || centre(&format!("finance-{}", 1 + number % 3), "supervisor");
        let audit = || centre("audit-1", "supervisor");
        let application = || {
            let known = self.applications.get(&number).cloned();
            known.context("its application")
        };
        let firm = PayeeCode::parse(&format!("SAMPLE-FIRM-{:02}", case.firm));
        let payee = firm.map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let payment = |of: &u8| {
            let known = self.payments.get(&(number, *of)).cloned();
            known.context("its payment")
        };
        Ok(Some(match act {
            Act::Apply => {
                let item = Item { category: case.category, estimate: case.estimate };
                let (account, items) = (self.account(&case.owner), Items(vec![item]));
                let (ticket, paper) = (self.ticket(case)?, written("不在预算内，附三家报价。"));
                let applicant = centre(&format!("applicant-{}", 1 + number % 5), "supervisor")?;
                (applicant, FundOrder::Apply { account, ticket, items, paper })
            }
            Act::Approve | Act::Refuse => {
                let leader = centre(&format!("leader-{}", 1 + number % 2), "leader")?;
                let (application, amount) = (application()?, case.approved);
                let order = if *act == Act::Approve {
                    let paper = written("会议纪要：同意。");
                    FundOrder::Approve { application, amount, paper }
                } else {
                    let paper = written("会议纪要：由本单位预算解决。");
                    FundOrder::Refuse { application, paper }
                };
                (leader, order)
            }
            Act::Reserve => (finance()?, FundOrder::Reserve { application: application()? }),
            Act::Contract => {
                let (application, paper) = (application()?, written("派工单。"));
                (finance()?, FundOrder::Contract { application, paper })
            }
            Act::Accept => {
                let (application, paper) = (application()?, written("现场验收合格。"));
                (finance()?, FundOrder::Accept { application, paper })
            }
            Act::Pay(of, amount) => {
                let invoice = format!("INV-{number}-{of}");
                let (application, amount) = (application()?, *amount);
                (finance()?, FundOrder::Pay { application, amount, payee, invoice })
            }
            Act::Return(of) => (audit()?, FundOrder::Reverse { entry: payment(of)? }),
            Act::Refund(of, amount) => {
                (audit()?, FundOrder::Refund { payment: payment(of)?, amount: *amount })
            }
            Act::Release => (finance()?, FundOrder::Release { application: application()? }),
            Act::Appropriate(..) | Act::Receive | Act::Resolve | Act::Call => return Ok(None),
        }))
    }
}

//! Open matters (design, section 3): what stands between a ticket and its answer, or beside it.
//!
//! A matter is not a status. Each is open at most once at a time, has its own card and clock, and blocks
//! the commands that [`Matter::blocks`] names.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Limit;
use crate::card::Owner;
use crate::command::CommandKind;
use crate::ids::UnitCode;
use crate::record::{Field, RecordFault, Text, text_enum};
use crate::reference::Likely;
use crate::timestamp::Timestamp;

text_enum!(
    /// The open matters.
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
        /// 跟踪落实: what a table has decided is followed until it is done.
        FollowThrough = "follow_through",
        /// 一诉一议: money of the special fund is asked for.
        FundApplication = "fund_application",
        /// 并案: the ticket is about to follow another.
        Merge = "merge",
    }
);

impl Matter {
    /// Which commands wait until this matter is closed.
    #[must_use]
    pub const fn blocks(self, command: CommandKind) -> bool {
        use CommandKind as C;
        match self {
            Self::Return | Self::Whistle | Self::FollowThrough => matches!(command, C::Resolve),
            Self::Suspension => matches!(command, C::Resolve | C::Dispatch | C::Conclude),
            Self::Consultation => matches!(command, C::Dispatch | C::Resolve | C::Decline),
            // A question to the dispatchers: who dispatches or answers the case has answered it.
            Self::Merge | Self::Extension | Self::Supervision | Self::FundApplication => false,
        }
    }

    /// Whether it is still of use once the case has been answered or ended: money may be paid later.
    pub(crate) const fn outlives_the_case(self) -> bool {
        matches!(self, Self::FundApplication)
    }
}

text_enum!(
    /// Why a unit gives a ticket back (退单事由).
    ReturnGround, "a ground for giving back" {
        /// 不属于职责: another unit's duty.
        NotOurDuty = "not_our_duty",
        /// 不属于辖区: another unit's area.
        NotOurArea = "not_our_area",
        /// 涉及多个单位: several are concerned, and another should lead.
        SeveralUnits = "several_units",
    }
);

text_enum!(
    /// The three levels of a consultation (三级会商), rising.
    Level, "one of `three`, `two`, `one`" {
        /// 三级: across departments, trades or areas.
        Three = "three",
        /// 二级: a whistle that failed, unclear responsibility, hard cases.
        Two = "two",
        /// 一级: major and complex, to the leading group.
        One = "one",
    }
);

text_enum!(
    /// What brought the parties to one table (会商事由).
    Trigger, "what opens a consultation" {
        /// Somebody convened it.
        Convened = "convened",
        /// A called unit refused.
        WhistleRefused = "whistle_refused",
        /// A called unit did not report in.
        WhistleUnanswered = "whistle_unanswered",
        /// A third return of the same case.
        ThirdReturn = "third_return",
    }
);

text_enum!(
    /// What is written at a table.
    Paper, "one of `minutes`, `instruction`, `referral`" {
        /// 会议纪要.
        Minutes = "minutes",
        /// 批示: a leader's instruction, at level one.
        Instruction = "instruction",
        /// 提请常委会: to the standing committee, where a lasting mechanism is needed.
        Referral = "referral",
    }
);

text_enum!(
    /// Why a deadline moved. There is no other reason.
    Why, "why a deadline moved" {
        /// 延期 was granted.
        Extension = "extension",
        /// 中止 was approved: the clocks stand until the review.
        Suspension = "suspension",
        /// 中止 is over.
        Resumption = "resumption",
        /// The case was sent back: the unit begins anew.
        Reopening = "reopening",
        /// Another version of the calendar is in force.
        Calendar = "calendar",
    }
);

/// Units in the order of their codes, joined by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units(pub BTreeSet<UnitCode>);

impl<const N: usize> From<[UnitCode; N]> for Units {
    fn from(units: [UnitCode; N]) -> Self {
        Self(units.into())
    }
}

impl Text for Units {
    fn to_text(&self) -> String {
        self.0.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(",")
    }

    fn from_text(text: &str) -> Result<Self, RecordFault> {
        let codes = text.split(',').filter(|code| !code.is_empty());
        let units = Self(codes.map(UnitCode::from_text).collect::<Result<_, _>>()?);
        let same = units.to_text() == text;
        same.then_some(units).ok_or(RecordFault::Value("codes of units in order, joined by commas"))
    }
}

/// What is asked for or called for, as the event that opens a matter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Terms {
    /// Nothing but the note.
    #[default]
    Plain,
    /// 退单.
    Return {
        /// Why.
        ground: ReturnGround,
        /// Whom the unit proposes instead.
        propose: Option<UnitCode>,
        /// Until when it is decided.
        due: Timestamp,
    },
    /// 延期.
    Extension {
        /// How much more.
        limit: Limit,
        /// Who decides: one tier up.
        to: Owner,
        /// Until when it is decided.
        due: Timestamp,
    },
    /// 吹哨.
    Whistle {
        /// Who whistles.
        by: UnitCode,
        /// Whom it calls.
        units: Units,
        /// Until when they report in (报到).
        due: Timestamp,
    },
    /// 中止.
    Suspension {
        /// When it is reviewed; the clocks run again from then on.
        until: Timestamp,
    },
    /// 会商.
    Consultation {
        /// At which level.
        level: Level,
        /// Why.
        trigger: Trigger,
        /// Who sits at the table.
        units: Units,
        /// Until when it is concluded.
        due: Timestamp,
    },
    /// 督办.
    Supervision {
        /// Who watches.
        to: Owner,
    },
    /// 跟踪落实.
    FollowThrough {
        /// Until when the measures are done.
        due: Timestamp,
    },
    /// 并案: what it may repeat.
    Merge {
        /// The tickets, the likeliest first.
        likely: Likely,
        /// Until when somebody looks at it.
        due: Timestamp,
    },
}

impl Terms {
    /// Until when the matter is to be settled; `None` for those without a clock of their own.
    #[must_use]
    pub const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Return { due, .. }
            | Self::Extension { due, .. }
            | Self::Whistle { due, .. }
            | Self::Consultation { due, .. }
            | Self::FollowThrough { due }
            | Self::Merge { due, .. }
            | Self::Suspension { until: due } => Some(*due),
            Self::Plain | Self::Supervision { .. } => None,
        }
    }

    /// The level of a consultation.
    #[must_use]
    pub const fn level(&self) -> Option<Level> {
        if let Self::Consultation { level, .. } = self { Some(*level) } else { None }
    }

    /// The units that are called, or sit at the table.
    #[must_use]
    pub const fn units(&self) -> Option<&BTreeSet<UnitCode>> {
        if let Self::Whistle { units, .. } | Self::Consultation { units, .. } = self {
            return Some(&units.0);
        }
        None
    }
}

/// Each kind of terms has a field that no other has; what is left over makes the record unknown.
impl Field for Terms {
    fn put(&self, _key: &'static str, fields: &mut BTreeMap<String, String>) {
        match self {
            Self::Plain => {}
            Self::Return { ground, propose, due } => {
                ground.put("ground", fields);
                propose.put("propose", fields);
                due.put("due", fields);
            }
            Self::Extension { limit, to, due } => {
                limit.put("limit", fields);
                to.put("to", fields);
                due.put("due", fields);
            }
            Self::Whistle { by, units, due } => {
                by.put("by", fields);
                units.put("units", fields);
                due.put("due", fields);
            }
            Self::Suspension { until } => until.put("until", fields),
            Self::Consultation { level, trigger, units, due } => {
                level.put("level", fields);
                trigger.put("trigger", fields);
                units.put("units", fields);
                due.put("due", fields);
            }
            Self::Supervision { to } => to.put("to", fields),
            Self::FollowThrough { due } => due.put("due", fields),
            Self::Merge { likely, due } => {
                likely.put("likely", fields);
                due.put("due", fields);
            }
        }
    }

    fn take(_key: &'static str, f: &mut BTreeMap<String, String>) -> Result<Self, RecordFault> {
        let has = |name: &str| f.contains_key(name);
        let (ground, limit, by, level) = (has("ground"), has("limit"), has("by"), has("level"));
        let (until, to, due) = (has("until"), has("to"), has("due"));
        Ok(if has("likely") {
            Self::Merge { likely: Field::take("likely", f)?, due: Field::take("due", f)? }
        } else if ground {
            let (ground, propose) = (Field::take("ground", f)?, Field::take("propose", f)?);
            Self::Return { ground, propose, due: Field::take("due", f)? }
        } else if limit {
            let (limit, to) = (Field::take("limit", f)?, Field::take("to", f)?);
            Self::Extension { limit, to, due: Field::take("due", f)? }
        } else if by {
            let (by, units) = (Field::take("by", f)?, Field::take("units", f)?);
            Self::Whistle { by, units, due: Field::take("due", f)? }
        } else if level {
            let (level, trigger) = (Field::take("level", f)?, Field::take("trigger", f)?);
            let units = Field::take("units", f)?;
            Self::Consultation { level, trigger, units, due: Field::take("due", f)? }
        } else if until {
            Self::Suspension { until: Field::take("until", f)? }
        } else if to {
            Self::Supervision { to: Field::take("to", f)? }
        } else if due {
            Self::FollowThrough { due: Field::take("due", f)? }
        } else {
            Self::Plain
        })
    }
}

/// An open matter on a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMatter {
    /// When it was opened.
    pub since: Timestamp,
    /// What it asks for.
    pub terms: Terms,
    /// Of a whistle: who has reported in and accepted.
    pub accepted: BTreeSet<UnitCode>,
    /// Of a suspension: since when it is approved and the clocks stand.
    pub running: Option<Timestamp>,
    /// Of a consultation: what has been written.
    pub papers: BTreeSet<Paper>,
}

impl OpenMatter {
    /// One that is opened now.
    pub(crate) const fn new(since: Timestamp) -> Self {
        Self {
            since,
            terms: Terms::Plain,
            accepted: BTreeSet::new(),
            running: None,
            papers: BTreeSet::new(),
        }
    }

    /// The units that were called and have not reported in.
    pub fn awaited(&self) -> impl Iterator<Item = &UnitCode> {
        let called = match &self.terms {
            Terms::Whistle { units, .. } => Some(&units.0),
            Terms::Plain
            | Terms::Return { .. }
            | Terms::Extension { .. }
            | Terms::Suspension { .. }
            | Terms::Consultation { .. }
            | Terms::Supervision { .. }
            | Terms::FollowThrough { .. }
            | Terms::Merge { .. } => None,
        };
        called.into_iter().flatten().filter(|unit| !self.accepted.contains(*unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_read_back_and_a_mixture_leaves_something_over() {
        let unit = |code| UnitCode::parse(code).unwrap();
        let due = Timestamp::parse("2026-03-04T10:00:00+08:00").unwrap();
        let units = Units::from([unit("transport"), unit("beicheng")]);
        let (level, trigger) = (Level::Two, Trigger::WhistleRefused);
        let all = [
            Terms::Plain,
            Terms::Return { ground: ReturnGround::NotOurDuty, propose: None, due },
            Terms::Extension { limit: Limit::Workdays(5), to: Owner::Unit(unit("mishan")), due },
            Terms::Whistle { by: unit("mishan"), units: units.clone(), due },
            Terms::Suspension { until: due },
            Terms::Consultation { level, trigger, units, due },
            Terms::Supervision { to: Owner::Centre("leader") },
            Terms::FollowThrough { due },
            Terms::Merge { likely: Likely::default(), due },
        ];
        for terms in all {
            let mut fields = BTreeMap::new();
            terms.put("", &mut fields);
            assert_eq!(Terms::take("", &mut fields), Ok(terms));
            assert!(fields.is_empty());
        }
        assert!(Units::from_text("b,a").is_err());
    }
}

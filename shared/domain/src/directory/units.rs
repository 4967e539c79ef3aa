//! The units (单位) of the three tiers, and which staff they have.

use crate::authority::Role;
use crate::ids::UnitCode;
use crate::lifecycle::Tier;
use crate::record::text_enum;

text_enum!(
    /// The kinds of units.
    UnitKind, "the kind of a unit" {
        /// 指挥中心: the city's own platform, and the one unit without a parent.
        Centre = "centre",
        /// 部门.
        Department = "department",
        /// 公用企业: water, power, gas, heat, buses.
        Utility = "utility",
        /// 事业单位.
        Institution = "institution",
        /// 乡镇 or 街道: the second tier's platform.
        Township = "township",
        /// 村: the third tier's platform.
        Village = "village",
        /// 社区: a village's equal in a town.
        Community = "community",
    }
);

impl UnitKind {
    /// The tier of a unit of this kind.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::Centre | Self::Department | Self::Utility | Self::Institution => Tier::City,
            Self::Township => Tier::Township,
            Self::Village | Self::Community => Tier::Village,
        }
    }

    /// The kind of a parent: one tier up, and of what is the city's the centre; the centre has none.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Centre => None,
            Self::Department | Self::Utility | Self::Institution | Self::Township => {
                Some(Self::Centre)
            }
            Self::Village | Self::Community => Some(Self::Township),
        }
    }

    /// Whether it is there for certain duties and must say for which: what a township or village is
    /// for is its area.
    #[must_use]
    pub const fn has_duties(self) -> bool {
        match self {
            Self::Department | Self::Utility | Self::Institution => true,
            Self::Centre | Self::Township | Self::Village | Self::Community => false,
        }
    }
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its code.
    pub code: UnitCode,
    /// Its name, for people.
    pub name: String,
    /// Its kind; the tier follows from it.
    pub kind: UnitKind,
    /// The unit above it; only the centre has none.
    pub parent: Option<UnitCode>,
    /// What it is there for, in the field's words.
    pub duties: Vec<String>,
}

impl Unit {
    /// Its tier.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.kind.tier()
    }
}

/// Whether a unit of this kind has staff in this role.
///
/// Calls are taken, people are called back and cases supervised for the whole city, at the centre, where
/// the leading group sits as well; townships have dispatchers too, who send on to their villages; every
/// unit handles; members of teams are called by their villages.
#[must_use]
pub const fn role_fits(role: Role, kind: UnitKind) -> bool {
    match role {
        Role::Operator | Role::Caller | Role::Supervisor | Role::Leader => {
            matches!(kind, UnitKind::Centre)
        }
        Role::Dispatcher => matches!(kind, UnitKind::Centre | UnitKind::Township),
        Role::Handler => true,
        Role::Member => matches!(kind, UnitKind::Village | UnitKind::Community),
    }
}

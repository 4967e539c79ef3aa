//! Who may do what with the fund's money, and up to what amount.
//!
//! The limits are our reading: the source names the funds and no limits. A city that has its own will bring
//! them by an import, as it does its directory.

use DeedKind as D;

use crate::authority::Role;
use crate::fund::account::AccountKind;
use crate::fund::money::Money;
use crate::fund::order::DeedKind;

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Power {
    /// Who.
    pub role: Role,
    /// On accounts of which kinds.
    pub accounts: &'static [AccountKind],
    /// Whether only of their own unit.
    pub own: bool,
    /// What they may do.
    pub deeds: &'static [DeedKind],
    /// Up to what amount they approve an application.
    pub approves: Money,
}

/// What the head of a township approves on its own account: 20,000 yuan.
pub const TOWNSHIP_APPROVES: Money = Money::of_yuan(20_000);
/// What a supervisor of the command centre approves: 100,000 yuan. The leading group has no limit.
pub const CENTRE_APPROVES: Money = Money::of_yuan(100_000);

const EVERY: &[AccountKind] = AccountKind::ALL;
const CITY: &[AccountKind] = &[AccountKind::Fund, AccountKind::Centre];
const TOWNSHIP: &[AccountKind] = &[AccountKind::Township];

/// Who may do what. A deed that no row gives is refused; four eyes are not in it, they hold for all.
///
/// The directory knows no heads of townships: a handler of the township stands for its head, and the four
/// eyes keep them from approving what they asked for.
pub const POWERS: &[Power] = &[
    Power {
        role: Role::Handler,
        accounts: CITY,
        own: false,
        deeds: &[D::Apply],
        approves: Money::ZERO,
    },
    Power {
        role: Role::Handler,
        accounts: TOWNSHIP,
        own: true,
        deeds: &[
            D::Apply,
            D::Approve,
            D::Refuse,
            D::Reserve,
            D::Contract,
            D::Accept,
            D::Pay,
            D::Release,
            D::Refund,
        ],
        approves: TOWNSHIP_APPROVES,
    },
    Power {
        role: Role::Supervisor,
        accounts: EVERY,
        own: false,
        deeds: DeedKind::ALL,
        approves: CENTRE_APPROVES,
    },
    Power {
        role: Role::Leader,
        accounts: EVERY,
        own: false,
        deeds: &[D::Approve, D::Refuse],
        approves: Money::MAX,
    },
];

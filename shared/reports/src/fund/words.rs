//! What things are called on paper: Chinese first, English second.

use std::collections::BTreeMap;

use domain::fund::{AccountId, AccountOwner, AccountStatus, ActKind, Category, Part, Stage};
use domain::{Actor, Role, Timestamp, UnitCode};

/// What stands where a name is not known.
const UNKNOWN: &str = "次序有误 out of order";

pub(super) fn owner(owner: &AccountOwner, units: &BTreeMap<UnitCode, String>) -> String {
    match owner {
        AccountOwner::Fund => "一诉一议专项经费 Special fund".to_owned(),
        AccountOwner::Centre => "指挥中心专项经费 Command centre".to_owned(),
        AccountOwner::Township(unit) => {
            units.get(unit).map_or_else(|| unit.to_string(), ToOwned::to_owned)
        }
    }
}

pub(super) fn account(account: &AccountId, units: &BTreeMap<UnitCode, String>) -> String {
    owner(&account.owner, units)
}

/// By what an owner is found: an account's id without its year. It is never only digits, which a spreadsheet
/// would take for a number.
pub(super) fn owner_key(owner: &AccountOwner) -> String {
    match owner {
        AccountOwner::Fund | AccountOwner::Centre => owner.kind().to_string(),
        AccountOwner::Township(unit) => format!("{}.{unit}", owner.kind()),
    }
}

pub(super) const fn act(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Appropriated => "拨款 Appropriated",
        ActKind::TransferredOut => "调出 Transferred out",
        ActKind::TransferredIn => "调入 Transferred in",
        ActKind::Applied => "申请 Applied",
        ActKind::Approved => "议定 Approved",
        ActKind::Refused => "不予支持 Refused",
        ActKind::Reserved => "预留 Reserved",
        ActKind::Contracted => "合同 Contracted",
        ActKind::Accepted => "验收 Accepted",
        ActKind::Paid => "支付 Paid",
        ActKind::Released => "结项释放 Released",
        ActKind::Refunded => "退款 Refunded",
        ActKind::Reversed => "冲正 Reversed",
        ActKind::CarriedOut => "项目转出 Carried out",
        ActKind::CarriedIn => "项目转入 Carried in",
        ActKind::ClosedOver => "年终结转 Closed over",
        ActKind::Opened => "上年结转 Opened",
        ActKind::ClosedOut => "上缴国库 Closed out",
    }
}

pub(super) const fn part(part: Part) -> &'static str {
    match part {
        Part::Treasury => "国库",
        Part::Transfer => "调剂",
        Part::Carried => "结转",
        Part::Available => "可用",
        Part::Reserved => "预留",
        Part::Paid => "已付",
    }
}

pub(super) const fn category(category: Category) -> &'static str {
    match category {
        Category::Road => "道路 Road",
        Category::Water => "供水排水 Water",
        Category::Power => "照明供电 Power",
        Category::Heating => "供暖供气 Heating",
        Category::Environment => "环境卫生 Environment",
        Category::Safety => "安全隐患 Safety",
        Category::Facility => "公共设施 Facility",
        Category::Other => "其他 Other",
    }
}

pub(super) const fn stage(stage: Option<Stage>) -> &'static str {
    match stage {
        Some(Stage::Applied) => "已申请 Applied",
        Some(Stage::Refused) => "不予支持 Refused",
        Some(Stage::Approved) => "已议定 Approved",
        Some(Stage::Reserved) => "已预留 Reserved",
        Some(Stage::Contracted) => "已签约 Contracted",
        Some(Stage::Accepted) => "已验收 Accepted",
        Some(Stage::Ended) => "已结项 Ended",
        None => UNKNOWN,
    }
}

pub(super) const fn status(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Open => "开放 Open",
        AccountStatus::Closed => "已关闭 Closed",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Operator => "话务员",
        Role::Dispatcher => "派单员",
        Role::Handler => "承办人",
        Role::Caller => "回访员",
        Role::Supervisor => "督办员",
        Role::Leader => "领导小组成员",
        Role::Member => "队员",
    }
}

/// `u017 承办人 mishan`: the id, the role and the unit, never a name.
pub(super) fn person(actor: &Actor) -> String {
    match actor {
        Actor::Staff { id, role: of, unit } => format!("{id} {} {unit}", role(*of)),
        Actor::Step(_) | Actor::Sweep | Actor::Attachment | Actor::Clocks | Actor::Channel(_) => {
            actor.to_string()
        }
    }
}

/// The date in Beijing: `2026-03-07`.
pub(super) fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// Date and time in Beijing: `2026-03-07 09:30:00`.
pub(super) fn time(at: Timestamp) -> String {
    at.to_string().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_beijing() {
        let at = Timestamp::parse("2026-03-06T17:30:00Z").unwrap();
        assert_eq!((date(at), time(at)), ("2026-03-07".into(), "2026-03-07 01:30:00".into()));
    }
}

//! The case file's words: codes of this system as the field says them.

use std::sync::Arc;

use contracts::Place;
use domain::catalog::Catalog;
use domain::directory::Directory;
use domain::{
    Actor, ChannelName, DeclineGround, ItemCode, Limit, Matter, Outcome, Owner, PhotoRefusal,
    Reason, RequestKind, Role, Satisfaction, Step, Tier, Timestamp, UnitCode, Units,
};

/// `2026年1月5日 08:30:00`, Beijing time.
pub(super) fn time(at: Timestamp) -> String {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    format!("{}年{}月{}日 {}", part(0, 4), part(5, 7), part(8, 10), part(11, 19))
}

/// Milliseconds as days, hours and minutes.
pub(super) fn duration(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / Timestamp::MINUTE_MS;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}分钟"),
        (0, _) => format!("{hours}小时{minutes}分钟"),
        _ => format!("{days}天{hours}小时{minutes}分钟"),
    }
}

pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Hours(count) => format!("{count}小时"),
        Limit::Days(count) => format!("{count}天"),
        Limit::Workdays(count) => format!("{count}个工作日"),
    }
}

pub(super) const fn want(want: RequestKind) -> &'static str {
    match want {
        RequestKind::Consult => "咨询",
        RequestKind::Help => "求助",
        RequestKind::Complaint => "投诉",
        RequestKind::Report => "举报",
        RequestKind::Suggestion => "建议",
        RequestKind::Thanks => "感谢",
    }
}

pub(super) const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::City => "市",
        Tier::Township => "乡镇（街道）",
        Tier::Village => "村（社区）",
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Solved => "已解决",
        Outcome::Explained => "已解释",
        Outcome::Planned => "已列入计划",
        Outcome::Impossible => "无法解决",
    }
}

pub(super) const fn ground(ground: DeclineGround) -> &'static str {
    match ground {
        DeclineGround::OutsideJurisdiction => "不属于本市管辖",
        DeclineGround::Litigation => "涉法涉诉",
        DeclineGround::Repeated => "重复诉求",
        DeclineGround::NotActionable => "无可办理事项",
        DeclineGround::Withdrawn => "诉求人撤回",
    }
}

pub(super) const fn satisfaction(satisfaction: Satisfaction) -> &'static str {
    match satisfaction {
        Satisfaction::Satisfied => "满意",
        Satisfaction::Fairly => "基本满意",
        Satisfaction::Dissatisfied => "不满意",
    }
}

pub(super) const fn matter(matter: Matter) -> &'static str {
    match matter {
        Matter::Return => "退单",
        Matter::Extension => "延期",
        Matter::Whistle => "吹哨",
        Matter::Consultation => "会商",
        Matter::Suspension => "中止",
        Matter::Supervision => "督办",
        Matter::FollowThrough => "跟踪落实",
        Matter::FundApplication => "一诉一议",
        Matter::Merge => "并案",
    }
}

pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Handling => "办理",
        Reason::FollowUp => "回访",
        Reason::ComplaintReview => "复核",
        Reason::Audit => "审计",
        Reason::LegalRequest => "依法调取",
        Reason::CitizenRequest => "本人申请",
    }
}

/// Yes, no, or not said: what was not said is never invented.
pub(super) fn said(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "是",
        Some(false) => "否",
        None => "未说明",
    }
}

const fn step(step: Step) -> &'static str {
    match step {
        Step::Intake => "受理",
        Step::Dispatch => "派单",
        Step::Handling => "处置",
        Step::Feedback => "反馈",
        Step::Evaluation => "评价",
        Step::Archive => "归档",
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

/// What units and items are called: units by the directory in force, items by the catalog that the case
/// was dispatched by.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) directory: Arc<Directory>,
    pub(super) catalog: Arc<Catalog>,
}

impl Names {
    /// The unit's name, with its code.
    pub(super) fn unit(&self, code: &UnitCode) -> String {
        let unit = self.directory.unit(code);
        unit.map_or_else(|| code.to_string(), |unit| format!("{}（{code}）", unit.name))
    }

    pub(super) fn units(&self, units: &Units) -> String {
        let names: Vec<String> = units.0.iter().map(|unit| self.unit(unit)).collect();
        if names.is_empty() { "无".to_owned() } else { names.join("、") }
    }

    /// The item's name, with its code.
    pub(super) fn item(&self, code: &ItemCode) -> String {
        let item = self.catalog.item(code);
        item.map_or_else(|| code.to_string(), |item| format!("{}（{code}）", item.name))
    }

    pub(super) fn owner(&self, owner: &Owner) -> String {
        match owner {
            Owner::Machine => "系统".to_owned(),
            Owner::Centre("leader") => "领导小组".to_owned(),
            Owner::Centre(_) => "指挥中心".to_owned(),
            Owner::Unit(unit) => self.unit(unit),
            Owner::Member(member) => format!("队员 {member}"),
        }
    }

    pub(super) fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Step(one) => format!("系统（{}）", step(*one)),
            Actor::Sweep => "系统（巡检）".to_owned(),
            Actor::Attachment => "系统（附件）".to_owned(),
            Actor::Clocks => "系统（时限）".to_owned(),
            Actor::Channel(one) => channel(one),
            Actor::Staff { id, role: one, unit } => {
                format!("{} {id}，{}", role(*one), self.unit(unit))
            }
        }
    }
}

pub(super) fn channel(channel: &ChannelName) -> String {
    format!("渠道 {channel}")
}

/// Degrees with six decimals, north and east positive.
pub(super) fn place(place: Place) -> String {
    let degrees = |e6: i32| format!("{:.6}", f64::from(e6) / 1e6);
    format!("北纬 {}，东经 {}", degrees(place.lat_e6), degrees(place.lon_e6))
}

pub(super) const fn photo_refusal(reason: PhotoRefusal) -> &'static str {
    match reason {
        PhotoRefusal::Empty => "文件为空",
        PhotoRefusal::TooLarge => "文件过大",
        PhotoRefusal::UnknownType => "不是可识别的照片",
        PhotoRefusal::OtherType => "类型与申报不符",
        PhotoRefusal::Damaged => "文件损坏",
        PhotoRefusal::TooManyPixels => "像素过多",
    }
}

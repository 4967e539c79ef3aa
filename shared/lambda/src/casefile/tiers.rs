//! What happens between the tiers, in the words of the field.

use domain::{
    Event, Level, LikelyLead, Paper, RED, ReturnGround, Stage, Terms, Trigger, Why, YELLOW,
};

use super::words::{self, Names};

/// The sentence for an event of the tiers; `None` for every other.
pub(super) fn tell(names: &Names, event: &Event) -> Option<String> {
    Some(match event {
        Event::Signed {} => "签收：承办单位接受办理。".to_owned(),
        Event::Tasked { unit, limit, due, .. } => format!(
            "交办：由{}协办，时限{}，{}前完成。",
            names.unit(unit),
            words::limit(*limit),
            words::time(*due)
        ),
        Event::TaskEnded { unit, done, .. } => {
            let how = if *done { "完成" } else { "不再需要" };
            format!("协办：{}{how}。", names.unit(unit))
        }
        Event::ReportedIn { unit, accepts, .. } => {
            let how = if *accepts { "报到" } else { "拒绝" };
            format!("吹哨：{}{how}。", names.unit(unit))
        }
        Event::Minuted { paper, .. } => format!("会商：{}如下：", self::paper(*paper)),
        Event::Concluded { lead, assisting, limit, funded, .. } => format!(
            "会商结论：由{}主办，{}协办，时限{}，{}使用专项经费，措施如下：",
            names.unit(lead),
            names.units(assisting),
            words::limit(*limit),
            if *funded { "申请" } else { "不" }
        ),
        Event::Rescheduled { why, due, .. } => {
            let due = due.map_or_else(|| "未定".to_owned(), words::time);
            format!("时限变更：{}，现为{due}。", self::why(*why))
        }
        Event::Warned { level, to, .. } => {
            format!("督办：{}，由{}关注。", self::level(*level), names.owner(to))
        }
        Event::Mobilised { member, .. } => format!("动员：队员 {member}。"),
        Event::MemberReported { member, stage, .. } => {
            format!("动员：队员 {member} {}。", self::stage(*stage))
        }
        Event::MatterOpened { matter, terms, .. } => {
            format!("{}：{}。", words::matter(*matter), self::terms(names, terms))
        }
        _ => return None,
    })
}

fn terms(names: &Names, terms: &Terms) -> String {
    match terms {
        Terms::Plain => "提出".to_owned(),
        Terms::Return { ground, propose, .. } => {
            let propose = propose.as_ref().map(|unit| format!("，建议派至{}", names.unit(unit)));
            format!("{}{}", self::ground(*ground), propose.unwrap_or_default())
        }
        Terms::Extension { limit, to, .. } => {
            format!("申请延长{}，由{}审批", words::limit(*limit), names.owner(to))
        }
        Terms::Whistle { by, units: called, due } => {
            format!("{}呼叫{}，{}前报到", names.unit(by), names.units(called), words::time(*due))
        }
        Terms::Suspension { until } => format!("申请至{}", words::time(*until)),
        Terms::Consultation { level, trigger, units: seats, due } => format!(
            "{}，{}，参加单位{}，{}前作出结论",
            table(*level),
            self::trigger(*trigger),
            names.units(seats),
            words::time(*due)
        ),
        Terms::Merge { likely, .. } => {
            let like = |one: &LikelyLead| format!("{}（{}‰）", one.ticket, one.score);
            format!("疑似重复 {}", likely.0.iter().map(like).collect::<Vec<_>>().join("、"))
        }
        Terms::Supervision { to } => format!("由{}关注", names.owner(to)),
        Terms::FollowThrough { due } => {
            format!("{}前落实", words::time(*due))
        }
    }
}

fn level(level: u16) -> String {
    match level {
        YELLOW => "时限已过五分之四（黄牌）".to_owned(),
        RED => "超过时限（红牌）".to_owned(),
        later => format!("超过时限 {} 天", later - RED),
    }
}

const fn ground(ground: ReturnGround) -> &'static str {
    match ground {
        ReturnGround::NotOurDuty => "不属于本单位职责",
        ReturnGround::NotOurArea => "不属于本单位辖区",
        ReturnGround::SeveralUnits => "涉及多个单位",
    }
}

const fn table(level: Level) -> &'static str {
    match level {
        Level::Three => "三级会商",
        Level::Two => "二级会商",
        Level::One => "一级会商",
    }
}

const fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Convened => "召集",
        Trigger::WhistleRefused => "吹哨被拒绝",
        Trigger::WhistleUnanswered => "吹哨未报到",
        Trigger::ThirdReturn => "三次退单",
    }
}

const fn paper(paper: Paper) -> &'static str {
    match paper {
        Paper::Minutes => "会议纪要",
        Paper::Instruction => "领导批示",
        Paper::Referral => "提请常委会",
    }
}

const fn why(why: Why) -> &'static str {
    match why {
        Why::Extension => "同意延期",
        Why::Suspension => "同意中止",
        Why::Resumption => "中止结束",
        Why::Reopening => "退回重办",
        Why::Calendar => "工作日历更新",
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Called => "已通知",
        Stage::Accepted => "已出发",
        Stage::Arrived => "已到场",
        Stage::Finished => "已完成",
        Stage::Declined => "不能到场",
        Stage::StoodDown => "不再需要",
    }
}

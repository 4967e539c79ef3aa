//! The words that events are written in.

use crate::record::text_enum;

text_enum!(
    /// What the caller wants (诉求类型), by the usual six kinds of a hotline's record.
    RequestKind, "one of `consult`, `help`, `complaint`, `report`, `suggestion`, `thanks`" {
        /// 咨询.
        Consult = "consult",
        /// 求助.
        Help = "help",
        /// 投诉.
        Complaint = "complaint",
        /// 举报.
        Report = "report",
        /// 建议.
        Suggestion = "suggestion",
        /// 感谢.
        Thanks = "thanks",
    }
);

text_enum!(
    /// How a unit says it dealt with the request (办理结果).
    Outcome, "one of `solved`, `explained`, `planned`, `impossible`" {
        /// 已解决: done.
        Solved = "solved",
        /// 已解释: nothing to be done, or not lawful; explained.
        Explained = "explained",
        /// 已列入计划: will be done later, by a named plan.
        Planned = "planned",
        /// 无法解决: cannot be done.
        Impossible = "impossible",
    }
);

text_enum!(
    /// What the citizen says of the result (满意度). There is no "unknown": a rating is never invented.
    Satisfaction, "one of `satisfied`, `fairly`, `dissatisfied`" {
        /// 满意.
        Satisfied = "satisfied",
        /// 基本满意.
        Fairly = "fairly",
        /// 不满意.
        Dissatisfied = "dissatisfied",
    }
);

text_enum!(
    /// By which way a follow-up's result came.
    Via, "`call` or `channel`" {
        /// 回访: a caller of the city or township telephoned.
        Call = "call",
        /// The citizen's own rating through the channel.
        Channel = "channel",
    }
);

text_enum!(
    /// Why a request is not handled (不予受理).
    DeclineGround, "a ground for declining" {
        /// Not a matter of this city's administration.
        OutsideJurisdiction = "outside_jurisdiction",
        /// 涉法涉诉: before a court, an arbitrator or the petition office.
        Litigation = "litigation",
        /// 重复诉求: the same facts and reasons, already answered.
        Repeated = "repeated",
        /// Nothing in it that anyone could act on.
        NotActionable = "not_actionable",
        /// The citizen took it back.
        Withdrawn = "withdrawn",
    }
);

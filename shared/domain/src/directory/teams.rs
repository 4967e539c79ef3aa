//! The ten teams (十支队伍) in the grids, and what their members can do.
//!
//! The mechanism says that there are ten and that members are recorded with name, contact and skill; it
//! names grid workers, volunteers, new employment groups and others. Which ten, and the skills, are ours.

use crate::calendar::Calendar;
use crate::record::text_enum;
use crate::timestamp::Timestamp;

text_enum!(
    /// The kinds of teams.
    TeamKind, "the name of a team" {
        /// 网格员队.
        GridWorkers = "grid_workers",
        /// 志愿服务队.
        Volunteers = "volunteers",
        /// 应急抢险队.
        Emergency = "emergency",
        /// 物业服务队.
        Property = "property",
        /// 矛盾调解队.
        Mediators = "mediators",
        /// 环境卫生队.
        Sanitation = "sanitation",
        /// 医疗健康队.
        Health = "health",
        /// 水电维修队.
        Repair = "repair",
        /// 治安巡防队.
        Patrol = "patrol",
        /// 新就业群体队: couriers, riders, drivers.
        NewEmployment = "new_employment",
    }
);

text_enum!(
    /// What a member can do.
    Skill, "the name of a skill" {
        /// 入户走访.
        Visiting = "visiting",
        /// 信息采集.
        Registering = "registering",
        /// 政策咨询.
        Advice = "advice",
        /// 助老.
        ElderCare = "elder_care",
        /// 看护儿童.
        ChildCare = "child_care",
        /// 代办跑腿.
        Errands = "errands",
        /// 先期处置.
        FirstResponse = "first_response",
        /// 防汛.
        Flood = "flood",
        /// 灭火.
        Fire = "fire",
        /// 电梯.
        Lift = "lift",
        /// 公共设施.
        Facilities = "facilities",
        /// 停车管理.
        Parking = "parking",
        /// 邻里纠纷.
        Neighbours = "neighbours",
        /// 家庭纠纷.
        Family = "family",
        /// 土地纠纷.
        Land = "land",
        /// 垃圾清运.
        Waste = "waste",
        /// 疏通下水.
        Drains = "drains",
        /// 清雪.
        Snow = "snow",
        /// 急救.
        FirstAid = "first_aid",
        /// 慢病随访.
        Chronic = "chronic",
        /// 心理疏导.
        Counselling = "counselling",
        /// 水暖.
        Plumbing = "plumbing",
        /// 电工.
        Electrics = "electrics",
        /// 燃气.
        Gas = "gas",
        /// 夜间巡逻.
        NightWatch = "night_watch",
        /// 交通劝导.
        Traffic = "traffic",
        /// 犬只管理.
        Dogs = "dogs",
        /// 随手拍.
        Spotting = "spotting",
        /// 应急配送.
        Delivery = "delivery",
        /// 引路.
        Guiding = "guiding",
    }
);

text_enum!(
    /// When a member can be called.
    Availability, "one of `always`, `daytime`, `evenings`, `weekends`, `away`" {
        /// 随时.
        Always = "always",
        /// 白天.
        Daytime = "daytime",
        /// 晚间.
        Evenings = "evenings",
        /// 周末.
        Weekends = "weekends",
        /// 暂停: not until further notice.
        Away = "away",
    }
);

impl Availability {
    /// Whether a member who says so can be called at `now`: by day from eight to twenty, in the evening
    /// from eighteen to twenty-two, at weekends on every day that is not worked.
    #[must_use]
    pub fn covers(self, now: Timestamp, calendar: &Calendar) -> bool {
        let date = now.beijing_date();
        let hour = (now.millis() - Timestamp::start_of(date).millis()) / Timestamp::HOUR_MS;
        match self {
            Self::Always => true,
            Self::Daytime => (8..20).contains(&hour),
            Self::Evenings => (18..22).contains(&hour),
            Self::Weekends => !calendar.is_workday(date),
            Self::Away => false,
        }
    }
}

impl TeamKind {
    /// The name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GridWorkers => "网格员队",
            Self::Volunteers => "志愿服务队",
            Self::Emergency => "应急抢险队",
            Self::Property => "物业服务队",
            Self::Mediators => "矛盾调解队",
            Self::Sanitation => "环境卫生队",
            Self::Health => "医疗健康队",
            Self::Repair => "水电维修队",
            Self::Patrol => "治安巡防队",
            Self::NewEmployment => "新就业群体队",
        }
    }

    /// The skills that its members may have; no skill is of two teams.
    #[must_use]
    pub const fn skills(self) -> &'static [Skill] {
        match self {
            Self::GridWorkers => &[Skill::Visiting, Skill::Registering, Skill::Advice],
            Self::Volunteers => &[Skill::ElderCare, Skill::ChildCare, Skill::Errands],
            Self::Emergency => &[Skill::FirstResponse, Skill::Flood, Skill::Fire],
            Self::Property => &[Skill::Lift, Skill::Facilities, Skill::Parking],
            Self::Mediators => &[Skill::Neighbours, Skill::Family, Skill::Land],
            Self::Sanitation => &[Skill::Waste, Skill::Drains, Skill::Snow],
            Self::Health => &[Skill::FirstAid, Skill::Chronic, Skill::Counselling],
            Self::Repair => &[Skill::Plumbing, Skill::Electrics, Skill::Gas],
            Self::Patrol => &[Skill::NightWatch, Skill::Traffic, Skill::Dogs],
            Self::NewEmployment => &[Skill::Spotting, Skill::Delivery, Skill::Guiding],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_teams_share_out_all_skills() {
        assert_eq!(TeamKind::ALL.len(), 10);
        let mut shared: Vec<Skill> =
            TeamKind::ALL.iter().flat_map(|team| team.skills()).copied().collect();
        shared.sort_unstable();
        assert_eq!(shared, Skill::ALL);
    }
}

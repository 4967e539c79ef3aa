//! The functions by name: the only list of them in Rust. `tests/contracts` holds it to the folders
//! and to the template.

use lambda::Constructor;

/// Every function's name and constructor.
pub const FUNCTIONS: &[(&str, Constructor)] = &[
    ("channel-hotline-12345", channel_hotline_12345::function),
    ("channel-gaoxiaoban", channel_gaoxiaoban::function),
    ("channel-leader-board", channel_leader_board::function),
    ("channel-state-council", channel_state_council::function),
    ("channel-mediation", channel_mediation::function),
    ("channel-cyberspace", channel_cyberspace::function),
    ("channel-media-help", channel_media_help::function),
    ("channel-street-whistle", channel_street_whistle::function),
    ("channel-grid", channel_grid::function),
    ("channel-mayor-mailbox", channel_mayor_mailbox::function),
    ("attachment", attachment::function),
    ("step-intake", step_intake::function),
    ("step-dispatch", step_dispatch::function),
    ("step-handling", step_handling::function),
    ("step-feedback", step_feedback::function),
    ("step-evaluation", step_evaluation::function),
    ("step-archive", step_archive::function),
    ("schedule-deadlines", schedule_deadlines::function),
    ("schedule-sweep", schedule_sweep::function),
    ("schedule-upkeep", schedule_upkeep::function),
    ("schedule-fund-report", schedule_fund_report::function),
];

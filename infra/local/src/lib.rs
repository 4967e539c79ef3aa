//! x

pub mod engines;
pub mod template;

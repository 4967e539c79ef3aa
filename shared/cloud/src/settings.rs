//! A function's settings: read once, from its environment in the cloud and from the template's
//! resolved values on one machine.

use std::collections::BTreeMap;

use ports::PortError;

/// Named settings of one function.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, String>);

/// A setting that must be there is not, or is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the setting {name} is not {expected}: see this function's Environment in infra/template.yaml"
)]
pub struct SettingsFault {
    /// The variable.
    pub name: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

/// What a setting names, for a store that not every function has.
pub(crate) fn needed<'a>(value: Option<&'a str>, setting: &str) -> Result<&'a str, PortError> {
    value.ok_or_else(|| PortError::Permanent(format!("this function has no {setting}")))
}

impl Settings {
    /// All of the process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self(std::env::vars().collect())
    }

    /// The setting `name`, if it is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The settings whose names begin so: what follows in the name, and the value.
    pub fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().filter(|(_, value)| !value.is_empty());
        all.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// The setting `name`, read by `parse`.
    ///
    /// # Errors
    /// [`SettingsFault`] when it is missing or unreadable.
    pub fn parse<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingsFault> {
        self.get(name).and_then(parse).ok_or(SettingsFault { name, expected })
    }
}

impl FromIterator<(String, String)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

//! How the domain's types are written as JSON: texts as they print, money as whole fen.

use std::fmt::Display;

use domain::fund::Money;
use serde::{Serialize, Serializer};

/// A value as the text that it prints.
pub(crate) fn text<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// An optional value as the text that it prints, or null.
pub(crate) fn maybe<T: Display, S: Serializer>(
    value: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    value.as_ref().map(ToString::to_string).serialize(to)
}

/// Values as the texts that they print.
pub(crate) fn texts<T: Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(ToString::to_string))
}

/// An amount as fen.
pub(crate) fn fen<S: Serializer>(value: &Money, to: S) -> Result<S::Ok, S::Error> {
    value.fen().serialize(to)
}

/// An optional amount as fen, or null.
pub(crate) fn maybe_fen<S: Serializer>(value: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
    value.map(Money::fen).serialize(to)
}

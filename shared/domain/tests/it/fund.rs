//! The ledger of the fund: `city` is a city that keeps one in memory, as a store would.

mod alike;
mod city;
mod forged;
mod life;
mod money;
mod powers;
mod refusals;
mod walks;
mod years;

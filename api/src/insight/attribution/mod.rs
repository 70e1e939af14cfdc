//! Reports on credit: by channel, campaign, content or source, with any agreements side by side, and what campaigns came
//! to. They add up what `alignment::attribution` keeps; the figures are the same for whoever may read them.

mod ask;
mod campaign;
mod figures;
mod foreign;
pub mod graphql;
pub mod performance;
mod report;
mod withhold;

pub use self::{
    ask::{Asked, Group, MissingRate},
    figures::{Key, Sums},
    report::{Report, Row, report},
};

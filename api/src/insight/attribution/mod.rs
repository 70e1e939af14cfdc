//! Reports on credit: by channel, campaign, content or source, with any agreements side by side, and what campaigns came
//! to. They add the days that `alignment::attribution` keeps; the figures are the same for whoever may read them, but for
//! those that say something of few sales.

mod ask;
mod campaign;
mod counts;
mod figures;
pub mod graphql;
pub mod performance;
mod report;
mod stream;
mod withhold;

pub use self::{
    ask::{Asked, agreed},
    figures::{Key, Sums},
    report::{Figures, Report, report},
};

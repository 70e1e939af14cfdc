//! The alignment index: how well marketing and sales work together, part by part, weighed as both have signed. It computes
//! nothing of its own: its parts are metrics.

pub mod body;
pub mod graphql;

use chrono::{DateTime, Utc};
use entity::{agreement::Kind, agreement_version};

pub use body::AlignmentIndexBody;

use super::metric::{
    answer::{self, Figures},
    ask::Ask,
    catalog::alignment_index::COMPONENTS,
    exact::Exact,
    options::{Opt, Options},
    weights::{Index, Weights},
};
use crate::{
    alignment::agreement::{Active, body::decode, body::in_force},
    crm::whole,
    error::Result,
    store::{Access, Scoped},
};

/// The key of the agreement on how the index is weighed.
pub const KEY: &str = "INDEX";

/// What both sides had agreed on at an instant, whoever asks. One statement.
pub async fn agreed(access: &Access, at: DateTime<Utc>) -> Result<Option<Active<AlignmentIndexBody>>> {
    let all = whole(access);
    let versions: Scoped<agreement_version::Entity> = Scoped::read(&all);
    let found = in_force(versions, Kind::AlignmentIndex, KEY, at).one().await?;
    found.map(decode).transpose()
}

/// The options of the parts as they are agreed.
pub fn told(options: Options, agreed: Option<&AlignmentIndexBody>) -> Options {
    let Some(body) = agreed else { return options };
    let required_attempts = body.attempts();
    let mut numbers = options.numbers;
    numbers.push((Opt::RequiredAttempts, Exact::whole(required_attempts)));
    Options { weights: Some(body.weighed()), required_attempts, numbers, ..options }
}

/// A part: what it is, and whether it is told to the caller.
pub struct Scored {
    pub figures: Vec<Figures>,
    pub index: Option<Index>,
    /// A part is withheld, so that the whole is: it could be told from it.
    pub withheld: bool,
}

/// Every part over the same period. The number of statements does not depend on what there is.
pub async fn scored(ask: &Ask, weights: &Weights) -> Result<Scored> {
    let mut figures = Vec::with_capacity(COMPONENTS.len());
    for metric in COMPONENTS {
        figures.push(Box::pin(answer::whole(ask, metric)).await?);
    }
    let withheld = figures.iter().any(|part| part.withheld);
    let mut values = [None; COMPONENTS.len()];
    for (value, part) in values.iter_mut().zip(&figures) {
        *value = part.worked.value;
    }
    let index = weights.index(&values).filter(|_| !withheld);
    Ok(Scored { figures, index, withheld })
}

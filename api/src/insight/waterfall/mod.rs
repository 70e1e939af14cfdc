//! How the pipeline of a period moved between two instants: what came, what went, what changed its worth, so that the
//! buckets add up exactly from the start to the end.

mod flows;
pub mod graphql;
pub(in crate::insight) mod ledger;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use self::{
    flows::Flows,
    ledger::{Bucket, Ledger, Sum},
};
use super::{
    metric::{
        ask::Ask,
        grain::{Door, Grain},
    },
    small::{is_few, none_alone, sees_all},
};
use crate::error::{Error, Result};

/// What moved the pipeline. What rests on few opportunities is withheld from who does not see all of them.
pub struct Waterfall {
    ledger: Ledger,
    withheld: BTreeSet<Bucket>,
}

impl Waterfall {
    /// Between `since` and the instant of the question, of what closes in its period.
    pub async fn of(ask: &Ask, since: DateTime<Utc>) -> Result<Self> {
        let ledger = Flows { ask, since, door: Door::Shared }.ledger().await?;
        if ledger.reckoned() != ledger.get(Bucket::End).amount {
            return Err(Error::internal("the waterfall does not add up"));
        }
        let mut withheld = BTreeSet::new();
        let few = |bucket: &&Bucket| is_few(ledger.get(**bucket).count);
        let small: Vec<Bucket> = Bucket::ALL.iter().filter(few).copied().collect();
        if !small.is_empty() && !sees_all(ask, Grain::Opportunity) {
            let own = Flows { ask, since, door: Door::Own }.ledger().await?;
            withheld.extend(small.into_iter().filter(|bucket| own.get(*bucket).count != ledger.get(*bucket).count));
            withheld = none_alone(withheld, Bucket::ALL.iter().map(|bucket| (*bucket, ledger.get(*bucket).count)));
        }
        Ok(Self { ledger, withheld })
    }

    /// None where it is withheld.
    pub fn get(&self, bucket: Bucket) -> Option<Sum> {
        if self.withheld.contains(&bucket) { None } else { Some(self.ledger.get(bucket)) }
    }
}

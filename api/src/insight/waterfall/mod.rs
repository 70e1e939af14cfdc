//! How the pipeline of a period moved between two instants: what came, what went, what changed its worth, so that the
//! buckets add up exactly from the start to the end.

mod flows;
pub mod graphql;
pub(in crate::insight) mod ledger;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::money::Currency;

use self::{
    flows::{Books, Flows},
    ledger::{Bucket, Ledger, Sum},
};
use super::{
    metric::{
        amount::Unconverted,
        ask::Ask,
        grain::{Door, Grain},
    },
    reaches::reaches,
    small::{is_few, none_alone, sees_all},
};
use crate::error::{Error, Result};

/// What moved the pipeline. What rests on few opportunities is withheld from who does not see all of them.
pub struct Waterfall {
    ledger: Ledger,
    withheld: BTreeSet<Bucket>,
    /// What was left out because there is no rate for it.
    pub unconverted: Vec<(Currency, Unconverted)>,
}

async fn books(ask: &Ask, since: DateTime<Utc>, door: Door) -> Result<Books> {
    Flows { ask, since, door }.books().await
}

impl Waterfall {
    /// Between `since` and the instant of the question, of what closes in its period.
    pub async fn of(ask: &Ask, since: DateTime<Utc>) -> Result<Self> {
        let all = books(ask, since, Door::Shared).await?;
        let seen = sees_all(ask, Grain::Opportunity);
        let reached = reaches(ask, [Grain::Opportunity]).await?;
        let Books { ledger, left } = all;
        if ledger.reckoned() != ledger.get(Bucket::End).amount {
            return Err(Error::internal("the waterfall does not add up"));
        }
        if !reached {
            return Ok(Self { ledger, withheld: BTreeSet::from(Bucket::ALL), unconverted: vec![] });
        }
        let mut withheld = BTreeSet::new();
        let few = |bucket: &&Bucket| is_few(ledger.get(**bucket).count);
        let small: Vec<Bucket> = Bucket::ALL.iter().filter(few).copied().collect();
        if !small.is_empty() && !seen {
            let own = books(ask, since, Door::Own).await?.ledger;
            withheld.extend(small.into_iter().filter(|bucket| own.get(*bucket).count != ledger.get(*bucket).count));
            withheld = none_alone(withheld, Bucket::ALL.iter().map(|bucket| (*bucket, ledger.get(*bucket).count)));
        }
        let unconverted = left.into_iter().filter(|(_, left)| seen || !is_few(left.count)).collect();
        Ok(Self { ledger, withheld, unconverted })
    }

    /// None where it is withheld.
    pub fn get(&self, bucket: Bucket) -> Option<Sum> {
        if self.withheld.contains(&bucket) { None } else { Some(self.ledger.get(bucket)) }
    }
}

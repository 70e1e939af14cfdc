//! Worked numbers beside those of the metrics: percentiles as the database finds them, the waterfall, the score of a lead and
//! credit for a sale, each by what computes them for callers.

use entity::{word::Word, words};
use sea_orm::sea_query::{Expr, Query, SelectStatement, UnionType};

use super::{
    metric::{exact::Exact, tally, unit::Unit},
    waterfall::ledger,
};
use crate::{
    alignment::scoring::worked as score,
    error::Result,
    marketing::attribution::worked as credit,
    store::{Access, Scoped},
};

words! {
    /// What a worked number is of.
    pub enum Subject as "SelfTestSubject" {
        /// The formula of a metric.
        Metric = "METRIC",
        /// A percentile, found by the database.
        Percentile = "PERCENTILE",
        /// The buckets of a waterfall, and that they add up.
        Waterfall = "WATERFALL",
        /// What a lead did, in points.
        LeadScore = "LEAD_SCORE",
        /// Credit for a sale by a model.
        Attribution = "ATTRIBUTION",
    }
}

/// A worked number, worked out again.
pub struct Tried {
    pub subject: Subject,
    pub about: String,
    pub expected: String,
    pub actual: Option<String>,
}

/// One statement.
pub async fn beside(access: &Access) -> Result<Vec<Tried>> {
    let mut all = percentiles(access).await?;
    all.extend(waterfall());
    all.push(Tried {
        subject: Subject::LeadScore,
        about: "a demo, a webinar and three clicks, half of which is left after 30 days".to_owned(),
        expected: score::EXPECTED.to_owned(),
        actual: score::engagement(),
    });
    let cents = |each: &[i64]| {
        let parts: Vec<String> = each.iter().map(|n| format!("{}.{:02}", n / 100, n % 100)).collect();
        parts.join(" ")
    };
    all.extend(credit::TABLE.iter().map(|(model, by, expected)| Tried {
        subject: Subject::Attribution,
        about: format!("six touches before a sale of 120,000.00, by {model}"),
        expected: cents(expected),
        actual: credit::credits(by).map(|credits| cents(&credits)),
    }));
    Ok(all)
}

/// In minutes.
const TIMES: [i64; 10] = [300, 3, 120, 5, 60, 8, 45, 12, 30, 20];

/// The values as rows that the database puts in order.
fn rows(values: &[i64]) -> SelectStatement {
    let row = |n: &i64| Query::select().expr_as(Expr::cust(format!("CAST({n} AS bigint)")), "v_").take();
    let all = values.iter().map(row).reduce(|mut all, more| all.union(UnionType::All, more).take());
    all.unwrap_or_default()
}

async fn percentiles(access: &Access) -> Result<Vec<Tried>> {
    // nobody's rows are in it
    let valued = Scoped::<entity::user::Entity>::read(access).wrap(|_| rows(&TIMES));
    let found = tally::around(valued, 0, &[50, 90]).rows().await?;
    let mut all = vec![];
    for (percent, expected) in [(50, "25"), (90, "138")] {
        let tallies = tally::between_neighbours(&[], &found, percent, |n| Some(Exact::whole(n)))?;
        let value = tallies.into_values().next().and_then(|tally| tally.value);
        all.push(Tried {
            subject: Subject::Percentile,
            about: format!("{percent} of 100 of ten answers in minutes"),
            expected: expected.to_owned(),
            actual: value.and_then(|value| Unit::Count.text(value, 0)),
        });
    }
    Ok(all)
}

fn waterfall() -> Vec<Tried> {
    let ledger = ledger::worked();
    let tried = |about: String, expected: i128, actual: i128| Tried {
        subject: Subject::Waterfall,
        about,
        expected: expected.to_string(),
        actual: Some(actual.to_string()),
    };
    let bucket = |(bucket, expected): (ledger::Bucket, i128)| {
        tried(format!("{} of eight movements", bucket.word()), expected, ledger.get(bucket).amount)
    };
    let whole = tried("START and all that moved".to_owned(), ledger::END, ledger.reckoned());
    ledger::WORKED.into_iter().map(bucket).chain([whole]).collect()
}

//! What became of offers, by what brought the leads, why they were refused and who answered: what marketing learns from
//! rejections.

use std::collections::BTreeMap;

use async_graphql::Enum;
use entity::{handoff::Category, word::Word};

use super::{Group, Row, rows};
use crate::{
    error::Result,
    graph::derived::Ratio,
    insight::metric::{
        answer,
        ask::Ask,
        catalog::{lead_acceptance, lead_rejections},
        dimension::Dimension,
        query::{Cell, Key},
    },
};

/// By what offers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum RejectionGroup {
    /// Where the leads were from.
    Source,
    /// The campaign that had brought them.
    Campaign,
    /// The reason for which they were rejected; null for all others.
    Reason,
    /// Who answered, or is to answer.
    Rep,
}

impl RejectionGroup {
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Source => Dimension::Source,
            Self::Campaign => Dimension::Campaign,
            Self::Reason => Dimension::RejectionReason,
            Self::Rep => Dimension::Owner,
        }
    }
}

/// The offers of one group. Numbers are none where they are withheld.
pub struct Tally {
    pub group: Group,
    pub accepted: Option<i64>,
    pub rejected: Option<i64>,
    pub pending: Option<i64>,
    pub expired: Option<i64>,
    /// Rejections by kind of reason.
    pub categories: Vec<(Category, Option<i64>)>,
}

impl Tally {
    /// Accepted among those accepted or rejected.
    pub fn acceptance(&self) -> Option<Ratio> {
        self.accepted.zip(self.rejected).map(|(yes, no)| Ratio::of(yes, yes + no))
    }

    pub fn withheld(&self) -> bool {
        self.accepted.is_none()
    }
}

/// What became of offers, in the order of their groups.
pub async fn offers(ask: &Ask) -> Result<Vec<Tally>> {
    let mut by_category = ask.clone();
    by_category.by.push(Dimension::RejectionCategory);
    let mut rejected: BTreeMap<Group, Vec<(Category, Option<i64>)>> = BTreeMap::new();
    for (key, figures) in Box::pin(answer::groups(&by_category, &lead_rejections::METRIC)).await? {
        if let Some((group, category)) = kind_of(key) {
            let count = if figures.withheld { None } else { Some(figures.facts.records("rejected")) };
            rejected.entry(Some(group)).or_default().push((category, count));
        }
    }
    // the others of a group would tell the one that is withheld
    for kinds in rejected.values_mut().filter(|kinds| kinds.iter().any(|(_, count)| count.is_none())) {
        for (_, count) in kinds {
            *count = None;
        }
    }
    let tally = |row: Row| {
        let [accepted, refused, pending, expired] =
            ["accepted", "rejected", "pending", "expired"].map(|name| row.told(name));
        let categories = rejected.remove(&row.group).unwrap_or_default();
        Tally { group: row.group, accepted, rejected: refused, pending, expired, categories }
    };
    Ok(rows(ask, &lead_acceptance::METRIC).await?.into_iter().map(tally).collect())
}

/// The group and the kind of reason of a key by both.
fn kind_of(key: Key) -> Option<(Cell, Category)> {
    let mut cells = key.into_iter();
    let (group, Cell::Word(Some(word))) = (cells.next()?, cells.next()?) else { return None };
    Some((group, Category::parse(&word)?))
}

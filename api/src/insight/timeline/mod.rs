//! All that happened with a customer in one list: every table that keeps something of it is asked for its newest rows,
//! behind its own guard, and the newest of all are kept.

pub mod graphql;

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::words;
use sea_orm::{Condition, ExprTrait, Order, sea_query::Expr};
use uuid::Uuid;

use crate::{
    alignment::handoff,
    crm::{account, activity, contact, contact_account, lead, lead_status_change, opportunity, stage_change},
    error::Result,
    graph::Meta,
    marketing::{campaign_member, touchpoint},
    store::{Access, within_ids},
};

words! {
    /// What an entry of a timeline is about.
    pub enum Kind as "TimelineKind" {
        /// A call, mail, meeting or note at its time, a task when it was done.
        Activity = "ACTIVITY",
        /// A touchpoint: a visit, a form, a click.
        Touchpoint = "TOUCHPOINT",
        /// A membership in a campaign, since it began.
        Campaign = "CAMPAIGN",
        /// A lead that belongs to an account, since it was created.
        Lead = "LEAD",
        /// A change of a lead's status.
        LeadStatus = "LEAD_STATUS",
        /// An offer of a lead to sales, when it was made.
        Handoff = "HANDOFF",
        /// An opportunity, since it was opened.
        Opportunity = "OPPORTUNITY",
        /// A move of an opportunity to another stage.
        Stage = "STAGE",
    }
}

/// A table that keeps something of what happened.
struct Source {
    kind: Kind,
    meta: fn() -> &'static Meta,
    /// The column that tells when.
    at: &'static str,
    /// Rows that have a value there stand elsewhere.
    unless: Option<&'static str>,
    /// Tables and the columns that lead to their rows.
    of: &'static [(&'static str, &'static str)],
}

const PERSON: &[(&str, &str)] = &[("lead", "lead_id"), ("contact", "contact_id")];
const ANY: &[(&str, &str)] =
    &[("lead", "lead_id"), ("contact", "contact_id"), ("account", "account_id"), ("opportunity", "opportunity_id")];
const VISITOR: &[(&str, &str)] = &[("lead", "lead_id"), ("contact", "contact_id"), ("account", "account_id")];
const LEAD: &[(&str, &str)] = &[("lead", "lead_id")];
const SALE: &[(&str, &str)] = &[("opportunity", "opportunity_id")];

const SOURCES: [Source; 9] = [
    source(Kind::Activity, activity::meta, "happened_at", ANY),
    Source { unless: Some("happened_at"), ..source(Kind::Activity, activity::meta, "done_at", ANY) },
    source(Kind::Touchpoint, touchpoint::meta, "occurred_at", VISITOR),
    source(Kind::Campaign, campaign_member::meta, "created_at", PERSON),
    source(Kind::Lead, lead::meta, "created_at", &[("lead", "id")]),
    source(Kind::LeadStatus, lead_status_change::meta, "at", LEAD),
    source(Kind::Handoff, handoff::meta, "offered_at", LEAD),
    source(Kind::Opportunity, opportunity::meta, "opened_at", &[("opportunity", "id")]),
    source(Kind::Stage, stage_change::meta, "at", SALE),
];

const fn source(
    kind: Kind,
    meta: fn() -> &'static Meta,
    at: &'static str,
    of: &'static [(&'static str, &'static str)],
) -> Source {
    Source { kind, meta, at, unless: None, of }
}

/// Rows that belong to what a timeline is of: its table, who keeps them, the column that leads to it, and what of them is
/// looked up in the sources.
struct Belonging {
    to: &'static str,
    meta: fn() -> &'static Meta,
    by: &'static [&'static str],
    gives: (&'static str, &'static str),
}

const BELONGING: [Belonging; 6] = [
    Belonging { to: "account", meta: contact_account::meta, by: &["account_id"], gives: ("contact", "contact_id") },
    Belonging {
        to: "account",
        meta: lead::meta,
        by: &["matched_account_id", "converted_account_id"],
        gives: ("lead", "id"),
    },
    Belonging { to: "account", meta: opportunity::meta, by: &["account_id"], gives: ("opportunity", "id") },
    Belonging { to: "contact", meta: lead::meta, by: &["converted_contact_id"], gives: ("lead", "id") },
    Belonging { to: "contact", meta: opportunity::meta, by: &["primary_contact_id"], gives: ("opportunity", "id") },
    Belonging { to: "lead", meta: opportunity::meta, by: &["source_lead_id"], gives: ("opportunity", "id") },
];

/// So many people, leads and sales of one account are looked at, the newest.
const MOST_BELONGING: u64 = 500;

/// The records that have a timeline.
pub fn subjects() -> [&'static Meta; 4] {
    [account::meta(), contact::meta(), lead::meta(), opportunity::meta()]
}

/// One thing that happened.
#[derive(Clone, Copy)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub id: Uuid,
    pub kind: Kind,
    pub meta: &'static Meta,
}

/// The newest `most` entries before a place, newest first; entries of one instant are told apart by their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn entries(
    access: &Access,
    of: (&'static Meta, Uuid),
    kinds: &[Kind],
    before: Option<(DateTime<Utc>, Uuid)>,
    most: usize,
) -> Result<Vec<Entry>> {
    let all = belonging(access, of).await?;
    let mut found = vec![];
    for source in SOURCES.iter().filter(|source| kinds.is_empty() || kinds.contains(&source.kind)) {
        found.extend(source.newest(access, &all, before, most).await?);
    }
    found.sort_unstable_by_key(|entry| Reverse((entry.at, entry.id)));
    found.truncate(most);
    Ok(found)
}

/// The record itself and what the caller may see of what belongs to it, by table.
async fn belonging(access: &Access, (meta, id): (&'static Meta, Uuid)) -> Result<Vec<(&'static str, Vec<Uuid>)>> {
    let mut all = vec![(meta.table, vec![id])];
    for theirs in BELONGING.iter().filter(|theirs| theirs.to == meta.table) {
        let of = (theirs.meta)();
        let any = theirs.by.iter().fold(Condition::any(), |any, by| any.add(Expr::col((of.table, *by)).eq(id)));
        let found = (of.scoped)(access).filter(any).shape(|q| {
            q.expr(Expr::col((of.table, theirs.gives.1))).order_by((of.table, "id"), Order::Desc).limit(MOST_BELONGING);
        });
        let ids = found.rows().await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Uuid>, _>>()?;
        all.push((theirs.gives.0, ids));
    }
    Ok(all)
}

impl Source {
    async fn newest(
        &self,
        access: &Access,
        of: &[(&'static str, Vec<Uuid>)],
        before: Option<(DateTime<Utc>, Uuid)>,
        most: usize,
    ) -> Result<Vec<Entry>> {
        let meta = (self.meta)();
        let backend = access.store().backend();
        let mut any = Condition::any();
        for (table, ids) in of {
            for (_, column) in self.of.iter().filter(|(to, _)| to == table) {
                any = any.add(within_ids((meta.table, column), ids, backend));
            }
        }
        if any.is_empty() {
            return Ok(vec![]);
        }
        let col = |name: &'static str| Expr::col((meta.table, name));
        let mut only = Condition::all().add(any).add(col(self.at).is_not_null());
        if let Some(other) = self.unless {
            only = only.add(col(other).is_null());
        }
        if let Some((at, id)) = before {
            only = only.add(Expr::tuple([col(self.at), col("id")]).lt(Expr::tuple([Expr::val(at), Expr::val(id)])));
        }
        let newest = (meta.scoped)(access).filter(only).shape(|q| {
            q.expr(col(self.at)).expr(col("id"));
            q.order_by((meta.table, self.at), Order::Desc).order_by((meta.table, "id"), Order::Desc);
            q.limit(most as u64);
        });
        let entry = |row: &sea_orm::QueryResult| {
            let (at, id) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok(Entry { at, id, kind: self.kind, meta })
        };
        newest.rows().await?.iter().map(entry).collect()
    }
}

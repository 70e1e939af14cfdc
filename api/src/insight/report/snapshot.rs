//! Reports that stay as they were. One is kept twice: as who sees all records is told, and as who sees none of them is; whoever
//! reads it is told the one that is theirs. Rows are only added, by `freeze` alone.

use std::sync::Arc;

use entity::{
    id::RevenueReportSnapshotId,
    revenue_report_snapshot::{ActiveModel, Column as C, Entity},
};
use sea_orm::{
    ActiveValue::Set,
    Condition, ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{Report, content, graphql};
use crate::{
    actor::{Actor, Permission, Reach, Rights},
    crm::whole,
    error::{Error, Result},
    graph::{Meta, Record},
    insight::metric::{ask::Ask, grain::Grain},
    store::{Access, Guarded, id_of},
};

impl Guarded for Entity {
    type Id = RevenueReportSnapshotId;
    const NAME: &'static str = "revenue_report_snapshot";
    const READ: Permission = Permission::MetricRead;
    const LASTS: bool = true;
    /// Whoever reads an event is not told what they would not be told of the row.
    const QUIET: &'static [&'static str] = &["whole", "shared"];

    /// They tell of goals, which are read with agreements.
    fn within(actor: &Actor, _: Permission) -> Condition {
        let all = Condition::all();
        if actor.may(Permission::AgreementRead) { all } else { all.add(Expr::val(1).eq(0)) }
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::snapshots()
    }
}

/// What the caller is told of a row: all of it only if they see every record that any figure counts.
pub fn told(access: &Access) -> SimpleExpr {
    let actor = access.actor();
    let everything = Grain::all_seen_by(actor);
    Expr::col((Entity::NAME, if everything { C::Whole } else { C::Shared }))
}

/// Somebody who may read figures and sees none of the records. Not even what asks for a right to read leads: some of those who
/// are told this have none.
fn nobody(access: &Access) -> Access {
    let mut rights = Rights::default();
    for permission in [Permission::MetricRead, Permission::AgreementRead] {
        rights.grant(permission, Reach::ALL);
    }
    let actor = Actor { rights: Arc::new(rights), user: None, ..access.actor().clone() };
    Access::new(access.store().clone(), actor, None).at(access.now())
}

/// Keeps a report for good; its id.
pub async fn freeze(access: &Access, report: &Report, title: Option<String>) -> Result<RevenueReportSnapshotId> {
    access.require(Permission::RevenueReportSnapshotCreate)?;
    let as_of = report.ask.now();
    // both are of one instant, whatever is written meanwhile
    let seen =
        |by: Access| Report { ask: Ask { access: by, at: Some(as_of), ..report.ask.clone() }, target: report.target };
    let all = Box::pin(content::figures(&seen(whole(access)), false)).await?;
    let shared = Box::pin(content::figures(&seen(nobody(access)), true)).await?;
    let mut tx = access.begin(Permission::RevenueReportSnapshotCreate).await?;
    let row = ActiveModel {
        title: Set(title),
        starts_at: Set(report.ask.start),
        ends_at: Set(report.ask.end),
        as_of: Set(as_of),
        currency: Set(report.ask.currency),
        whole: Set(serde_json::to_value(&all).map_err(Error::internal)?),
        shared: Set(serde_json::to_value(&shared).map_err(Error::internal)?),
        ..Default::default()
    };
    let row = tx.insert::<Entity>(row).await?;
    tx.commit(crate::graph::record::remembered(id_of::<Entity>(&row)?)).await?;
    Ok(row.id)
}

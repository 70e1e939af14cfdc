//! Who is told what is asked of named people: who reaches each of them. There is one figure, or none, for metrics and for
//! every report that takes their filter; which it is says nothing of what there is.

use sea_orm::sea_query::{Query, SimpleExpr};

use super::metric::{ask::Ask, grain::Grain};
use crate::{actor::Permission, error::Result, store::Scoped};

/// Whether the caller reaches everybody whom the question names, for all that is counted. At most one statement.
pub async fn reaches(ask: &Ask, counted: impl IntoIterator<Item = Grain>) -> Result<bool> {
    let actor = ask.access.actor();
    let mut permissions: Vec<Permission> = counted.into_iter().map(Grain::names_people_by).collect();
    permissions.retain(|permission| !actor.reaches_all(*permission));
    permissions.dedup();
    let named = ask.only.iter().filter(|only| only.dimension.names_people());
    let looks: Vec<_> = named
        .flat_map(|only| permissions.iter().filter_map(|of| only.dimension.within_reach(&only.any, actor, *of)))
        .collect();
    if looks.is_empty() {
        return Ok(true);
    }
    // counts of people, each looked for by the organisation's id
    let counts = looks.iter().map(|(count, _)| SimpleExpr::SubQuery(None, Box::new(count.clone().into())));
    let all = Query::select().exprs(counts).take();
    let rows = Scoped::<entity::user::Entity>::read(&ask.access).wrap(|_| all).rows().await?;
    let Some(row) = rows.first() else { return Ok(false) };
    for (at, (_, expected)) in looks.iter().enumerate() {
        if row.try_get_by_index::<i64>(at)? != *expected {
            return Ok(false);
        }
    }
    Ok(true)
}

//! What happens to a plan's versions beside their text: the next draft begins with the terms of the version before, and one
//! that nobody is in, or whose terms do not fit it, is not put up for signature.

use entity::{
    agreement::Kind,
    agreement_version::{self as versions, Column as V, Model as Version, Status},
    id::RowId,
    incentive_assignment::{ActiveModel, Column as C, Entity, Model},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Order},
};
use uuid::Uuid;

use super::IncentivePlanBody;
use crate::{
    alignment::agreement::{
        Active,
        body::{decode, kind_of},
    },
    error::{Error, Fault, FaultCode, Result},
    incentive::assignment::wrong_in,
    store::{Guarded, Listener, News, Op, Scoped, Tx},
};

pub const LISTENER: Listener = Listener { table: versions::Entity::NAME, hear };

fn hear(tx: &mut Tx, news: Vec<News>) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let mut ids: Vec<Uuid> = news.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = tx.read(Scoped::<versions::Entity>::read(tx.access()).ids(&ids)).await?;
        for row in rows.into_iter().filter(|row| kind_of(&row.body) == Some(Kind::IncentivePlan)) {
            let about = |what: &dyn Fn(&News) -> bool| news.iter().any(|one| one.id == row.id.uuid() && what(one));
            if about(&|one| one.op == Op::Created) {
                follow(tx, &row).await?;
            }
            let signing = about(&|one| one.changed.iter().any(|c| c == "status" || c == "ratified_at"));
            if signing && matches!(row.status, Status::Proposed | Status::Ratified) {
                ready(tx, row).await?;
            }
        }
        Ok(())
    })
}

/// The terms of the version before.
async fn follow(tx: &mut Tx, version: &Version) -> Result<()> {
    let col = |c: versions::Column| Expr::col((versions::Entity::NAME, c));
    let before = Scoped::<versions::Entity>::read(tx.access())
        .filter(col(versions::Column::AgreementId).eq(version.agreement_id.uuid()))
        .filter(col(versions::Column::Number).lt(version.number))
        .shape(|q| _ = q.order_by((versions::Entity::NAME, versions::Column::Number), Order::Desc).limit(1));
    let Some(before) = tx.read(before).await?.pop() else { return Ok(()) };
    let rows: Vec<ActiveModel> = terms(tx, before.id.uuid()).await?.iter().map(|row| copied(row, version)).collect();
    for some in rows.chunks(500) {
        tx.insert_many::<Entity>(some.to_vec()).await?;
    }
    Ok(())
}

fn copied(row: &Model, version: &Version) -> ActiveModel {
    ActiveModel {
        agreement_version_id: Set(version.id),
        user_id: Set(row.user_id),
        side: Set(row.side),
        target_bonus_minor: Set(row.target_bonus_minor),
        currency: Set(row.currency),
        quota_minor: Set(row.quota_minor),
        quota_currency: Set(row.quota_currency),
        starts_on: Set(row.starts_on),
        ends_on: Set(row.ends_on),
        guarantee_minor: Set(row.guarantee_minor),
        guarantee_currency: Set(row.guarantee_currency),
        draw_minor: Set(row.draw_minor),
        draw_currency: Set(row.draw_currency),
        draw_recoverable: Set(row.draw_recoverable),
        pool_weight: Set(row.pool_weight),
        ..Default::default()
    }
}

async fn terms(tx: &Tx, version: Uuid) -> Result<Vec<Model>> {
    let of = Condition::all().add(C::AgreementVersionId.eq(version));
    tx.read(Scoped::<Entity>::read(tx.access()).filter(of)).await
}

/// Somebody is in it, everybody's terms fit it, and it pays in the currency of the version before. The refusal names nobody: who
/// proposes need not know what they are paid.
async fn ready(tx: &Tx, version: Version) -> Result<()> {
    let (id, agreement) = (version.id.uuid(), version.agreement_id);
    let said: Active<IncentivePlanBody> = decode(version)?;
    let people = terms(tx, id).await?;
    let unmet = |message: &str| Err(Error::Refused(vec![Fault::new(FaultCode::CriteriaUnmet, "id", message)]));
    if people.is_empty() {
        return unmet("nobody is in this plan: FINANCE adds people with incentiveAssignmentCreate first");
    }
    if people.iter().any(|row| !wrong_in(&said.body, row).is_empty()) {
        return unmet("somebody's terms do not fit this plan: FINANCE must look at its assignments");
    }
    let of = |c: V| Expr::col((versions::Entity::NAME, c));
    let signed = Scoped::<versions::Entity>::read(tx.access())
        .filter(of(V::AgreementId).eq(agreement.uuid()))
        .filter(of(V::Status).is_in([Status::Ratified, Status::Active, Status::Superseded]))
        .filter(of(V::Id).ne(id))
        .shape(|q| _ = q.order_by((versions::Entity::NAME, V::Number), Order::Desc).limit(1));
    let last = tx.read(signed).await?.pop().map(decode::<IncentivePlanBody>).transpose()?;
    if last.is_some_and(|last| last.body.currency.0 != said.body.currency.0) {
        return unmet(
            "a plan keeps its currency, as corrections of its runs wait in it: make another plan for another one",
        );
    }
    Ok(())
}

//! A verdict that the definition has a gap is a proposal to mend it: a draft beside the version in force, to which every
//! such dispute belongs as a counter-example until it is signed.

use entity::{
    agreement::{self, Column as A, Kind},
    agreement_version::{Column as V, Entity as Versions},
    dispute,
    id::{AgreementId, AgreementVersionId},
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait, Order,
    sea_query::{Expr, Query},
};

use crate::{
    alignment::{agreement as agreements, qualification::Stage},
    error::Result,
    store::{Guarded, Scoped, Tx},
};

/// The definition by which leads are offered.
const KEY: Stage = Stage::Mql;

/// A step: the draft that a dispute with this claim is a counter-example to: the open one of an earlier dispute, or a new
/// one that says what is in force. None where no definition is in force. Whoever signs a verdict need not be allowed to
/// draft agreements.
pub async fn draft(tx: &mut Tx, claim: String) -> Result<Option<AgreementVersionId>> {
    tx.as_deputy(move |tx| Box::pin(find_or_copy(tx, claim))).await
}

async fn find_or_copy(tx: &mut Tx, claim: String) -> Result<Option<AgreementVersionId>> {
    let named = Condition::all().add(A::Kind.eq(Kind::Qualification)).add(A::Key.eq(KEY.key()));
    // locked first: of two disputes that end at once the second finds the draft of the first
    let Some(agreement) = tx.lock_where::<agreement::Entity>(named).await?.pop() else { return Ok(None) };
    if let Some(open) = open(tx, agreement.id).await? {
        return Ok(Some(open));
    }
    let now = tx.access().now();
    let in_force = agreements::body::in_force(Scoped::read(tx.access()), Kind::Qualification, KEY.key(), now);
    let Some(in_force) = tx.read(in_force).await?.pop() else { return Ok(None) };
    let why = format!("A dispute found a gap in version {}: {claim}", in_force.number);
    agreements::copy(tx, in_force, why).await.map(|draft| Some(draft.id))
}

/// The latest version of the agreement that a dispute has opened and that may still change.
async fn open(tx: &Tx, agreement: AgreementId) -> Result<Option<AgreementVersionId>> {
    const TABLE: &str = dispute::Entity::NAME;
    let gaps = Query::select()
        .column((TABLE, "agreement_version_id"))
        .from(TABLE)
        .and_where(Expr::col((TABLE, "organization_id")).eq(tx.access().actor().organization.0))
        .and_where(Expr::col((TABLE, "agreement_version_id")).is_not_null())
        .take();
    let open = Condition::all()
        .add(V::AgreementId.eq(agreement))
        .add(V::Status.is_in(agreements::OPEN))
        .add(V::Id.in_subquery(gaps));
    let latest = Scoped::<Versions>::read(tx.access()).filter(open).shape(|q| {
        q.order_by((Versions::NAME, "number"), Order::Desc).limit(1);
    });
    Ok(tx.read(latest).await?.pop().map(|version| version.id))
}

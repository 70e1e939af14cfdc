//! Sales confirms a need worth an opportunity: WORKING becomes SQL. Where both sides have signed a definition of that, the
//! lead must meet it; without one it is sales' word.

use entity::{
    id::RowId,
    lead::{Model, Status},
};
use futures_util::future::BoxFuture;

use crate::{
    alignment::{
        agreement::active_in,
        qualification::{QualificationBody, Stage, meets},
    },
    crm::lead::lifecycle,
    error::Result,
    graph::Patch,
    store::Tx,
};

pub fn confirm<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Sql)?;
        let told = told.with("status", Status::Sql);
        let Some(agreed) = active_in::<QualificationBody>(tx, Stage::Sql.key()).await? else { return Ok(told) };
        meets(tx, &agreed.body, before).await?;
        Ok(told.with("agreement_version_id", agreed.version.uuid()))
    })
}

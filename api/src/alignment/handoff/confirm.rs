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
        qualification::{QualificationBody, Stage, verdict},
        rule::History,
    },
    crm::{Reader, lead::lifecycle},
    error::{Error, Fault, FaultCode, Result},
    graph::Patch,
    store::Tx,
};

pub fn confirm<'a>(tx: &'a mut Tx, before: &'a Model, told: Patch) -> BoxFuture<'a, Result<Patch>> {
    Box::pin(async move {
        lifecycle::ensure(before.status, Status::Sql)?;
        let told = told.with("status", Status::Sql);
        let Some(agreed) = active_in::<QualificationBody>(tx, Stage::Sql.key()).await? else { return Ok(told) };
        let history = History::of(Reader::Tx(tx), &[before.id]).await?;
        let found = verdict(&agreed.body, &history.facts(before, tx.access().now()));
        let unmet = found.criteria.iter().filter(|criterion| !criterion.met);
        let faults: Vec<Fault> = unmet
            .map(|it| {
                let is = it.actual.as_deref().unwrap_or("nothing");
                Fault::new(FaultCode::CriteriaUnmet, "id", format!("{}: {} (is: {is})", it.label, it.expected))
            })
            .collect();
        if !faults.is_empty() {
            return Err(Error::Refused(faults));
        }
        Ok(told.with("agreement_version_id", agreed.version.uuid()))
    })
}

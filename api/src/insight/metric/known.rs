//! What has to be known beside the records before a metric can be asked: by which rules they are judged, or how they were on the
//! last day that was kept before a past instant, and how both sides weigh what is made of several figures.

use std::{borrow::Cow, sync::Arc};

use super::{Metric, ask::Ask};
use crate::{
    crm::quality,
    error::{Error, Result},
    insight::{alignment_index, metric_day},
};

/// The same question with what it needs to know. At most two statements.
pub async fn known<'a>(ask: &'a Ask, metric: &Metric) -> Result<Cow<'a, Ask>> {
    if ask.known || !metric.counts_by_rules() {
        return Ok(Cow::Borrowed(ask));
    }
    let mut ask = Ask { known: true, ..ask.clone() };
    if !metric.made_of().is_empty() {
        let agreed = Box::pin(alignment_index::agreed(&ask.access, ask.now())).await?;
        ask.options = alignment_index::told(ask.options, agreed.as_ref().map(|active| &active.body));
    }
    match ask.at {
        None => ask.rules = quality::rules(&ask.access).await?.into(),
        Some(at) => {
            let none = || {
                let kept = "the past of this is kept once a day";
                Error::BadInput(format!("asOf: {}: {kept}, and none was before this instant", metric.key))
            };
            ask.day = Some(Arc::new(metric_day::before(&ask.access, at).await?.ok_or_else(none)?));
        }
    }
    Ok(Cow::Owned(ask))
}

//! A metric as it stands, over all records: for what is reckoned from it and tells it to nobody.

use chrono::Days;

use super::{answer, ask::Ask, exact::Exact, key::Key, options::Options};
use crate::{
    crm::{home::Home, whole},
    error::{Error, Result},
    store::Access,
};
use entity::word::Word;

/// A metric that needs no period, as it is now; none where it has no value.
pub async fn standing(access: &Access, key: &str) -> Result<Option<Exact>> {
    let metric = Key::parse(key).ok_or_else(|| Error::internal(format!("no metric {key}")))?.metric();
    let home = Home::seen(access).await?;
    let today = home.day(access.now());
    let days = (today, today + Days::new(1));
    let needs = || Error::BadInput("the organisation has no currency".into());
    let ask = Ask {
        access: whole(access),
        home,
        start: home.begins(days.0),
        end: home.begins(days.1),
        at: None,
        only: vec![],
        by: vec![],
        currency: home.currency.ok_or_else(needs)?,
        prior: days,
        bucket: true,
        without: vec![],
        options: Options::default(),
        rules: [].into(),
        day: None,
        known: false,
    };
    Ok(answer::whole(&ask, metric).await?.worked.value)
}

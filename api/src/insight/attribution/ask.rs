//! What a report is asked.

use crate::{
    alignment::attribution::{Agreed, models},
    crm::home::Home,
    error::{Error, Result},
    store::Access,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    attribution::{Anchor, Group},
    money::Currency,
    word::Word,
};

/// What a report is about.
#[derive(Clone)]
pub struct Asked {
    /// The first day, and the first one after the last.
    pub days: (NaiveDate, NaiveDate),
    pub models: Vec<Agreed>,
    pub anchors: Vec<Anchor>,
    pub by: Option<Group>,
    pub home: Home,
    /// The organisation's currency; it always has one.
    pub base: Currency,
    pub currency: Currency,
    /// Most groups; more are refused.
    pub most: usize,
    /// Leave out what cannot be converted.
    pub bucket: bool,
}

/// Most agreements side by side.
const MOST_MODELS: usize = 5;

/// The versions that these ids name, each once and of kept credit.
pub async fn agreed(access: &Access, ids: &[String], anchors: &[Anchor]) -> Result<Vec<Agreed>> {
    if ids.is_empty() || ids.len() > MOST_MODELS {
        return Err(Error::BadInput(format!("models: give 1 to {MOST_MODELS}")));
    }
    let mut found: Vec<Agreed> = vec![];
    for (at, id) in ids.iter().enumerate() {
        let unknown =
            || Error::BadInput(format!("models.{at}: no such agreement on credit in force, and no such version"));
        let agreed = models::named(access, id).await?.ok_or_else(unknown)?;
        if let Some(anchor) = anchors.iter().find(|anchor| !agreed.body.given_for().contains(anchor)) {
            let message = format!("models.{at}: {} gives no credit for {}", agreed.key, anchor.word());
            return Err(Error::BadInput(message));
        }
        if found.iter().all(|other| other.version != agreed.version) {
            found.push(agreed);
        }
    }
    match found.iter().find(|agreed| !agreed.signed) {
        None => Ok(found),
        Some(draft) => {
            let message = format!(
                "models: version {} of {} is not signed, so no credit is kept by it; `attribution` computes single opportunities by it",
                draft.number, draft.key
            );
            Err(Error::BadInput(message))
        }
    }
}

/// The organisation's day and currency, and the currency asked for.
pub async fn money(access: &Access, currency: Option<Currency>) -> Result<(Home, Currency, Currency)> {
    let home = Home::seen(access).await?;
    let base = home.currency.or(currency).ok_or_else(|| Error::BadInput("currency: this is required".into()))?;
    Ok((home, base, currency.unwrap_or(base)))
}

/// The days that begin in a period.
pub fn days(home: Home, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<(NaiveDate, NaiveDate)> {
    let (first, end) = home.days(start, end);
    if first < end { Ok((first, end)) } else { Err(Error::BadInput("period: no day begins in it".into())) }
}

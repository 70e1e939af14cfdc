//! Data quality: what ought to be known of accounts, contacts, leads and opportunities, which side sees to it, and how well
//! a record is kept. Rules change no record and stop nobody; the metric `DATA_HEALTH` adds up what they find.

mod fields;
pub mod judge;
pub mod record;

use entity::data_quality_rule::{ActiveModel, Check, Entity, Model, Subject};
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;

pub use record::meta;

use super::whole;
use crate::{
    error::Result,
    store::{Access, Scoped, Tx},
};

/// Rules of an organisation at most, so that a record's quality costs little.
pub const MOST_RULES: usize = 50;

/// Every rule of the organisation, whoever asks. One statement.
pub async fn rules(access: &Access) -> Result<Vec<Model>> {
    Scoped::<Entity>::read(&whole(access)).models().await
}

use entity::user::Side::{self, Marketing, Sales};

const STANDARD: [(&str, Subject, Check, &[&str], Side); 6] = [
    (
        "Accounts have domain, industry and country",
        Subject::Account,
        Check::Complete,
        &["domain", "industry", "country"],
        Sales,
    ),
    ("Accounts are there once", Subject::Account, Check::Unique, &[], Sales),
    (
        "Contacts can be reached and have an account",
        Subject::Contact,
        Check::Complete,
        &["emailOrPhone", "account"],
        Sales,
    ),
    (
        "Leads have email, company and source",
        Subject::Lead,
        Check::Complete,
        &["email", "companyName", "source"],
        Marketing,
    ),
    (
        "Opportunities have amount and close date",
        Subject::Opportunity,
        Check::Complete,
        &["amount", "closeDate"],
        Sales,
    ),
    ("Close dates have not passed", Subject::Opportunity, Check::Valid, &["closeDate"], Sales),
];

/// Step: gives the organisation rules to begin with. Called when the organisation is made.
pub fn seed_defaults(tx: &mut Tx) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        let rows = STANDARD.iter().map(|(name, entity, kind, fields, side)| ActiveModel {
            name: Set((*name).into()),
            entity: Set(*entity),
            kind: Set(*kind),
            fields: Set(serde_json::json!(fields)),
            owner_side: Set(*side),
            weight: Set(1),
            ..Default::default()
        });
        tx.insert_many::<Entity>(rows.collect()).await?;
        Ok(())
    })
}

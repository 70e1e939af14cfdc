//! Reads what is compared of leads, contacts and accounts: the same columns in the same places for all.

use chrono::NaiveDate;
use entity::{
    account, contact,
    custom_field::{self, Column as F, Kind},
    lead,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, SelectStatement},
};

use super::subject::{Own, Said, Subject};
use crate::{
    error::Result,
    graph::Record,
    store::{Access, Guarded, Scoped},
};

/// A record of which there may be several for one thing. Its columns stand for given name, family name, e-mail address,
/// phone, company, country and domain; "" for what it does not have.
pub trait Comparable: Record {
    const COLUMNS: [&'static str; 7];
}

impl Comparable for lead::Entity {
    const COLUMNS: [&'static str; 7] = ["first_name", "last_name", "email", "phone", "company_name", "country", ""];
}

impl Comparable for contact::Entity {
    const COLUMNS: [&'static str; 7] = ["first_name", "last_name", "email", "phone", "", "country", ""];
}

impl Comparable for account::Entity {
    const COLUMNS: [&'static str; 7] = ["", "", "", "phone", "name", "country", "domain"];
}

pub fn columns<E: Comparable>(query: &mut SelectStatement) {
    query.column((E::NAME, "id")).column((E::NAME, "custom"));
    for (at, name) in E::COLUMNS.iter().enumerate() {
        let alias = Alias::new(format!("c{at}"));
        if name.is_empty() {
            query.expr_as(Expr::cust("CAST(NULL AS text)"), alias);
        } else {
            query.expr_as(Expr::col((E::NAME, *name)), alias);
        }
    }
}

/// The organisation's own fields of a record type that are compared: their keys, and whether they hold days.
pub struct OwnFields(Vec<(String, bool)>);

impl OwnFields {
    /// `everything` reads whatever the caller may see: a definition tells no value.
    pub async fn of<E: Comparable>(everything: &Access) -> Result<Self> {
        let mine = Condition::all().add(Expr::col((custom_field::Entity::NAME, F::Entity)).eq(E::NAME));
        let rows = Scoped::<custom_field::Entity>::read(everything).filter(mine).models().await?;
        let kinds = rows.into_iter().filter_map(|row| match row.kind {
            Kind::Date => Some((row.key, true)),
            Kind::Text => Some((row.key, false)),
            _ => None,
        });
        Ok(Self(kinds.collect()))
    }

    pub fn read(&self, custom: &serde_json::Value) -> Vec<(String, Own)> {
        let one = |(key, day): &(String, bool)| {
            let text = custom.get(key)?.as_str()?.to_owned();
            let dated = *day && NaiveDate::parse_from_str(&text, "%Y-%m-%d").is_ok();
            Some((key.clone(), if dated { Own::Day(text) } else { Own::Text(text) }))
        };
        self.0.iter().filter_map(one).collect()
    }
}

pub fn subject(row: &QueryResult, own: &OwnFields) -> Result<Subject> {
    let custom: serde_json::Value = row.try_get_by_index(1)?;
    let said = Said {
        first: row.try_get_by_index(2)?,
        last: row.try_get_by_index(3)?,
        email: row.try_get_by_index(4)?,
        phone: row.try_get_by_index(5)?,
        company: row.try_get_by_index(6)?,
        country: row.try_get_by_index(7)?,
        domain: row.try_get_by_index(8)?,
        own: own.read(&custom),
    };
    Ok(Subject::new(row.try_get_by_index(0)?, said))
}

//! Reads what is compared of leads, contacts and accounts: the same columns in the same places for all.

use chrono::NaiveDate;
use entity::{
    account, contact,
    custom_field::{self, Column as F, Kind},
    lead,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, SelectStatement, SimpleExpr},
};

use super::subject::{Own, Said, Subject};
use crate::{
    crm::contact_address,
    error::Result,
    graph::{Record, veil},
    store::{Access, Guarded, Scoped},
};

/// A record of which there may be several for one thing. Its columns stand for given name, family name, e-mail address,
/// phone, company, country and domain; "" for what it does not have.
pub trait Comparable: Record {
    const COLUMNS: [&'static str; 7];

    /// Further addresses and numbers of a row that the caller knows, in one text with blanks between them.
    fn more(_access: &Access) -> SimpleExpr {
        Expr::cust("CAST(NULL AS text)")
    }

    /// Rows with one of these as a further address or number.
    fn having(_access: &Access, _values: &[String]) -> Option<SelectStatement> {
        None
    }
}

impl Comparable for lead::Entity {
    const COLUMNS: [&'static str; 7] = ["first_name", "last_name", "email", "phone", "company_name", "country", ""];
}

impl Comparable for contact::Entity {
    const COLUMNS: [&'static str; 7] = ["first_name", "last_name", "email", "phone", "", "country", ""];

    fn more(access: &Access) -> SimpleExpr {
        contact_address::joined(access)
    }

    fn having(access: &Access, values: &[String]) -> Option<SelectStatement> {
        Some(contact_address::having(access.actor(), values.to_vec()))
    }
}

impl Comparable for account::Entity {
    const COLUMNS: [&'static str; 7] = ["", "", "", "phone", "name", "country", "domain"];
}

pub fn columns<E: Comparable>(query: &mut SelectStatement, access: &Access) {
    query.column((E::NAME, "id")).column((E::NAME, "custom"));
    for (at, name) in E::COLUMNS.iter().enumerate() {
        let alias = Alias::new(format!("c{at}"));
        if name.is_empty() {
            query.expr_as(Expr::cust("CAST(NULL AS text)"), alias);
        } else {
            query.expr_as(veil::cell(E::meta(), name, access.actor()), alias);
        }
    }
    query.expr_as(E::more(access), Alias::new("more"));
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
    let more: Option<String> = row.try_get_by_index(9)?;
    let said = Said {
        first: row.try_get_by_index(2)?,
        last: row.try_get_by_index(3)?,
        email: row.try_get_by_index(4)?,
        phone: row.try_get_by_index(5)?,
        company: row.try_get_by_index(6)?,
        country: row.try_get_by_index(7)?,
        domain: row.try_get_by_index(8)?,
        more: more.iter().flat_map(|text| text.split(' ')).map(str::to_owned).collect(),
        own: own.read(&custom),
    };
    Ok(Subject::new(row.try_get_by_index(0)?, said))
}

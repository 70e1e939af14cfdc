//! The organisation's own fields, whose values are in the column `custom`, and what rows have of those that are unique:
//! `custom_value`, whose unique index decides between two writers. It is kept where rows are written, so that no way of writing
//! one goes past it. It is never shown.

mod fill;
mod same;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use entity::{
    custom_field::{Column as C, Entity as Field, Model},
    id::RowId,
};
use indexmap::{IndexMap, map::Entry};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, ModelTrait, Order, Value,
    sea_query::{Expr, OnConflict, Query},
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use self::fill::OwnField;
use super::{
    super::{
        Guarded,
        row::{column, id_of},
        scoped::{all_columns, within_ids},
    },
    Tx,
};
use crate::error::{Error, Fault, FaultCode, Result};

const TABLE: &str = "custom_value";
/// Values in one statement.
const ROWS: usize = 5000;

/// What a unit of work knows of own fields.
#[derive(Default)]
pub(super) struct Own {
    /// The fields of the tables that were asked for, and inside how many savepoints: their locks go with these.
    known: HashMap<&'static str, (usize, Arc<[Model]>)>,
    /// What rows give up and take, while that waits to be settled.
    waiting: Option<Vec<Claim>>,
}

/// A row gives up the value that it has of a unique field, takes another, or both.
struct Claim {
    field: Uuid,
    key: String,
    row: Uuid,
    gives: bool,
    takes: Option<String>,
}

/// A row whose own fields are others now. What is deleted has none.
pub(super) struct Changed {
    row: Uuid,
    was: Map<String, Json>,
    now: Map<String, Json>,
}

/// Those of the rows whose own fields changed: as they were, none where they are new, and as they are.
pub(super) fn changed<'a, E: Guarded>(
    rows: impl Iterator<Item = (Option<&'a E::Model>, &'a E::Model)>,
) -> Result<Vec<Changed>> {
    let Ok(custom) = "custom".parse::<E::Column>() else { return Ok(vec![]) };
    let deleted = column::<E>("deleted_at")?;
    let own = |row: &E::Model| match row.get(custom) {
        Value::Json(Some(json)) if row.get(deleted) == Value::ChronoDateTimeUtc(None) => match *json {
            Json::Object(values) => values,
            _ => Map::new(),
        },
        _ => Map::new(),
    };
    let mut all = Vec::new();
    for (before, after) in rows {
        let (was, now) = (before.map(own).unwrap_or_default(), own(after));
        if was != now {
            all.push(Changed { row: id_of::<E>(after)?, was, now });
        }
    }
    Ok(all)
}

impl Own {
    pub(super) fn waits(&self) -> usize {
        self.waiting.as_ref().map_or(0, Vec::len)
    }

    /// What was locked inside this many savepoints, and what waits since the last of them, is undone.
    pub(super) fn undo(&mut self, savepoints: usize, waited: usize) {
        self.known.retain(|_, (inside, _)| *inside < savepoints);
        if let Some(waiting) = &mut self.waiting {
            waiting.truncate(waited);
        }
    }

    /// No more than this many savepoints are left.
    pub(super) fn leave(&mut self, savepoints: usize) {
        self.known.values_mut().for_each(|(inside, _)| *inside = savepoints.min(*inside));
    }
}

impl Tx {
    /// The fields that the organisation added to a table. Nobody changes one until the work ends: whoever makes a field unique
    /// waits for those who write its values by what it was, and they for him. One statement, the first time.
    pub async fn own_fields(&mut self, table: &'static str) -> Result<Arc<[Model]>> {
        if let Some((_, known)) = self.own.known.get(table) {
            return Ok(known.clone());
        }
        let mut query = Query::select();
        query
            .from(Field::NAME)
            .and_where(Expr::col((Field::NAME, C::OrganizationId)).eq(self.access.actor().organization.uuid()))
            .and_where(Expr::col((Field::NAME, C::DeletedAt)).is_null())
            .and_where(Expr::col((Field::NAME, C::Entity)).eq(table))
            .order_by((Field::NAME, C::Id), Order::Asc)
            .lock_shared();
        all_columns::<Field>(&mut query);
        let fields: Arc<[Model]> = self.models::<Field>(&query).await?.into();
        self.own.known.insert(table, (self.savepoints, fields.clone()));
        Ok(fields)
    }

    /// Keeps the values of unique fields with rows that were just written. Nothing is asked where no own field changed; else at
    /// most two statements, none where the table has no unique field and its fields are known.
    pub(super) async fn own_changed(&mut self, table: &'static str, rows: Vec<Changed>) -> Result<()> {
        if table == Field::NAME {
            self.own.known.clear();
        }
        if rows.is_empty() {
            return Ok(());
        }
        let fields = self.own_fields(table).await?;
        let claims: Vec<Claim> = rows.iter().flat_map(|row| claims(&fields, row)).collect();
        match &mut self.own.waiting {
            Some(waiting) => waiting.extend(claims),
            None => self.claim(&claims).await?,
        }
        Ok(())
    }

    /// From here on what rows give up and take waits for `settle_own`. Says no, and nothing waits, where the table is not known
    /// to have a unique field.
    pub fn hold_own(&mut self, table: &str) -> bool {
        let unique = self.own.known.get(table).is_some_and(|(_, fields)| fields.iter().any(|field| field.unique));
        self.own.waiting = unique.then(Vec::new);
        unique
    }

    /// Writes down at once what waits: what one row gives up another may have taken, whichever came first.
    pub async fn settle_own(&mut self) -> Result<()> {
        let mut all: IndexMap<(Uuid, Uuid), Claim> = IndexMap::new();
        for claim in self.own.waiting.take().unwrap_or_default() {
            match all.entry((claim.field, claim.row)) {
                Entry::Occupied(mut first) => first.get_mut().takes = claim.takes,
                Entry::Vacant(place) => _ = place.insert(claim),
            }
        }
        let claims: Vec<Claim> = all.into_values().collect();
        self.claim(&claims).await
    }

    async fn claim(&self, claims: &[Claim]) -> Result<()> {
        self.give_up(claims).await?;
        let taking = claims.iter().filter_map(|it| Some((it.field, it.takes.as_deref()?, it.row)));
        let taken = self.take(taking.collect()).await?;
        let lost = claims.iter().filter(|it| it.takes.is_some() && !taken.contains(&(it.field, it.row)));
        let keys: BTreeSet<&str> = lost.map(|it| it.key.as_str()).collect();
        if keys.is_empty() { Ok(()) } else { Err(Error::Refused(keys.into_iter().map(had).collect())) }
    }

    async fn give_up(&self, claims: &[Claim]) -> Result<()> {
        let mut rows: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for claim in claims.iter().filter(|it| it.gives) {
            rows.entry(claim.field).or_default().push(claim.row);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let backend = self.access.store().backend();
        let of = |(field, rows): (&Uuid, &Vec<Uuid>)| {
            let field = Expr::col((TABLE, "custom_field_id")).eq(*field);
            Condition::all().add(field).add(within_ids((TABLE, "record_id"), rows, backend))
        };
        let delete = Query::delete()
            .from_table(TABLE)
            .and_where(Expr::col((TABLE, "organization_id")).eq(self.access.actor().organization.uuid()))
            .cond_where(rows.iter().map(of).fold(Condition::any(), Condition::add))
            .take();
        self.db().execute(&delete).await?;
        Ok(())
    }

    /// Field, value and row: answers the fields and rows of those that were free. They come in the order of their values, so that
    /// two who only take wait for each other one way.
    async fn take(&self, mut rows: Vec<(Uuid, &str, Uuid)>) -> Result<HashSet<(Uuid, Uuid)>> {
        rows.sort_unstable();
        let organization = self.access.actor().organization.uuid();
        let mut taken = HashSet::with_capacity(rows.len());
        for some in rows.chunks(ROWS) {
            let mut insert = Query::insert();
            insert.into_table(TABLE).columns(["organization_id", "custom_field_id", "value", "record_id"]);
            for (field, value, row) in some {
                let values = [Expr::val(organization), Expr::val(*field), Expr::val(*value), Expr::val(*row)];
                insert.values(values).map_err(Error::internal)?;
            }
            insert
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .returning(Query::returning().columns(["custom_field_id", "record_id"]));
            for row in self.db().query_all(&insert).await? {
                taken.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
            }
        }
        Ok(taken)
    }
}

fn claims<'a>(fields: &'a [Model], row: &'a Changed) -> impl Iterator<Item = Claim> + 'a {
    fields.iter().filter(|field| field.unique).filter_map(|field| {
        let form = |values: &Map<String, Json>| same::form(field.kind, values.get(&field.key)?);
        let (was, now) = (form(&row.was), form(&row.now));
        let claim =
            |(gives, takes)| Claim { field: field.id.uuid(), key: field.key.clone(), row: row.row, gives, takes };
        (was != now).then(|| claim((was.is_some(), now)))
    })
}

/// Another record has the value. Which one is not told: the caller may not see it.
fn had(key: &str) -> Fault {
    let message = format!("another record already has this value of {key}");
    Fault::new(FaultCode::Duplicate, key, message).under("customFields")
}

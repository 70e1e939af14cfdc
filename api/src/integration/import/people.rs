//! People named in a file: invited as users who cannot sign in until somebody activates them. Matched by address;
//! it never gives a role and never activates.

use std::collections::HashMap;

use async_graphql::{Name, Value};
use entity::{
    id::{RowId, UserId},
    user::{Column as C, Entity as User, Model, Side},
    word::Word,
};
use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    access::{
        joining::{Newcomer, insert},
        user,
    },
    actor::Permission,
    error::{Error, FaultCode, Result},
    graph::{
        Patch,
        args::{member, members, string},
        record::save,
        text,
        upsert::{OnConflict, Outcome, Status},
        value,
    },
    store::{Guarded, Tx, differing},
};

/// A step, under `USER_CREATE`; changing who is there needs `USER_UPDATE` too.
pub async fn write(tx: &mut Tx, rows: &[Value], on_conflict: OnConflict) -> Result<Vec<Outcome>> {
    let emails: Vec<String> = rows.iter().filter_map(address).collect();
    let known = Condition::all().add(Expr::col((User::NAME, C::Email)).is_in(emails));
    let known = tx.lock_where::<User>(known).await?;
    let known: HashMap<String, Model> = known.into_iter().map(|user| (user.email.clone(), user)).collect();
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        let before = address(row).and_then(|email| known.get(&email));
        let (row, before) = (row.clone(), before.cloned());
        let done = tx.attempt(|tx| Box::pin(async move { one(tx, &row, before, on_conflict).await })).await?;
        outcomes.push(done.unwrap_or_else(|faults| Outcome { status: Status::Failed, id: None, faults }));
    }
    Ok(outcomes)
}

fn address(row: &Value) -> Option<String> {
    member(row, "email").and_then(string).and_then(|email| text::email(&email).ok())
}

async fn one(tx: &mut Tx, row: &Value, before: Option<Model>, on_conflict: OnConflict) -> Result<Outcome> {
    let wanted = newcomer(row)?;
    let done = |status, id: UserId| Ok(Outcome { status, id: Some(id.uuid()), faults: vec![] });
    let Some(before) = before else {
        return done(Status::Created, insert(tx, &wanted).await?.id);
    };
    match on_conflict {
        OnConflict::Update => {}
        OnConflict::Refuse => return Err(Error::refused(FaultCode::Duplicate, "email", "this user exists")),
        OnConflict::FillEmpty | OnConflict::Skip => return done(Status::Skipped, before.id),
    }
    let patch = Patch::read(user::meta(), &without_nulls(row), false);
    let change = patch.clone().apply::<User>(Some(before.clone()), tx.access().now());
    if change.faults.is_empty() && differing::<User>(&before, &change.row).is_empty() {
        return done(Status::Unchanged, before.id);
    }
    let former = tx.under(Permission::UserUpdate)?;
    let saved = save::<User>(tx, Some(before), patch).await;
    tx.under(former)?;
    done(Status::Updated, saved?.id)
}

/// An empty cell says nothing of somebody who is there.
fn without_nulls(row: &Value) -> Value {
    Value::Object(
        members(row).filter(|(_, v)| **v != Value::Null).map(|(name, v)| (Name::new(name), v.clone())).collect(),
    )
}

fn newcomer(row: &Value) -> Result<Newcomer> {
    let given = |name: &str| member(row, name).and_then(string);
    let side =
        |word: String| Side::parse(&word).ok_or_else(|| Error::invalid("side", "this must be MARKETING or SALES"));
    Ok(Newcomer {
        email: given("email").ok_or_else(|| Error::invalid("email", "this is required"))?,
        name: given("name").ok_or_else(|| Error::invalid("name", "this is required"))?,
        side: given("side").map(side).transpose()?,
        region: given("region"),
        reports_to: given("reportsToId").map(|id| value::typed("reportsToId", &id)).transpose()?,
        roles: vec![],
    })
}

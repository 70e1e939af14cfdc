//! People named in a file: invited as users who cannot sign in until somebody activates them. Matched by address;
//! it never gives a role and never activates.

use std::collections::HashMap;

use async_graphql::Value;
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
    actor::Permission,
    error::{Error, FaultCode, Result},
    graph::{
        Patch,
        args::{member, string},
        record::save,
        text, value,
        upsert::{OnConflict, Outcome, Status},
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
        outcomes.push(match one(tx, row, before.cloned(), on_conflict).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome { status: Status::Failed, id: None, faults: error.into_faults()? },
        });
    }
    Ok(outcomes)
}

fn address(row: &Value) -> Option<String> {
    member(row, "email").and_then(string).and_then(|email| text::email(&email).ok())
}

async fn one(tx: &mut Tx, row: &Value, before: Option<Model>, on_conflict: OnConflict) -> Result<Outcome> {
    let patch = patch(tx, row, before.is_none())?;
    let done = |status, id: UserId| Ok(Outcome { status, id: Some(id.uuid()), faults: vec![] });
    let Some(before) = before else {
        return done(Status::Created, save::<User>(tx, None, patch).await?.id);
    };
    match on_conflict {
        OnConflict::Update => {}
        OnConflict::Refuse => return Err(Error::refused(FaultCode::Duplicate, "email", "this user exists")),
        OnConflict::FillEmpty | OnConflict::Skip => return done(Status::Skipped, before.id),
    }
    let wanted = patch.clone().apply::<User>(Some(before.clone()), tx.access().now());
    if differing::<User>(&before, &wanted.row).is_empty() {
        return done(Status::Unchanged, before.id);
    }
    let former = tx.under(Permission::UserUpdate)?;
    let saved = save::<User>(tx, Some(before), patch).await;
    tx.under(former)?;
    done(Status::Updated, saved?.id)
}

/// What the row says of the user; a new one is invited and not active.
fn patch(tx: &Tx, row: &Value, new: bool) -> Result<Patch> {
    let given = |name: &str| member(row, name).and_then(string);
    let short = |name: &str| match given(name) {
        Some(text) if text.chars().count() > 100 => Err(Error::invalid(name, "this is longer than 100 characters")),
        text => Ok(text),
    };
    let email = address(row).ok_or_else(|| Error::invalid("email", "not an e-mail address"))?;
    let name = short("name")?.ok_or_else(|| Error::invalid("name", "this is required"))?;
    let mut patch = Patch::default().with("email", email).with("name", name);
    if let Some(region) = short("region")? {
        patch = patch.with("region", region);
    }
    if let Some(word) = given("side") {
        let side = Side::parse(&word).ok_or_else(|| Error::invalid("side", "this must be MARKETING or SALES"))?;
        patch = patch.with("side", side.word());
    }
    if let Some(id) = given("reportsToId") {
        patch = patch.with("reports_to_id", value::typed::<UserId>("reportsToId", &id)?.uuid());
    }
    if new {
        patch = patch.with("active", false).with("invited_at", Some(tx.access().now()));
    }
    Ok(patch)
}

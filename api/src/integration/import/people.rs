//! People named in a file: invited as users who cannot sign in until somebody activates them. Matched by address;
//! it never gives a role and never activates.

use std::collections::HashMap;

use async_graphql::Value;
use entity::{
    id::{RowId, UserId},
    user::{ActiveModel, Column as C, Entity as User, Model, Side},
    word::Word,
};
use sea_orm::{
    ActiveValue::Set,
    Condition, IntoActiveModel,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    actor::Permission,
    error::{Error, Fault, FaultCode, Result},
    graph::{
        args::{member, string},
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
    let email = address(row).ok_or_else(|| Error::invalid("email", "not an e-mail address"))?;
    let done = |status, id: UserId| Ok(Outcome { status, id: Some(id.uuid()), faults: vec![] });
    let Some(before) = before else {
        let blank = ActiveModel { active: Set(false), invited_at: Set(Some(tx.access().now())), ..Default::default() };
        let user = laid(tx, row, ActiveModel { email: Set(email), ..blank }).await?;
        return done(Status::Created, tx.insert::<User>(user).await?.id);
    };
    match on_conflict {
        OnConflict::Update => {}
        OnConflict::Refuse => return Err(Error::refused(FaultCode::Duplicate, "email", "this user exists")),
        OnConflict::FillEmpty | OnConflict::Skip => return done(Status::Skipped, before.id),
    }
    let user = laid(tx, row, before.clone().into_active_model()).await?;
    if differing::<User>(&before, &user).is_empty() {
        return done(Status::Unchanged, before.id);
    }
    let former = tx.under(Permission::UserUpdate)?;
    let id = tx.update::<User>(user).await?.id;
    tx.under(former)?;
    done(Status::Updated, id)
}

/// The row's values over the user's.
async fn laid(tx: &Tx, row: &Value, mut user: ActiveModel) -> Result<ActiveModel> {
    let given = |name: &str| member(row, name).and_then(string);
    let name = given("name").filter(|name| name.chars().count() <= 255);
    user.name = Set(name.ok_or_else(|| Error::invalid("name", "this is required, at most 255 characters"))?);
    if let Some(region) = given("region") {
        user.region = Set(Some(region));
    }
    if let Some(word) = given("side") {
        let side = Side::parse(&word).ok_or_else(|| Error::invalid("side", "this must be MARKETING or SALES"))?;
        user.side = Set(Some(side));
    }
    if let Some(id) = given("reportsToId") {
        let id: UserId = value::typed("reportsToId", &id)?;
        let seen = tx.share(crate::store::Scoped::<User>::read(tx.access()).erased(), User::NAME, &[id.uuid()]).await?;
        if seen.is_empty() {
            return Err(Error::Refused(vec![Fault::new(FaultCode::NotFound, "reportsToId", "no such user")]));
        }
        user.reports_to_id = Set(Some(id));
    }
    Ok(user)
}

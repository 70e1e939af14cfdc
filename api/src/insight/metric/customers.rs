//! Who pays again and again, and what: conditions over contracts and answers of customers. Days are the organisation's;
//! contracts are taken as they are known today, by the days on which they begin and end.

use chrono::NaiveDate;
use entity::{
    account,
    campaign_cost::{Column as P, Entity as Cost},
    contact,
    customer_contract::{Column as C, Entity as Contract},
    opportunity_state::{Column as S, Entity as Stood},
    stage::StageType,
    survey_response::{Column as R, Entity as Response, Kind},
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{CaseStatement, Expr, Func, Query, SelectStatement, SimpleExpr},
};

use super::{When, ask::Ask, population};
use crate::store::Guarded;

/// The alias of other rows of the same table.
const OTHER: &str = "other_";

fn of(table: &'static str, c: C) -> SimpleExpr {
    Expr::col((table, c))
}

/// The day on which the period begins.
pub fn first_day(ask: &Ask) -> NaiveDate {
    ask.days().0
}

/// The first day after it, or today where that comes first.
pub fn last_day(ask: &Ask) -> NaiveDate {
    let (first, end) = ask.days();
    Ord::max(first, Ord::min(end, ask.today()))
}

/// What a row belongs to is not deleted.
pub fn living(parent: &'static str, key: (&'static str, &'static str)) -> SimpleExpr {
    let theirs = Query::select()
        .from(parent)
        .and_where(Expr::col((parent, "id")).equals(key))
        .and_where(Expr::col((parent, "deleted_at")).is_null())
        .take();
    exist(theirs)
}

/// Not in a currency that is left out.
pub fn kept(ask: &Ask, table: &'static str) -> Condition {
    let some = (!ask.without.is_empty()).then(|| of(table, C::Currency).is_not_in(ask.without.iter().copied()));
    Condition::all().add_option(some)
}

/// Runs on a day, for an account that there is.
fn runs(ask: &Ask, table: &'static str, day: NaiveDate) -> Condition {
    Condition::all()
        .add(living(account::Entity::NAME, (table, "account_id")))
        .add(kept(ask, table))
        .add(of(table, C::StartsOn).lte(day))
        .add(Condition::any().add(of(table, C::EndsOn).is_null()).add(of(table, C::EndsOn).gt(day)))
}

/// Contracts of the same account that run on a day.
fn others(ask: &Ask, day: NaiveDate) -> SelectStatement {
    Query::select()
        .from_as(Contract::NAME, OTHER)
        .and_where(of(OTHER, C::OrganizationId).eq(ask.access.actor().organization))
        .and_where(of(OTHER, C::DeletedAt).is_null())
        .and_where(of(OTHER, C::AccountId).equals((Contract::NAME, C::AccountId)))
        .cond_where(runs(ask, OTHER, day))
        .take()
}

fn exist(mut rows: SelectStatement) -> SimpleExpr {
    Expr::exists(rows.expr(Expr::val(1)).take())
}

/// One contract for each account that pays on a day.
fn one_each(ask: &Ask, day: NaiveDate) -> Condition {
    let earlier = others(ask, day).and_where(of(OTHER, C::Id).lt(of(Contract::NAME, C::Id))).take();
    runs(ask, Contract::NAME, day).add(exist(earlier).not())
}

/// One for each account and currency.
fn one_each_currency(ask: &Ask, day: NaiveDate) -> Condition {
    let earlier = others(ask, day)
        .and_where(of(OTHER, C::Id).lt(of(Contract::NAME, C::Id)))
        .and_where(of(OTHER, C::Currency).equals((Contract::NAME, C::Currency)))
        .take();
    runs(ask, Contract::NAME, day).add(exist(earlier).not())
}

/// Customers when the period begins.
pub fn at_start(ask: &Ask) -> Condition {
    one_each(ask, first_day(ask))
}

/// Of these, those who are none any more when it ends.
pub fn lost(ask: &Ask) -> Condition {
    at_start(ask).add(exist(others(ask, last_day(ask))).not())
}

/// Customers when it ends.
pub fn at_end(ask: &Ask) -> Condition {
    one_each(ask, last_day(ask))
}

/// What customers pay when the period begins is summed over these.
pub fn paying_at_start(ask: &Ask) -> Condition {
    one_each_currency(ask, first_day(ask))
}

/// The same when it ends.
pub fn paying_at_end(ask: &Ask) -> Condition {
    one_each_currency(ask, last_day(ask))
}

/// Contracts that run when the period begins or ends, of accounts that then pay in another currency than the wanted one.
pub fn mixed(ask: &Ask) -> Condition {
    either_day(ask, Contract::NAME).add(foreign(ask))
}

/// An account of such a contract pays in the wanted currency alone.
pub fn pure(ask: &Ask) -> Condition {
    Condition::all().add(foreign(ask).not())
}

fn either_day(ask: &Ask, table: &'static str) -> Condition {
    let days = Condition::any().add(runs(ask, table, first_day(ask))).add(runs(ask, table, last_day(ask)));
    Condition::all().add(days)
}

fn foreign(ask: &Ask) -> SimpleExpr {
    let theirs = Query::select()
        .from_as(Contract::NAME, OTHER)
        .and_where(of(OTHER, C::OrganizationId).eq(ask.access.actor().organization))
        .and_where(of(OTHER, C::DeletedAt).is_null())
        .and_where(of(OTHER, C::AccountId).equals((Contract::NAME, C::AccountId)))
        .and_where(of(OTHER, C::Currency).ne(ask.currency))
        .cond_where(either_day(ask, OTHER))
        .take();
    exist(theirs)
}

/// What the account of a contract pays in a month, in the currency of the contract.
pub fn monthly(ask: &Ask, when: When) -> SimpleExpr {
    let on = |day: NaiveDate| -> SimpleExpr {
        let theirs = others(ask, day)
            .and_where(of(OTHER, C::Currency).equals((Contract::NAME, C::Currency)))
            .expr(of(OTHER, C::MonthlyMinor).sum())
            .take();
        SimpleExpr::from(Func::coalesce([SimpleExpr::from(theirs), Expr::cust("0")])).cast_as("bigint")
    };
    let (start, end) = (on(first_day(ask)), on(last_day(ask)));
    match when {
        When::Start => start,
        When::End | When::Still => end,
        When::Kept => CaseStatement::new().case(end.clone().lt(start.clone()), end).finally(start).into(),
    }
}

/// What was spent on campaigns in the period, or so many days earlier.
pub fn spent(ask: &Ask) -> Condition {
    let (start, end) = ask.days();
    let earlier = chrono::TimeDelta::days(ask.options.lag_days);
    let day = || Expr::col((Cost::NAME, P::Date));
    Condition::all().add(day().gte(start - earlier)).add(day().lt(end - earlier)).add(day().lte(ask.today()))
}

/// The first sale to each account, where that was won in the period.
pub fn first_sales(ask: &Ask) -> Condition {
    let (mine, other) = (|c: S| Expr::col((Stood::NAME, c)), |c: S| Expr::col((OTHER, c)));
    let open = other(S::Until).is_null();
    let stands = match ask.at {
        None => open,
        Some(at) => other(S::At).lt(at).and(open.or(other(S::Until).gte(at))),
    };
    let tie = other(S::CloseDate).eq(mine(S::CloseDate)).and(other(S::OpportunityId).lt(mine(S::OpportunityId)));
    let earlier = Query::select()
        .from_as(Stood::NAME, OTHER)
        .and_where(other(S::OrganizationId).eq(ask.access.actor().organization))
        .and_where(other(S::AccountId).equals((Stood::NAME, S::AccountId)))
        .and_where(other(S::StageType).eq(StageType::Won))
        .and_where(stands)
        .and_where(other(S::CloseDate).lt(mine(S::CloseDate)).or(tie))
        .take();
    population::won(ask, ask.days()).add(mine(S::AccountId).is_not_null()).add(exist(earlier).not())
}

/// Answers of the period, of somebody or some company that there is.
fn meant(ask: &Ask, table: &'static str, kind: Kind) -> Condition {
    let col = |c: R| Expr::col((table, c));
    let end = Ord::min(ask.end, ask.now());
    let of_account = col(R::ContactId).is_null().and(living(account::Entity::NAME, (table, "account_id")));
    Condition::all()
        .add(living(contact::Entity::NAME, (table, "contact_id")).or(of_account))
        .add(col(R::Kind).eq(kind))
        .add(col(R::RespondedAt).gte(ask.start))
        .add(col(R::RespondedAt).lt(end))
}

/// The same contact answered again later in the period.
fn again(ask: &Ask, kind: Kind) -> SimpleExpr {
    let col = |table: &'static str, c: R| Expr::col((table, c));
    let (at, id) = (col(Response::NAME, R::RespondedAt), col(Response::NAME, R::Id));
    let after =
        col(OTHER, R::RespondedAt).gt(at.clone()).or(col(OTHER, R::RespondedAt).eq(at).and(col(OTHER, R::Id).gt(id)));
    let later = Query::select()
        .from_as(Response::NAME, OTHER)
        .and_where(col(OTHER, R::OrganizationId).eq(ask.access.actor().organization))
        .and_where(col(OTHER, R::DeletedAt).is_null())
        .and_where(col(OTHER, R::ContactId).equals((Response::NAME, R::ContactId)))
        .cond_where(meant(ask, OTHER, kind))
        .and_where(after)
        .take();
    // nobody answered again who is not named: nothing is looked for then
    col(Response::NAME, R::ContactId).is_not_null().and(exist(later))
}

/// The latest answer of each who answered in the period, within these scores. One that names nobody is nobody else's: it
/// counts by itself.
pub fn answers(ask: &Ask, kind: Kind, scores: std::ops::RangeInclusive<i32>) -> Condition {
    meant(ask, Response::NAME, kind)
        .add(Expr::col((Response::NAME, R::Score)).between(*scores.start(), *scores.end()))
        .add(again(ask, kind).not())
}

/// Answers of the period that their contacts thought better of in it.
pub fn superseded(ask: &Ask, kind: Kind) -> Condition {
    meant(ask, Response::NAME, kind).add(again(ask, kind))
}

/// Won in the period, but no account's.
pub fn nobodys_sales(ask: &Ask) -> Condition {
    population::won(ask, ask.days()).add(Expr::col((Stood::NAME, S::AccountId)).is_null())
}

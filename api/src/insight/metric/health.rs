//! What is well kept, as conditions over records as they are: what ought to be known of them, and whether it is.

use entity::{
    account::{Column as A, Entity as Account},
    contact::{Column as P, Entity as Contact},
    duplicate_pair::{Column as D, Entity as Pair, State},
    lead::{Column as L, Entity as Lead, Status},
    opportunity_state::{Column as S, Entity as Stood},
};
use sea_orm::{
    Condition, ExprTrait, IdenStatic,
    sea_query::{Expr, Query, SimpleExpr},
};

use super::{ask::Ask, population};
use crate::store::Guarded;

fn known<C: IdenStatic>(table: &'static str, columns: impl IntoIterator<Item = C>) -> Condition {
    columns.into_iter().fold(Condition::all(), |all, c| all.add(Expr::col((table, c.as_str())).is_not_null()))
}

pub fn all(_: &Ask) -> Condition {
    Condition::all()
}

/// Accounts of which domain, industry and country are known.
pub fn complete_accounts(_: &Ask) -> Condition {
    known(Account::NAME, [A::Domain, A::Industry, A::Country])
}

/// Accounts that nobody suspects to be there twice.
pub fn single_accounts(ask: &Ask) -> Condition {
    let pair = |c: D| Expr::col((Pair::NAME, c));
    let suspected = |c: D| -> SimpleExpr {
        let pairs = Query::select()
            .expr(pair(c))
            .from(Pair::NAME)
            .and_where(pair(D::OrganizationId).eq(ask.access.actor().organization))
            .and_where(pair(D::DeletedAt).is_null())
            .and_where(pair(D::Entity).eq(Account::NAME))
            .and_where(pair(D::State).eq(State::Open))
            .take();
        Expr::col((Account::NAME, A::Id)).in_subquery(pairs)
    };
    Condition::any().add(suspected(D::FirstId)).add(suspected(D::SecondId)).not()
}

/// Contacts with an address, or a number, who belong to an account.
pub fn reachable_contacts(_: &Ask) -> Condition {
    let col = |c: P| Expr::col((Contact::NAME, c));
    let reached = col(P::Email).is_not_null().or(col(P::Phone).is_not_null());
    Condition::all().add(reached).add(col(P::AccountId).is_not_null())
}

/// Leads that may still become something.
pub fn living_leads(_: &Ask) -> Condition {
    let over = [Status::Converted, Status::Disqualified, Status::Merged];
    Condition::all().add(Expr::col((Lead::NAME, L::Status)).is_not_in(over))
}

/// Of these, those of which address, company and source are known.
pub fn complete_leads(ask: &Ask) -> Condition {
    living_leads(ask).add(known(Lead::NAME, [L::Email, L::CompanyName, L::Source]))
}

/// Open opportunities.
pub fn open_business(ask: &Ask) -> Condition {
    population::open_at(ask.at)
}

/// Of these, those with an amount whose close date has not passed.
pub fn current_business(ask: &Ask) -> Condition {
    let due = Expr::col((Stood::NAME, S::CloseDate)).gte(ask.today());
    open_business(ask).add(known(Stood::NAME, [S::AmountMinor])).add(due)
}

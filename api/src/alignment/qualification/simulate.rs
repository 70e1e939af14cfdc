//! What a definition would have meant: of the leads of a past window, how many it passes, how many the version in force
//! passes, and what became of them. Two statements, however many leads there are; only leads the caller may read count.

use chrono::{DateTime, Utc};
use entity::{
    lead::{self, Status},
    lead_status_change as moves, opportunity,
    stage::StageType,
};
use sea_orm::{
    Condition, ExprTrait, QueryResult,
    sea_query::{Alias, CaseStatement, Expr, Order, Query, SelectStatement, SimpleExpr},
};

use super::QualificationBody;
use crate::{
    actor::Permission,
    error::Result,
    store::{Access, Guarded, Scoped, visible},
};

/// Sources told apart; further ones only count in the whole.
const SOURCES: u64 = 50;
const LEAD: &str = lead::Entity::NAME;

/// The leads of a window that some definition passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub leads: i64,
    /// Of them, those that came to SQL or further.
    pub reached_sql: i64,
    /// Opportunities that began with them and were won, or lost.
    pub won: i64,
    pub lost: i64,
}

impl Passed {
    fn and(self, other: Self) -> Self {
        Self {
            leads: self.leads + other.leads,
            reached_sql: self.reached_sql + other.reached_sql,
            won: self.won + other.won,
            lost: self.lost + other.lost,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    pub leads: i64,
    pub both: Passed,
    pub only_candidate: Passed,
    pub only_in_force: Passed,
    pub sources: Vec<BySource>,
}

impl Simulation {
    pub fn candidate(&self) -> Passed {
        self.both.and(self.only_candidate)
    }

    pub fn in_force(&self) -> Passed {
        self.both.and(self.only_in_force)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BySource {
    pub source: Option<String>,
    pub leads: i64,
    pub candidate: i64,
    pub in_force: i64,
    pub both: i64,
}

/// Leads created in `[from, to)`, judged as of the window's end, or of now where that comes first.
pub async fn simulate(
    access: &Access,
    candidate: &QualificationBody,
    in_force: Option<&QualificationBody>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Simulation> {
    let window = Window { access, from, to, at: std::cmp::Ord::min(to, access.now()) };
    let mut simulation = Simulation::default();
    for row in window.judged(candidate, in_force).wrap(totals).rows().await? {
        let passed = Passed {
            leads: row.try_get_by_index(2)?,
            reached_sql: row.try_get_by_index(3)?,
            won: row.try_get_by_index(4)?,
            lost: row.try_get_by_index(5)?,
        };
        simulation.leads += passed.leads;
        match flags(&row)? {
            (true, true) => simulation.both = passed,
            (true, false) => simulation.only_candidate = passed,
            (false, true) => simulation.only_in_force = passed,
            (false, false) => {}
        }
    }
    for row in window.judged(candidate, in_force).wrap(by_source).rows().await? {
        simulation.sources.push(BySource {
            source: row.try_get_by_index(0)?,
            leads: row.try_get_by_index(1)?,
            candidate: row.try_get_by_index(2)?,
            in_force: row.try_get_by_index(3)?,
            both: row.try_get_by_index(4)?,
        });
    }
    Ok(simulation)
}

fn flags(row: &QueryResult) -> Result<(bool, bool)> {
    Ok((row.try_get_by_index::<i32>(0)? == 1, row.try_get_by_index::<i32>(1)? == 1))
}

struct Window<'a> {
    access: &'a Access,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    at: DateTime<Utc>,
}

impl Window<'_> {
    /// A row for each lead: its source, whether each definition passes it, and what became of it.
    fn judged(&self, candidate: &QualificationBody, in_force: Option<&QualificationBody>) -> Scoped<lead::Entity> {
        let backend = self.access.store().backend();
        let passes = |body: &QualificationBody| flag(body.rule().condition(self.at, backend));
        let active = in_force.map_or_else(|| Expr::cust("0"), passes);
        let col = |c| Expr::col((LEAD, c));
        Scoped::<lead::Entity>::read(self.access)
            .filter(col(lead::Column::CreatedAt).gte(self.from))
            .filter(col(lead::Column::CreatedAt).lt(self.to))
            .filter(col(lead::Column::Status).ne(Status::Merged))
            .shape(|q| {
                q.column((LEAD, "source"))
                    .expr_as(passes(candidate), Alias::new("candidate"))
                    .expr_as(active, Alias::new("in_force"))
                    .expr_as(flag(self.reached_sql()), Alias::new("reached_sql"))
                    .expr_as(self.closed(StageType::Won), Alias::new("won"))
                    .expr_as(self.closed(StageType::Lost), Alias::new("lost"));
            })
    }

    /// Stands at SQL or beyond, or did once.
    fn reached_sql(&self) -> Condition {
        let goal = [Status::Sql, Status::Converted];
        let col = |c| Expr::col((moves::Entity::NAME, c));
        let once = Query::select()
            .expr(Expr::val(1))
            .from(moves::Entity::NAME)
            .and_where(col(moves::Column::OrganizationId).equals((LEAD, "organization_id")))
            .and_where(col(moves::Column::LeadId).equals((LEAD, "id")))
            .and_where(col(moves::Column::ToStatus).is_in(goal))
            .and_where(col(moves::Column::At).lt(self.access.now()))
            .take();
        Condition::any().add(Expr::col((LEAD, lead::Column::Status)).is_in(goal)).add(Expr::exists(once))
    }

    /// How many opportunities that the caller may read began with the lead and ended so.
    fn closed(&self, how: StageType) -> SimpleExpr {
        let col = |c| Expr::col((opportunity::Entity::NAME, c));
        let mut rows = visible::<opportunity::Entity>(self.access.actor(), Permission::OpportunityRead);
        rows.clear_selects()
            .expr(Expr::cust("COUNT(*)"))
            .and_where(col(opportunity::Column::SourceLeadId).equals((LEAD, "id")))
            .and_where(col(opportunity::Column::StageType).eq(how));
        Expr::from(rows.take()).cast_as("integer")
    }
}

fn flag(condition: Condition) -> SimpleExpr {
    CaseStatement::new().case(condition, Expr::cust("1")).finally(Expr::cust("0")).into()
}

fn sum(column: &'static str) -> SimpleExpr {
    Expr::col(("judged", column)).sum()
}

fn totals(judged: SelectStatement) -> SelectStatement {
    let key = ["candidate", "in_force"];
    let mut outer = Query::select();
    outer.columns(key.map(|c| ("judged", c))).expr(Expr::cust("COUNT(*)"));
    for column in ["reached_sql", "won", "lost"] {
        outer.expr(sum(column));
    }
    outer.from_subquery(judged, "judged").group_by_columns(key.map(|c| ("judged", c))).take()
}

fn by_source(judged: SelectStatement) -> SelectStatement {
    let both = Expr::col(("judged", "candidate")).mul(Expr::col(("judged", "in_force")));
    Query::select()
        .column(("judged", "source"))
        .expr_as(Expr::cust("COUNT(*)"), Alias::new("n"))
        .expr(sum("candidate"))
        .expr(sum("in_force"))
        .expr(Expr::expr(both).sum())
        .from_subquery(judged, "judged")
        .group_by_col(("judged", "source"))
        .order_by(Alias::new("n"), Order::Desc)
        .order_by_with_nulls(("judged", "source"), Order::Asc, sea_orm::sea_query::NullOrdering::Last)
        .limit(SOURCES)
        .take()
}

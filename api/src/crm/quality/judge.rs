//! Whether a record passes rules, as expressions for the database. Rules that are known give a condition for each; a record's
//! own quality is reckoned from the rules' rows in the statement that reads it, however many rules and records.

use chrono::Utc;
use entity::{
    account, contact,
    data_quality_rule::{Check, Column as R, Entity as Rule, Model, Subject},
    duplicate_pair::{Column as D, Entity as Pair, State},
    id::RowId,
    lead::{self, Status},
    opportunity,
    stage::StageType,
    word::Word,
};
use sea_orm::{
    Condition, DbBackend, ExprTrait,
    sea_query::{CaseStatement, Expr, Query, SelectStatement, SimpleExpr},
};

use super::fields::{known, of, sound};
use crate::{
    actor::Permission,
    store::{Access, Guarded, condition_of},
};

/// Where the records are read from, and what is to be known of the moment.
pub struct Place<'a> {
    pub table: &'static str,
    /// The organisation's day.
    pub today: &'a dyn Fn() -> SimpleExpr,
    pub now: chrono::DateTime<Utc>,
    pub backend: DbBackend,
    /// Pairs in which the record is suspected to be there twice.
    pub doubles: [SelectStatement; 2],
}

/// The type's table.
pub fn table(subject: Subject) -> &'static str {
    match subject {
        Subject::Account => account::Entity::NAME,
        Subject::Contact => contact::Entity::NAME,
        Subject::Lead => lead::Entity::NAME,
        Subject::Opportunity => opportunity::Entity::NAME,
    }
}

/// When a record was last seen to.
fn stamp(subject: Subject) -> &'static str {
    if subject == Subject::Opportunity { "stage_changed_at" } else { "updated_at" }
}

/// Open pairs of duplicates of the organisation whose older record, or whose other, is that of the column, while its twin is
/// there. Of `seen` only those that the access sees: both records, however far its right to read pairs goes.
pub fn doubles(
    access: &Access,
    table: &'static str,
    own: (&'static str, &'static str),
    seen: bool,
) -> [SelectStatement; 2] {
    [(D::FirstId, D::SecondId), (D::SecondId, D::FirstId)].map(|(mine, other)| {
        let pair = |c: D| Expr::col((Pair::NAME, c));
        let twin = Query::select()
            .expr(Expr::val(1))
            .from_as(table, "twin_")
            .and_where(Expr::col(("twin_", "id")).eq(pair(other)))
            .and_where(Expr::col(("twin_", "deleted_at")).is_null())
            .take();
        let mut pairs = Query::select();
        pairs
            .expr(Expr::val(1))
            .from(Pair::NAME)
            .and_where(pair(mine).eq(Expr::col(own)))
            .and_where(Expr::exists(twin))
            .and_where(pair(D::OrganizationId).eq(access.actor().organization.uuid()))
            .and_where(pair(D::DeletedAt).is_null())
            .and_where(pair(D::Entity).eq(table))
            .and_where(pair(D::State).eq(State::Open));
        if seen {
            pairs.cond_where(condition_of::<Pair>(access.actor(), Pair::READ));
        }
        pairs
    })
}

impl Place<'_> {
    fn seconds(&self, column: &str) -> SimpleExpr {
        let column = format!("\"{}\".\"{column}\"", self.table);
        Expr::cust(match self.backend {
            DbBackend::Postgres => format!("EXTRACT(EPOCH FROM {column})::bigint"),
            _ => format!("CAST(strftime('%s', {column}) AS INTEGER)"),
        })
    }

    fn once(&self) -> SimpleExpr {
        let [first, second] = &self.doubles;
        Expr::exists(first.clone()).not().and(Expr::exists(second.clone()).not())
    }

    /// Whether a record passes a rule.
    pub fn passes(&self, rule: &Model) -> SimpleExpr {
        let named: Vec<String> = serde_json::from_value(rule.fields.clone()).unwrap_or_default();
        let all = |each: &dyn Fn(&str) -> SimpleExpr| {
            named.iter().map(|name| each(name)).reduce(ExprTrait::and).unwrap_or_else(yes)
        };
        match rule.kind {
            Check::Complete => all(&|name| known(rule.entity, self.table, name)),
            Check::Valid => all(&|name| sound(rule.entity, self.table, name, self.today)),
            Check::Fresh => {
                let since = self.now.timestamp() - i64::from(rule.max_age_days.unwrap_or_default()) * 86_400;
                self.seconds(stamp(rule.entity)).gte(since)
            }
            Check::Unique => self.once(),
        }
    }

    /// The same for the rule of a row.
    fn passes_row(&self, subject: Subject, json: &str) -> SimpleExpr {
        let among = |check: Check, each: &dyn Fn(&str) -> SimpleExpr| {
            let one = |name: &&str| Expr::cust(format!("{json} NOT LIKE '%\"{name}\"%'")).or(each(name));
            of(subject, check).iter().map(one).reduce(ExprTrait::and).unwrap_or_else(yes)
        };
        let age = Expr::col((Rule::NAME, R::MaxAgeDays)).mul(86_400);
        let fresh = self.seconds(stamp(subject)).gte(Expr::val(self.now.timestamp()).sub(age));
        let is = |check: Check| Expr::col((Rule::NAME, R::Kind)).eq(check.word());
        CaseStatement::new()
            .case(is(Check::Complete), truth(among(Check::Complete, &|name| known(subject, self.table, name))))
            .case(is(Check::Valid), truth(among(Check::Valid, &|name| sound(subject, self.table, name, self.today))))
            .case(is(Check::Fresh), truth(fresh))
            .finally(truth(self.once()))
            .into()
    }
}

fn yes() -> SimpleExpr {
    Expr::val(1).eq(1)
}

/// 1 where it holds.
pub fn truth(holds: SimpleExpr) -> SimpleExpr {
    CaseStatement::new().case(holds, 1).finally(0).into()
}

/// Which records are judged at all.
fn judged(subject: Subject) -> Condition {
    match subject {
        Subject::Account | Subject::Contact => Condition::all().add(yes()),
        Subject::Lead => Condition::all().add(Expr::col((lead::Entity::NAME, lead::Column::Status)).is_not_in([
            Status::Converted,
            Status::Disqualified,
            Status::Merged,
        ])),
        Subject::Opportunity => Condition::all()
            .add(Expr::col((opportunity::Entity::NAME, opportunity::Column::StageType)).eq(StageType::Open)),
    }
}

/// How well a record is kept, as JSON; null without rules, for what is not judged, and for who may not read rules.
pub fn of_record(access: &Access, subject: Subject) -> SimpleExpr {
    let backend = access.store().backend();
    let null = Expr::cust(if backend == DbBackend::Postgres { "NULL::json" } else { "NULL" });
    if !access.actor().may(Permission::DataQualityRead) {
        return null;
    }
    let own = table(subject);
    let place = Place {
        table: own,
        today: &|| access.today(),
        now: access.now(),
        backend,
        doubles: doubles(access, own, (own, "id"), true),
    };
    let json = format!("CAST(\"{}\".\"fields\" AS text)", Rule::NAME);
    let judgements = Query::select()
        .columns(["id", "name", "kind", "fields", "max_age_days", "owner_side", "weight"].map(|c| (Rule::NAME, c)))
        .expr_as(place.passes_row(subject, &json), "pass_")
        .from(Rule::NAME)
        .and_where(Expr::col((Rule::NAME, R::OrganizationId)).eq(access.actor().organization.uuid()))
        .and_where(Expr::col((Rule::NAME, R::DeletedAt)).is_null())
        .and_where(Expr::col((Rule::NAME, R::Entity)).eq(subject.word()))
        .take();
    let whole = Query::select().expr(Expr::cust(shape(backend))).from_subquery(judgements, "j").take();
    CaseStatement::new().case(judged(subject), SimpleExpr::SubQuery(None, Box::new(whole.into()))).finally(null).into()
}

/// The answer's object: score, weights, and the rules that the record does not pass.
fn shape(backend: DbBackend) -> String {
    let score = "(200 * SUM(j.weight * j.pass_) + SUM(j.weight)) / (2 * SUM(j.weight))";
    let numbers = format!("'score', {score}, 'passed', SUM(j.weight * j.pass_), 'weight', SUM(j.weight)");
    let issue = |id: &str, fields: &str, function: &str| {
        format!(
            "{function}('ruleId', {id}, 'name', j.name, 'check', j.kind, 'fields', {fields}, 'maxAgeDays', j.max_age_days, \
             'ownerSide', j.owner_side, 'weight', j.weight)"
        )
    };
    if backend == DbBackend::Postgres {
        let issue = issue("'data_quality_rule_' || replace(j.id::text, '-', '')", "j.fields", "json_build_object");
        return format!(
            "CASE WHEN COUNT(*) = 0 THEN NULL ELSE json_build_object({numbers}, 'issues', \
             COALESCE(json_agg({issue} ORDER BY j.weight DESC, j.name, j.id) FILTER (WHERE j.pass_ = 0), '[]'::json)) END"
        );
    }
    let issue = issue("'data_quality_rule_' || lower(hex(j.id))", "json(j.fields)", "json_object");
    format!(
        "CASE WHEN COUNT(*) = 0 THEN NULL ELSE json_object({numbers}, 'issues', \
         json(COALESCE(json_group_array({issue} ORDER BY j.weight DESC, j.name, j.id) FILTER (WHERE j.pass_ = 0), '[]'))) END"
    )
}

//! Counts and sums over guarded rows, grouped. One statement for the groups, one more for each amount of money
//! asked for, since sums never mix currencies.

use std::collections::HashMap;

use async_graphql::{Context, ContextSelectionSet, ServerResult, Value as ConstValue};
use entity::money::divide_half_even;
use sea_orm::{
    Condition, DbBackend, ExprTrait, JoinType, QueryResult, Value,
    sea_query::{CaseStatement, Expr, Func, NullOrdering, Order, SelectStatement, SimpleExpr},
};

use super::{
    args::{arg, list, member, string},
    fetch::{self, Fetched},
    field::{Field, Kind, Shape},
    filter::{Compiler, search},
    plan::{MoneyPart, Out, Plan, View, What, fields, key_of},
    record::{Measure, MeasureKind, Meta},
    root::{access, failed},
    value, write,
};
use crate::{
    error::{Error, Result},
    store::{Access, Scoped},
};

const MOST_GROUPS: u64 = 1000;

struct Group {
    field: &'static Field,
    grain: Option<String>,
}

struct Asked {
    meta: &'static Meta,
    groups: Vec<Group>,
    filter: Option<ConstValue>,
    search: Option<String>,
    first: u64,
}

enum Figure {
    Type,
    Key(View),
    Count,
    Measure(usize),
    Share(usize, Vec<(Vec<u8>, &'static str)>),
    Integer(usize, Vec<(Vec<u8>, &'static str)>),
    /// Index of the sums, and their members.
    Money(usize, Vec<(Vec<u8>, MoneyFigure)>),
    /// Sums by currency, as plain money.
    Sum(usize, Vec<(Vec<u8>, MoneyPart)>),
}

enum MoneyFigure {
    Type,
    Currency,
    Count,
    Sum(Vec<(Vec<u8>, MoneyPart)>),
    Avg(Vec<(Vec<u8>, MoneyPart)>),
    Min(Vec<(Vec<u8>, MoneyPart)>),
    Max(Vec<(Vec<u8>, MoneyPart)>),
}

/// What the statements must compute.
#[derive(Default)]
struct Wanted {
    numbers: Vec<SimpleExpr>,
    moneys: Vec<(&'static str, &'static str, Option<fn() -> Condition>)>,
}

/// One currency's figures of one group, in minor units.
struct Sums {
    currency: String,
    count: i64,
    sum: i64,
    min: i64,
    max: i64,
}

type Key = Vec<Value>;

pub async fn run(ctx: &Context<'_>, meta: &'static Meta) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let asked = read(ctx, meta).map_err(|e| failed(ctx, e))?;
    let (mut wanted, mut keys) = (Wanted::default(), Plan::new(meta));
    let figures = figures(meta, &ctx.with_selection_set(&ctx.item.node.selection_set), &mut keys, &mut wanted)?;
    let done = compute(access, &asked, &keys, &wanted).await.map_err(|e| failed(ctx, e))?;
    let mut out = Vec::with_capacity(1024);
    write::list(&mut out, 0..done.rows.len(), |out, row| done.write(out, meta, &figures, &keys, row));
    Ok(write::raw(out))
}

fn read(ctx: &Context<'_>, meta: &'static Meta) -> Result<Asked> {
    let arg = |name| arg(ctx, name).map_err(|e| Error::BadInput(e.message));
    let mut groups = Vec::new();
    for wanted in arg("groupBy")?.iter().flat_map(|v| list(v)) {
        let name = member(wanted, "field").and_then(string).unwrap_or_default();
        let field = meta.fields.iter().find(|f| f.group && f.enum_name() == name);
        let field = field.ok_or_else(|| Error::BadInput(format!("{} cannot be grouped by {name}", meta.name)))?;
        groups.push(Group { field, grain: member(wanted, "grain").and_then(string) });
    }
    if groups.len() > 4 {
        return Err(Error::BadInput("groupBy takes at most 4 fields".into()));
    }
    let first = match arg("first")? {
        None => 100,
        Some(ConstValue::Number(n)) => n.as_u64().unwrap_or(0),
        Some(_) => 0,
    };
    if !(1..=MOST_GROUPS).contains(&first) {
        return Err(Error::BadInput(format!("first must be between 1 and {MOST_GROUPS}")));
    }
    Ok(Asked { meta, groups, filter: arg("filter")?, search: arg("search")?.and_then(|v| string(&v)), first })
}

fn figures(
    meta: &'static Meta,
    ctx: &ContextSelectionSet<'_>,
    keys: &mut Plan,
    wanted: &mut Wanted,
) -> ServerResult<Vec<(Vec<u8>, Figure)>> {
    let mut all = Vec::new();
    fields(ctx, &format!("{}Aggregate", meta.name), &mut |field| {
        let asked = &field.item.node;
        let selection = field.with_selection_set(&asked.selection_set);
        let figure = match asked.name.node.as_str() {
            "key" => Figure::Key(key_view(meta, &selection, keys)?),
            "count" => Figure::Count,
            "__typename" => Figure::Type,
            name => match meta.measures.iter().find(|m| m.name == name) {
                Some(measure) => measure_figure(measure, &selection, wanted)?,
                None => field_figure(meta, name, &selection, wanted)?,
            },
        };
        all.push((key_of(asked), figure));
        Ok(())
    })?;
    Ok(all)
}

fn measure_figure(measure: &Measure, ctx: &ContextSelectionSet<'_>, wanted: &mut Wanted) -> ServerResult<Figure> {
    Ok(match measure.kind {
        MeasureKind::Count => {
            wanted.numbers.push(count_if((measure.condition)()));
            Figure::Measure(wanted.numbers.len() - 1)
        }
        MeasureKind::Share(of) => {
            wanted.numbers.extend([count_if((measure.condition)()), count_if(of())]);
            Figure::Share(wanted.numbers.len() - 2, names(ctx, "Ratio", &["numerator", "denominator", "value"])?)
        }
        MeasureKind::Sum(amount, currency) => {
            wanted.moneys.push((amount, currency, Some(measure.condition)));
            Figure::Sum(wanted.moneys.len() - 1, super::plan::money(ctx)?)
        }
    })
}

fn field_figure(
    meta: &'static Meta,
    name: &str,
    ctx: &ContextSelectionSet<'_>,
    wanted: &mut Wanted,
) -> ServerResult<Figure> {
    match meta.field(name).map(|f| &f.shape) {
        Some(Shape::Money(amount, currency)) => {
            wanted.moneys.push((amount, currency, None));
            Ok(Figure::Money(wanted.moneys.len() - 1, money_figures(ctx)?))
        }
        Some(Shape::Column(column, Kind::Integer)) => {
            let column = || Expr::col((meta.table, *column));
            let sum = SimpleExpr::FunctionCall(Func::sum(column())).cast_as("bigint");
            wanted.numbers.extend([
                sum,
                Func::count(column()).into(),
                Func::min(column()).into(),
                Func::max(column()).into(),
            ]);
            Ok(Figure::Integer(wanted.numbers.len() - 4, names(ctx, "IntAggregate", &["sum", "avg", "min", "max"])?))
        }
        _ => Ok(Figure::Type),
    }
}

fn count_if(condition: Condition) -> SimpleExpr {
    Func::count(CaseStatement::new().case(condition, 1)).into()
}

fn names(
    ctx: &ContextSelectionSet<'_>,
    ty: &str,
    known: &[&'static str],
) -> ServerResult<Vec<(Vec<u8>, &'static str)>> {
    let mut all = Vec::new();
    fields(ctx, ty, &mut |field| {
        let asked = &field.item.node;
        let name = known.iter().find(|n| **n == asked.name.node.as_str());
        all.push((key_of(asked), name.copied().unwrap_or("__typename")));
        Ok(())
    })?;
    Ok(all)
}

fn money_figures(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, MoneyFigure)>> {
    let mut all = Vec::new();
    fields(ctx, "MoneyAggregate", &mut |field| {
        let asked = &field.item.node;
        let parts = || super::plan::money(&field.with_selection_set(&asked.selection_set));
        let figure = match asked.name.node.as_str() {
            "currency" => MoneyFigure::Currency,
            "count" => MoneyFigure::Count,
            "sum" => MoneyFigure::Sum(parts()?),
            "avg" => MoneyFigure::Avg(parts()?),
            "min" => MoneyFigure::Min(parts()?),
            "max" => MoneyFigure::Max(parts()?),
            _ => MoneyFigure::Type,
        };
        all.push((key_of(asked), figure));
        Ok(())
    })?;
    Ok(all)
}

/// Reads the selection of a group's key; columns of related users have their own cells, named after the field.
fn key_view(meta: &'static Meta, ctx: &ContextSelectionSet<'_>, keys: &mut Plan) -> ServerResult<View> {
    let mut view = Vec::new();
    fields(ctx, &format!("{}GroupKey", meta.name), &mut |asked| {
        let name = asked.item.node.name.node.as_str();
        let key = key_of(&asked.item.node);
        let Some(field) = meta.fields.iter().find(|f| f.group && f.name == name) else {
            view.push(Out { key, what: What::Type("") });
            return Ok(());
        };
        let what = match field.shape {
            Shape::Column(_, kind) => What::Cell(keys.cell(&field.name, kind), kind),
            Shape::One(_, to) => {
                let at = keys.cell(&field.name, Kind::Id(to().table));
                let mut plan = Plan::new(to());
                let inner = plan.view(&asked.with_selection_set(&asked.item.node.selection_set))?;
                keys.ones.push(super::plan::One { key: at, plan, view: inner });
                What::One(keys.ones.len() - 1)
            }
            _ => What::Type(""),
        };
        view.push(Out { key, what });
        Ok(())
    })?;
    Ok(view)
}

struct Done {
    groups: Fetched,
    rows: Vec<(Key, i64, Vec<i64>)>,
    moneys: Vec<HashMap<String, Vec<Sums>>>,
}

async fn compute(access: &Access, asked: &Asked, keys: &Plan, wanted: &Wanted) -> Result<Done> {
    let exprs: Vec<(SimpleExpr, Kind)> = asked.groups.iter().map(|g| grouped(asked.meta, g, access)).collect();
    let base = || scoped(access, asked, &exprs);
    let query = base()?.shape(|q| {
        q.expr(Expr::cust("COUNT(*)"));
        q.exprs(wanted.numbers.iter().cloned());
        for (expr, _) in &exprs {
            q.order_by_expr_with_nulls(expr.clone(), Order::Asc, NullOrdering::Last);
        }
        q.limit(asked.first);
    });
    let kinds: Vec<Kind> = exprs.iter().map(|(_, kind)| *kind).collect();
    let mut rows = Vec::new();
    for row in query.rows().await? {
        let key = key(&row, &kinds)?;
        let number = |at: usize| {
            Ok::<_, Error>(
                row.try_get_by_index::<Option<i64>>(at)
                    .or_else(|_| row.try_get_by_index::<Option<i32>>(at).map(|n| n.map(i64::from)))?
                    .unwrap_or(0),
            )
        };
        let numbers = (0..wanted.numbers.len()).map(|i| number(kinds.len() + 1 + i)).collect::<Result<_>>()?;
        rows.push((key, row.try_get_by_index(kinds.len())?, numbers));
    }
    let mut moneys = Vec::new();
    for (amount, currency, condition) in &wanted.moneys {
        moneys.push(sums(base()?, asked.meta, amount, currency, *condition, &kinds).await?);
    }
    let groups = places(access, asked, keys, &rows).await?;
    Ok(Done { groups, rows, moneys })
}

fn scoped(access: &Access, asked: &Asked, exprs: &[(SimpleExpr, Kind)]) -> Result<Scoped> {
    let mut scoped = (asked.meta.scoped)(access);
    if let Some(filter) = &asked.filter {
        scoped = scoped.filter(Compiler::new(access).condition(asked.meta, filter)?);
    }
    if let Some(words) = &asked.search {
        scoped = scoped.filter(Condition::all().add(search(asked.meta, words, access.store().backend())?));
    }
    let mut joined: Vec<&str> = asked.groups.iter().filter_map(|g| g.field.via).collect();
    joined.sort_unstable();
    joined.dedup();
    Ok(scoped.shape(|q| {
        for key in joined {
            let on = Expr::col((via(key), "id")).eq(Expr::col((asked.meta.table, key)));
            q.join_as(JoinType::LeftJoin, "user", via(key), on);
        }
        for (expr, _) in exprs {
            q.expr(expr.clone()).add_group_by([expr.clone()]);
        }
    }))
}

fn via(key: &str) -> String {
    format!("via_{key}")
}

/// What a group goes by.
fn grouped(meta: &Meta, group: &Group, access: &Access) -> (SimpleExpr, Kind) {
    let (column, kind) = match group.field.shape {
        Shape::One(column, to) => (column, Kind::Id(to().table)),
        Shape::Column(column, kind) => (column, kind),
        _ => ("id", Kind::Id(meta.table)),
    };
    let table = group.field.via.map_or_else(|| meta.table.to_owned(), via);
    let expr = Expr::col((table.clone(), column));
    match kind {
        Kind::Time | Kind::Date => {
            let grain = group.grain.as_deref().unwrap_or("DAY");
            (period(&table, column, kind, grain, access.store().backend()), kind)
        }
        _ => (expr, kind),
    }
}

/// The first instant or day of the period, in UTC. The grain is one of a closed list: its text never comes from outside.
fn period(table: &str, column: &str, kind: Kind, grain: &str, backend: DbBackend) -> SimpleExpr {
    let column = format!("\"{table}\".\"{column}\"");
    if backend == DbBackend::Postgres {
        let unit = match grain {
            "WEEK" => "week",
            "MONTH" => "month",
            "QUARTER" => "quarter",
            "YEAR" => "year",
            _ => "day",
        };
        let cast = if matches!(kind, Kind::Date) { "::date" } else { "" };
        return Expr::cust(format!("date_trunc('{unit}', {column}){cast}"));
    }
    let day = match grain {
        "WEEK" => format!("date({column}, 'weekday 0', '-6 days')"),
        "MONTH" => format!("date({column}, 'start of month')"),
        "QUARTER" => format!(
            "date({column}, 'start of month', '-' || ((CAST(strftime('%m', {column}) AS INTEGER) - 1) % 3) || ' months')"
        ),
        "YEAR" => format!("date({column}, 'start of year')"),
        _ => format!("date({column})"),
    };
    let midnight = if matches!(kind, Kind::Date) { day } else { format!("{day} || 'T00:00:00+00:00'") };
    Expr::cust(midnight)
}

fn key(row: &QueryResult, kinds: &[Kind]) -> Result<Key> {
    Ok(kinds.iter().enumerate().map(|(at, kind)| value::cell(row, at, *kind)).collect::<Result<_, _>>()?)
}

/// A group's key as text, to find its sums by.
fn text(key: &Key) -> String {
    format!("{key:?}")
}

async fn sums(
    scoped: Scoped,
    meta: &Meta,
    amount: &'static str,
    currency: &'static str,
    condition: Option<fn() -> Condition>,
    kinds: &[Kind],
) -> Result<HashMap<String, Vec<Sums>>> {
    let amount_of = || Expr::col((meta.table, amount));
    let query = scoped.shape(|q: &mut SelectStatement| {
        q.column((meta.table, currency))
            .expr(Func::count(amount_of()))
            .expr(SimpleExpr::FunctionCall(Func::sum(amount_of())).cast_as("bigint"))
            .expr(Func::min(amount_of()))
            .expr(Func::max(amount_of()))
            .and_where(amount_of().is_not_null())
            .add_group_by([Expr::col((meta.table, currency))])
            .order_by((meta.table, currency), Order::Asc);
        if let Some(condition) = condition {
            q.cond_where(condition());
        }
    });
    let mut found: HashMap<String, Vec<Sums>> = HashMap::new();
    let at = kinds.len();
    for row in query.rows().await? {
        let sums = Sums {
            currency: row.try_get_by_index(at)?,
            count: row.try_get_by_index(at + 1)?,
            sum: row.try_get_by_index(at + 2)?,
            min: row.try_get_by_index(at + 3)?,
            max: row.try_get_by_index(at + 4)?,
        };
        found.entry(text(&key(&row, kinds)?)).or_default().push(sums);
    }
    Ok(found)
}

/// The groups as rows of the key's plan, with the records they lead to.
async fn places(access: &Access, asked: &Asked, keys: &Plan, rows: &[(Key, i64, Vec<i64>)]) -> Result<Fetched> {
    let cells = |key: &Key| {
        let cell = |(name, kind): &(&str, Kind)| {
            let at = asked.groups.iter().position(|g| g.field.name == *name);
            at.map_or_else(|| value::null(*kind), |at| key[at].clone())
        };
        keys.columns.iter().map(cell).collect()
    };
    fetch::relations(access, keys, rows.iter().map(|(key, ..)| cells(key)).collect()).await
}

impl Done {
    fn write(&self, out: &mut Vec<u8>, meta: &Meta, figures: &[(Vec<u8>, Figure)], keys: &Plan, row: usize) {
        let (key, count, numbers) = &self.rows[row];
        out.push(b'{');
        for (i, (name, figure)) in figures.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(name);
            match figure {
                Figure::Type => value::quote(out, &format!("{}Aggregate", meta.name)),
                Figure::Key(view) => write::object(out, view, keys, &self.groups, row),
                Figure::Count => put(out, Some(*count)),
                Figure::Measure(at) => put(out, Some(numbers[*at])),
                Figure::Share(at, parts) => share(out, numbers[*at], numbers[at + 1], parts),
                Figure::Integer(at, parts) => integers(out, &numbers[*at..at + 4], parts),
                Figure::Money(at, parts) => {
                    let sums = self.moneys[*at].get(&text(key)).map_or(&[][..], Vec::as_slice);
                    write::list(out, 0..sums.len(), |out, at| money(out, &sums[at], parts));
                }
                Figure::Sum(at, parts) => {
                    let sums = self.moneys[*at].get(&text(key)).map_or(&[][..], Vec::as_slice);
                    write::list(out, 0..sums.len(), |out, at| {
                        write::money_of(out, sums[at].sum, &sums[at].currency, parts)
                    });
                }
            }
        }
        out.push(b'}');
    }
}

fn put(out: &mut Vec<u8>, n: Option<i64>) {
    out.extend_from_slice(n.map_or_else(|| "null".to_owned(), |n| n.to_string()).as_bytes());
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown, never reckoned with; its parts are exact beside it")]
fn quotient(a: i64, b: i64) -> String {
    if b == 0 { "null".to_owned() } else { serde_json::json!(a as f64 / b as f64).to_string() }
}

fn share(out: &mut Vec<u8>, numerator: i64, denominator: i64, parts: &[(Vec<u8>, &str)]) {
    members(out, parts, "Ratio", |name| match name {
        "numerator" => numerator.to_string(),
        "denominator" => denominator.to_string(),
        _ => quotient(numerator, denominator),
    });
}

/// Sum, count, least, greatest.
fn integers(out: &mut Vec<u8>, n: &[i64], parts: &[(Vec<u8>, &str)]) {
    let none = n[1] == 0;
    members(out, parts, "IntAggregate", |name| match name {
        "sum" => n[0].to_string(),
        "avg" => quotient(n[0], n[1]),
        _ if none => "null".to_owned(),
        "min" => n[2].to_string(),
        _ => n[3].to_string(),
    });
}

fn members(out: &mut Vec<u8>, parts: &[(Vec<u8>, &str)], ty: &str, value: impl Fn(&str) -> String) {
    out.push(b'{');
    for (i, (key, name)) in parts.iter().enumerate() {
        write::comma(out, i);
        out.extend_from_slice(key);
        let text = if *name == "__typename" { format!("\"{ty}\"") } else { value(name) };
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'}');
}

fn money(out: &mut Vec<u8>, sums: &Sums, parts: &[(Vec<u8>, MoneyFigure)]) {
    let mean = || {
        i64::try_from(divide_half_even(i128::from(sums.sum), i128::from(Ord::max(sums.count, 1)))).unwrap_or(i64::MAX)
    };
    out.push(b'{');
    for (i, (key, figure)) in parts.iter().enumerate() {
        write::comma(out, i);
        out.extend_from_slice(key);
        match figure {
            MoneyFigure::Type => value::quote(out, "MoneyAggregate"),
            MoneyFigure::Currency => value::quote(out, &sums.currency),
            MoneyFigure::Count => put(out, Some(sums.count)),
            MoneyFigure::Sum(parts) => write::money_of(out, sums.sum, &sums.currency, parts),
            MoneyFigure::Avg(parts) => write::money_of(out, mean(), &sums.currency, parts),
            MoneyFigure::Min(parts) => write::money_of(out, sums.min, &sums.currency, parts),
            MoneyFigure::Max(parts) => write::money_of(out, sums.max, &sums.currency, parts),
        }
    }
    out.push(b'}');
}

//! Reads what a selection asks of an aggregate: which figures, and what the statements must compute for them.

use async_graphql::{ContextSelectionSet, ServerResult};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{CaseStatement, Expr, Func, SimpleExpr},
};

use crate::graph::{
    field::{Kind, Shape},
    plan::{MoneyPart, One, Out, Plan, View, What, fields, key_of, money, named, ratio},
    record::{Measure, MeasureKind, Meta},
};

pub(super) enum Figure {
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

pub(super) enum MoneyFigure {
    Type,
    Currency,
    Count,
    Sum(Vec<(Vec<u8>, MoneyPart)>),
    Avg(Vec<(Vec<u8>, MoneyPart)>),
    Min(Vec<(Vec<u8>, MoneyPart)>),
    Max(Vec<(Vec<u8>, MoneyPart)>),
}

/// Columns of amount and currency, and the rows that count.
pub(super) type Summed = (&'static str, &'static str, Option<fn() -> Condition>);

/// What the statements must compute.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) numbers: Vec<SimpleExpr>,
    pub(super) moneys: Vec<Summed>,
}

pub(super) fn figures(
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

pub(super) fn measure_figure(
    measure: &Measure,
    ctx: &ContextSelectionSet<'_>,
    wanted: &mut Wanted,
) -> ServerResult<Figure> {
    Ok(match measure.kind {
        MeasureKind::Count => {
            wanted.numbers.push(count_if((measure.condition)()));
            Figure::Measure(wanted.numbers.len() - 1)
        }
        MeasureKind::Share(of) => {
            wanted.numbers.extend([count_if((measure.condition)()), count_if(of())]);
            Figure::Share(wanted.numbers.len() - 2, ratio(ctx)?)
        }
        MeasureKind::Sum(amount, currency) => {
            wanted.moneys.push((amount, currency, Some(measure.condition)));
            Figure::Sum(wanted.moneys.len() - 1, money(ctx)?)
        }
    })
}

pub(super) fn field_figure(
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
            Ok(Figure::Integer(wanted.numbers.len() - 4, named(ctx, "IntAggregate", &["sum", "avg", "min", "max"])?))
        }
        _ => Ok(Figure::Type),
    }
}

pub(super) fn count_if(condition: Condition) -> SimpleExpr {
    Func::count(CaseStatement::new().case(condition, 1)).into()
}

pub(super) fn money_figures(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, MoneyFigure)>> {
    let mut all = Vec::new();
    fields(ctx, "MoneyAggregate", &mut |field| {
        let asked = &field.item.node;
        let parts = || money(&field.with_selection_set(&asked.selection_set));
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
pub(super) fn key_view(meta: &'static Meta, ctx: &ContextSelectionSet<'_>, keys: &mut Plan) -> ServerResult<View> {
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
                keys.ones.push(One { key: at, plan, view: inner });
                What::One(keys.ones.len() - 1)
            }
            _ => What::Type(""),
        };
        view.push(Out { key, what });
        Ok(())
    })?;
    Ok(view)
}

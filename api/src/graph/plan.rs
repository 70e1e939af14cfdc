//! Reads a selection once and says what to fetch: which columns, which related records, which pages of children.
//! The same plan then tells the writer in what order and under which keys to put them.

use std::collections::HashMap;

use async_graphql::{
    Context, ContextSelectionSet, ServerResult,
    parser::types::{Field as Asked, Selection},
};

use super::{
    args::ListArgs,
    connection::Page,
    field::{Kind, Only, Reckoned, Shape},
    form::Pick,
    item::Item,
    record::Meta,
    through::Through,
};
use crate::actor::Permission;

/// What to fetch of one record type at one place of an operation.
pub struct Plan {
    pub meta: &'static Meta,
    /// Columns in the order of the cells; the first is the id.
    pub columns: Vec<(&'static str, Kind)>,
    /// Those of them that are a related record's: what the list is ordered by.
    pub through: Vec<Through>,
    /// Those of them that the table does not hold.
    pub reckoned: Vec<Reckoned>,
    /// Permissions whose reach is asked of each row, as further cells after the columns.
    pub cans: Vec<Option<Permission>>,
    pub ones: Vec<One>,
    pub manies: Vec<Many>,
}

/// A record whose id lies in the cell `key`.
pub struct One {
    pub key: usize,
    pub plan: Plan,
    pub view: View,
}

/// A page of records whose column `key` holds the id.
pub struct Many {
    pub key: &'static str,
    pub only: Only,
    pub page: Page,
}

/// The answer's members in the order they were asked for.
pub type View = Vec<Out>;

pub struct Out {
    /// The response key as JSON, colon included.
    pub key: Vec<u8>,
    pub what: What,
}

pub enum What {
    Type(&'static str),
    Cell(usize, Kind),
    Form(usize, Pick),
    /// Cells of amount and currency.
    Money(usize, usize, Vec<(Vec<u8>, MoneyPart)>),
    /// Cells of table and UUID.
    Any(usize, usize),
    /// Cells of numerator and denominator.
    Ratio(usize, usize, Vec<(Vec<u8>, &'static str)>),
    One(usize),
    Many(usize),
    /// Positions in `cans`.
    Can(Vec<(Vec<u8>, CanPart)>),
}

pub enum MoneyPart {
    Type,
    Amount,
    Currency,
}

pub enum CanPart {
    Type,
    May(usize),
}

/// The response key of a field, as a JSON member's name.
pub fn key_of(asked: &Asked) -> Vec<u8> {
    let mut key = Vec::new();
    super::value::quote(&mut key, asked.response_key().node.as_str());
    key.push(b':');
    key
}

/// Calls `each` for every field of a selection that applies to the type.
pub fn fields(
    ctx: &ContextSelectionSet<'_>,
    type_name: &str,
    each: &mut dyn FnMut(&Context<'_>) -> ServerResult<()>,
) -> ServerResult<()> {
    for selection in &ctx.item.node.items {
        match &selection.node {
            Selection::Field(field) => each(&ctx.with_field(field))?,
            Selection::InlineFragment(fragment) => {
                let types = &ctx.schema_env.registry.types;
                let condition = fragment.node.type_condition.as_ref().map(|c| c.node.on.node.as_str());
                if condition.is_none_or(|on| types.get(on).is_some_and(|on| on.is_possible_type(type_name))) {
                    fields(&ctx.with_selection_set(&fragment.node.selection_set), type_name, each)?;
                }
            }
            // the front door has put named fragments in their places
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

impl Plan {
    pub fn new(meta: &'static Meta) -> Self {
        let columns = vec![("id", Kind::Id(meta.table))];
        Self { meta, columns, through: vec![], reckoned: vec![], cans: vec![], ones: vec![], manies: vec![] }
    }

    /// Adds what a selection needs, and says how to write it.
    pub fn view(&mut self, ctx: &ContextSelectionSet<'_>) -> ServerResult<View> {
        let mut view = Vec::new();
        fields(ctx, self.meta.name, &mut |field| {
            view.push(self.out(field)?);
            Ok(())
        })?;
        Ok(view)
    }

    fn out(&mut self, ctx: &Context<'_>) -> ServerResult<Out> {
        let asked = &ctx.item.node;
        let key = key_of(asked);
        let name = asked.name.node.as_str();
        if name == "__typename" {
            return Ok(Out { key, what: What::Type(self.meta.name) });
        }
        let Some(field) = self.meta.field(name) else { return Ok(Out { key, what: What::Type(self.meta.name) }) };
        let selection = ctx.with_selection_set(&asked.selection_set);
        let what = match field.shape {
            Shape::Column(column, kind @ (Kind::Form(form) | Kind::List(Item::Form(form)))) => {
                What::Form(self.cell(column, kind), form.plan(&selection)?)
            }
            Shape::Column(column, kind) => What::Cell(self.cell(column, kind), kind),
            Shape::Money(amount, currency) => {
                let cells = (self.cell(amount, Kind::Amount), self.cell(currency, Kind::Currency));
                What::Money(cells.0, cells.1, money(&selection)?)
            }
            Shape::Any(table, id) => What::Any(self.cell(table, Kind::Text), self.cell(id, Kind::Id(""))),
            Shape::One(column, to) => {
                let key = self.cell(column, Kind::Id(to().table));
                self.one(key, to(), &selection)?
            }
            Shape::Found(of, to) => {
                let key = self.reckon(of, Kind::Id(to().table));
                self.one(key, to(), &selection)?
            }
            Shape::Many(column, to) => {
                let page = Page::plan(to(), ListArgs::read(ctx)?, &selection)?;
                self.manies.push(Many { key: column, only: field.only, page });
                What::Many(self.manies.len() - 1)
            }
            Shape::Reckoned(of, kind @ Kind::Form(form)) => What::Form(self.reckon(of, kind), form.plan(&selection)?),
            Shape::Reckoned(of, kind) => What::Cell(self.reckon(of, kind), kind),
            Shape::Ratio(numerator, denominator) => {
                let cells = (self.reckon(numerator, Kind::Integer), self.reckon(denominator, Kind::Integer));
                What::Ratio(cells.0, cells.1, ratio(&selection)?)
            }
            Shape::Can => What::Can(self.can(&selection)?),
        };
        Ok(Out { key, what })
    }

    fn one(&mut self, key: usize, to: &'static Meta, selection: &ContextSelectionSet<'_>) -> ServerResult<What> {
        let mut plan = Self::new(to);
        let view = plan.view(selection)?;
        self.ones.push(One { key, plan, view });
        Ok(What::One(self.ones.len() - 1))
    }

    /// The position of a column among the cells.
    pub fn cell(&mut self, column: &'static str, kind: Kind) -> usize {
        let at = self.columns.iter().position(|(name, _)| *name == column);
        at.unwrap_or_else(|| {
            self.columns.push((column, kind));
            self.columns.len() - 1
        })
    }

    /// The position of a cell that the table does not hold.
    fn reckon(&mut self, of: Reckoned, kind: Kind) -> usize {
        if !self.reckoned.iter().any(|known| known.name == of.name) {
            self.reckoned.push(of);
        }
        self.cell(of.name, kind)
    }

    fn can(&mut self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, CanPart)>> {
        let rules = self.meta.rules;
        let verbs = HashMap::from([("update", rules.update), ("delete", rules.delete), ("assign", rules.assign)]);
        let mut parts = Vec::new();
        fields(ctx, "RecordAccess", &mut |field| {
            let name = field.item.node.name.node.as_str();
            let part = match verbs.get(name) {
                None => CanPart::Type,
                Some(permission) => {
                    let at = self.cans.iter().position(|p| p == permission);
                    CanPart::May(at.unwrap_or_else(|| {
                        self.cans.push(*permission);
                        self.cans.len() - 1
                    }))
                }
            };
            parts.push((key_of(&field.item.node), part));
            Ok(())
        })?;
        Ok(parts)
    }
}

/// The members asked of a share.
pub fn ratio(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, &'static str)>> {
    named(ctx, "Ratio", &["numerator", "denominator", "value"])
}

/// The members asked of an object of plain values, each by its name among those known.
pub fn named(
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

pub fn money(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, MoneyPart)>> {
    let mut parts = Vec::new();
    fields(ctx, "Money", &mut |field| {
        let part = match field.item.node.name.node.as_str() {
            "amount" => MoneyPart::Amount,
            "currency" => MoneyPart::Currency,
            _ => MoneyPart::Type,
        };
        parts.push((key_of(&field.item.node), part));
        Ok(())
    })?;
    Ok(parts)
}

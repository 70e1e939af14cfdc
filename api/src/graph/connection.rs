//! A page of records, as Relay's connections want it: what was asked of it, and how it is written.

use async_graphql::{ContextSelectionSet, ServerResult};

use super::{
    args::ListArgs,
    fetch::{Fetched, Span},
    order::Ordering,
    plan::{Plan, View, fields, key_of},
    record::Meta,
    value, write,
};
use crate::store::Access;

/// A list to fetch: its arguments, its order, the plan of its records, and the shape of the answer.
pub struct Page {
    pub args: ListArgs,
    pub ordering: Ordering,
    pub plan: Plan,
    /// Cells of the order's keys, for cursors.
    pub keys: Vec<usize>,
    parts: Vec<(Vec<u8>, Part)>,
    pub total: bool,
}

enum Part {
    Type(String),
    Nodes(View),
    Edges(Vec<(Vec<u8>, EdgePart)>),
    Info(Vec<(Vec<u8>, InfoPart)>),
    Total,
}

enum EdgePart {
    Type(String),
    Cursor,
    Node(View),
}

enum InfoPart {
    Type,
    HasNext,
    HasPrevious,
    Start,
    End,
}

impl Page {
    pub fn plan(meta: &'static Meta, args: ListArgs, ctx: &ContextSelectionSet<'_>) -> ServerResult<Self> {
        let ordering = Ordering::read(meta, &args, ctx.data_opt::<Access>())
            .map_err(|e| ctx.set_error_path(async_graphql::Error::from(e).into_server_error(ctx.item.pos)))?;
        let mut plan = Plan::new(meta);
        let keys = ordering.keys.iter().map(|k| plan.cell(k.column, k.kind)).collect();
        plan.through = ordering.keys.iter().filter_map(|k| k.through).collect();
        let mut page = Self { args, ordering, plan, keys, parts: vec![], total: false };
        let name = format!("{}Connection", meta.name);
        let mut parts = Vec::new();
        fields(ctx, &name, &mut |field| {
            let asked = &field.item.node;
            let selection = field.with_selection_set(&asked.selection_set);
            let part = match asked.name.node.as_str() {
                "nodes" => Part::Nodes(page.plan.view(&selection)?),
                "edges" => Part::Edges(page.edges(&selection)?),
                "pageInfo" => Part::Info(info(&selection)?),
                "totalCount" => {
                    page.total = true;
                    Part::Total
                }
                _ => Part::Type(name.clone()),
            };
            parts.push((key_of(asked), part));
            Ok(())
        })?;
        page.parts = parts;
        Ok(page)
    }

    fn edges(&mut self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, EdgePart)>> {
        let name = format!("{}Edge", self.plan.meta.name);
        let mut parts = Vec::new();
        fields(ctx, &name, &mut |field| {
            let asked = &field.item.node;
            let part = match asked.name.node.as_str() {
                "cursor" => EdgePart::Cursor,
                "node" => EdgePart::Node(self.plan.view(&field.with_selection_set(&asked.selection_set))?),
                _ => EdgePart::Type(name.clone()),
            };
            parts.push((key_of(asked), part));
            Ok(())
        })?;
        Ok(parts)
    }

    /// Writes the rows of `span` as this connection.
    pub fn write(&self, out: &mut Vec<u8>, fetched: &Fetched, span: &Span) {
        out.push(b'{');
        for (i, (key, part)) in self.parts.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(key);
            match part {
                Part::Type(name) => value::quote(out, name),
                Part::Nodes(view) => write::list(out, span.rows.clone(), |out, row| {
                    write::object(out, view, &self.plan, fetched, row);
                }),
                Part::Edges(parts) => write::list(out, span.rows.clone(), |out, row| {
                    self.edge(out, parts, fetched, row);
                }),
                Part::Info(parts) => self.info(out, parts, fetched, span),
                Part::Total => out.extend_from_slice(span.total.to_string().as_bytes()),
            }
        }
        out.push(b'}');
    }

    fn edge(&self, out: &mut Vec<u8>, parts: &[(Vec<u8>, EdgePart)], fetched: &Fetched, row: usize) {
        out.push(b'{');
        for (i, (key, part)) in parts.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(key);
            match part {
                EdgePart::Type(name) => value::quote(out, name),
                EdgePart::Cursor => value::quote(out, &self.cursor(fetched, row)),
                EdgePart::Node(view) => write::object(out, view, &self.plan, fetched, row),
            }
        }
        out.push(b'}');
    }

    fn info(&self, out: &mut Vec<u8>, parts: &[(Vec<u8>, InfoPart)], fetched: &Fetched, span: &Span) {
        let cursor = |row: Option<usize>| {
            row.map_or_else(
                || b"null".to_vec(),
                |row| {
                    let mut text = Vec::new();
                    value::quote(&mut text, &self.cursor(fetched, row));
                    text
                },
            )
        };
        let flag = |yes: bool| if yes { b"true".to_vec() } else { b"false".to_vec() };
        out.push(b'{');
        for (i, (key, part)) in parts.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(key);
            out.extend_from_slice(&match part {
                InfoPart::Type => b"\"PageInfo\"".to_vec(),
                InfoPart::HasNext => flag(span.has_next),
                InfoPart::HasPrevious => flag(span.has_previous),
                InfoPart::Start => cursor(span.rows.clone().next()),
                InfoPart::End => cursor(span.rows.clone().next_back()),
            });
        }
        out.push(b'}');
    }

    fn cursor(&self, fetched: &Fetched, row: usize) -> String {
        self.ordering.cursor(self.keys.iter().map(|at| &fetched.rows[row][*at]))
    }
}

fn info(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, InfoPart)>> {
    let mut parts = Vec::new();
    fields(ctx, "PageInfo", &mut |field| {
        let asked = &field.item.node;
        let part = match asked.name.node.as_str() {
            "hasNextPage" => InfoPart::HasNext,
            "hasPreviousPage" => InfoPart::HasPrevious,
            "startCursor" => InfoPart::Start,
            "endCursor" => InfoPart::End,
            _ => InfoPart::Type,
        };
        parts.push((key_of(asked), part));
        Ok(())
    })?;
    Ok(parts)
}

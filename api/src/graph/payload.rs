//! What mutations answer: the record as it now is, or what was wrong with the input. One payload type per record.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value as ConstValue,
    parser::types::Field as Asked, registry::Registry,
};
use entity::word::Word;
use uuid::Uuid;

use super::{
    args::{member, string},
    fetch::{self, Fetched},
    plan::{Plan, View, fields, key_of},
    record::{Meta, Record},
    upsert::{Outcome, Status},
    value, write,
};
use crate::{
    error::{Error, Fault, Result},
    store::Access,
};

/// The answer of a mutation on one record. It never fails as a whole: a refusal is in `userErrors`, anything else
/// is null with a top-level error.
pub struct Payload<E>(Result<Uuid>, PhantomData<fn() -> E>);

impl<E> From<Result<Uuid>> for Payload<E> {
    fn from(done: Result<Uuid>) -> Self {
        Self(done, PhantomData)
    }
}

/// A record in a derived object or resolver, by its id; null when the caller may not see it.
pub struct Node<E>(pub Option<Uuid>, PhantomData<fn() -> E>);

impl<E> From<Option<Uuid>> for Node<E> {
    fn from(id: Option<Uuid>) -> Self {
        Self(id, PhantomData)
    }
}

/// Records in a derived object or resolver, by their ids, in one statement; those the caller may not see are left out.
pub struct Nodes<E>(pub Vec<Uuid>, PhantomData<fn() -> E>);

impl<E> From<Vec<Uuid>> for Nodes<E> {
    fn from(ids: Vec<Uuid>) -> Self {
        Self(ids, PhantomData)
    }
}

impl<E: Record> OutputType for Nodes<E> {
    fn type_name() -> Cow<'static, str> {
        format!("[{}!]", E::meta().name).into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        format!("{}!", Self::type_name())
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let Some(access) = ctx.data_opt::<Access>() else { return Ok(ConstValue::List(vec![])) };
        let (plan, view) = plan(E::meta(), ctx)?;
        let fetched = fetch::by_ids(access, &plan, &self.0).await.map_err(|e| wrong(ctx, e))?;
        let each = |row| {
            let mut out = Vec::new();
            write::object(&mut out, &view, &plan, &fetched, row);
            write::raw(out)
        };
        let row = |id: &Uuid| (0..fetched.rows.len()).find(|row| fetched.id(*row) == Some(*id));
        Ok(ConstValue::List(self.0.iter().filter_map(row).map(each).collect()))
    }
}

impl<E: Record> OutputType for Payload<E> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Payload", E::meta().name).into()
    }

    fn qualified_type_name() -> String {
        Self::type_name().into_owned()
    }

    fn create_type_info(_: &mut Registry) -> String {
        Self::type_name().into_owned()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let Some(access) = ctx.data_opt::<Access>() else {
            ctx.add_error(wrong(ctx, Error::Unauthenticated));
            return Ok(ConstValue::Null);
        };
        let answer = answer_in(access, E::meta(), self.0.clone(), ctx).await;
        Ok(answer.unwrap_or_else(|error| {
            ctx.add_error(error);
            ConstValue::Null
        }))
    }
}

impl<E: Record> OutputType for Node<E> {
    fn type_name() -> Cow<'static, str> {
        E::meta().name.into()
    }

    fn qualified_type_name() -> String {
        Self::type_name().into_owned()
    }

    fn create_type_info(_: &mut Registry) -> String {
        Self::type_name().into_owned()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let (Some(id), Some(access)) = (self.0, ctx.data_opt::<Access>()) else { return Ok(ConstValue::Null) };
        let mut out = Vec::new();
        let (plan, view) = plan(E::meta(), ctx)?;
        let fetched = fetch::by_ids(access, &plan, &[id]).await.map_err(|e| wrong(ctx, e))?;
        record(&mut out, &plan, &view, &fetched, Some(id));
        Ok(write::raw(out))
    }
}

fn wrong(ctx: &ContextSelectionSet<'_>, error: Error) -> ServerError {
    ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
}

fn plan(meta: &'static Meta, ctx: &ContextSelectionSet<'_>) -> ServerResult<(Plan, View)> {
    let mut plan = Plan::new(meta);
    let view = plan.view(ctx)?;
    Ok((plan, view))
}

/// Writes a payload: what was done, or the faults.
pub async fn answer(
    _ctx: &Context<'_>,
    access: &Access,
    meta: &'static Meta,
    done: Result<Uuid>,
    selection: &ContextSelectionSet<'_>,
) -> ServerResult<ConstValue> {
    answer_in(access, meta, done, selection).await
}

async fn answer_in(
    access: &Access,
    meta: &'static Meta,
    done: Result<Uuid>,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<ConstValue> {
    let (id, faults) = match done {
        Ok(id) => (Some(id), vec![]),
        Err(Error::Replayed(ids)) => (replayed(&ids), vec![]),
        Err(Error::Refused(faults)) => (None, faults.into_iter().map(|f| f.under("input")).collect()),
        Err(error) => return Err(wrong(ctx, error)),
    };
    let mut out = Vec::from(*b"{");
    let mut members: Vec<Member> = Vec::new();
    let (lower, name) = (meta.lower(), format!("{}Payload", meta.name));
    fields(ctx, &name, &mut |field| {
        let asked = &field.item.node;
        let selection = field.with_selection_set(&asked.selection_set);
        let what = match asked.name.node.as_str() {
            "userErrors" => Part::Faults(fault_keys(&selection)?),
            n if n == lower => {
                let (plan, view) = plan(meta, &selection)?;
                Part::Record(plan, view)
            }
            _ => Part::Type,
        };
        members.push((key_of(asked), what));
        Ok(())
    })?;
    for (i, (key, part)) in members.iter().enumerate() {
        write::comma(&mut out, i);
        out.extend_from_slice(key);
        match part {
            Part::Type => value::quote(&mut out, &name),
            Part::Faults(keys) => put_faults(&mut out, keys, &faults),
            Part::Record(plan, view) => {
                let ids: Vec<Uuid> = id.into_iter().collect();
                let fetched = fetch::by_ids(access, plan, &ids).await.map_err(|e| wrong(ctx, e))?;
                record(&mut out, plan, view, &fetched, id);
            }
        }
    }
    out.push(b'}');
    Ok(write::raw(out))
}

type Member = (Vec<u8>, Part);

enum Part {
    Type,
    Record(Plan, View),
    Faults(Vec<(Vec<u8>, FaultPart)>),
}

/// The id that an idempotency key's first answer was about.
fn replayed(ids: &serde_json::Value) -> Option<Uuid> {
    ids.get("id")?.as_str()?.parse().ok()
}

fn record(out: &mut Vec<u8>, plan: &Plan, view: &View, fetched: &Fetched, id: Option<Uuid>) {
    match (0..fetched.rows.len()).find(|row| id.is_some() && fetched.id(*row) == id) {
        Some(row) => write::object(out, view, plan, fetched, row),
        None => out.extend_from_slice(b"null"),
    }
}

enum FaultPart {
    Type,
    Code,
    Message,
    Field,
}

fn fault_keys(ctx: &ContextSelectionSet<'_>) -> ServerResult<Vec<(Vec<u8>, FaultPart)>> {
    let mut keys = Vec::new();
    fields(ctx, "UserError", &mut |field| {
        let asked = &field.item.node;
        let part = match asked.name.node.as_str() {
            "code" => FaultPart::Code,
            "message" => FaultPart::Message,
            "field" => FaultPart::Field,
            _ => FaultPart::Type,
        };
        keys.push((key_of(asked), part));
        Ok(())
    })?;
    Ok(keys)
}

fn put_faults(out: &mut Vec<u8>, keys: &[(Vec<u8>, FaultPart)], faults: &[Fault]) {
    write::list(out, 0..faults.len(), |out, at| {
        let fault = &faults[at];
        out.push(b'{');
        for (i, (key, part)) in keys.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(key);
            match part {
                FaultPart::Type => value::quote(out, "UserError"),
                FaultPart::Code => value::quote(out, fault.code.word()),
                FaultPart::Message => value::quote(out, &fault.message),
                FaultPart::Field => {
                    write::list(out, 0..fault.field.len(), |out, at| value::quote(out, &fault.field[at]));
                }
            }
        }
        out.push(b'}');
    });
}

type RowParts = Vec<(Vec<u8>, RowPart)>;

enum RowPart {
    Type,
    Index,
    ClientId,
    Status,
    Record(usize),
    Faults(Vec<(Vec<u8>, FaultPart)>),
}

/// Writes the outcome of a bulk call, row by row in the order of the input; all records in one statement per level.
pub async fn bulk(
    ctx: &Context<'_>,
    access: &Access,
    meta: &'static Meta,
    rows: &[ConstValue],
    outcomes: &[Outcome],
) -> ServerResult<ConstValue> {
    let name = format!("{}UpsertPayload", meta.name);
    let mut members: Vec<(Vec<u8>, Option<RowParts>)> = Vec::new();
    let mut plan = Plan::new(meta);
    let mut views = Vec::new();
    fields(&ctx.with_selection_set(&ctx.item.node.selection_set), &name, &mut |field| {
        let asked = &field.item.node;
        let parts = if asked.name.node == "results" {
            Some(row_parts(meta, &field.with_selection_set(&asked.selection_set), &mut plan, &mut views)?)
        } else {
            None
        };
        members.push((key_of(asked), parts));
        Ok(())
    })?;
    let ids: Vec<Uuid> = if views.is_empty() { vec![] } else { outcomes.iter().filter_map(|o| o.id).collect() };
    let fetched = fetch::by_ids(access, &plan, &ids).await.map_err(|e| super::root::failed(ctx, e))?;
    let mut out = Vec::from(*b"{");
    for (i, (key, parts)) in members.iter().enumerate() {
        write::comma(&mut out, i);
        out.extend_from_slice(key);
        match parts {
            None => value::quote(&mut out, &name),
            Some(parts) => write::list(&mut out, 0..outcomes.len(), |out, at| {
                let record_of =
                    |out: &mut Vec<u8>, view: usize| record(out, &plan, &views[view], &fetched, outcomes[at].id);
                result(out, meta, parts, at, &rows[at], &outcomes[at], &record_of);
            }),
        }
    }
    out.push(b'}');
    Ok(write::raw(out))
}

fn row_parts(
    meta: &'static Meta,
    ctx: &ContextSelectionSet<'_>,
    plan: &mut Plan,
    views: &mut Vec<View>,
) -> ServerResult<RowParts> {
    let (lower, name) = (meta.lower(), format!("{}UpsertResult", meta.name));
    let mut parts = Vec::new();
    fields(ctx, &name, &mut |field| {
        let asked = &field.item.node;
        let selection = field.with_selection_set(&asked.selection_set);
        let part = match asked.name.node.as_str() {
            "index" => RowPart::Index,
            "clientRowId" => RowPart::ClientId,
            "status" => RowPart::Status,
            "userErrors" => RowPart::Faults(fault_keys(&selection)?),
            n if n == lower => {
                views.push(plan.view(&selection)?);
                RowPart::Record(views.len() - 1)
            }
            _ => RowPart::Type,
        };
        parts.push((key_of(asked), part));
        Ok(())
    })?;
    Ok(parts)
}

fn result(
    out: &mut Vec<u8>,
    meta: &Meta,
    parts: &[(Vec<u8>, RowPart)],
    at: usize,
    row: &ConstValue,
    outcome: &Outcome,
    record_of: &dyn Fn(&mut Vec<u8>, usize),
) {
    out.push(b'{');
    for (i, (key, part)) in parts.iter().enumerate() {
        write::comma(out, i);
        out.extend_from_slice(key);
        match part {
            RowPart::Type => value::quote(out, &format!("{}UpsertResult", meta.name)),
            RowPart::Index => out.extend_from_slice(at.to_string().as_bytes()),
            RowPart::ClientId => match member(row, "clientRowId").and_then(string) {
                Some(id) => value::quote(out, &id),
                None => out.extend_from_slice(b"null"),
            },
            RowPart::Status => value::quote(out, status(outcome.status)),
            RowPart::Record(view) => record_of(out, *view),
            RowPart::Faults(keys) => {
                let under = |f: &Fault| f.clone().under(at.to_string()).under("rows").under("input");
                put_faults(out, keys, &outcome.faults.iter().map(under).collect::<Vec<_>>());
            }
        }
    }
    out.push(b'}');
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Created => "CREATED",
        Status::Updated => "UPDATED",
        Status::Unchanged => "UNCHANGED",
        Status::Skipped => "SKIPPED",
        Status::Failed => "FAILED",
    }
}

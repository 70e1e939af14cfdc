//! Records by a key: `lead(by: …)`, `node`, `nodes`. The id of a record that was merged into another leads to that one.

use std::collections::HashMap;

use async_graphql::{Context, ContextSelectionSet, ServerResult, Value as ConstValue};
use indexmap::IndexMap;
use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    args::{arg, list, member, members, string},
    fetch,
    plan::Plan,
    record::Meta,
    root::{access, catalog, failed},
    value, veil, write,
};
use crate::{
    error::{Error, Result},
    store::Access,
};

pub(super) async fn one(ctx: &Context<'_>, meta: &'static Meta) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let by = arg(ctx, "by")?.unwrap_or_default();
    let condition = by_key(meta, access, &by).map_err(|e| failed(ctx, e))?;
    let mut plan = Plan::new(meta);
    let view = plan.view(&ctx.with_selection_set(&ctx.item.node.selection_set))?;
    let fetched = fetch::matching(access, &plan, condition, 1).await.map_err(|e| failed(ctx, e))?;
    if fetched.rows.is_empty()
        && let Some(id) = member(&by, "id").and_then(string).and_then(|id| value::id(meta.table, &id))
    {
        return Ok(written(&plan, &view, &winner(access, &plan, id).await.map_err(|e| failed(ctx, e))?));
    }
    Ok(written(&plan, &view, &fetched))
}

/// The record that a merged one became part of: its old id leads there.
async fn winner(access: &Access, plan: &Plan, id: Uuid) -> Result<fetch::Fetched> {
    let ids: Vec<Uuid> = access.merged_into(plan.meta.table, &[id]).await?.into_values().collect();
    fetch::by_ids(access, plan, &ids).await
}

fn written(plan: &Plan, view: &super::plan::View, fetched: &fetch::Fetched) -> ConstValue {
    if fetched.rows.is_empty() {
        return ConstValue::Null;
    }
    let mut out = Vec::with_capacity(1024);
    write::object(&mut out, view, plan, fetched, 0);
    write::raw(out)
}

/// The one key that names a record: its id, a unique field, or its id in another system.
fn by_key(meta: &'static Meta, access: &Access, by: &ConstValue) -> Result<Condition> {
    let (name, given) =
        members(by).find(|(_, v)| **v != ConstValue::Null).ok_or_else(|| Error::BadInput("give one key".into()))?;
    if name == "externalRef" {
        return Ok(Condition::all().add(external(meta, access, given)));
    }
    let field = meta.field(name).ok_or_else(|| Error::BadInput(format!("{name} is not a key")))?;
    let mut key = value_of(meta, field, given)?;
    if let (Some(normal), sea_orm::Value::String(Some(text))) = (field.normal, &key) {
        key = normal(text).map_err(|what| Error::BadInput(format!("{name}: {what}")))?.into();
    }
    let column = field.key().unwrap_or("id");
    let shown = veil::shown(meta, column, access.actor());
    Ok(Condition::all().add(Expr::col((meta.table, column)).eq(key)).add_option(shown))
}

fn value_of(meta: &'static Meta, field: &super::Field, given: &ConstValue) -> Result<sea_orm::Value> {
    let super::field::Shape::Column(_, kind) = field.shape else {
        return Err(Error::BadInput(format!("{} has no such key", meta.name)));
    };
    value::read(kind, given).map_err(|what| Error::BadInput(format!("{}: {what}", field.name)))
}

fn external(meta: &'static Meta, access: &Access, given: &ConstValue) -> sea_orm::sea_query::SimpleExpr {
    use entity::{external_ref, id::RowId};
    let text = |name| member(given, name).and_then(string).unwrap_or_default();
    let refs = sea_orm::sea_query::Query::select()
        .column(external_ref::Column::EntityId)
        .from("external_ref")
        .and_where(Expr::col(external_ref::Column::OrganizationId).eq(access.actor().organization.uuid()))
        .and_where(Expr::col(external_ref::Column::EntityType).eq(meta.table))
        .and_where(Expr::col(external_ref::Column::System).eq(text("system")))
        .and_where(Expr::col(external_ref::Column::ExternalId).eq(text("externalId")))
        .and_where(Expr::col(external_ref::Column::DeletedAt).is_null())
        .take();
    Expr::col((meta.table, "id")).in_subquery(refs)
}

pub(super) async fn node(ctx: &Context<'_>) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let id = arg(ctx, "id")?.and_then(|v| string(&v)).unwrap_or_default();
    node_of(ctx, access, &id).await
}

async fn node_of(ctx: &Context<'_>, access: &Access, id: &str) -> ServerResult<ConstValue> {
    let Some((meta, id)) = catalog().and_then(|c| c.by_id(id)) else { return Ok(ConstValue::Null) };
    planned(ctx, access, meta, id, &ctx.with_selection_set(&ctx.item.node.selection_set)).await
}

/// A record by its id, with what the selection asks of it.
pub async fn planned(
    ctx: &Context<'_>,
    access: &Access,
    meta: &'static Meta,
    id: Uuid,
    selection: &ContextSelectionSet<'_>,
) -> ServerResult<ConstValue> {
    let mut plan = Plan::new(meta);
    let view = plan.view(selection)?;
    let mut fetched = fetch::by_ids(access, &plan, &[id]).await.map_err(|e| failed(ctx, e))?;
    if fetched.rows.is_empty() {
        fetched = winner(access, &plan, id).await.map_err(|e| failed(ctx, e))?;
    }
    Ok(written(&plan, &view, &fetched))
}

const MOST_NODES: usize = 100;

/// One statement for each record type among the ids.
pub(super) async fn nodes(ctx: &Context<'_>) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let wanted = arg(ctx, "ids")?.unwrap_or_default();
    let ids: Vec<Option<(&'static Meta, Uuid)>> =
        list(&wanted).into_iter().map(|v| catalog()?.by_id(&string(v)?)).collect();
    if ids.len() > MOST_NODES {
        return Err(failed(ctx, Error::BadInput(format!("nodes takes at most {MOST_NODES} ids"))));
    }
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    let found = found(access, ids.iter().flatten().copied(), &selection).await?;
    let each = |id: &Option<(_, Uuid)>| {
        id.as_ref().and_then(|(_, id)| found.get(id)).map_or(ConstValue::Null, |json| write::raw(json.clone()))
    };
    Ok(ConstValue::List(ids.iter().map(each).collect()))
}

/// Records of any type by their ids, as a selection asks for them; one statement for each type.
pub(super) async fn found(
    access: &Access,
    ids: impl Iterator<Item = (&'static Meta, Uuid)>,
    selection: &ContextSelectionSet<'_>,
) -> ServerResult<HashMap<Uuid, Vec<u8>>> {
    let wrong =
        |e: Error| selection.set_error_path(async_graphql::Error::from(e).into_server_error(selection.item.pos));
    let mut groups: IndexMap<&str, (&'static Meta, Vec<Uuid>)> = IndexMap::new();
    for (meta, id) in ids {
        groups.entry(meta.table).or_insert((meta, vec![])).1.push(id);
    }
    let mut found = HashMap::new();
    for (meta, mut group) in groups.into_values() {
        let mut plan = Plan::new(meta);
        let view = plan.view(selection)?;
        let mut fetched = fetch::by_ids(access, &plan, &group).await.map_err(wrong)?;
        put_all(&mut found, &plan, &view, &fetched);
        group.retain(|id| !found.contains_key(id));
        if !group.is_empty() {
            let leads = access.merged_into(meta.table, &group).await.map_err(wrong)?;
            let winners: Vec<Uuid> = leads.values().copied().collect();
            fetched = fetch::by_ids(access, &plan, &winners).await.map_err(wrong)?;
            put_all(&mut found, &plan, &view, &fetched);
            let old = leads.into_iter().filter_map(|(old, new)| Some((old, found.get(&new)?.clone())));
            found.extend(old.collect::<Vec<_>>());
        }
    }
    Ok(found)
}

fn put_all(found: &mut HashMap<Uuid, Vec<u8>>, plan: &Plan, view: &super::plan::View, fetched: &fetch::Fetched) {
    for row in 0..fetched.rows.len() {
        let mut out = Vec::new();
        write::object(&mut out, view, plan, fetched, row);
        found.extend(fetched.id(row).map(|id| (id, out)));
    }
}

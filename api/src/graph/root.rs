//! The root fields that every record has: lookup, list, aggregate, create, update, delete, restore, upsert, and
//! `node`. One table of names leads to them; domains add what is theirs beside.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerError, ServerResult,
    Value as ConstValue, Value,
    parser::types::Field as Asked,
    registry::{MetaField, MetaTypeId, ObjectBuilder, Registry},
};
use futures_util::future::BoxFuture;
use indexmap::IndexMap;
use uuid::Uuid;

use super::{
    aggregate,
    args::{ListArgs, arg, list, member, string},
    connection::Page,
    fetch, lookup,
    patch::Patch,
    payload,
    record::{Meta, Target},
    sdl, upsert, value, write,
};
use crate::{
    error::{Error, Result},
    store::Access,
};

/// What a root field does.
#[derive(Clone, Copy)]
pub enum Verb {
    One,
    List,
    Aggregate,
    Create,
    Update,
    Delete,
    Restore,
    Upsert,
    /// Which of its steps.
    Step(usize),
}

/// Every record of the schema, and the root fields that lead to them.
pub struct Catalog {
    pub records: Vec<&'static Meta>,
    roots: HashMap<String, (&'static Meta, Verb)>,
}

static CATALOG: OnceLock<Catalog> = OnceLock::new();

/// Names the schema's records, once, before it is built.
pub fn install(records: fn() -> Vec<&'static Meta>) -> &'static Catalog {
    CATALOG.get_or_init(|| {
        let records = records();
        let roots = records.iter().flat_map(|meta| roots(meta)).collect();
        Catalog { records, roots }
    })
}

/// The catalog; empty until `install`.
pub fn catalog() -> Option<&'static Catalog> {
    CATALOG.get()
}

impl Catalog {
    pub fn by_table(&self, table: &str) -> Option<&'static Meta> {
        self.records.iter().find(|meta| meta.table == table).copied()
    }

    pub fn by_name(&self, name: &str) -> Option<&'static Meta> {
        self.records.iter().find(|meta| meta.name == name).copied()
    }

    /// The record an id belongs to, and its UUID.
    pub fn by_id(&self, id: &str) -> Option<(&'static Meta, Uuid)> {
        let meta = self.by_table(id.rsplit_once('_')?.0)?;
        Some((meta, value::id(meta.table, id)?))
    }
}

fn roots(meta: &'static Meta) -> Vec<(String, (&'static Meta, Verb))> {
    let one = meta.lower();
    let mut all = vec![
        (one.clone(), Verb::One),
        (meta.plural.to_owned(), Verb::List),
        (format!("{one}Aggregate"), Verb::Aggregate),
    ];
    let rules = meta.rules;
    let writable = rules.create.is_some() && rules.update.is_some();
    for (permission, name, verb) in [
        (rules.create, "Create", Verb::Create),
        (rules.update, "Update", Verb::Update),
        (rules.delete, "Delete", Verb::Delete),
        (rules.delete, "Restore", Verb::Restore),
        (rules.update.filter(|_| writable), "Upsert", Verb::Upsert),
    ] {
        if permission.is_some() {
            all.push((format!("{one}{name}"), verb));
        }
    }
    all.extend(meta.steps.iter().enumerate().map(|(at, step)| (format!("{one}{}", step.name), Verb::Step(at))));
    all.into_iter().map(|(name, verb)| (name, (meta, verb))).collect()
}

/// Query fields of all records.
#[derive(Default)]
pub struct Reads;
/// Mutation fields of all records.
#[derive(Default)]
pub struct Writes;

pub fn access<'a>(ctx: &Context<'a>) -> ServerResult<&'a Access> {
    ctx.data_opt::<Access>().ok_or_else(|| failed(ctx, Error::Unauthenticated))
}

pub fn failed(ctx: &Context<'_>, error: Error) -> ServerError {
    ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
}

/// A nullable field that fails answers null, with an error entry; its siblings stay.
pub fn or_null(ctx: &Context<'_>, value: ServerResult<ConstValue>) -> ConstValue {
    value.unwrap_or_else(|error| {
        ctx.add_error(error);
        ConstValue::Null
    })
}

impl ContainerType for Reads {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        match name {
            "node" => return Ok(Some(or_null(ctx, lookup::node(ctx).await))),
            "nodes" => return lookup::nodes(ctx).await.map(Some),
            _ => {}
        }
        let Some((meta, verb)) = CATALOG.get().and_then(|c| c.roots.get(name)) else { return Ok(None) };
        Ok(match verb {
            Verb::One => Some(or_null(ctx, lookup::one(ctx, meta).await)),
            Verb::List => Some(page(ctx, meta).await?),
            Verb::Aggregate => Some(aggregate::run(ctx, meta).await?),
            _ => None,
        })
    }
}

async fn page(ctx: &Context<'_>, meta: &'static Meta) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    let page = Page::plan(meta, ListArgs::read(ctx)?, &selection)?;
    let (fetched, span) = fetch::page(access, &page).await.map_err(|e| failed(ctx, e))?;
    let mut out = Vec::with_capacity(4096);
    page.write(&mut out, &fetched, &span);
    Ok(write::raw(out))
}

impl ContainerType for Writes {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let Some((meta, verb)) = CATALOG.get().and_then(|c| c.roots.get(name)) else { return Ok(None) };
        let done: BoxFuture<'_, ServerResult<ConstValue>> = match verb {
            Verb::Upsert => Box::pin(bulk(ctx, meta)),
            verb => Box::pin(single(ctx, meta, *verb)),
        };
        Ok(Some(or_null(ctx, done.await)))
    }
}

async fn single(ctx: &Context<'_>, meta: &'static Meta, verb: Verb) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let input = arg(ctx, "input")?.unwrap_or_default();
    let done = change(access, meta, verb, &input).await;
    payload::answer(ctx, access, meta, done, &ctx.with_selection_set(&ctx.item.node.selection_set)).await
}

async fn change(access: &Access, meta: &'static Meta, verb: Verb, input: &ConstValue) -> Result<Uuid> {
    let verbs = meta.verbs;
    if let Verb::Create = verb {
        return verbs.create(access, Patch::read(meta, input, true)).await;
    }
    let target = target(meta, input)?;
    let (done, told) = match verb {
        Verb::Update => return verbs.update(access, target, Patch::read(meta, input, false)).await,
        Verb::Delete => (verbs.delete(access, target).await, &[][..]),
        Verb::Step(at) => {
            let step = &meta.steps[at];
            (step.act.run(access, target, Patch::told(&step.fields, input)).await, &step.fields[..])
        }
        _ => (verbs.restore(access, target).await, &[][..]),
    };
    // what the record's rules say of a field that the input does not have is about the record that it names
    done.map_err(|error| {
        let names: Vec<_> = told.iter().map(super::Field::input_name).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).chain(["expectedVersion"]).collect();
        error.within(&names, "id")
    })
}

/// The row that an input's `id` names, and the version it expects.
pub fn target(meta: &'static Meta, input: &ConstValue) -> Result<Target> {
    let text = member(input, "id").and_then(string).unwrap_or_default();
    let wrong = || Error::invalid("id", format!("not an id of {0}: ids begin with {0}_", meta.table));
    let id = value::id(meta.table, &text).ok_or_else(wrong)?;
    let version = member(input, "expectedVersion").and_then(|v| match v {
        ConstValue::Number(n) => n.as_i64().and_then(|n| i32::try_from(n).ok()),
        _ => None,
    });
    Ok(Target { id, version })
}

async fn bulk(ctx: &Context<'_>, meta: &'static Meta) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let input = arg(ctx, "input")?.unwrap_or_default();
    let bulk = read_bulk(meta, &input).map_err(|e| failed(ctx, e))?;
    let rows = bulk.rows.clone();
    let outcomes = match meta.verbs.upsert(access, bulk).await {
        Err(Error::Replayed(answer)) => upsert::replayed(&answer).ok_or(Error::KeyInProgress),
        done => done,
    };
    let outcomes = outcomes.map_err(|e| failed(ctx, e))?;
    payload::bulk(ctx, access, meta, &rows, &outcomes).await
}

fn read_bulk(meta: &'static Meta, input: &ConstValue) -> Result<upsert::Bulk> {
    let text = |name| member(input, name).and_then(string);
    let flag = |name| member(input, name) == Some(&ConstValue::Boolean(true));
    let rows: Vec<ConstValue> = member(input, "rows").map(list).unwrap_or_default().into_iter().cloned().collect();
    if rows.is_empty() || rows.len() > upsert::MOST_ROWS {
        return Err(Error::BadInput(format!("rows: give between 1 and {} rows", upsert::MOST_ROWS)));
    }
    let match_on = text("matchOn")
        .and_then(|name| upsert::match_keys(meta).into_iter().find(|(word, _)| *word == name))
        .map(|(_, column)| column);
    let on_conflict = match text("onConflict").as_deref() {
        Some("FILL_EMPTY") => upsert::OnConflict::FillEmpty,
        Some("SKIP") => upsert::OnConflict::Skip,
        Some("ERROR") => upsert::OnConflict::Refuse,
        _ => upsert::OnConflict::Update,
    };
    Ok(upsert::Bulk { match_on, on_conflict, atomic: flag("atomic"), dry_run: flag("dryRun"), rows })
}

macro_rules! root {
    ($root:ident, $name:literal, $fields:path) => {
        impl OutputType for $root {
            fn type_name() -> Cow<'static, str> {
                $name.into()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                sdl::register(registry);
                registry.create_output_type::<Self, _>(MetaTypeId::Object, |_| {
                    let fields: IndexMap<String, MetaField> = $fields();
                    ObjectBuilder::new($name, fields).rust_typename(std::any::type_name::<Self>()).build()
                })
            }

            async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<Value> {
                Ok(Value::Null) // roots are merged: the engine asks them field by field
            }
        }

        impl ObjectType for $root {}
    };
}

root!(Reads, "RecordReads", sdl::query_fields);
root!(Writes, "RecordWrites", sdl::mutation_fields);

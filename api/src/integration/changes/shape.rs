//! The feed's types in the schema, and how a selection of them is fetched and written: the records of a page in one
//! statement for each type.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value, parser::types::Field as Asked,
    registry::Registry,
};
use entity::word::Word;
use uuid::Uuid;

use super::{Batch, Change, image::typed, schema};
use crate::{
    access::{api_key, user},
    actor::Permission,
    error::{Error, Result},
    graph::{
        Meta,
        derived::PageInfo,
        fetch,
        plan::{Plan, View, fields, key_of},
        value, write,
    },
    store::{Access, within_ids},
};

/// A page of the feed; null with an error when it cannot be read.
pub struct Connection(pub Result<Batch>);

impl OutputType for Connection {
    fn type_name() -> Cow<'static, str> {
        "ChangePage".into()
    }

    fn qualified_type_name() -> String {
        Self::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::type_name().into_owned()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<Value> {
        let answer = match &self.0 {
            Ok(batch) => connection(ctx, batch).await,
            Err(error) => Err(wrong(ctx, error.clone())),
        };
        Ok(answer.unwrap_or_else(|error| {
            ctx.add_error(error);
            Value::Null
        }))
    }
}

impl OutputType for Change {
    fn type_name() -> Cow<'static, str> {
        "Change".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<Value> {
        let mut out = Vec::new();
        Shape::load(ctx, std::slice::from_ref(self)).await?.change(&mut out, self);
        Ok(write::raw(out))
    }
}

fn wrong(ctx: &ContextSelectionSet<'_>, error: Error) -> ServerError {
    ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
}

async fn connection(ctx: &ContextSelectionSet<'_>, batch: &Batch) -> ServerResult<Value> {
    let mut members: Vec<(Vec<u8>, Option<Shape>, Vec<u8>)> = Vec::new();
    fields(ctx, "ChangePage", &mut |field| {
        let asked = &field.item.node;
        let selection = field.with_selection_set(&asked.selection_set);
        let (mut shape, mut out) = (None, Vec::new());
        match asked.name.node.as_str() {
            "nodes" => shape = Some(Shape::plan(&selection, &batch.changes)?),
            "pageInfo" => info(batch).write(&mut out, &selection)?,
            "latestSeq" => value::quote(&mut out, &batch.head.to_string()),
            "latestCursor" => value::quote(&mut out, &batch.reader.at(batch.head)),
            _ => value::quote(&mut out, "ChangePage"),
        }
        members.push((key_of(asked), shape, out));
        Ok(())
    })?;
    let mut out = Vec::from(*b"{");
    for (i, (key, shape, done)) in members.into_iter().enumerate() {
        write::comma(&mut out, i);
        out.extend(key);
        out.extend(done);
        if let Some(mut shape) = shape {
            shape.fetch(ctx, &batch.changes).await?;
            write::list(&mut out, 0..batch.changes.len(), |out, at| shape.change(out, &batch.changes[at]));
        }
    }
    out.push(b'}');
    Ok(write::raw(out))
}

fn info(batch: &Batch) -> PageInfo {
    let (start, end) = (batch.changes.first().map(|c| c.cursor.clone()), batch.reader.at(batch.end));
    PageInfo { has_next: batch.more, has_previous: batch.start > 0, start, end: Some(end) }
}

fn put(out: &mut Vec<u8>, json: &serde_json::Value) {
    out.extend_from_slice(json.to_string().as_bytes());
}

enum Part {
    Plain(String),
    Actor(Records),
    Permission,
    Key(Records),
    Node(Records),
}

/// The records that one selection asks for, by their ids.
struct Records {
    plans: Vec<(Plan, View)>,
    found: HashMap<Uuid, Vec<u8>>,
}

impl Records {
    fn plan(ctx: &ContextSelectionSet<'_>, metas: Vec<&'static Meta>) -> ServerResult<Self> {
        let mut plans = Vec::new();
        for meta in metas {
            let mut plan = Plan::new(meta);
            let view = plan.view(ctx)?;
            plans.push((plan, view));
        }
        Ok(Self { plans, found: HashMap::new() })
    }

    async fn fetch(&mut self, access: &Access, wanted: &[(&'static str, Uuid)]) -> Result<()> {
        for (plan, view) in &self.plans {
            let mut ids: Vec<Uuid> = wanted.iter().filter(|(t, _)| *t == plan.meta.table).map(|(_, id)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            let fetched = fetch::by_ids(access, plan, &ids).await?;
            for row in 0..fetched.rows.len() {
                let mut out = Vec::new();
                write::object(&mut out, view, plan, &fetched, row);
                self.found.extend(fetched.id(row).map(|id| (id, out)));
            }
        }
        Ok(())
    }

    fn put(&self, out: &mut Vec<u8>, id: Option<Uuid>) {
        out.extend_from_slice(id.and_then(|id| self.found.get(&id)).map_or(b"null", Vec::as_slice));
    }
}

/// The members that a selection wants of each change.
struct Shape {
    parts: Vec<(Vec<u8>, Part)>,
    /// The records of which the caller may read how changes came about.
    audited: HashSet<Uuid>,
}

impl Shape {
    async fn load(ctx: &ContextSelectionSet<'_>, changes: &[Change]) -> ServerResult<Self> {
        let mut shape = Self::plan(ctx, changes)?;
        shape.fetch(ctx, changes).await?;
        Ok(shape)
    }

    fn plan(ctx: &ContextSelectionSet<'_>, changes: &[Change]) -> ServerResult<Self> {
        let mut metas: Vec<&'static Meta> = changes.iter().filter(|c| !c.lost).map(|c| c.meta).collect();
        metas.sort_unstable_by_key(|meta| meta.table);
        metas.dedup_by_key(|meta| meta.table);
        let mut parts = Vec::new();
        fields(ctx, "Change", &mut |field| {
            let asked = &field.item.node;
            let selection = field.with_selection_set(&asked.selection_set);
            let part = match asked.name.node.as_str() {
                "actor" => Part::Actor(Records::plan(&selection, vec![user::meta()])?),
                "permission" => Part::Permission,
                "apiKey" => Part::Key(Records::plan(&selection, vec![api_key::meta()])?),
                "node" => Part::Node(Records::plan(&selection, metas.clone())?),
                name => Part::Plain(name.to_owned()),
            };
            parts.push((key_of(asked), part));
            Ok(())
        })?;
        Ok(Self { parts, audited: HashSet::new() })
    }

    async fn fetch(&mut self, ctx: &ContextSelectionSet<'_>, changes: &[Change]) -> ServerResult<()> {
        let Some(access) = ctx.data_opt::<Access>() else { return Err(wrong(ctx, Error::Unauthenticated)) };
        let users: Vec<_> = changes.iter().filter_map(|c| Some((user::meta().table, c.event.actor?))).collect();
        let nodes: Vec<_> = changes.iter().filter(|c| !c.lost).map(|c| (c.meta.table, c.event.entity_id)).collect();
        let keys: Vec<_> = changes.iter().filter_map(|c| Some((api_key::meta().table, c.event.api_key?))).collect();
        if self.parts.iter().any(|(_, part)| matches!(part, Part::Permission | Part::Key(_))) {
            self.audited = audited(access, changes).await.map_err(|error| wrong(ctx, error))?;
        }
        for (_, part) in &mut self.parts {
            let done = match part {
                Part::Actor(records) => records.fetch(access, &users).await,
                Part::Key(records) => records.fetch(access, &keys).await,
                Part::Node(records) => records.fetch(access, &nodes).await,
                Part::Plain(_) | Part::Permission => Ok(()),
            };
            done.map_err(|error| wrong(ctx, error))?;
        }
        Ok(())
    }

    fn change(&self, out: &mut Vec<u8>, change: &Change) {
        out.push(b'{');
        let told = self.audited.contains(&change.event.entity_id) && !change.lost;
        for (i, (key, part)) in self.parts.iter().enumerate() {
            write::comma(out, i);
            out.extend_from_slice(key);
            match part {
                Part::Actor(records) => records.put(out, change.event.actor),
                Part::Permission if told => value::quote(out, &change.event.permission),
                Part::Permission => out.extend_from_slice(b"null"),
                Part::Key(records) => records.put(out, change.event.api_key.filter(|_| told)),
                Part::Node(records) => records.put(out, Some(change.event.entity_id)),
                Part::Plain(name) => put(out, &plain(change, name)),
            }
        }
        out.push(b'}');
    }
}

/// The records of these changes of which the caller may read how changes came about: one statement for each type where
/// that right does not reach all.
async fn audited(access: &Access, changes: &[Change]) -> Result<HashSet<Uuid>> {
    let actor = access.actor();
    if actor.reaches_all(Permission::AuditRead) {
        return Ok(changes.iter().map(|change| change.event.entity_id).collect());
    }
    let mut types: HashMap<&str, (&'static Meta, Vec<Uuid>)> = HashMap::new();
    for change in changes.iter().filter(|change| !change.lost && actor.may(Permission::AuditRead)) {
        types.entry(change.meta.table).or_insert((change.meta, vec![])).1.push(change.event.entity_id);
    }
    let mut found = HashSet::new();
    for (meta, mut ids) in types.into_values() {
        ids.sort_unstable();
        ids.dedup();
        let rows = (meta.scoped_deleted)(access)
            .filter((meta.within)(actor, Permission::AuditRead))
            .filter(within_ids((meta.table, "id"), &ids, access.store().backend()))
            .shape(|q| _ = q.column((meta.table, "id")));
        for row in rows.rows().await? {
            found.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(found)
}

/// A member that the event itself answers.
fn plain(change: &Change, name: &str) -> serde_json::Value {
    let event = &change.event;
    match name {
        "seq" => event.seq.to_string().into(),
        "id" => typed("event", event.id).into(),
        "cursor" => change.cursor.as_str().into(),
        "op" => event.op.word().into(),
        "reason" => change.lost.then_some(schema::VISIBILITY).into(),
        "kind" => event.kind.as_str().into(),
        "entityType" => change.meta.name.into(),
        "entityId" => typed(change.meta.table, event.entity_id).into(),
        "mergedIntoId" => change.merged_into.map(|id| typed(change.meta.table, id)).into(),
        "version" => event.version.into(),
        "at" => value::instant(&event.at).into(),
        "fields" => change.fields.as_slice().into(),
        "before" => change.before.clone().into(),
        "after" => change.after.clone().into(),
        _ => "Change".into(),
    }
}

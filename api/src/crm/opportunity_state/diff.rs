//! What changed between two instants: opportunities with how they stood then and how they stand. A few statements for a
//! page, however long the history.

use std::{borrow::Cow, collections::BTreeMap};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value as ConstValue, parser::types::Field as Asked,
    registry::Registry,
};
use chrono::{DateTime, Utc};
use entity::{
    id::{OpportunityId, RowId},
    opportunity_state::{Column as C, Entity, Model},
};
use sea_orm::{Condition, ExprTrait, IdenStatic, Iterable, ModelTrait, Order, sea_query::Expr};
use uuid::Uuid;

use super::{meta, standing};
use crate::{
    error::{Error, Result},
    graph::{
        args::ListArgs,
        fetch,
        field::camel,
        plan::{Plan, View, fields, key_of, named},
        sdl,
        seal::Seal,
        value, write,
    },
    store::{Access, Guarded, Scoped, within_ids},
};

const PAGE: &str = "OpportunityDiffPage";
const DIFF: &str = "OpportunityDiff";

/// Columns that say nothing of an opportunity itself.
const UNTOLD: [C; 13] = [
    C::Id,
    C::OrganizationId,
    C::CreatedAt,
    C::CreatedBy,
    C::UpdatedAt,
    C::UpdatedBy,
    C::Version,
    C::DeletedAt,
    C::At,
    C::Until,
    C::Initial,
    C::CycleMicros,
    C::FxRateAtCloseE10,
];

/// A question for what changed in `[from, to)`.
pub struct Diffs {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub args: ListArgs,
}

/// How an opportunity stood and stands; none where it was not there.
struct Diff {
    opportunity: Uuid,
    before: Option<Model>,
    after: Option<Model>,
}

impl Diffs {
    /// The page, and whether there is more.
    async fn page(&self, access: &Access) -> Result<(Vec<Diff>, bool)> {
        let mut ids = self.changed(access).await?;
        let size = usize::try_from(self.args.size).unwrap_or(usize::MAX);
        let more = ids.len() > size;
        ids.truncate(size);
        let mut diffs: BTreeMap<Uuid, Diff> =
            ids.iter().map(|id| (*id, Diff { opportunity: *id, before: None, after: None })).collect();
        for (at, later) in [(self.from, false), (self.to, true)] {
            let theirs = within_ids((Entity::NAME, "opportunity_id"), &ids, access.store().backend());
            let at = Some(at).filter(|at| *at < access.now());
            for state in Scoped::<Entity>::read(access).filter(standing(at).add(theirs)).models().await? {
                let Some(diff) = diffs.get_mut(&state.opportunity_id.uuid()) else { continue };
                *(if later { &mut diff.after } else { &mut diff.before }) = Some(state);
            }
        }
        Ok((diffs.into_values().collect(), more))
    }

    /// Opportunities of which a state that stood at one of both instants began or ended in between.
    async fn changed(&self, access: &Access) -> Result<Vec<Uuid>> {
        let col = |c: C| Expr::col((Entity::NAME, c));
        let within = |c: C| col(c).gte(self.from).and(col(c).lt(self.to));
        let left = within(C::Until).and(col(C::At).lt(self.from));
        let came = within(C::At).and(col(C::Until).is_null().or(col(C::Until).gte(self.to)));
        let mut changed = Condition::all().add(left.or(came));
        if let Some(cursor) = &self.args.after {
            let wrong = || Error::BadInput("this cursor does not belong to this list".into());
            let id = self.seal().open(cursor).and_then(|bytes| Uuid::from_slice(&bytes).ok()).ok_or_else(wrong)?;
            changed = changed.add(col(C::OpportunityId).gt(id));
        }
        let rows = Scoped::<Entity>::read(access).filter(changed).shape(|q| {
            q.column((Entity::NAME, C::OpportunityId))
                .group_by_col((Entity::NAME, C::OpportunityId))
                .order_by((Entity::NAME, C::OpportunityId), Order::Asc)
                .limit(self.args.size + 1);
        });
        Ok(rows.rows().await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    /// A page goes on from where it was, up to a later instant too.
    fn seal(&self) -> Seal {
        self.args.seal.clone().about(DIFF.as_bytes()).about(&self.from.timestamp_micros().to_be_bytes())
    }
}

impl Diff {
    /// The fields that differ, in the order of their columns.
    fn told(&self) -> Vec<String> {
        let columns = C::iter().filter(|c| !UNTOLD.iter().any(|untold| untold.as_str() == c.as_str()));
        let differ = |c: &C| match (&self.before, &self.after) {
            (Some(before), Some(after)) => before.get(*c) != after.get(*c),
            (None, None) => false,
            _ => true,
        };
        let mut told: Vec<String> = columns.filter(differ).map(|c| public(c.as_str())).collect();
        told.dedup();
        told
    }
}

/// What a column is called in the schema.
fn public(column: &str) -> String {
    // money is one field of two columns, which stand side by side
    let column = if column == C::Currency.as_str() { C::AmountMinor.as_str() } else { column };
    let field = meta().fields.iter().find(|field| field.key() == Some(column));
    field.map_or_else(|| camel(column), |field| field.name.clone())
}

enum Part {
    Type,
    Nodes(Vec<(Vec<u8>, Member)>),
    Info(Vec<(Vec<u8>, &'static str)>),
}

enum Member {
    Type,
    Id,
    Before(View),
    After(View),
    Changed,
}

fn member(name: &str, view: impl FnOnce() -> ServerResult<View>) -> ServerResult<Member> {
    Ok(match name {
        "before" => Member::Before(view()?),
        "after" => Member::After(view()?),
        "changed" => Member::Changed,
        "opportunityId" => Member::Id,
        _ => Member::Type,
    })
}

impl OutputType for Diffs {
    fn type_name() -> Cow<'static, str> {
        PAGE.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let node = vec![
            sdl::out("opportunityId", "ID!", "Which opportunity, also when it has been deleted."),
            sdl::out("before", "OpportunityState", "How it stood at the first instant; null when it was not there."),
            sdl::out("after", "OpportunityState", "How it stood at the second instant; null when it had been deleted."),
            sdl::out(
                "changed",
                "[String!]!",
                "The fields of OpportunityState that differ; none when it came back to what it had been.",
            ),
        ];
        sdl::object(registry, DIFF, "An opportunity that changed between two instants.", node);
        let page = vec![
            sdl::out("nodes", format!("[{DIFF}!]!"), "The opportunities of this page, in the order of their ids."),
            sdl::out("pageInfo", "PageInfo!", "Whether there is more, and where to go on."),
        ];
        sdl::object(registry, PAGE, "A page of what changed between two instants.", page);
        format!("{PAGE}!")
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let wrong = |e: Error| ctx.set_error_path(async_graphql::Error::from(e).into_server_error(ctx.item.pos));
        let access = ctx.data_opt::<Access>().ok_or_else(|| wrong(Error::Unauthenticated))?;
        let mut plan = Plan::new(meta());
        let mut parts = Vec::new();
        fields(ctx, PAGE, &mut |field| {
            let asked = &field.item.node;
            let selection = field.with_selection_set(&asked.selection_set);
            let part = match asked.name.node.as_str() {
                "nodes" => {
                    let mut members = Vec::new();
                    fields(&selection, DIFF, &mut |field| {
                        let asked = &field.item.node;
                        let below = field.with_selection_set(&asked.selection_set);
                        members.push((key_of(asked), member(asked.name.node.as_str(), || plan.view(&below))?));
                        Ok(())
                    })?;
                    Part::Nodes(members)
                }
                "pageInfo" => {
                    let known = ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"];
                    Part::Info(named(&selection, "PageInfo", &known)?)
                }
                _ => Part::Type,
            };
            parts.push((key_of(asked), part));
            Ok(())
        })?;
        let (diffs, more) = self.page(access).await.map_err(wrong)?;
        let states = diffs.iter().flat_map(|diff| [&diff.before, &diff.after]).flatten();
        let ids: Vec<Uuid> = states.map(|state| state.id.uuid()).collect();
        let fetched = fetch::by_ids(access, &plan, &ids).await.map_err(wrong)?;
        let state = |out: &mut Vec<u8>, view: &View, state: &Option<Model>| {
            let found =
                state.as_ref().and_then(|s| (0..fetched.rows.len()).find(|row| fetched.id(*row) == Some(s.id.uuid())));
            match found {
                Some(row) => write::object(out, view, &plan, &fetched, row),
                None => out.extend_from_slice(b"null"),
            }
        };
        let cursor = |diff: Option<&Diff>| {
            diff.map_or(serde_json::Value::Null, |diff| self.seal().put(diff.opportunity.as_bytes()).into())
        };
        let mut out = Vec::with_capacity(2048);
        out.push(b'{');
        for (i, (key, part)) in parts.iter().enumerate() {
            write::comma(&mut out, i);
            out.extend_from_slice(key);
            match part {
                Part::Type => value::quote(&mut out, PAGE),
                Part::Nodes(members) => write::list(&mut out, 0..diffs.len(), |out, at| {
                    out.push(b'{');
                    for (i, (key, member)) in members.iter().enumerate() {
                        write::comma(out, i);
                        out.extend_from_slice(key);
                        match member {
                            Member::Type => value::quote(out, DIFF),
                            Member::Id => {
                                value::quote(out, &OpportunityId::from_uuid(diffs[at].opportunity).to_string());
                            }
                            Member::Before(view) => state(out, view, &diffs[at].before),
                            Member::After(view) => state(out, view, &diffs[at].after),
                            Member::Changed => {
                                let told = serde_json::json!(diffs[at].told());
                                out.extend_from_slice(told.to_string().as_bytes());
                            }
                        }
                    }
                    out.push(b'}');
                }),
                Part::Info(members) => write::members(&mut out, members, "PageInfo", |name| match name {
                    "hasNextPage" => more.to_string(),
                    "hasPreviousPage" => self.args.after.is_some().to_string(),
                    "startCursor" => cursor(diffs.first()).to_string(),
                    _ => cursor(diffs.last()).to_string(),
                }),
            }
        }
        out.push(b'}');
        Ok(write::raw(out))
    }
}

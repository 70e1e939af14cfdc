//! Counts and sums over guarded rows, grouped. One statement for the groups, one more for each amount of money
//! asked for, since sums never mix currencies.

mod compute;
mod figures;
mod period;
mod write;

use async_graphql::{Context, ServerResult, Value as ConstValue};

use self::{
    compute::compute,
    figures::{Wanted, figures},
};
use super::{
    args::{arg, list, member, string},
    field::Field,
    plan::Plan,
    record::Meta,
    root::{access, failed},
    write as json,
};
use crate::error::{Error, Result};

pub const MOST_GROUPS: u64 = 1000;
/// Groups that are answered when nobody says how many.
pub const GROUPS: u64 = 100;

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

pub async fn run(ctx: &Context<'_>, meta: &'static Meta) -> ServerResult<ConstValue> {
    let access = access(ctx)?;
    let asked = read(ctx, meta).map_err(|e| failed(ctx, e))?;
    let (mut wanted, mut keys) = (Wanted::default(), Plan::new(meta));
    let figures = figures(meta, &ctx.with_selection_set(&ctx.item.node.selection_set), &mut keys, &mut wanted)?;
    let done = compute(access, &asked, &keys, &wanted).await.map_err(|e| failed(ctx, e))?;
    let mut out = Vec::with_capacity(1024);
    json::list(&mut out, 0..done.rows.len(), |out, row| done.write(out, meta, &figures, &keys, row));
    Ok(json::raw(out))
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

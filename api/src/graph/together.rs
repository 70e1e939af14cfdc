//! Records of any type that stand in derived objects beside each other, e.g. one in each entry of a list: whichever is
//! written first fetches all of them, in one statement for each type.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value as ConstValue, parser::types::Field as Asked,
    registry::Registry,
};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{lookup, record::Meta, write};
use crate::{error::Error, store::Access};

/// One of them; null when the caller may not see it any more.
pub struct OneOf {
    id: Uuid,
    all: Arc<All>,
}

/// Records by their ids, as JSON.
type Written = HashMap<Uuid, Vec<u8>>;

struct All {
    ids: Vec<(&'static Meta, Uuid)>,
    /// As each selection that asks for them wants them: a field has its own place in the request's document.
    found: Mutex<HashMap<usize, Arc<Written>>>,
}

impl OneOf {
    pub fn each(ids: Vec<(&'static Meta, Uuid)>) -> Vec<Self> {
        let all = Arc::new(All { ids, found: Mutex::default() });
        all.ids.iter().map(|(_, id)| Self { id: *id, all: all.clone() }).collect()
    }
}

impl OutputType for OneOf {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }

    fn qualified_type_name() -> String {
        "Node".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        "Node".into()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Asked>) -> ServerResult<ConstValue> {
        let wrong = |e: Error| ctx.set_error_path(async_graphql::Error::from(e).into_server_error(ctx.item.pos));
        let access = ctx.data_opt::<Access>().ok_or_else(|| wrong(Error::Unauthenticated))?;
        let mut known = self.all.found.lock().await;
        let place = std::ptr::from_ref(field).addr();
        let found = if let Some(found) = known.get(&place) {
            found.clone()
        } else {
            let found = Arc::new(lookup::found(access, self.all.ids.iter().copied(), ctx).await?);
            known.insert(place, found.clone());
            found
        };
        Ok(found.get(&self.id).map_or(ConstValue::Null, |json| write::raw(json.clone())))
    }
}

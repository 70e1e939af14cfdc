//! Whether rows, as they have become, still lie within what the work may do, or may be left to others.

use sea_orm::{IdenStatic, Iterable, ModelTrait, Value};

use super::Tx;
use crate::{
    error::{Error, Result},
    store::{Former, Guarded, Scoped, row::id_of},
};

impl Tx {
    /// The rows as they now are must lie within the permission's reach, unless the actor may give them away: a row that
    /// was within reach of that right, or a new one if it holds everywhere.
    pub(super) async fn check_reach<E: Guarded>(&self, former: Option<&E::Model>, rows: &[E::Model]) -> Result<()> {
        if E::every(self.access.actor(), self.permission) || rows.is_empty() || self.may_give_all::<E>() {
            return Ok(());
        }
        let ids = rows.iter().map(id_of::<E>).collect::<Result<Vec<_>>>()?;
        let inside = Scoped::<E>::new(&self.access, self.permission)
            .ids(&ids)
            .shape(|q| _ = q.column((E::NAME, "id")))
            .into_query();
        if self.all(&inside).await?.len() == ids.len() || self.may_give::<E>(former).await? {
            Ok(())
        } else {
            Err(Error::Forbidden(E::ASSIGN.unwrap_or(self.permission)))
        }
    }

    /// Whatever this permission reaches may be given away: known without looking.
    fn may_give_all<E: Guarded>(&self) -> bool {
        let rights = &self.access.actor().rights;
        let Some((gives, changes)) = E::ASSIGN.and_then(|p| rights.reach(p)).zip(rights.reach(self.permission)) else {
            return false;
        };
        gives.or(changes) == gives && rights.in_teams(self.permission).next().is_none()
    }

    async fn may_give<E: Guarded>(&self, former: Option<&E::Model>) -> Result<bool> {
        let Some(assign) = E::ASSIGN.filter(|p| self.access.actor().may(*p)) else { return Ok(false) };
        let everywhere = self.access.actor().rights.reach(assign).is_some();
        let Some(former) = former else { return Ok(everywhere) };
        let owner = E::Column::iter().find(|c| c.as_str() == "owner_id").map(|c| former.get(c));
        let owner = if let Some(Value::Uuid(owner)) = owner { owner } else { None };
        let former = [Former { id: id_of::<E>(former)?, owner }];
        match Scoped::<E>::formerly(&self.access, assign, &former) {
            Some(was) => Ok(!self.all(&was.into_query()).await?.is_empty()),
            None => Ok(everywhere),
        }
    }
}

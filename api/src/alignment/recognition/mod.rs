//! Recognition: thanks for what somebody did for what both sides want. It pays nobody. Thanks across teams or sides are
//! joint, and counted beside the alignment index.

pub mod graphql;

use std::collections::HashSet;

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    id::{RecognitionId, RowId, UserId},
    membership,
    recognition::{ActiveModel, Entity},
    user::{self, Side},
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    actor::{Actor, Permission},
    crm::all_rows,
    error::{Fault, FaultCode, Result},
    graph::{Change, Meta, Record},
    store::{Guarded, Scoped, Tx, within_ids},
};

/// To whom thanks go.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "RecognitionRecipientsInput")]
pub struct RecognitionRecipients {
    /// 1 to 20 people, each once and not oneself: ids that begin with `user_`.
    pub user_ids: Vec<ID>,
}

const MOST: usize = 20;

fn wrong(message: &str) -> Fault {
    Fault::new(FaultCode::Validation, "recipients", message)
}

impl RecognitionRecipients {
    fn check(&self) -> Vec<Fault> {
        let twice = (1..self.user_ids.len()).any(|at| self.user_ids[..at].contains(&self.user_ids[at]));
        if !(1..=MOST).contains(&self.user_ids.len()) || twice {
            return vec![Fault::new(FaultCode::Validation, "userIds", format!("give 1 to {MOST}, each once"))];
        }
        if self.users().len() < self.user_ids.len() {
            return vec![Fault::new(FaultCode::Validation, "userIds", "not an id of user")];
        }
        vec![]
    }

    fn users(&self) -> Vec<UserId> {
        self.user_ids.iter().filter_map(|id| id.parse().ok()).collect()
    }
}

impl Guarded for Entity {
    type Id = RecognitionId;
    const NAME: &'static str = "recognition";
    const READ: Permission = Permission::RecognitionRead;

    /// Thanks are for everybody to see.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    fn meta() -> &'static Meta {
        graphql::meta()
    }

    fn blank(_: DateTime<Utc>) -> ActiveModel {
        ActiveModel { joint: Set(false), ..Default::default() }
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(settle(tx, changes))
    }
}

/// Who thanks, whom, and whether that goes across; nobody thanks whom they do not see. Three statements.
async fn settle(tx: &mut Tx, changes: &mut [Change<Entity>]) -> Result<()> {
    let me = tx.access().actor().user;
    let of = |change: &Change<Entity>| {
        let given = change.row.recipients.try_as_ref().cloned().unwrap_or_default();
        serde_json::from_value::<RecognitionRecipients>(given).map(|to| to.users()).unwrap_or_default()
    };
    let mut ids: Vec<Uuid> = changes.iter().flat_map(of).chain(me).map(RowId::uuid).collect();
    ids.sort_unstable();
    ids.dedup();
    let backend = tx.access().store().backend();
    let people = tx.read(Scoped::<user::Entity>::read(&all_rows(tx)).ids(&ids)).await?;
    let seen = tx.read(Scoped::<user::Entity>::read(tx.access()).ids(&ids)).await?;
    let theirs = within_ids((membership::Entity::NAME, "user_id"), &ids, backend);
    let places = tx.read(Scoped::<membership::Entity>::read(&all_rows(tx)).filter(theirs)).await?;
    let side = |id: UserId| people.iter().find(|person| person.id == id).and_then(|person| person.side);
    let teams = |id: UserId| places.iter().filter(|place| place.user_id == id).map(|place| place.team_id).collect();
    for change in changes.iter_mut().filter(|change| change.before.is_none()) {
        let to = of(change);
        let Some(me) = me else {
            change.faults.push(wrong("only people thank"));
            continue;
        };
        if to.contains(&me) {
            change.faults.push(wrong("nobody thanks themselves"));
        }
        if to.iter().any(|id| !seen.iter().any(|person| person.id == *id && person.active)) {
            change.faults.push(wrong("there is no such person"));
        }
        change.row.from_user_id = Set(me);
        change.row.joint = Set(to.iter().any(|id| across((side(me), &teams(me)), (side(*id), &teams(*id)))));
    }
    Ok(())
}

/// On different sides, or in teams and in none together.
fn across<T: Eq + std::hash::Hash>(
    (my_side, mine): (Option<Side>, &HashSet<T>),
    (side, theirs): (Option<Side>, &HashSet<T>),
) -> bool {
    let sides = my_side.zip(side).is_some_and(|(mine, theirs)| mine != theirs);
    sides || (!mine.is_empty() && !theirs.is_empty() && mine.is_disjoint(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_across_is_joint() {
        let teams = |ids: &[i32]| ids.iter().copied().collect::<HashSet<_>>();
        let (none, one, two) = (teams(&[]), teams(&[1]), teams(&[2, 3]));
        let both = teams(&[1, 2]);
        assert!(across((Some(Side::Sales), &one), (Some(Side::Marketing), &one)));
        assert!(across((Some(Side::Sales), &one), (Some(Side::Sales), &two)));
        assert!(!across((Some(Side::Sales), &one), (Some(Side::Sales), &both)));
        assert!(!across((None, &none), (Some(Side::Sales), &two)));
    }
}

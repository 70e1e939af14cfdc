//! What a run comes to for sides and teams, so that nobody's pay can be told from it. Reckoned once with each calculation, with
//! the teams of then: a later answer that differs by one person does not exist.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    id::{RowId, TeamId, UserId},
    incentive_run::Model,
    membership,
    user::Side,
    word::Word,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::calculate::Task;
use crate::{
    error::{Error, Result},
    incentive::pay::result::Statement,
    insight::small::FEW,
    store::{Guarded, Scoped, within_ids},
};

/// The sum of enough people's totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Of one side; of all without a side or team.
    pub side: Option<String>,
    /// Of one team.
    pub team: Option<Uuid>,
    pub people: i64,
    pub total_minor: i64,
}

/// Of a run's last calculation.
pub fn groups(run: &Model) -> Result<Vec<Group>> {
    let Some(json) = run.totals.clone() else { return Ok(vec![]) };
    serde_json::from_value(json).map_err(|e| Error::internal(format!("{}: {e}", run.id)))
}

pub async fn of(task: &Task, statements: &[Statement], sides: &HashMap<UserId, Side>) -> Result<serde_json::Value> {
    let paid: BTreeMap<UserId, i64> = statements.iter().map(|s| (s.user, s.total)).collect();
    let ids: Vec<Uuid> = paid.keys().map(|user| user.uuid()).collect();
    let theirs = within_ids((membership::Entity::NAME, "user_id"), &ids, task.access.store().backend());
    let members = Scoped::<membership::Entity>::read(&task.access).filter(theirs).models().await?;
    let mut teams: BTreeMap<TeamId, BTreeSet<UserId>> = BTreeMap::new();
    for row in members {
        teams.entry(row.team_id).or_default().insert(row.user_id);
    }
    let on = |side: Side| paid.keys().filter(|user| sides.get(user) == Some(&side)).copied().collect::<BTreeSet<_>>();
    let all = (None, None, paid.keys().copied().collect());
    let sides = [Side::Marketing, Side::Sales].map(|side| (Some(side.word().to_owned()), None, on(side)));
    let teams = teams.into_iter().map(|(team, people)| (None, Some(team.uuid()), people));
    let told = told(std::iter::once(all).chain(sides).chain(teams).collect(), |people: &BTreeSet<UserId>| {
        people.iter().filter_map(|user| paid.get(user)).sum()
    });
    serde_json::to_value(told).map_err(Error::internal)
}

type Candidate<K> = (Option<String>, Option<Uuid>, BTreeSet<K>);

/// Of these groups those that may be told, in this order: however sums are added and subtracted, what is left is of five
/// people or more, or of nobody.
fn told<K: Ord + Copy>(groups: Vec<Candidate<K>>, sum: impl Fn(&BTreeSet<K>) -> i64) -> Vec<Group> {
    // people who are in exactly the same of the groups told so far
    let mut atoms: Vec<BTreeSet<K>> = vec![];
    let mut told = vec![];
    for (side, team, people) in groups {
        let finer = refined(&atoms, &people);
        if people.is_empty() || finer.iter().any(|atom| i64::try_from(atom.len()).is_ok_and(|n| n < FEW)) {
            continue;
        }
        atoms = finer;
        let total_minor = sum(&people);
        told.push(Group { side, team, people: i64::try_from(people.len()).unwrap_or(i64::MAX), total_minor });
    }
    told
}

fn refined<K: Ord + Copy>(atoms: &[BTreeSet<K>], people: &BTreeSet<K>) -> Vec<BTreeSet<K>> {
    let known: BTreeSet<K> = atoms.iter().flatten().copied().collect();
    let split = atoms.iter().flat_map(|atom| [atom & people, atom - people]);
    split.chain([people - &known]).filter(|atom| !atom.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(range: std::ops::Range<u32>) -> BTreeSet<u32> {
        range.collect()
    }

    fn which(groups: &[BTreeSet<u32>]) -> Vec<i64> {
        let named = groups.iter().map(|g| (None, None, g.clone())).collect();
        told(named, |g| g.iter().map(|n| i64::from(*n)).sum()).into_iter().map(|g| g.people).collect()
    }

    proptest::proptest! {
        #[test]
        fn statements_sum_to_the_run_and_to_each_group(
            paid in proptest::collection::vec(-9_000_000_i64..90_000_000, 0..30), cut in 0_usize..30,
        ) {
            let everybody: BTreeSet<usize> = (0..paid.len()).collect();
            let some: BTreeSet<usize> = everybody.iter().copied().filter(|at| *at < cut).collect();
            let sum = |people: &BTreeSet<usize>| people.iter().map(|at| paid[*at]).sum::<i64>();
            let groups = told(vec![(None, None, everybody.clone()), (Some("SALES".to_owned()), None, some.clone())], sum);
            proptest::prop_assert_eq!(!groups.is_empty(), paid.len() >= 5);
            for group in groups {
                let people = if group.side.is_some() { &some } else { &everybody };
                proptest::prop_assert_eq!((group.people, group.total_minor), (i64::try_from(people.len()).unwrap(), sum(people)));
            }
        }
    }

    #[test]
    fn nothing_is_told_of_four() {
        assert!(which(&[people(0..4)]).is_empty());
        assert_eq!(which(&[people(0..5)]), [5]);
        assert!(which(&[people(0..0)]).is_empty());
    }

    #[test]
    fn differences_are_of_five_or_more_too() {
        // all 12, and a side of 10: the other two would be told by subtraction
        assert_eq!(which(&[people(0..12), people(0..10)]), [12]);
        assert_eq!(which(&[people(0..12), people(0..6), people(6..12)]), [12, 6, 6]);
        // two teams that share one person
        assert_eq!(which(&[people(0..6), people(5..11)]), [6]);
        assert_eq!(which(&[people(0..20), people(0..10), people(5..15)]), [20, 10, 10]);
        assert_eq!(which(&[people(0..20), people(0..10), people(5..14)]), [20, 10]);
    }
}

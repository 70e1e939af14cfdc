//! A run: a plan and its frozen inputs become statements. The same in gives the same out, in whatever order it comes. Pure.

use std::collections::BTreeSet;

use entity::id::UserId;

use super::{
    component,
    input::{Due, Inputs},
    plan::{Participant, Plan},
    result::{Line, PayError, Statement},
    settle,
};

type Result<T> = std::result::Result<T, PayError>;

/// A statement for each participant, and for whoever is in the plan no more and has something to get or to give for earlier
/// periods; by their ids.
pub fn calculate(plan: &Plan, inputs: &Inputs) -> Result<Vec<Statement>> {
    let mut due: Vec<Due> = inputs.due.clone();
    due.sort_unstable();
    let owed = |user: UserId| inputs.owed.get(&user).copied().unwrap_or(0);
    let mut all = Vec::with_capacity(inputs.participants.len());
    for (who, mut lines) in earned(plan, inputs)? {
        let owed = settle::draw(who, owed(who.user), &mut lines)?;
        let from = due.partition_point(|due| due.user < who.user);
        let own = due[from..].partition_point(|due| due.user == who.user);
        all.push(settle::adjust(plan, who.user, &due[from..from + own], lines, owed)?);
    }
    let stay: BTreeSet<UserId> = all.iter().map(|statement| statement.user).collect();
    for own in due.chunk_by(|one, other| one.user == other.user) {
        let Some(user) = own.first().map(|due| due.user).filter(|user| !stay.contains(user)) else { continue };
        // of what is only to be taken back of nothing, nothing can be deducted: it waits
        if !own.iter().all(settle::limited) {
            all.push(settle::adjust(plan, user, own, vec![], owed(user))?);
        }
    }
    all.sort_by_key(|statement| statement.user);
    Ok(all)
}

/// What each participant earns: components, caps, the guarantee. Neither draws nor adjustments.
pub fn earned<'a>(plan: &Plan, inputs: &'a Inputs) -> Result<Vec<(&'a Participant, Vec<Line>)>> {
    let mut people: Vec<&Participant> = inputs.participants.iter().collect();
    people.sort_by_key(|person| person.user);
    if let Some(pair) = people.windows(2).find(|pair| pair[0].user == pair[1].user) {
        return Err(PayError::Twice(pair[0].user));
    }
    let mut all = vec![Vec::new(); people.len()];
    for at in 0..plan.components.len() {
        let paid = component::lines(plan, at, &people, inputs)?;
        for (lines, line) in all.iter_mut().zip(paid) {
            lines.extend(line);
        }
    }
    for lines in &mut all {
        settle::cap_components(plan, lines);
    }
    settle::cap_plan(plan, &mut all)?;
    for (person, lines) in people.iter().zip(&mut all) {
        settle::cap_person(plan, person, lines)?;
    }
    Ok(people.into_iter().zip(all).collect())
}

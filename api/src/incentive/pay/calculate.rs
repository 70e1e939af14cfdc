//! A run: a plan and its frozen inputs become statements. The same in gives the same out, in whatever order it comes. Pure.

use super::{
    component,
    input::{Due, Inputs},
    plan::{Participant, Plan},
    result::{Line, PayError, Statement},
    settle,
};

type Result<T> = std::result::Result<T, PayError>;

/// A statement for each participant, by their ids.
pub fn calculate(plan: &Plan, inputs: &Inputs) -> Result<Vec<Statement>> {
    let mut due: Vec<Due> = inputs.due.clone();
    due.sort_unstable();
    let settled = earned(plan, inputs)?.into_iter().map(|(who, mut lines)| {
        let owed = settle::draw(who, inputs.owed.get(&who.user).copied().unwrap_or(0), &mut lines)?;
        let from = due.partition_point(|due| due.user < who.user);
        let own = due[from..].partition_point(|due| due.user == who.user);
        settle::adjust(plan, who, &due[from..from + own], lines, owed)
    });
    settled.collect()
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

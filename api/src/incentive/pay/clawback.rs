//! What is taken back when paid deals come to nothing, and paid when deals turn out to be of a period that was paid already: the
//! original period is reckoned again without them, or with them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::id::{GoalId, OpportunityId, UserId};

use super::{
    calculate::earned,
    input::{Credit, Event, Inputs},
    plan::{Clawback, Participant, Plan, Rule, SplitRole},
    result::{Line, PayError},
    settle,
};
use crate::insight::metric::exact::Exact;

/// A paid deal that was cancelled, refunded, reopened or lowered; or a deal that was won late into the period, or raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub at: DateTime<Utc>,
    pub deal: OpportunityId,
    /// Whole calendar days in the organisation's time zone from the day it was closed to the day of the trigger.
    pub age: i64,
    /// Nothing is left of it: it is not won any more.
    pub gone: bool,
    /// What is left of credited shares; those that are not named stay.
    pub left: Vec<Left>,
    /// How far goals were reached without this deal and those before; looked at only where the plan's clawback says `goals`.
    pub goals: Option<BTreeMap<GoalId, Exact>>,
    /// What is credited beyond what was before: all of a deal that was won late, what a raised one is more.
    pub added: Vec<Credit>,
    /// What SPIFFs pay for a deal that was won late.
    pub won: Vec<Event>,
}

impl Trigger {
    pub fn adds(&self) -> bool {
        !self.added.is_empty() || !self.won.is_empty()
    }
}

/// What is left of a share of a lowered deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub user: UserId,
    pub role: SplitRole,
    pub base: i64,
}

/// What one trigger takes of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The trigger's place in those that were given.
    pub trigger: usize,
    pub user: UserId,
    /// What the period would have paid less.
    pub less: i64,
    /// How much of that is still taken at the deal's age.
    pub fraction: Exact,
    /// The adjustment: below 0 what is taken, above 0 what is paid for what was added, which no age lessens.
    pub amount: i64,
}

/// All up to `full_days`, then in a line down to nothing at `none_days`.
pub fn fraction(clawback: &Clawback, age: i64) -> Exact {
    let (full, none) = (i64::from(clawback.full_days), i64::from(clawback.none_days));
    if age <= full {
        return Exact::whole(1);
    }
    if age >= none {
        return Exact::ZERO;
    }
    Exact::over((none - age).into(), (none - full).into()).unwrap_or(Exact::ZERO)
}

/// What each trigger takes of each person who was credited with its deal, one after the other in the order of their times, then
/// deals: each is reckoned without those before it. `inputs`, `credits` and `events` are the original run's; `credits` and
/// `events` need only hold the triggers' deals. What a period would have paid is what its statements would have said, but for what
/// was lent: that is owed as it was.
pub fn take_back(
    plan: &Plan,
    inputs: &Inputs,
    credits: &[Credit],
    events: &[Event],
    triggers: &[Trigger],
) -> Result<Vec<Taken>, PayError> {
    let mut order: Vec<usize> = (0..triggers.len()).collect();
    order.sort_by_key(|at| (triggers[*at].at, triggers[*at].deal));
    let (mut credits, mut left, mut events) = (credits.to_vec(), credits.to_vec(), events.to_vec());
    let mut gone: BTreeSet<OpportunityId> = BTreeSet::new();
    let mut inputs = Inputs { due: vec![], owed: BTreeMap::new(), ..inputs.clone() };
    let mut before = pays(plan, &inputs)?;
    let mut all = Vec::new();
    for at in order {
        let trigger = &triggers[at];
        let goals = trigger.goals.as_ref().filter(|_| plan.clawback.goals);
        let mut raised = None;
        if trigger.adds() {
            add(plan, trigger, (&mut credits, &mut left, &mut events), &mut inputs);
            if let Some(goals) = goals {
                inputs.goals.clone_from(goals);
            }
            raised = Some(pays(plan, &inputs)?);
        }
        lower(plan, trigger, &credits, &mut left, &mut inputs);
        if trigger.gone && gone.insert(trigger.deal) {
            for event in events.iter().filter(|event| event.deal == Some(trigger.deal)) {
                inputs.sums.without_event(event);
            }
        }
        if let Some(goals) = goals {
            inputs.goals.clone_from(goals);
        }
        let after = pays(plan, &inputs)?;
        let credited = credits.iter().filter(|credit| credit.deal == trigger.deal).map(|credit| credit.user);
        let rewarded = events.iter().filter(|event| event.deal == Some(trigger.deal)).map(|event| event.user);
        let people: BTreeSet<UserId> = credited.chain(rewarded).collect();
        let fraction = fraction(&plan.clawback, trigger.age);
        for user in people {
            let pay = |pays: &BTreeMap<UserId, i64>| pays.get(&user).copied().unwrap_or(0);
            let most = raised.as_ref().map_or(pay(&before), &pay);
            let more = (most - pay(&before)).max(0);
            let less = (most - pay(&after)).max(0);
            let taken = Exact::whole(less).times(fraction).and_then(|taken| taken.scaled(0));
            let taken = taken.and_then(|taken| i64::try_from(taken).ok()).ok_or(PayError::TooLarge)?;
            all.push(Taken { trigger: at, user, less, fraction, amount: more - taken });
        }
        before = after;
    }
    Ok(all)
}

/// Credits what a trigger adds, in components that are reckoned anew.
fn add(
    plan: &Plan,
    trigger: &Trigger,
    (credits, left, events): (&mut Vec<Credit>, &mut Vec<Credit>, &mut Vec<Event>),
    inputs: &mut Inputs,
) {
    for more in trigger.added.iter().filter(|more| anew(plan, more.component)) {
        inputs.sums.credit(more);
        merge(credits, more);
        merge(left, more);
    }
    for event in &trigger.won {
        inputs.sums.event(event);
        events.push(*event);
    }
}

/// Adds a credit to the one of the same share, or to the others.
pub fn merge(credits: &mut Vec<Credit>, more: &Credit) {
    let share = |credit: &Credit| (credit.component, credit.user, credit.deal, credit.role);
    match credits.iter_mut().find(|credit| share(credit) == share(more)) {
        Some(credit) => credit.base = credit.base.saturating_add(more.base),
        None => credits.push(*more),
    }
}

/// Whether a component is reckoned anew: a commission.
pub fn anew(plan: &Plan, component: usize) -> bool {
    let rule = plan.components.get(component).map(|component| &component.rule);
    matches!(rule, Some(Rule::Marginal { .. } | Rule::Retroactive { .. }))
}

/// Lowers the credited shares of a trigger's deal in components that are reckoned anew; never above what was credited.
fn lower(plan: &Plan, trigger: &Trigger, credited: &[Credit], left: &mut [Credit], inputs: &mut Inputs) {
    let all = left.iter_mut().zip(credited);
    for (credit, original) in all.filter(|(credit, _)| credit.deal == trigger.deal) {
        if !anew(plan, credit.component) {
            continue;
        }
        let same = |left: &&Left| (left.user, left.role) == (credit.user, credit.role);
        let stays = trigger.left.iter().find(same).map_or(credit.base, |left| left.base);
        let base = if trigger.gone { 0 } else { stays.min(original.base) };
        inputs.sums.without(credit);
        credit.base = base;
        inputs.sums.credit(credit);
    }
}

/// What each is paid for good: what was drawn and must not be given back is paid whatever was earned; what must be is owed in any
/// case.
fn pays(plan: &Plan, inputs: &Inputs) -> Result<BTreeMap<UserId, i64>, PayError> {
    let paid = |(who, lines): (&Participant, Vec<Line>)| {
        let earned = settle::sum(&lines)?;
        let drawn = who.draw.filter(|draw| !draw.recoverable).map_or(earned, |draw| draw.amount);
        Ok((who.user, earned.max(drawn)))
    };
    earned(plan, inputs)?.into_iter().map(paid).collect()
}

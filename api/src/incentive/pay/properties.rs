//! What holds for every plan and every input.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta};
use entity::id::UserId;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    calculate::calculate,
    clawback::{Trigger, take_back},
    curve::{marginal, reached},
    digest::Digest,
    input::{Credit, Due, DueReason, Event, Inputs},
    plan::{Component, Draw, HealthRule, Participant, Plan, PoolShare, Rule, SplitRole, Tier},
    result::LineKind,
    split::{Share, change, split},
    terms::{component, deal, for_goal, goal, person, plan, user},
};
use crate::insight::metric::exact::Exact;

fn millionths(number: u32) -> Exact {
    Exact::over(number.into(), 1_000_000).unwrap()
}

prop_compose! {
    /// Rising bounds from 0, rates that need not rise.
    fn tiers()(steps in prop::collection::vec((1_u32..900_000, 0_u32..300_000), 1..5)) -> Vec<Tier> {
        let mut from = 0;
        let last = steps.len() - 1;
        let tier = |(at, (width, rate)): (usize, (u32, u32))| {
            let to = from + width;
            let tier = Tier { from: millionths(from), to: (at < last).then(|| millionths(to)), rate: millionths(rate) };
            from = to;
            tier
        };
        steps.into_iter().enumerate().map(tier).collect()
    }
}

prop_compose! {
    fn plans()(
        tiers in tiers(),
        retroactive: bool,
        cap in prop::option::of(0_i64..9_000_000),
        plan_cap in prop::option::of(0_i64..30_000_000),
        person_cap in prop::option::of(0_i64..9_000_000),
        pool in 1_i64..1_000_000,
        most_deducted in 0_u32..=10_000,
    ) -> Plan {
        let roles = vec![SplitRole::Owner];
        let commission = if retroactive { Rule::Retroactive { roles, tiers } } else { Rule::Marginal { roles, tiers } };
        let pool = component("pool", Rule::Pool { amount: pool, by: PoolShare::Weight });
        let spiff = component("spiff", Rule::Spiff { each: 12_345, most: Some(3) });
        let components = vec![Component { cap, ..component("c", commission) }, for_goal("g", 1, 10_000), pool, spiff];
        let mut plan = Plan { plan_cap, person_cap, ..plan(components) };
        plan.clawback.most_deducted = most_deducted;
        plan
    }
}

prop_compose! {
    fn people()(all in prop::collection::vec((1_i64..90_000_000, prop::option::of(0_i64..5_000_000), any::<bool>(), 0_u32..9), 1..8))
        -> Vec<Participant> {
        let one = |(at, (quota, guarantee, recoverable, pool_weight)): (usize, (i64, Option<i64>, bool, u32))| {
            let draw = recoverable.then_some(Draw { amount: 400_000, recoverable });
            Participant { quota: Some(quota), guarantee, draw, pool_weight, ..person(at as u128 + 1) }
        };
        all.into_iter().enumerate().map(one).collect()
    }
}

prop_compose! {
    fn credits()(all in prop::collection::vec((1_u128..9, 1_u128..40, -1_000_000_i64..20_000_000), 0..40)) -> Vec<Credit> {
        let one = |(person, number, base)| Credit {
            component: 0, user: user(person), deal: deal(number), role: SplitRole::Owner, base,
        };
        all.into_iter().map(one).collect()
    }
}

prop_compose! {
    /// What SPIFFs pay for, what waits for people and what they owe.
    fn more()(
        events in prop::collection::vec((1_u128..9, 0_i64..90), 0..20),
        due in prop::collection::vec((1_u128..9, -2_000_000_i64..2_000_000, 0_usize..6), 0..9),
        owed in prop::collection::btree_map(1_u128..9, 0_i64..900_000, 0..5),
    ) -> (Vec<Event>, Vec<Due>, BTreeMap<UserId, i64>) {
        let event = |(at, (person, day)): (usize, (u128, i64))| Event {
            user: user(person), component: 3, at: DateTime::UNIX_EPOCH + TimeDelta::days(day), record: Uuid::from_u128(at as u128), deal: None,
        };
        let reasons = [DueReason::Clawback, DueReason::CarryForward, DueReason::Dispute, DueReason::Correction, DueReason::Reversal, DueReason::LateSale];
        let one = |(at, (person, amount, reason)): (usize, (u128, i64, usize))| Due {
            user: user(person), id: Uuid::from_u128(1_000 + at as u128), reason: reasons[reason], amount,
        };
        let events = events.into_iter().enumerate().map(event).collect();
        let due = due.into_iter().enumerate().map(one).collect();
        (events, due, owed.into_iter().map(|(person, minor)| (user(person), minor)).collect())
    }
}

fn inputs(participants: Vec<Participant>, credits: &[Credit], attainment: u32) -> Inputs {
    let goals = [(goal(1), millionths(attainment))].into_iter().collect();
    let mut inputs = Inputs { participants, goals, ..Inputs::default() };
    for credit in credits {
        inputs.sums.credit(credit);
    }
    inputs
}

proptest! {
    #[test]
    fn lines_sum_to_statements_and_the_order_of_inputs_changes_nothing(
        plan in plans(), people in people(), credits in credits(), attainment in 0_u32..3_000_000,
    ) {
        let forward = inputs(people.clone(), &credits, attainment);
        let backward: Vec<Credit> = credits.iter().rev().copied().collect();
        let backward = inputs(people.into_iter().rev().collect(), &backward, attainment);
        let statements = calculate(&plan, &forward).unwrap();
        prop_assert_eq!(&statements, &calculate(&plan, &forward).unwrap());
        prop_assert_eq!(&statements, &calculate(&plan, &backward).unwrap());
        let mut of_components = 0;
        for statement in &statements {
            prop_assert_eq!(statement.lines.iter().map(|line| line.amount).sum::<i64>(), statement.total);
            prop_assert!(statement.total >= 0 && statement.owed >= 0 && statement.carried >= 0);
            let guarantee = forward.participants.iter().find(|person| person.user == statement.user).unwrap().guarantee;
            prop_assert!(statement.total >= guarantee.unwrap_or(0));
            let earned = statement.lines.iter().filter(|line| line.kind <= super::result::LineKind::Forfeited);
            let earned = earned.map(|line| line.amount).sum::<i64>();
            prop_assert!(plan.person_cap.is_none_or(|cap| earned <= cap));
            of_components += earned;
        }
        prop_assert!(plan.plan_cap.is_none_or(|cap| of_components <= cap));
    }

    #[test]
    fn whatever_waits_is_paid_taken_or_carried_on(
        plan in plans(), people in people(), credits in credits(), attainment in 0_u32..3_000_000, more in more(), health in 0_u32..1_000_000,
    ) {
        let (events, due, owed) = more;
        let rule = HealthRule { side: None, floor: millionths(500_000), factor: millionths(900_000) };
        let plan = Plan { health: vec![rule], ..plan };
        let plain = inputs(people.clone(), &credits, attainment);
        let mut all = Inputs { due, owed: owed.clone(), health: vec![Some(millionths(health))], ..plain };
        for event in &events {
            all.sums.event(event);
        }
        let statements = calculate(&plan, &all).unwrap();
        let turned = Inputs { due: all.due.iter().rev().copied().collect(), ..all.clone() };
        prop_assert_eq!(&statements, &calculate(&plan, &turned).unwrap());
        for statement in &statements {
            let of = |kind: LineKind| statement.lines.iter().filter(|line| line.kind == kind).map(|line| line.amount).sum::<i64>();
            prop_assert_eq!(statement.lines.iter().map(|line| line.amount).sum::<i64>(), statement.total);
            // to the cent: what waited is in it, or waits on
            let waited: i64 = all.due.iter().filter(|due| due.user == statement.user).map(|due| due.amount).sum();
            prop_assert_eq!(of(LineKind::Adjustment) + of(LineKind::Clawback) - statement.carried, waited);
            if people.iter().any(|person| person.user == statement.user) {
                let before = owed.get(&statement.user).copied().unwrap_or(0);
                let recoverable = people.iter().find(|p| p.user == statement.user).and_then(|p| p.draw).is_some_and(|draw| draw.recoverable);
                let lent = of(LineKind::Draw);
                prop_assert!(statement.owed == before + lent || !recoverable && lent > 0);
            }
        }
        let people: BTreeSet<UserId> = statements.iter().map(|statement| statement.user).collect();
        prop_assert_eq!(people.len(), statements.len(), "one for each");
    }

    #[test]
    fn splits_sum_to_what_is_split(
        before in -1_000_000_000_i64..1_000_000_000, after in -1_000_000_000_i64..1_000_000_000,
        cuts in prop::collection::btree_set(1_u32..10_000, 0..6),
    ) {
        let bounds: Vec<u32> = std::iter::once(0).chain(cuts).chain([10_000]).collect();
        let roles = [SplitRole::Owner, SplitRole::Sdr, SplitRole::Se, SplitRole::Marketing];
        let share = |(at, pair): (usize, &[u32])| Share { role: roles[at % 4], user: user(at as u128), percent: pair[1] - pair[0] };
        let shares: Vec<Share> = bounds.windows(2).enumerate().map(share).collect();
        let parts = split(before, &shares);
        prop_assert_eq!(parts.iter().sum::<i64>(), before);
        prop_assert_eq!(split(-before, &shares), parts.iter().map(|part| -part).collect::<Vec<_>>());
        prop_assert_eq!(change(before, after, &shares).iter().sum::<i64>(), after - before);
        let mut turned: Vec<Share> = shares.clone();
        turned.reverse();
        prop_assert_eq!(split(before, &turned).into_iter().rev().collect::<Vec<_>>(), parts);
    }

    #[test]
    fn marginal_pay_is_monotone_and_continuous(
        tiers in tiers(), quota in 1_i64..90_000_000, base in 0_i64..200_000_000, more in 0_i64..1_000_000,
    ) {
        let pay = |base: i64| marginal(&tiers, Exact::whole(quota), Exact::whole(base)).unwrap();
        let (less, higher) = (pay(base), pay(base + more));
        prop_assert!(higher.at_least(less));
        // no jump: never more than the highest rate of what came on top
        let highest = millionths(300_000).times(Exact::whole(more)).unwrap();
        prop_assert!(highest.at_least(higher.minus(less).unwrap()));
    }

    #[test]
    fn every_attainment_lies_in_exactly_one_tier(tiers in tiers(), attainment in 0_u32..5_000_000) {
        let a = millionths(attainment);
        let inside = tiers.iter().filter(|t| a.at_least(t.from) && t.to.is_none_or(|to| !a.at_least(to)));
        prop_assert_eq!(inside.map(|t| t.rate).collect::<Vec<_>>(), vec![reached(&tiers, a)]);
    }

    #[test]
    fn no_more_is_taken_back_than_was_paid(
        plan in plans(), people in people(), credits in credits(), age in 0_i64..200, lost in prop::collection::btree_set(1_u128..40, 0..9),
    ) {
        let inputs = inputs(people, &credits, 1_000_000);
        let trigger = |number: &u128| Trigger {
            at: "2026-11-01T00:00:00Z".parse().unwrap(), deal: deal(*number), age, gone: true, left: vec![], goals: None, added: vec![], won: vec![],
        };
        let triggers: Vec<Trigger> = lost.iter().map(trigger).collect();
        let taken = take_back(&plan, &inputs, &credits, &[], &triggers).unwrap();
        let turned: Vec<Trigger> = triggers.iter().rev().cloned().collect();
        let again = take_back(&plan, &inputs, &credits, &[], &turned).unwrap();
        let amounts = |taken: &[super::clawback::Taken]| taken.iter().map(|taken| (taken.user, taken.amount)).collect::<Vec<_>>();
        prop_assert_eq!(amounts(&taken), amounts(&again));
        prop_assert!(taken.iter().all(|taken| taken.amount <= 0));
    }

    #[test]
    fn the_digest_does_not_know_the_order(rows in prop::collection::vec(".{0,9}", 0..9)) {
        let of = |rows: &mut dyn Iterator<Item = &String>| {
            let mut digest = Digest::default();
            rows.for_each(|row| digest.row("row", &[row]));
            digest.finish()
        };
        prop_assert_eq!(of(&mut rows.iter()), of(&mut rows.iter().rev()));
    }
}

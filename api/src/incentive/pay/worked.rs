//! The worked numbers of the formulas (2.6.24), each a test.

use entity::user::Side;

use super::{
    calculate::calculate,
    clawback::{Left, Trigger, fraction, take_back},
    input::{Due, DueReason, Event, Inputs, paid_for},
    plan::{Clawback, Draw, Gate, HealthRule, Plan, PoolShare, Rule, SplitRole, Tier},
    result::{Because, Line, LineKind, Statement},
    split::{Share, change, split},
    terms::{component, credit, deal, for_goal, goal, marginal, n, paid, person, plan, retroactive, tier, user},
    validate,
};

fn kinds(statement: &Statement) -> Vec<(LineKind, i64)> {
    statement.lines.iter().map(|line: &Line| (line.kind, line.amount)).collect()
}

fn marketing() -> Plan {
    plan(vec![for_goal("arr", 1, 6000), for_goal("pipeline", 2, 3000), for_goal("sla", 3, 1000)])
}

fn reached(arr: &str, pipeline: &str, sla: &str) -> Inputs {
    let goals = [(goal(1), n(arr)), (goal(2), n(pipeline)), (goal(3), n(sla))];
    Inputs { participants: vec![person(1)], goals: goals.into_iter().collect(), ..Inputs::default() }
}

fn one(plan: &Plan, inputs: &Inputs) -> Statement {
    calculate(plan, inputs).unwrap().remove(0)
}

#[test]
fn a_marketing_managers_quarter() {
    let statement = one(&marketing(), &reached("1.12", "0.8", "0.96"));
    let amounts: Vec<i64> = statement.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [1_416_000, 400_000, 186_667]);
    assert_eq!(statement.total, 2_002_667);
    assert_eq!(statement.lines[0].factor, Some(n("1.18")));
    assert_eq!(statement.lines[0].basis, Some(1_200_000));
    assert_eq!(one(&marketing(), &reached("1.80", "1.80", "1.80")).total, 4_000_000);
}

#[test]
fn below_the_gate_both_teams_get_nothing() {
    let spiff = component("spiff", Rule::Spiff { each: 50_000, most: None });
    let gates = vec![Gate { goal: goal(1), threshold: n("0.70") }];
    let plan = Plan { components: [marketing().components, vec![marginal(), spiff]].concat(), gates, ..marketing() };
    let sales = super::plan::Participant { side: Side::Marketing, ..person(2) };
    for (arr, pays) in [("0.699", false), ("0.7", true)] {
        let mut inputs = reached(arr, "1", "1");
        inputs.participants.push(sales.clone());
        for number in [1, 2] {
            inputs.sums.credit(&super::input::Credit { component: 3, ..credit(number, 1, 1_000_000) });
            inputs.sums.event(&event(number, 4, 1));
        }
        for statement in calculate(&plan, &inputs).unwrap() {
            assert_eq!(statement.total > 0, pays, "{arr}");
            assert_eq!(statement.lines[4].because == Some(Because::Gate), !pays);
            assert_eq!(statement.lines[4].uncapped, 50_000);
        }
    }
}

#[test]
fn a_gate_leaves_the_guarantee_and_adjustments() {
    let gated = Plan { gates: vec![Gate { goal: goal(1), threshold: n("0.70") }], ..marketing() };
    let mut inputs = reached("0.699", "1", "1");
    inputs.participants[0].guarantee = Some(300_000);
    inputs.due.push(due(1, DueReason::Dispute, 5_000));
    let statement = one(&gated, &inputs);
    assert_eq!(statement.total, 305_000);
    let last = &kinds(&statement)[3..];
    assert_eq!(last, [(LineKind::Guarantee, 300_000), (LineKind::Adjustment, 5_000)]);
}

#[test]
fn marginal_tiers() {
    let pays = |base: i64| paid(&plan(vec![marginal()]), base * 100).total;
    let all = [400_000, 500_000, 600_000, 625_000, 700_000].map(pays);
    assert_eq!(all, [3_200_000, 4_000_000, 5_200_000, 5_500_000, 6_700_000]);
    assert_eq!(pays(-1), 0);
}

#[test]
fn retroactive_tiers_have_a_cliff() {
    let pays = |base: i64| paid(&plan(vec![retroactive()]), base).total;
    assert_eq!([49_999_999, 50_000_000, 70_000_000].map(pays), [4_000_000, 6_000_000, 11_200_000]);
    assert_eq!(pays(-1), 0);
}

#[test]
fn tiers_have_neither_gaps_nor_overlaps_and_an_open_end() {
    let wrong = |tiers: &[Tier]| -> Vec<String> {
        validate::check_tiers(tiers).into_iter().map(|fault| fault.field[1..].join(".")).collect()
    };
    assert!(wrong(&super::terms::tiers()).is_empty());
    assert_eq!(wrong(&[tier("0", "1000", "0.1"), tier("1001", "", "0.2")]), ["1.from"]);
    assert_eq!(wrong(&[tier("0", "1", "0.1"), tier("0.9", "", "0.2")]), ["1.from"]);
    assert_eq!(wrong(&[tier("0.1", "", "0.1")]), ["0.from"]);
    assert_eq!(wrong(&[tier("0", "1", "0.1")]), ["0.to"]);
    assert_eq!(wrong(&[tier("0", "", "0.1"), tier("1", "", "0.2")]), ["0.to"]);
    assert_eq!(wrong(&[tier("0", "0", "0.1"), tier("0", "", "1.2")]), ["0.to", "1.rate"]);
    assert_eq!(validate::check_tiers(&[])[0].field, ["tiers"]);
}

fn event(person: u128, component: usize, record: u128) -> Event {
    let at = "2026-07-02T00:00:00Z".parse().unwrap();
    Event { user: user(person), component, at, record: uuid::Uuid::from_u128(record), deal: Some(deal(record)) }
}

#[test]
fn a_spiff_pays_the_first_ten() {
    let plan = plan(vec![component("spiff", Rule::Spiff { each: 50_000, most: Some(10) })]);
    let mut inputs = Inputs { participants: vec![person(1)], ..Inputs::default() };
    let events: Vec<Event> = (1..=12).rev().map(|record| event(1, 0, record)).collect();
    for event in &events {
        inputs.sums.event(event);
    }
    let statement = one(&plan, &inputs);
    assert_eq!((statement.total, statement.lines[0].count), (500_000, Some(10)));
    let kept = paid_for(events, Some(10));
    assert_eq!((kept.len(), kept[0].record.as_u128(), kept[9].record.as_u128()), (10, 1, 10));
}

#[test]
fn a_deal_is_split_to_the_cent() {
    let share = |role, number, percent| Share { role, user: user(number), percent };
    let (owner, sdr) = (SplitRole::Owner, SplitRole::Sdr);
    let shares = [
        share(SplitRole::Marketing, 1, 1000),
        share(owner, 2, 7000),
        share(sdr, 3, 2000),
        share(SplitRole::Overlay, 4, 500),
    ];
    assert_eq!(split(9_000_000, &shares), [900_000, 6_300_000, 1_800_000, 450_000]);
    let thirds = [share(sdr, 1, 3333), share(owner, 9, 3334), share(owner, 2, 3333)];
    assert_eq!(split(100, &thirds), [33, 34, 33]);
    assert_eq!(split(-100, &thirds), [-33, -34, -33]);
    let halves = [share(sdr, 1, 5000), share(owner, 9, 5000)];
    assert_eq!([split(1, &halves), split(-1, &halves)], [[0, 1], [0, -1]]);
    assert_eq!(change(1, 2, &halves), [1, 0]);
}

#[test]
fn clawback_by_age() {
    let taken = |age: i64| fraction(&Clawback::default(), age).times(n("800000")).unwrap().scaled(0).unwrap();
    assert_eq!([85, 90, 120, 179, 180].map(taken), [800_000, 800_000, 533_333, 8_889, 0]);
}

fn trigger(number: u128, age: i64, left: i64) -> Trigger {
    let at = format!("2026-11-0{number}T00:00:00Z").parse().unwrap();
    let left = vec![Left { user: user(1), role: SplitRole::Owner, base: left }];
    Trigger { at, deal: deal(number), age, gone: left[0].base == 0, left, goals: None, added: vec![], won: vec![] }
}

fn taken(triggers: &[Trigger]) -> Vec<i64> {
    let credits = [credit(1, 1, 10_000_000), credit(1, 2, 10_000_000), credit(1, 3, 50_000_000)];
    let mut inputs = Inputs { participants: vec![person(1)], ..Inputs::default() };
    for credit in &credits {
        inputs.sums.credit(credit);
    }
    let all = take_back(&plan(vec![marginal()]), &inputs, &credits, &[], triggers).unwrap();
    all.into_iter().map(|taken| taken.amount).collect()
}

#[test]
fn a_deal_that_was_won_late_pays_what_the_period_would_have_paid_more() {
    let late = |number: u128, base: i64| {
        let added = vec![credit(1, number, base)];
        Trigger { added, ..trigger(number, 0, base) }
    };
    // 700,000 and 100,000 more at 16 %; then without both, the late one at last
    assert_eq!(taken(&[late(4, 10_000_000)]), [1_600_000]);
    let gone = |number: u128, day: u128| Trigger { deal: deal(number), ..trigger(day, 0, 0) };
    assert_eq!(taken(&[late(4, 10_000_000), gone(1, 5), gone(4, 6)]), [1_600_000, -1_600_000, -1_500_000]);
    // a deal that is raised by 50,000 and lowered to what it was
    let raised = Trigger { added: vec![credit(1, 1, 5_000_000)], ..trigger(1, 0, 15_000_000) };
    let lowered = Trigger { deal: deal(1), ..trigger(2, 0, 10_000_000) };
    assert_eq!(taken(&[raised.clone(), lowered]), [800_000, -800_000]);
    // what was added is not lessened by age, what is taken of it is
    let old = Trigger { deal: deal(1), ..trigger(2, 120, 10_000_000) };
    assert_eq!(taken(&[Trigger { age: 120, ..raised }, old]), [800_000, -533_333]);
}

#[test]
fn a_lost_deal_takes_what_the_period_would_have_paid_less() {
    assert_eq!(taken(&[trigger(1, 30, 0)]), [-1_500_000]);
    assert_eq!(taken(&[trigger(2, 30, 0), trigger(1, 30, 0)]), [-1_500_000, -1_200_000]);
    assert_eq!(taken(&[trigger(1, 135, 0)]), [-750_000]);
    assert_eq!(taken(&[trigger(1, 30, 5_000_000)]), [-800_000]);
    assert_eq!(taken(&[trigger(1, 180, 0)]), [0]);
}

fn due(number: u128, reason: DueReason, amount: i64) -> Due {
    Due { user: user(1), id: uuid::Uuid::from_u128(number), reason, amount }
}

#[test]
fn no_more_is_taken_back_than_a_statement_bears() {
    let mut plan = plan(vec![marginal()]);
    plan.clawback.most_deducted = 2500;
    let mut inputs = Inputs { participants: vec![person(1)], ..Inputs::default() };
    inputs.sums.credit(&credit(1, 1, 40_000_000));
    inputs.due = vec![due(2, DueReason::Clawback, -600_000), due(1, DueReason::Clawback, -500_000)];
    let statement = one(&plan, &inputs);
    assert_eq!(kinds(&statement)[1..], [(LineKind::Clawback, -500_000), (LineKind::Clawback, -300_000)]);
    assert_eq!((statement.total, statement.carried), (2_400_000, 300_000));
}

#[test]
fn caps_are_lines_of_their_own_in_their_order() {
    let mut plan = plan(vec![super::plan::Component { cap: Some(3_000_000), ..marginal() }]);
    (plan.plan_cap, plan.person_cap) = (Some(4_000_001), Some(2_000_000));
    let mut inputs = Inputs { participants: vec![person(2), person(1)], ..Inputs::default() };
    inputs.sums.credit(&credit(1, 1, 50_000_000));
    inputs.sums.credit(&credit(2, 2, 50_000_000));
    let all = calculate(&plan, &inputs).unwrap();
    let because: Vec<_> = all[0].lines.iter().map(|line| (line.because, line.amount)).collect();
    let component = [(None, 4_000_000), (Some(Because::ComponentCap), -1_000_000)];
    assert_eq!(because[..2], component);
    assert_eq!(because[2..], [(Some(Because::PlanCap), -999_999), (Some(Because::PersonCap), -1)]);
    assert_eq!(all.iter().map(|statement| statement.total).collect::<Vec<_>>(), [2_000_000, 2_000_000]);
    assert_eq!((all[0].lines[0].uncapped, all[0].lines[0].forfeited), (4_000_000, 1_000_000));
}

#[test]
fn guarantees_fill_up_and_draws_are_recovered_later() {
    let plan = plan(vec![marginal()]);
    let run = |base, guarantee, draw: Option<i64>, owed: i64| {
        let draw = draw.map(|amount| Draw { amount, recoverable: true });
        let participants = vec![super::plan::Participant { guarantee, draw, ..person(1) }];
        let mut inputs = Inputs { participants, owed: [(user(1), owed)].into_iter().collect(), ..Inputs::default() };
        inputs.sums.credit(&credit(1, 1, base));
        let statement = one(&plan, &inputs);
        (statement.total, statement.owed)
    };
    assert_eq!(run(10_000_000, Some(1_000_000), None, 0), (1_000_000, 0));
    assert_eq!(run(20_000_000, Some(1_000_000), None, 0), (1_600_000, 0));
    assert_eq!(run(10_000_000, None, Some(1_000_000), 0), (1_000_000, 200_000));
    assert_eq!(run(20_000_000, None, Some(1_000_000), 200_000), (1_400_000, 0));
    assert_eq!(run(15_000_000, None, Some(1_000_000), 500_000), (1_000_000, 300_000));
    assert_eq!(run(15_000_000, Some(1_100_000), Some(1_000_000), 500_000), (1_100_000, 400_000));
}

#[test]
fn days_in_the_plan_scale_bonus_and_quota() {
    let half = super::plan::Participant { from: "2026-08-16".parse().ok(), ..person(1) };
    let mut inputs = Inputs { participants: vec![half], ..reached("1", "1", "1") };
    assert_eq!(one(&marketing(), &inputs).total, 1_000_000);
    inputs.sums.credit(&credit(1, 1, 35_000_000));
    let line = one(&plan(vec![marginal()]), &inputs).lines.remove(0);
    assert_eq!((line.amount, line.attainment), (3_350_000, Some(n("1.4"))));
}

#[test]
fn low_data_health_lowers_the_pay_of_its_side() {
    let rule = HealthRule { side: Some(Side::Sales), floor: n("0.8"), factor: n("0.9") };
    let plan = Plan { health: vec![rule], ..plan(vec![marginal()]) };
    for (health, total) in [(Some("0.79"), 3_600_000), (Some("0.8"), 4_000_000), (None, 4_000_000)] {
        let mut inputs = Inputs { participants: vec![person(1)], health: vec![health.map(n)], ..Inputs::default() };
        inputs.sums.credit(&credit(1, 1, 50_000_000));
        assert_eq!(one(&plan, &inputs).total, total);
    }
}

#[test]
fn a_pool_is_shared_to_the_cent() {
    let pool = |by| plan(vec![component("pool", Rule::Pool { amount: 10_000, by })]);
    let with = |number, pool_weight| super::plan::Participant { pool_weight, ..person(number) };
    let mut inputs = Inputs { participants: vec![with(3, 1), with(1, 1), with(2, 1)], ..Inputs::default() };
    let totals = |plan: &Plan, inputs: &Inputs| -> Vec<i64> {
        calculate(plan, inputs).unwrap().iter().map(|statement| statement.total).collect()
    };
    assert_eq!(totals(&pool(PoolShare::Weight), &inputs), [3_334, 3_333, 3_333]);
    let credited = pool(PoolShare::Credit(vec![SplitRole::Owner]));
    assert_eq!(totals(&credited, &inputs), [0, 0, 0]);
    inputs.sums.credit(&credit(2, 1, 300));
    inputs.sums.credit(&credit(3, 2, 100));
    assert_eq!(totals(&credited, &inputs), [0, 7_500, 2_500]);
}

#[test]
fn a_plan_says_what_is_wrong_with_it() {
    let wrong =
        |plan: &Plan| -> Vec<String> { validate::plan(plan).into_iter().map(|fault| fault.field.join(".")).collect() };
    assert!(wrong(&marketing()).is_empty());
    let mut other = plan(vec![for_goal("a", 1, 6000), for_goal("a", 2, 3000)]);
    other.gates = vec![Gate { goal: goal(1), threshold: n("1") }];
    other.clawback.none_days = 90;
    assert_eq!(
        wrong(&other),
        ["components.1.key", "components", "components", "gates.0.threshold", "clawback.noneDays"]
    );
    let quota = super::plan::Participant { quota: Some(0), ..person(1) };
    assert_eq!(validate::participant(&plan(vec![marginal()]), &quota)[0].field, ["quota"]);
    assert!(validate::participant(&plan(vec![marginal()]), &person(1)).is_empty());
}

#[test]
fn a_draw_that_is_given_is_paid_whatever_is_lost_or_found() {
    let credits = [credit(1, 1, 10_000_000), credit(1, 2, 40_000_000)];
    let worked = |recoverable: bool, triggers: &[Trigger]| -> Vec<i64> {
        let draw = Some(Draw { amount: 5_000_000, recoverable });
        let mut inputs =
            Inputs { participants: vec![super::plan::Participant { draw, ..person(1) }], ..Inputs::default() };
        for credit in &credits {
            inputs.sums.credit(credit);
        }
        let all = take_back(&plan(vec![marginal()]), &inputs, &credits, &[], triggers).unwrap();
        all.into_iter().map(|taken| taken.amount).collect()
    };
    let late = Trigger { added: vec![credit(1, 4, 10_000_000)], ..trigger(4, 0, 10_000_000) };
    // 40,000 are earned of the 50,000 that are paid; 32,000 without the first, 52,000 with one more
    assert_eq!(worked(false, &[trigger(1, 30, 0)]), [0]);
    assert_eq!(worked(false, std::slice::from_ref(&late)), [200_000]);
    // what was lent is owed in any case
    assert_eq!(worked(true, &[trigger(1, 30, 0)]), [-800_000]);
    assert_eq!(worked(true, &[late]), [1_200_000]);
}

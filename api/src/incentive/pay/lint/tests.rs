use super::{Ask, Axes, Choice, Finding, Kind, Offer, Value, change::Change, changed, lint, people};
use crate::incentive::pay::{
    plan::{Component, Curve, Plan, PoolShare, Rule, SplitRole},
    terms::{component, curve, for_goal, goal, marginal, n, person, plan, retroactive, tier, user},
};

fn ask(plan: Plan) -> Ask {
    let people = people(plan.currency);
    Ask { plan, people, choices: vec![], axes: Axes::default(), seen: [].into_iter().collect() }
}

/// The only finding of a kind; applying its changes removes it and adds nothing.
fn only(ask: &Ask, kind: Kind) -> Finding {
    let all = lint(ask);
    let mut of_kind: Vec<_> = all.iter().filter(|finding| finding.kind == kind).cloned().collect();
    assert_eq!(of_kind.len(), 1, "{all:#?}");
    let finding = of_kind.remove(0);
    assert!(!finding.changes.is_empty(), "{finding:#?}");
    let after = lint(&changed(ask, &finding.changes));
    assert!(after.len() < all.len(), "{after:#?}");
    assert!(after.iter().all(|other| (other.kind, &other.subject) != (kind, &finding.subject)));
    finding
}

fn none(ask: &Ask, kind: Kind) {
    let all = lint(ask);
    assert!(all.iter().all(|finding| finding.kind != kind), "{all:#?}");
}

fn flat(key: &str, rate: &str) -> Component {
    let tiers = vec![tier("0", "", rate)];
    let cap = Some(100_000_000);
    Component { cap, ..component(key, Rule::Marginal { roles: vec![SplitRole::Owner], tiers }) }
}

fn bundle_or_units(bundle: &str, units: &str) -> Ask {
    let offer = |name: &str, value, credits| Offer { name: name.into(), value, credits };
    let bundled = offer("bundle", 9_000_000, vec![(0, 9_000_000)]);
    let single = offer("two units", 8_000_000, vec![(1, 4_000_000), (1, 4_000_000)]);
    let choices = vec![Choice { name: "bundle or units".into(), offers: vec![bundled, single] }];
    Ask { choices, ..ask(plan(vec![flat("bundles", bundle), flat("units", units)])) }
}

#[test]
fn units_that_pay_more_than_the_bundle_are_found() {
    let ask = bundle_or_units("0.06", "0.08");
    let finding = only(&ask, Kind::PayeeAgainstCompany);
    let values: Vec<Value> = finding.figures.iter().map(|figure| figure.value).collect();
    assert_eq!(values, [9_000_000, 540_000, 8_000_000, 640_000].map(Value::Amount));
    assert!(finding.scenario.contains("5400.00 USD") && finding.scenario.contains("6400.00 USD"));
    assert_eq!(finding.changes, [Change::Rates { component: 0, by: n("0.011112") }]);
    assert_eq!(finding.changes[0].said(&ask.plan), "change every rate of bundles by 1.1112 percentage points");
    let almost = changed(&ask, &[Change::Rates { component: 0, by: n("0.011111") }]);
    assert!(lint(&almost).iter().any(|finding| finding.kind == Kind::PayeeAgainstCompany));
    none(&bundle_or_units("0.08", "0.08"), Kind::PayeeAgainstCompany);
}

#[test]
fn a_retroactive_tier_is_a_cliff_and_marginal_tiers_are_none() {
    let finding = only(&ask(plan(vec![capped(retroactive())])), Kind::Cliff);
    assert_eq!(finding.changes, [Change::Marginal { component: 0 }]);
    // the largest jump: 12 % to 16 % of 625,000
    assert_eq!(finding.figures[4].value, Value::Amount(2_500_000));
    none(&ask(plan(vec![capped(marginal())])), Kind::Cliff);
}

fn capped(component: Component) -> Component {
    Component { cap: Some(20_000_000), ..component }
}

#[test]
fn more_than_half_a_bonus_on_one_step_is_a_cliff() {
    let steep = Curve { threshold_pay: n("0.8"), ..curve() };
    let with = |curve| ask(plan(vec![component("arr", Rule::Goal { goal: goal(1), weight: 10_000, curve })]));
    let finding = only(&with(steep), Kind::Cliff);
    assert_eq!(finding.changes, [Change::ThresholdPay { component: 0, pay: n("0.5") }]);
    assert!(lint(&with(curve())).is_empty());
}

#[test]
fn a_spiff_beside_the_plan_is_found_until_it_hangs_on_a_goal() {
    let spiff = component("meetings", Rule::Spiff { each: 50_000, most: Some(10) });
    let mut ask = ask(plan(vec![for_goal("arr", 1, 10_000), spiff.clone()]));
    ask.axes.goals.insert(goal(1), "REVENUE".into());
    ask.axes.spiffs.insert("meetings".into(), "MEETINGS".into());
    let finding = only(&ask, Kind::SpiffOffAxis);
    assert!(matches!(finding.changes[..], [Change::Gate { component: 1, .. }]), "{finding:?}");
    ask.axes.spiffs.insert("meetings".into(), "REVENUE".into());
    none(&ask, Kind::SpiffOffAxis);
    let mut alone = Ask { plan: plan(vec![capped(marginal()), spiff]), ..ask };
    alone.axes.spiffs.insert("meetings".into(), "MEETINGS".into());
    alone.axes.commission = "REVENUE".into();
    assert_eq!(only(&alone, Kind::SpiffOffAxis).changes, [Change::Drop { component: 1 }]);
}

#[test]
fn a_pool_that_one_side_takes_from_the_other_is_found() {
    let pool = |by| ask(plan(vec![component("pool", Rule::Pool { amount: 1_000_000, by })]));
    let against = pool(PoolShare::Credit(vec![SplitRole::Owner, SplitRole::Marketing]));
    let all = lint(&against);
    let subjects: Vec<&str> = all.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["MARKETING", "SALES"]);
    assert!(all.iter().all(|finding| finding.changes == [Change::PoolByWeight { component: 0 }]));
    assert!(lint(&pool(PoolShare::Weight)).is_empty());
}

#[test]
fn a_plans_cap_below_both_targets_is_found() {
    let mut short = ask(plan(vec![marginal()]));
    // each side's people reach 40,000.00 at their quotas
    short.plan.plan_cap = Some(6_000_000);
    let all = lint(&short);
    let against: Vec<_> = all.iter().filter(|finding| finding.kind == Kind::SidesAgainstEachOther).collect();
    // the cent that is left over goes to the first
    let changes: Vec<_> = against.iter().flat_map(|finding| finding.changes.clone()).collect();
    assert_eq!(changes, [Change::PlanCap { cap: 7_999_999 }, Change::PlanCap { cap: 8_000_000 }]);
    short.plan.plan_cap = Some(8_000_000);
    none(&short, Kind::SidesAgainstEachOther);
}

#[test]
fn a_side_that_nothing_pays_cannot_win() {
    let sales = Component { sides: vec![entity::user::Side::Sales], ..capped(marginal()) };
    let all = lint(&ask(plan(vec![sales])));
    let found: Vec<_> = all.iter().map(|finding| (finding.kind, finding.subject.as_str())).collect();
    assert_eq!(found, [(Kind::SidesAgainstEachOther, "MARKETING")]);
}

#[test]
fn a_cap_within_reach_holds_deals_back() {
    let capped = |cap| ask(plan(vec![Component { cap: Some(cap), ..marginal() }]));
    let finding = only(&capped(5_500_000), Kind::Sandbagging);
    // 150 % of the quota: 40,000 + 15,000 + 20,000
    assert_eq!(finding.changes, [Change::Cap { component: 0, cap: 7_500_000 }]);
    assert!(lint(&capped(7_500_000)).is_empty());
    let curve = Curve { cap: Some(n("1.2")), ..curve() };
    let goal = component("arr", Rule::Goal { goal: goal(1), weight: 10_000, curve });
    let finding = only(&ask(plan(vec![goal])), Kind::Sandbagging);
    assert_eq!(finding.changes, [Change::CurveCap { component: 0, cap: n("1.75") }]);
}

#[test]
fn low_tiers_and_retroactive_tiers_hold_deals_back() {
    let tiers = vec![tier("0", "0.5", "0"), tier("0.5", "", "0.08")];
    let late = component("commission", Rule::Marginal { roles: vec![SplitRole::Owner], tiers });
    let finding = only(&ask(plan(vec![capped(late)])), Kind::Sandbagging);
    assert_eq!(finding.changes, [Change::LeastRate { component: 0, rate: n("0.08") }]);
    let all = lint(&ask(plan(vec![capped(retroactive())])));
    let window = all.iter().find(|finding| finding.kind == Kind::Sandbagging).unwrap();
    assert_eq!(window.changes, [Change::Marginal { component: 0 }]);
}

#[test]
fn what_pays_nobody_or_without_end_is_found() {
    let finding = only(&ask(plan(vec![marginal()])), Kind::Unlimited);
    // twice the quota: 40,000 + 15,000 + 60,000
    assert_eq!(finding.changes, [Change::Cap { component: 0, cap: 11_500_000 }]);
    let spiff = component("spiff", Rule::Spiff { each: 50_000, most: None });
    assert_eq!(only(&ask(plan(vec![spiff])), Kind::Unlimited).changes, [Change::Most { component: 0, most: 4 }]);
    let nothing = Component { cap: Some(0), ..marginal() };
    let with = ask(plan(vec![nothing, for_goal("arr", 1, 10_000)]));
    let all = lint(&with);
    let found = all.iter().find(|finding| finding.kind == Kind::Unreachable).unwrap();
    assert_eq!(found.changes, [Change::Cap { component: 0, cap: 11_500_000 }], "{all:#?}");
}

#[test]
fn a_goal_that_was_never_reached_so_far_is_found() {
    let mut ask = ask(plan(vec![for_goal("arr", 1, 10_000)]));
    ask.seen.insert(goal(1), n("0.65"));
    let finding = only(&ask, Kind::Unreachable);
    assert_eq!(finding.changes, [Change::Threshold { component: 0, threshold: n("0.65") }]);
    ask.seen.insert(goal(1), n("0.9"));
    assert!(lint(&ask).is_empty());
}

#[test]
fn a_component_for_a_side_without_people_is_found() {
    let mut ask = ask(plan(vec![for_goal("arr", 1, 10_000)]));
    let marketing = Component {
        sides: vec![entity::user::Side::Marketing],
        ..component("m", Rule::Spiff { each: 1, most: Some(1) })
    };
    ask.plan.components.push(marketing);
    ask.people = vec![person(1)];
    assert_eq!(ask.people[0].user, user(1));
    assert_eq!(only(&ask, Kind::Unreachable).changes, [Change::Drop { component: 1 }]);
}

#[test]
fn a_plan_of_the_largest_size_is_looked_through_in_a_moment() {
    let one = |at: usize| Component { key: format!("c{at}"), cap: Some(5_500_000), ..marginal() };
    let large = ask(plan((0..20).map(one).collect()));
    let begun = std::time::Instant::now();
    let all = lint(&large);
    assert_eq!(all.len(), 20);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

//! The worked numbers, and what holds for every journey.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    attribution::{Anchor, Exclusion, Milestone},
    campaign::Channel,
    id::{CampaignId, RowId},
    touchpoint::Kind,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    worked::{FULL_PATH as FULL, POSITION, TABLE, U_SHAPED as U, W_SHAPED as W, journey, moments, policy, shaped},
    *,
};

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-{text}Z").parse().unwrap()
}

fn touch(n: u128, text: &str) -> Touch {
    worked::touch(n, at(text))
}

fn credits(touches: &[Touch], moments: &Moments, model: Model, total: i64) -> Vec<i64> {
    share(touches, moments, Anchor::Won, &policy(model), true).unwrap().split(total)
}

#[test]
fn the_worked_example_to_the_cent() {
    for (about, model, expected) in TABLE {
        assert_eq!(worked::credits(&model).unwrap(), expected, "{about}");
    }
}

#[test]
fn milestones_that_are_one_touch_add_up() {
    let first_is_lead = Moments { lead: Some(at("01-05T10:30:00")), ..moments() };
    let ends = [touch(1, "01-05T10:00:00"), touch(4, "03-01T10:00:00")];
    assert_eq!(credits(&ends, &first_is_lead, W, 12_000_000), [8_000_000, 4_000_000]);
    let with_one_between = [ends[0].clone(), touch(2, "02-01T10:00:00"), ends[1].clone()];
    assert_eq!(credits(&with_one_between, &first_is_lead, W, 12_000_000), [7_200_000, 1_200_000, 3_600_000]);
    let stones = share(&ends, &first_is_lead, Anchor::Won, &policy(W), true).unwrap();
    assert_eq!(stones.credits[0].milestones, [Milestone::FirstTouch, Milestone::LeadCreated]);
    assert_eq!(stones.credits[1].milestones, [Milestone::OppCreated, Milestone::Won]);
}

#[test]
fn what_cannot_be_split_goes_to_the_largest_remainders_earliest_first() {
    let three: Vec<Touch> = journey().into_iter().take(3).collect();
    assert_eq!(credits(&three, &moments(), Model::Linear, 10_000), [3334, 3333, 3333]);
    assert_eq!(credits(&journey(), &moments(), Model::Linear, 10_001), [1667, 1667, 1667, 1667, 1667, 1666]);
}

#[test]
fn a_missing_milestones_share_goes_to_those_that_are_there() {
    let no_lead = Moments { lead: None, ..moments() };
    // first and opened share 90 % alike, the two between them 10 %
    assert_eq!(credits(&journey(), &no_lead, W, 1_200_000), [540_000, 60_000, 60_000, 540_000, 0, 0]);
    // the whole of U is the first touch's
    assert_eq!(credits(&journey(), &no_lead, U, 1_200_000), [1_200_000, 0, 0, 0, 0, 0]);
    // of a model whose milestones are all missing every touch has the same
    assert_eq!(credits(&journey(), &no_lead, shaped(0, WHOLE, 0, 0, 0), 600), [100; 6]);
}

#[test]
fn what_came_after_the_anchor_had_not_happened() {
    let touches = journey();
    let created = share(&touches, &moments(), Anchor::OppCreated, &policy(FULL), true).unwrap();
    // 22.5 each of three, made up to 90, and 10 to the one between
    assert_eq!(created.split(1000), [300, 300, 100, 300]);
    let afterwards: Vec<Exclusion> = created.left.iter().map(|left| left.why).collect();
    assert_eq!(afterwards, [Exclusion::AfterAnchor; 2]);
    let lead = share(&touches, &moments(), Anchor::Lead, &policy(W), true).unwrap();
    assert_eq!(lead.split(1000), [500, 500]);
    let open = Moments { won: None, ..moments() };
    assert!(share(&touches, &open, Anchor::Won, &policy(W), true).is_none());
}

#[test]
fn one_touch_has_all_of_a_position_and_two_have_half_each() {
    let uneven = Model::Position([600_000, 200_000, 200_000]);
    assert_eq!(credits(&journey()[..1], &moments(), uneven.clone(), 1000), [1000]);
    assert_eq!(credits(&journey()[..2], &moments(), uneven.clone(), 1000), [500, 500]);
    assert_eq!(credits(&journey()[..4], &moments(), uneven, 1000), [600, 100, 100, 200]);
}

#[test]
fn with_no_touch_that_counts_the_whole_is_nobodys() {
    let shared = share(&[], &moments(), Anchor::Won, &policy(W), true).unwrap();
    assert_eq!((shared.credits.len(), shared.credits[0].touch, shared.split(777)), (1, None, vec![777]));
}

#[test]
fn each_touch_that_earns_nothing_has_its_reason() {
    let other = |touch: Touch, why| (touch, why);
    let cases = [
        other(Touch { member: false, ..touch(11, "02-01T10:00:00") }, Exclusion::NotMember),
        other(touch(12, "04-15T10:00:01"), Exclusion::AfterAnchor),
        other(
            Touch { at: at("04-15T09:59:59") - TimeDelta::days(365), ..touch(13, "01-01T00:00:00") },
            Exclusion::BeforeLookBack,
        ),
        other(Touch { disowned: true, ..touch(14, "02-01T10:00:00") }, Exclusion::NotMarketing),
        other(Touch { channel: Channel::Outbound, ..touch(15, "02-01T10:00:00") }, Exclusion::Channel),
        other(touch(16, "02-10T10:29:59"), Exclusion::Duplicate),
    ];
    for (extra, why) in cases {
        let mut touches = journey();
        touches.push(extra.clone());
        let shared = share(&touches, &moments(), Anchor::Won, &policy(W), true).unwrap();
        assert_eq!(shared.left, [Left { touch: &extra, why }]);
        assert_eq!(shared.split(12_000_000), credits(&journey(), &moments(), W, 12_000_000), "{why}");
    }
    let edge = [Touch { at: at("04-15T10:00:00") - TimeDelta::days(365), ..touch(1, "01-01T00:00:00") }];
    assert_eq!(share(&edge, &moments(), Anchor::Won, &policy(W), true).unwrap().left, []);
}

#[test]
fn the_window_against_repetition_begins_with_the_last_one_kept() {
    let minutes = |n: i64| Touch {
        at: at("02-10T10:00:00") + TimeDelta::minutes(n),
        ..touch(100 + u128::from(n.unsigned_abs()), "02-10T10:00:00")
    };
    let touches: Vec<Touch> = [0, 20, 30, 50, 61].map(minutes).into();
    let kept = |touches: &[Touch]| {
        let shared = share(touches, &moments(), Anchor::Won, &policy(Model::Linear), true).unwrap();
        shared
            .credits
            .iter()
            .filter_map(|credit| credit.touch)
            .map(|t| (t.at - touches[0].at).num_minutes())
            .collect::<Vec<_>>()
    };
    assert_eq!(kept(&touches), [0, 30, 61]);
    let another = |n: usize, change: fn(Touch) -> Touch| {
        let mut touches = touches.clone();
        touches[n] = change(touches[n].clone());
        kept(&touches)
    };
    assert_eq!(another(1, |t| Touch { person: None, ..t }), [0, 20, 30, 61]);
    assert_eq!(another(1, |t| Touch { kind: Kind::AdClick, ..t }), [0, 20, 30, 61]);
    assert_eq!(
        another(1, |t| Touch { campaign: Some(CampaignId::from_uuid(Uuid::from_u128(9))), ..t }),
        [0, 20, 30, 61]
    );
}

#[test]
fn marketing_brought_what_began_with_a_touch_that_counts() {
    let sourcing = |touches: &[Touch]| {
        let shared = share(touches, &moments(), Anchor::Won, &policy(Model::Linear), true).unwrap();
        shared
            .credits
            .iter()
            .filter(|credit| credit.sourcing)
            .filter_map(|credit| credit.touch)
            .map(|t| t.id.as_u128())
            .collect::<Vec<_>>()
    };
    assert_eq!(sourcing(&journey()), [1]);
    let called_first = Touch { channel: Channel::Outbound, ..touch(7, "01-04T10:00:00") };
    assert_eq!(sourcing(&[journey(), vec![called_first.clone()]].concat()), [], "sales was first");
    let colleague = Touch { creator: false, ..called_first };
    assert_eq!(sourcing(&[journey(), vec![colleague]].concat()), [1], "what a colleague did brought nobody");
}

fn any_model() -> impl Strategy<Value = Model> {
    let parts = prop::collection::vec(0..WHOLE, 4);
    let custom = parts.prop_map(|mut cuts| {
        cuts.sort_unstable();
        shaped(cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], cuts[3] - cuts[2], WHOLE - cuts[3])
    });
    let fixed = prop::sample::select(vec![Model::First, Model::Last, Model::Linear, U, W, FULL, POSITION]);
    prop_oneof![fixed, custom, (1..400).prop_map(Model::TimeDecay)]
}

/// Touches around a few days, so that milestones, windows and repetitions meet.
fn any_touches() -> impl Strategy<Value = Vec<Touch>> {
    let one = (0..500_i64, 0..3_u8, any::<bool>(), 0..8_u8, 0..3_u8, any::<bool>());
    prop::collection::vec(one, 0..25).prop_map(|all| {
        let touch = |(n, (hours, person, campaign, outside, kind, named)): (u128, _)| Touch {
            at: at("01-01T00:00:00") + TimeDelta::minutes(hours * 17 + hours * hours),
            event: bool::then(named, || n.to_string().into()),
            person: (person > 0).then(|| Uuid::from_u128(u128::from(person))),
            campaign: bool::then(campaign, || CampaignId::from_uuid(Uuid::from_u128(5))),
            kind: [Kind::AdClick, Kind::WebVisit, Kind::Chat][usize::from(kind)],
            member: outside != 0,
            disowned: outside == 1,
            channel: if outside == 2 { Channel::Outbound } else { Channel::Email },
            creator: person == 1,
            ..touch(n, "01-01T00:00:00")
        };
        (1..).zip(all).map(touch).collect()
    })
}

fn any_moments() -> impl Strategy<Value = Moments> {
    let moment = || prop::option::of((0..300_i64).prop_map(|days| at("01-01T00:00:00") + TimeDelta::days(days)));
    let days = (moment(), moment());
    days.prop_map(|(lead, opened)| Moments { lead, opened, won: Some(at("10-01T00:00:00")) })
}

proptest! {
    #[test]
    fn credit_is_conserved_and_never_negative(touches in any_touches(), moments in any_moments(), model in any_model(), total in 0..=i64::MAX) {
        for anchor in [Anchor::Lead, Anchor::OppCreated, Anchor::Won] {
            let Some(shared) = share(&touches, &moments, anchor, &policy(model.clone()), true) else { continue };
            let credits = shared.split(total);
            prop_assert_eq!(credits.iter().copied().map(i128::from).sum::<i128>(), i128::from(total));
            prop_assert!(credits.iter().all(|credit| *credit >= 0));
            prop_assert_eq!(shared.split(-total), credits.iter().map(|credit| -credit).collect::<Vec<_>>());
            let counted = shared.credits.iter().filter(|credit| credit.touch.is_some()).count();
            prop_assert_eq!(counted + shared.left.len(), touches.len());
        }
    }

    #[test]
    fn the_order_in_which_touches_are_told_changes_nothing((touches, other) in any_touches().prop_flat_map(|t| (Just(t.clone()), Just(t).prop_shuffle())), moments in any_moments(), model in any_model()) {
        let told = share(&touches, &moments, Anchor::Won, &policy(model.clone()), true).unwrap();
        let otherwise = share(&other, &moments, Anchor::Won, &policy(model), true).unwrap();
        prop_assert_eq!(told.split(1_000_003), otherwise.split(1_000_003));
        prop_assert_eq!(told.credits, otherwise.credits);
        prop_assert_eq!(told.left, otherwise.left);
    }

    #[test]
    fn a_touch_that_does_not_count_changes_no_credit(touches in any_touches(), moments in any_moments(), model in any_model(), which in 0..4_u8) {
        let before = share(&touches, &moments, Anchor::Won, &policy(model.clone()), true).unwrap();
        let extra = Touch { person: Some(Uuid::from_u128(77)), creator: false, ..touch(99, "02-02T02:02:02") };
        let extra = match which {
            0 => Touch { member: false, ..extra },
            1 => Touch { disowned: true, ..extra },
            2 => Touch { channel: Channel::Outbound, ..extra },
            _ => Touch { at: at("10-01T00:00:01"), ..extra },
        };
        let more = [touches.clone(), vec![extra]].concat();
        let after = share(&more, &moments, Anchor::Won, &policy(model), true).unwrap();
        prop_assert_eq!(before.split(1_000_003), after.split(1_000_003));
        prop_assert_eq!(before.credits, after.credits);
    }
}

use chrono::TimeDelta;
use entity::{
    activity::{Direction, Kind as ActivityKind},
    campaign::Channel,
    id::{ActivityId, LeadId, OrganizationId, TouchpointId},
    lead::{self, Status},
    touchpoint::Kind as TouchKind,
};
use sea_orm::TryIntoModel;
use serde_json::json;

use super::*;
use crate::alignment::agreement::Body;

fn now() -> DateTime<Utc> {
    "2026-08-07T12:00:00Z".parse().expect("an instant")
}

fn a_lead() -> lead::Model {
    use sea_orm::{ActiveValue::Set, Iterable};
    let mut row = lead::ActiveModel {
        id: Set(LeadId::from_uuid(Uuid::nil())),
        organization_id: Set(OrganizationId::from_uuid(Uuid::nil())),
        created_at: Set(now()),
        updated_at: Set(now()),
        version: Set(1),
        country: Set(Some("DE".into())),
        status: Set(Status::New),
        status_changed_at: Set(now()),
        cycle_no: Set(1),
        score: Set(0),
        custom: Set(json!({})),
        search_text: Set(String::new()),
        ..Default::default()
    };
    for column in lead::Column::iter() {
        if sea_orm::ActiveModelTrait::get(&row, column).is_not_set() {
            sea_orm::ActiveModelTrait::set(&mut row, column, nothing(column));
        }
    }
    row.try_into_model().expect("a lead")
}

/// No value, of the column's own type.
fn nothing(column: lead::Column) -> sea_orm::Value {
    use sea_orm::{ColumnTrait, ColumnType, Value};
    match column.def().get_column_type() {
        ColumnType::Uuid | ColumnType::Blob => Value::Uuid(None),
        ColumnType::TimestampWithTimeZone | ColumnType::Timestamp => Value::ChronoDateTimeUtc(None),
        ColumnType::Date => Value::ChronoDate(None),
        ColumnType::BigInteger => Value::BigInt(None),
        ColumnType::Integer => Value::Int(None),
        _ => Value::String(None),
    }
}

fn touch(kind: TouchKind, days: i64) -> Touch {
    let at = now() - TimeDelta::days(days);
    Touch {
        id: TouchpointId::from_uuid(Uuid::from_u128(days.unsigned_abs().into())),
        kind,
        channel: Channel::Email,
        at,
    }
}

fn body(fit: i32, cap: i32) -> ScoringBody {
    let rule = |name: &str, group: &str, kind: &str, points: i32| json!({ "name": name, "group": group, "touchpoints": { "kinds": [kind] }, "points": points });
    serde_json::from_value(json!({
        "fit": [{ "name": "home", "when": { "eq": { "field": "country", "value": { "text": "DE" } } }, "points": fit }],
        "engagement": [
            rule("demo", "hot", "MEETING", 30),
            rule("webinar", "warm", "EVENT_ATTEND", 10),
            rule("click", "clicks", "EMAIL_CLICK", 2),
            rule("unsubscribe", "cold", "OTHER", -50),
        ],
        "groups": [{ "name": "clicks", "cap": cap }],
        "halfLifeDays": 30,
        "grades": { "aFrom": 20, "bFrom": 10, "oneFrom": 30, "twoFrom": 10 },
    }))
    .expect("a body")
}

fn worked() -> Vec<Touch> {
    let clicks = [5, 15, 40].map(|days| touch(TouchKind::EmailClick, days));
    [vec![touch(TouchKind::Meeting, 10), touch(TouchKind::EventAttend, 60)], clicks.to_vec()].concat()
}

fn scored(body: &ScoringBody, touches: &[Touch], activities: &[Act]) -> Score {
    assert!(body.check().is_empty(), "{:?}", body.check());
    let lead = a_lead();
    let score = score(body, &Facts { lead: &lead, touches, activities, now: now() });
    let cents: i64 = score.contributions.iter().map(|one| one.cents).sum();
    assert_eq!(Decimal::new(cents, 2), score.total, "the contributions are the total");
    score
}

#[test]
fn the_worked_example() {
    let score = scored(&body(20, 10), &worked(), &[]);
    assert_eq!(score.engagement.to_string(), "30.30");
    assert_eq!((score.fit, score.total.to_string().as_str(), score.grade.as_str()), (20, "50.30", "A1"));
    let of = |name: &str| -> Decimal {
        score.contributions.iter().filter(|one| one.rule == name).map(|one| one.decayed).sum()
    };
    assert_eq!(format!("{:.4}", of("demo").round_dp(4)), "23.8110");
    assert_eq!(format!("{:.4}", of("webinar").round_dp(4)), "2.5000");
    assert_eq!(format!("{:.4}", of("click").round_dp(4)), "3.9897");
    assert_eq!(score.whole(), 50);
}

#[test]
fn a_group_gives_no_more_than_its_cap() {
    let score = scored(&body(20, 3), &worked(), &[]);
    assert_eq!(score.engagement.to_string(), "29.31");
    let cap = score.contributions.iter().find(|one| one.cause == Cause::Cap).expect("a cap");
    assert_eq!((cap.rule.as_str(), cap.decayed.round_dp(4).to_string().as_str()), ("clicks", "-0.9897"));
}

#[test]
fn negative_points_fade_too_and_no_score_is_below_zero() {
    let fresh = scored(&body(0, 10), &[touch(TouchKind::Other, 0)], &[]);
    assert_eq!((fresh.total, fresh.engagement), (Decimal::ZERO, Decimal::from(-50)));
    assert!(fresh.contributions.iter().any(|one| one.cause == Cause::Floor && one.cents == 5000));
    let old = scored(&body(30, 10), &[touch(TouchKind::Other, 30)], &[]);
    assert_eq!(old.total, Decimal::from(5));
    assert_eq!((fresh.grade.as_str(), old.grade.as_str()), ("C3", "A3"));
}

#[test]
fn what_happened_later_is_ignored() {
    let later = touch(TouchKind::Meeting, -1);
    assert_eq!(scored(&body(20, 10), &[later], &[]).total, Decimal::from(20));
}

#[test]
fn activities_count_by_kind_and_direction() {
    let mut body = body(0, 10);
    body.engagement[0].touchpoints = None;
    body.engagement[0].activities =
        serde_json::from_value(json!({ "kinds": ["CALL"], "direction": "INBOUND" })).expect("activities");
    let act = |kind, direction| Act { id: ActivityId::from_uuid(Uuid::nil()), kind, direction, at: now() };
    let acts = [
        act(ActivityKind::Call, Some(Direction::Inbound)),
        act(ActivityKind::Call, Some(Direction::Outbound)),
        act(ActivityKind::Mail, Some(Direction::Inbound)),
        act(ActivityKind::Call, None),
    ];
    assert_eq!(scored(&body, &[], &acts).total, Decimal::from(30));
}

#[test]
fn contributions_add_up_however_many_and_odd() {
    let mut touches = vec![];
    for hours in 0..120_i64 {
        let at = now() - TimeDelta::seconds(hours * 7919);
        let kind = [TouchKind::EmailClick, TouchKind::Meeting, TouchKind::EventAttend, TouchKind::Other]
            [usize::try_from(hours % 4).unwrap_or_default()];
        touches.push(Touch { at, ..touch(kind, hours) });
        scored(&body(7, 9), &touches[..], &[]);
    }
}

#[test]
fn a_score_cannot_ask_for_itself_and_rules_have_names_of_their_own() {
    let mut body = body(20, 10);
    body.fit[0].when =
        serde_json::from_value(json!({ "not": { "gt": { "field": "score", "value": { "number": "1" } } } }))
            .expect("a rule");
    body.engagement[1].name = "demo".into();
    body.groups[0].name = "nobody".into();
    body.half_life_days = 0;
    body.grades.b_from = 21;
    let mut paths: Vec<String> = body.check().into_iter().map(|fault| fault.field.join(".")).collect();
    paths.sort();
    assert_eq!(paths, ["", "fit.0.when", "grades.bFrom", "groups.0.name", "halfLifeDays"]);
}

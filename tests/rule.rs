//! Rules: evaluated one by one and compiled to SQL they give the same leads, on random leads and random rules.

use std::collections::BTreeSet;

use api::{
    alignment::rule::{History, Rule},
    crm::Reader,
    store::{Access, Scoped},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    activity,
    campaign::Channel,
    id::{ActivityId, CampaignId, LeadId, OrganizationId, RowId, TouchpointId, UserId},
    lead,
    money::Currency,
    touchpoint,
    word::Word,
};
use sea_orm::{ActiveValue::Set, Condition, DbBackend, EntityTrait, Iterable, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{App, Database, on_both};

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    fn perhaps<T>(&mut self, some: T) -> Option<T> {
        (self.roll(4) > 0).then_some(some)
    }
}

const COUNTRIES: [&str; 4] = ["DE", "FR", "US", "GB"];
const TITLES: [&str; 5] = ["CTO", "Chief technology officer", "cto office", "Buyer", "Einkäufer"];
const NEEDS: [&str; 3] = ["Replace the CRM", "", "report"];
const COMPANIES: [&str; 5] = ["Acme", "acme north", "Zeta", "Ünder", "O'Neil \\ %_"];

struct World {
    organization: OrganizationId,
    owners: Vec<UserId>,
    campaigns: Vec<CampaignId>,
    now: DateTime<Utc>,
}

fn custom(dice: &mut Dice) -> Value {
    let mut all = serde_json::Map::new();
    let values = [json!("gold"), json!("Silver"), json!(3), json!(2.5), json!(true), json!(false), json!("2026-03-01")];
    for key in ["tier", "size", "day"] {
        if dice.roll(3) > 0 {
            all.insert(key.into(), dice.pick(&values));
        }
    }
    Value::Object(all)
}

fn a_lead(dice: &mut Dice, world: &World) -> lead::ActiveModel {
    let statuses: Vec<_> = lead::Status::iter().collect();
    let channels: Vec<_> = Channel::iter().collect();
    let at = world.now - TimeDelta::hours(i64::try_from(dice.roll(4000)).unwrap());
    let (country, title, company) = (dice.pick(&COUNTRIES), dice.pick(&TITLES), dice.pick(&COMPANIES));
    let (channel, owner, campaign) = (dice.pick(&channels), dice.pick(&world.owners), dice.pick(&world.campaigns));
    let authorities: Vec<_> = lead::Authority::iter().collect();
    let (authority, need) = (dice.pick(&authorities), dice.pick(&NEEDS));
    let sum = (dice.pick(&[0, 99_999, 100_000, 100_001]), dice.pick(&["EUR", "USD", "JPY"]).parse().unwrap());
    let budget: Option<(i64, Currency)> = dice.perhaps(sum);
    lead::ActiveModel {
        id: Set(LeadId::from_uuid(Uuid::now_v7())),
        organization_id: Set(world.organization),
        created_at: Set(at),
        created_by: Set(None),
        updated_at: Set(at),
        updated_by: Set(None),
        version: Set(1),
        deleted_at: Set(if dice.roll(20) == 0 { Some(at) } else { None }),
        first_name: Set(None),
        last_name: Set(Some("Doe".into())),
        email: Set(dice.perhaps("a@example.com".into())),
        country: Set(dice.perhaps(country.into())),
        title: Set(dice.perhaps(title.into())),
        company_name: Set(dice.perhaps(company.into())),
        source: Set(dice.perhaps("web".into())),
        channel: Set(dice.perhaps(channel)),
        campaign_id: Set(dice.perhaps(campaign)),
        status: Set(dice.pick(&statuses)),
        status_changed_at: Set(at),
        owner_id: Set(dice.perhaps(owner)),
        cycle_no: Set(1),
        score: Set(i32::try_from(dice.roll(100)).unwrap()),
        converted_at: Set(dice.perhaps(at)),
        authority: Set(dice.perhaps(authority)),
        need: Set(dice.perhaps(need.into())),
        buys_by: Set(dice.perhaps(at.date_naive())),
        budget_minor: Set(budget.map(|(minor, _)| minor)),
        budget_currency: Set(budget.map(|(_, currency)| currency)),
        custom: Set(custom(dice)),
        search_text: Set(String::new()),
        ..Default::default()
    }
}

fn a_touch(dice: &mut Dice, world: &World, lead: LeadId) -> touchpoint::ActiveModel {
    let (kinds, channels) = (touchpoint::Kind::iter().collect::<Vec<_>>(), Channel::iter().collect::<Vec<_>>());
    let at = world.now - TimeDelta::hours(i64::try_from(dice.roll(2000)).unwrap() - 100);
    touchpoint::ActiveModel {
        id: Set(TouchpointId::from_uuid(Uuid::now_v7())),
        organization_id: Set(world.organization),
        created_at: Set(at),
        created_by: Set(None),
        updated_at: Set(at),
        updated_by: Set(None),
        version: Set(1),
        deleted_at: Set(if dice.roll(20) == 0 { Some(at) } else { None }),
        kind: Set(dice.pick(&kinds[..3])),
        channel: Set(dice.pick(&channels[..3])),
        occurred_at: Set(at),
        lead_id: Set(dice.perhaps(lead)),
        ..Default::default()
    }
}

fn an_activity(dice: &mut Dice, world: &World, lead: LeadId) -> activity::ActiveModel {
    let kinds: Vec<_> = activity::Kind::iter().collect();
    let at = world.now - TimeDelta::hours(i64::try_from(dice.roll(2000)).unwrap() - 100);
    let direction = dice.pick(&[None, Some(activity::Direction::Inbound), Some(activity::Direction::Outbound)]);
    activity::ActiveModel {
        id: Set(ActivityId::from_uuid(Uuid::now_v7())),
        organization_id: Set(world.organization),
        created_at: Set(at),
        created_by: Set(None),
        updated_at: Set(at),
        updated_by: Set(None),
        version: Set(1),
        deleted_at: Set(None),
        kind: Set(dice.pick(&kinds[..3])),
        subject: Set("Hello".into()),
        direction: Set(direction),
        happened_at: Set(dice.perhaps(at)),
        lead_id: Set(Some(lead)),
        search_text: Set(String::new()),
        ..Default::default()
    }
}

/// Ten thousand leads with two touches and an activity each, by large inserts.
async fn fill(app: &App, dice: &mut Dice, world: &World, leads: usize) {
    let db = app.store.migrator();
    let mut ids = vec![];
    for _ in 0..leads / 500 {
        let rows: Vec<_> = (0..500).map(|_| a_lead(dice, world)).collect();
        ids.extend(rows.iter().map(|row| row.id.clone().unwrap()));
        lead::Entity::insert_many(rows).exec_without_returning(db).await.unwrap();
    }
    for _ in 0..leads * 2 / 500 {
        let rows: Vec<_> = (0..500).map(|_| (dice.pick(&ids), ())).collect();
        let rows: Vec<_> = rows.into_iter().map(|(id, ())| a_touch(dice, world, id)).collect();
        touchpoint::Entity::insert_many(rows).exec_without_returning(db).await.unwrap();
    }
    for _ in 0..leads / 500 {
        let rows: Vec<_> = (0..500).map(|_| (dice.pick(&ids), ())).collect();
        let rows: Vec<_> = rows.into_iter().map(|(id, ())| an_activity(dice, world, id)).collect();
        activity::Entity::insert_many(rows).exec_without_returning(db).await.unwrap();
    }
    if app.database == Database::Postgres {
        sea_orm::ConnectionTrait::execute_unprepared(db, "ANALYZE").await.unwrap();
    }
}

fn a_leaf(dice: &mut Dice, world: &World) -> Value {
    let op = dice.pick(&["eq", "ne", "lt", "lte", "gt", "gte"]);
    let same = dice.pick(&["eq", "ne"]);
    let days = i64::try_from(dice.roll(160)).unwrap() - 150;
    let days_back = 1 + dice.roll(90);
    let window = dice.perhaps(days_back);
    match dice.roll(20) {
        0 => json!({ same: { "field": "country", "value": { "text": dice.pick(&COUNTRIES) } } }),
        1 => json!({ same: { "field": "channel", "value": { "text": "EMAIL" } } }),
        2 => json!({ op: { "field": "score", "value": { "number": dice.roll(100).to_string() } } }),
        3 => json!({ op: { "field": "createdAt", "value": { "days": days } } }),
        4 => {
            json!({ op: { "field": "convertedAt", "value": { "time": (world.now + TimeDelta::hours(days)).to_rfc3339() } } })
        }
        5 => {
            json!({ "in": { "field": "status", "values": [{ "text": "MQL" }, { "text": "NEW" }, { "text": "WORKING" }] } })
        }
        6 => json!({ "contains": { "field": "title", "text": dice.pick(&["CTO", "off", "käu", "KÄU"]) } }),
        7 => json!({ "contains": { "field": "companyName", "text": dice.pick(&["ACME", "\\", "%", "'", "ü"]) } }),
        8 => json!({ "exists": dice.pick(&["email", "ownerId", "customFields.tier", "customFields.none", "phone"]) }),
        9 => json!({ same: { "field": "ownerId", "value": { "text": dice.pick(&world.owners).to_string() } } }),
        10 => {
            json!({ op: { "field": "customFields.size", "value": { "number": dice.pick(&["3", "2.5", "2.50", "0"]) } } })
        }
        11 => {
            json!({ same: { "field": dice.pick(&["customFields.tier", "customFields.day"]), "value": dice.pick(&[json!({ "text": "gold" }), json!({ "boolean": true }), json!({ "date": "2026-03-01" })]) } })
        }
        12 => {
            json!({ op: { "field": "customFields.day", "value": { "date": dice.pick(&["2026-02-01", "2026-03-01", "2026-04-01"]) } } })
        }
        13 => json!({ "contains": { "field": "customFields.tier", "text": "SIL" } }),
        14 => {
            json!({ "touchpoints": { "kinds": dice.pick(&[json!([]), json!(["AD_CLICK"]), json!(["WEB_VISIT", "FORM_SUBMIT"])]),
            "channels": dice.pick(&[json!([]), json!(["PAID_SEARCH"])]), "withinDays": window,
            "atLeast": dice.pick(&[json!(null), json!(2)]), "atMost": dice.pick(&[json!(null), json!(3)]) } })
        }
        15 => json!({ same: { "field": "authority", "value": { "text": dice.pick(&["DECIDES", "NONE"]) } } }),
        16 => {
            json!({ op: { "field": "budget", "value": { "money": { "amount": dice.pick(&["0", "999.99", "1000", "1000.01"]),
            "currency": dice.pick(&["EUR", "USD"]) } } } })
        }
        17 => {
            let day = (world.now + TimeDelta::days(days)).date_naive();
            json!({ op: { "field": "buysBy", "value": dice.pick(&[json!({ "date": day.to_string() }), json!({ "days": days })]) } })
        }
        18 => dice.pick(&[
            json!({ "exists": "need" }),
            json!({ "exists": "budget" }),
            json!({ "contains": { "field": "need", "text": "crm" } }),
        ]),
        _ => json!({ "activities": { "kinds": dice.pick(&[json!([]), json!(["CALL", "MAIL"])]), "withinDays": window,
            "direction": dice.pick(&[json!(null), json!("OUTBOUND")]), "atMost": dice.pick(&[json!(null), json!(0)]) } }),
    }
}

fn a_rule(dice: &mut Dice, world: &World, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 1 } else { 4 }) {
        1 => json!({ "and": [a_rule(dice, world, depth - 1), a_rule(dice, world, depth - 1)] }),
        2 => {
            json!({ "or": [a_rule(dice, world, depth - 1), a_rule(dice, world, depth - 1), a_rule(dice, world, depth - 1)] })
        }
        3 => json!({ "not": a_rule(dice, world, depth - 1) }),
        _ => a_leaf(dice, world),
    }
}

/// The leads that meet a condition, as one text: thousands of rows for each rule would take longer than the rules.
async fn found(access: &Access, condition: Condition) -> BTreeSet<LeadId> {
    let all = match access.store().backend() {
        DbBackend::Postgres => "string_agg(\"lead\".\"id\"::text, ',')",
        _ => "group_concat(hex(\"lead\".\"id\"))",
    };
    let rows = Scoped::<lead::Entity>::read(access).filter(condition).shape(|q| _ = q.expr(Expr::cust(all)));
    let text: Option<String> = rows.rows().await.unwrap()[0].try_get_by_index(0).unwrap();
    text.iter().flat_map(|text| text.split(',')).map(|id| LeadId::from_uuid(id.parse().unwrap())).collect()
}

on_both! {
    async fn one_by_one_and_by_sql_the_same_leads_meet_a_rule(app) {
        let ann = app.admin();
        let access = Access::new(app.store.clone(), ann.actor.clone(), None);
        let mut dice = Dice(20_260_807);
        let world = World {
            organization: ann.actor.organization,
            owners: (0..3).map(|_| UserId::from_uuid(Uuid::now_v7())).collect(),
            campaigns: (0..3).map(|_| CampaignId::from_uuid(Uuid::now_v7())).collect(),
            now: access.now(),
        };
        fill(&app, &mut dice, &world, 10_000).await;
        let leads = Scoped::<lead::Entity>::read(&access).models().await.unwrap();
        assert!(leads.len() > 9_000);
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let history = History::of(Reader::Access(&access), &ids).await.unwrap();
        let (mut tried, mut telling) = (0, 0);
        // each kind of leaf alone first, then trees of them
        let alone = (0..72).map(|_| a_leaf(&mut dice, &world)).collect::<Vec<_>>();
        let trees = (0..32).map(|_| a_rule(&mut dice, &world, 3)).collect::<Vec<_>>();
        for json in alone.into_iter().chain(trees) {
            let rule: Rule = serde_json::from_value(json.clone()).unwrap();
            assert!(rule.check().is_empty(), "{json} {:?}", rule.check());
            let one_by_one: BTreeSet<LeadId> = leads
                .iter()
                .filter(|lead| rule.holds(&history.facts(lead, world.now)))
                .map(|lead| lead.id)
                .collect();
            let by_sql = found(&access, rule.condition(world.now, app.store.backend())).await;
            assert_eq!(one_by_one.len(), by_sql.len(), "{json}");
            assert!(one_by_one == by_sql, "{json}");
            tried += 1;
            telling += i32::from(!by_sql.is_empty() && by_sql.len() < leads.len());
        }
        assert!(tried == 104 && telling > 80, "{telling} of {tried} rules tell leads apart");
    }
}

#[test]
fn a_rule_says_itself_in_words() {
    let rule: Rule = serde_json::from_value(json!({ "and": [
        { "eq": { "field": "country", "value": { "text": "DE" } } },
        { "or": [{ "gte": { "field": "score", "value": { "number": "50" } } }, { "contains": { "field": "title", "text": "CTO" } }] },
        { "touchpoints": { "kinds": ["FORM_SUBMIT"], "withinDays": 30 } },
    ] }))
    .unwrap();
    assert_eq!(
        rule.text(),
        "country is \"DE\" and (score is at least 50 or title contains \"CTO\") and touchpoints (FORM_SUBMIT) at least 1 within 30 days"
    );
    assert_eq!(touchpoint::Kind::FormSubmit.word(), "FORM_SUBMIT");
}

//! What people of the demo organisation look at: operations' board for everybody, and marketing's own, shared with its role.

use entity::{agreement, dashboard, dashboard_share, goal, id::RowId, role, word::Word};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};

use super::{
    people::{MONA, NOBODY, RITA},
    write::{Ground, rows},
};
use crate::{access::role::templates::Template, actor::Permission, error::Result, store::Scoped};

fn metric(key: &str, title: &str, draw: &str, period: &str, more: &Value) -> Value {
    let mut widget =
        json!({ "key": key, "title": title, "draw": draw, "metric": more["metric"], "period": { "relative": period } });
    for (name, value) in more.as_object().into_iter().flatten() {
        widget[name] = value.clone();
    }
    widget
}

/// For everybody: where the quarter stands.
fn quarter(goals: &[String]) -> Value {
    let now = "THIS_QUARTER";
    let asked = |key: &str, title: &str, draw: &str| json!({ "key": key, "title": title, "draw": draw, "period": { "relative": now } });
    let mut widgets = vec![
        metric("revenue", "Revenue this quarter", "NUMBER", now, &json!({ "metric": "REVENUE", "width": 1 })),
        metric(
            "win_rate",
            "Win rate, last 90 days",
            "NUMBER",
            "LAST_90_DAYS",
            &json!({ "metric": "WIN_RATE", "width": 1 }),
        ),
        metric(
            "answers",
            "Leads answered in time",
            "NUMBER",
            "LAST_30_DAYS",
            &json!({ "metric": "SLA_ATTAINMENT", "width": 1 }),
        ),
        metric(
            "open",
            "Open pipeline of the quarter",
            "NUMBER",
            now,
            &json!({ "metric": "PIPELINE_OPEN", "width": 1 }),
        ),
    ];
    widgets.extend(goals.iter().enumerate().map(|(at, goal)| {
        json!({ "key": format!("goal_{at}"), "title": "Shared goal", "draw": "GOAL", "goalId": goal, "width": 2 })
    }));
    widgets.extend([
        metric(
            "so_far",
            "Revenue, week by week",
            "LINE",
            now,
            &json!({ "metric": "REVENUE", "every": "WEEK", "line": "SO_FAR", "width": 2 }),
        ),
        metric(
            "months",
            "Revenue by month",
            "LINE",
            "LAST_12_MONTHS",
            &json!({ "metric": "REVENUE", "every": "MONTH", "width": 2 }),
        ),
        asked("waterfall", "How the pipeline moved", "WATERFALL"),
        asked("forecast", "Forecast", "FORECAST"),
        metric(
            "losses",
            "Why we lost",
            "BAR",
            "LAST_12_MONTHS",
            &json!({ "metric": "LOSSES", "groupBy": ["LOSS_REASON"], "width": 2 }),
        ),
        metric(
            "industries",
            "Revenue by industry",
            "BAR",
            "LAST_12_MONTHS",
            &json!({ "metric": "REVENUE", "groupBy": ["INDUSTRY"], "width": 2 }),
        ),
        metric(
            "stages",
            "Open pipeline by stage",
            "BAR",
            now,
            &json!({ "metric": "PIPELINE_OPEN", "groupBy": ["STAGE"], "width": 2 }),
        ),
    ]);
    json!(widgets)
}

/// For marketing: what became of its leads.
fn leads() -> Value {
    let (year, lately) = ("LAST_12_MONTHS", "LAST_90_DAYS");
    let number = |key: &str, title: &str, asked: &str| {
        metric(key, title, "NUMBER", lately, &json!({ "metric": asked, "width": 1 }))
    };
    let by = |key: &str, title: &str, draw: &str, asked: &str, by: &str| {
        metric(key, title, draw, year, &json!({ "metric": asked, "groupBy": [by], "width": 2 }))
    };
    let line = json!({ "metric": "PIPELINE_CREATED", "every": "MONTH", "width": 2 });
    json!([
        number("accepted", "Offers that sales accepts", "LEAD_ACCEPTANCE"),
        number("convert", "MQL that become SQL", "LEAD_CONVERSION"),
        number("in_time", "Leads answered in time", "SLA_ATTAINMENT"),
        number("answer", "Half are answered within", "RESPONSE_TIME_P50"),
        { "key": "funnel", "title": "From lead to sale", "draw": "FUNNEL", "period": { "relative": year }, "width": 2 },
        metric("created", "New pipeline by month", "LINE", year, &line),
        by("channels", "New pipeline by channel", "BAR", "PIPELINE_CREATED", "CHANNEL"),
        by("campaigns", "Revenue by campaign", "TABLE", "REVENUE", "CAMPAIGN"),
        by("rejected", "Why sales rejects", "BAR", "LEAD_REJECTIONS", "REJECTION_CATEGORY"),
        by("industries", "New pipeline by industry", "BAR", "PIPELINE_CREATED", "INDUSTRY"),
    ])
}

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let goals = goals(ground).await?;
    let everybodys = json!({ "name": "The quarter", "description": "Where this quarter stands, for everybody.", "sharing": "ORGANIZATION",
        "layout": { "widgets": quarter(&goals) } });
    let marketing = json!({ "name": "What becomes of leads", "description": "For Monday's meeting.", "sharing": "NAMED",
        "layout": { "widgets": leads() } });
    save(ground, RITA, everybodys, &[]).await?;
    save(ground, MONA, marketing, &[Template::MktManager, Template::MktUser, Template::SalesManager]).await
}

async fn save(ground: Ground<'_>, who: usize, dashboard: Value, with: &[Template]) -> Result<()> {
    let access = ground.at(who, ground.store.now());
    let words: Vec<&str> = with.iter().map(|role| role.word()).collect();
    let known = Scoped::<role::Entity>::read(&access).filter(role::Column::Key.is_in(words)).models().await?;
    let mut tx = access.begin(Permission::DashboardCreate).await?;
    let made = rows::<dashboard::Entity>(&mut tx, vec![dashboard]).await?;
    let share = |row: &role::Model| {
        made.iter().map(|id| json!({ "dashboardId": entity::id::DashboardId::from_uuid(*id).to_string(), "roleId": row.id.to_string() })).collect::<Vec<_>>()
    };
    rows::<dashboard_share::Entity>(&mut tx, known.iter().flat_map(share).collect()).await?;
    tx.commit(Value::Null).await
}

/// The goals of this quarter that a board shows.
async fn goals(ground: Ground<'_>) -> Result<Vec<String>> {
    let access = ground.at(NOBODY, ground.store.now());
    let agreed =
        Scoped::<agreement::Entity>::read(&access).filter(agreement::Column::Key.is_in(["REVENUE", "PIPELINE"]));
    let agreed: Vec<_> = agreed.models().await?.into_iter().map(|row| row.id.uuid()).collect();
    let goals = Scoped::<goal::Entity>::read(&access).filter(goal::Column::AgreementId.is_in(agreed)).models().await?;
    Ok(goals.into_iter().map(|goal| goal.id.to_string()).collect())
}

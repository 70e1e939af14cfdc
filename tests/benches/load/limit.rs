//! What can be reached by hand: axum, sqlx, SQL and structs written for these questions alone, on the same tables.
//! It knows no callers, no rights, no limits and no events.

use axum::{Json, Router, extract::State, routing::post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{
    FromRow, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow, PgSslMode},
};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::data;

#[tokio::main]
pub async fn run(url: &str) {
    let options: PgConnectOptions = url.parse().expect("an address");
    let options = options.ssl_mode(PgSslMode::Disable);
    let pool = PgPoolOptions::new().max_connections(4).test_before_acquire(false).connect_with(options).await;
    let routes = Router::new()
        .route("/q0", post(async || Json(json!({ "__typename": "Query" }))))
        .route("/q1", post(lead))
        .route("/q2", post(leads))
        .route("/q3", post(accounts))
        .route("/q4", post(figures))
        .route("/m1", post(create))
        .with_state(pool.expect("the database opens"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    tokio::task::spawn_blocking(|| {
        for _ in std::io::stdin().lines() {
            println!("0"); // it does not count its statements
        }
        std::process::exit(0);
    });
    axum::serve(listener, routes).await.expect("it serves");
}

/// A struct whose fields are a row's columns, in their order.
macro_rules! row {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct $name { $($field: $type,)+ }

        impl<'r> FromRow<'r, PgRow> for $name {
            fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
                let mut at = 0..;
                Ok(Self { $($field: row.try_get(at.next().unwrap_or_default())?,)+ })
            }
        }
    };
}

row!(Lead {
    id: Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    status: String,
    score: i32,
    source: Option<String>,
    created_at: DateTime<Utc>,
});

#[derive(Deserialize)]
struct ById {
    id: String,
}

async fn lead(State(db): State<PgPool>, Json(by): Json<ById>) -> Json<Option<Lead>> {
    let sql = "SELECT id, first_name, last_name, email, status, score, source, created_at FROM lead \
               WHERE id = $1 AND deleted_at IS NULL";
    Json(sqlx::query_as(sql).bind(uuid(&by.id)).fetch_optional(&db).await.expect("an answer"))
}

row!(Listed {
    id: Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    status: String,
    score: i32,
    account: Option<String>,
    owner: Option<String>,
});

#[derive(Deserialize)]
struct ByStatus {
    status: String,
}

async fn leads(State(db): State<PgPool>, Json(by): Json<ByStatus>) -> Json<Vec<Listed>> {
    let sql = "SELECT l.id, l.first_name, l.last_name, l.status, l.score, a.name AS account, u.name AS owner \
               FROM lead l LEFT JOIN account a ON a.id = l.matched_account_id LEFT JOIN \"user\" u ON u.id = l.owner_id \
               WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = $2 \
               ORDER BY l.score DESC, l.id DESC LIMIT 50";
    Json(sqlx::query_as(sql).bind(organization()).bind(by.status).fetch_all(&db).await.expect("an answer"))
}

row!(Account { id: Uuid, name: String });
row!(Opportunity {
    account: Uuid,
    id: Uuid,
    name: String,
    stage_type: String,
    amount_minor: Option<i64>,
    currency: Option<String>,
    close_date: Option<NaiveDate>,
});
row!(Contact { account: Uuid, id: Uuid, first_name: Option<String>, last_name: String, email: Option<String>, });

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    account: Account,
    opportunities: Vec<Opportunity>,
    contacts: Vec<Contact>,
}

#[derive(Deserialize)]
struct After {
    after: DateTime<Utc>,
}

async fn accounts(State(db): State<PgPool>, Json(by): Json<After>) -> Json<Vec<Whole>> {
    let accounts = "SELECT id, name FROM account WHERE organization_id = $1 AND deleted_at IS NULL AND created_at > $2 \
                    ORDER BY created_at, id LIMIT 20";
    let opportunities = "SELECT o.* FROM unnest($2::uuid[]) AS a(id) CROSS JOIN LATERAL (\
                         SELECT a.id AS account, id, name, stage_type, amount_minor, currency, close_date FROM opportunity \
                         WHERE organization_id = $1 AND deleted_at IS NULL AND account_id = a.id \
                         ORDER BY close_date DESC, id DESC LIMIT 5) o";
    let contacts = "SELECT c.* FROM unnest($2::uuid[]) AS a(id) CROSS JOIN LATERAL (\
                    SELECT a.id AS account, id, first_name, last_name, email FROM contact \
                    WHERE organization_id = $1 AND deleted_at IS NULL AND account_id = a.id \
                    ORDER BY created_at DESC, id DESC LIMIT 5) c";
    let org = organization();
    let accounts: Vec<Account> =
        sqlx::query_as(accounts).bind(org).bind(by.after).fetch_all(&db).await.expect("an answer");
    let ids: Vec<Uuid> = accounts.iter().map(|a| a.id).collect();
    let opportunities: Vec<Opportunity> =
        sqlx::query_as(opportunities).bind(org).bind(&ids).fetch_all(&db).await.expect("an answer");
    let contacts: Vec<Contact> = sqlx::query_as(contacts).bind(org).bind(&ids).fetch_all(&db).await.expect("an answer");
    let (mut opportunities, mut contacts) = (opportunities.into_iter().peekable(), contacts.into_iter().peekable());
    let whole = |account: Account| Whole {
        opportunities: std::iter::from_fn(|| opportunities.next_if(|o| o.account == account.id)).collect(),
        contacts: std::iter::from_fn(|| contacts.next_if(|c| c.account == account.id)).collect(),
        account,
    };
    Json(accounts.into_iter().map(whole).collect())
}

row!(Figure {
    campaign: Option<Uuid>,
    status: String,
    count: i64,
});

async fn figures(State(db): State<PgPool>) -> Json<Vec<Figure>> {
    let sql = "SELECT campaign_id, status, count(*) FROM lead \
               WHERE organization_id = $1 AND deleted_at IS NULL GROUP BY campaign_id, status ORDER BY campaign_id, status";
    Json(sqlx::query_as(sql).bind(organization()).fetch_all(&db).await.expect("an answer"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    first_name: String,
    last_name: String,
    email: String,
    source: String,
    owner_id: String,
    matched_account_id: String,
    campaign_id: String,
}

async fn create(State(db): State<PgPool>, Json(mut body): Json<Value>) -> Json<Lead> {
    let new: New = serde_json::from_value(body["input"].take()).expect("an input");
    let sql = "INSERT INTO lead (id, organization_id, created_at, updated_at, version, first_name, last_name, email, \
               source, owner_id, matched_account_id, campaign_id, status, status_changed_at, cycle_no, score, custom, search_text) \
               VALUES ($1, $2, $3, $3, 1, $4, $5, $6, $7, $8, $9, $10, 'NEW', $3, 1, 0, '{}', $11) \
               RETURNING id, first_name, last_name, email, status, score, source, created_at";
    let mut tx = db.begin().await.expect("a transaction");
    let row = sqlx::query_as(sql)
        .bind(Uuid::now_v7())
        .bind(organization())
        .bind(Utc::now())
        .bind(&new.first_name)
        .bind(&new.last_name)
        .bind(&new.email)
        .bind(new.source)
        .bind(uuid(&new.owner_id))
        .bind(uuid(&new.matched_account_id))
        .bind(uuid(&new.campaign_id))
        .bind(format!("{} {} {}", new.first_name, new.last_name, new.email).to_lowercase())
        .fetch_one(&mut *tx)
        .await
        .expect("an answer");
    tx.commit().await.expect("a commit");
    Json(row)
}

fn organization() -> Uuid {
    data::id(data::ORGANIZATION, 1)
}

fn uuid(id: &str) -> Uuid {
    id.rsplit_once('_').and_then(|(_, id)| id.parse().ok()).expect("an id")
}

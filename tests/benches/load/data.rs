//! The data set: the same rows on both databases at every run, made by the database itself.

use api::actor::Permission;
use entity::word::Word;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

pub const ORGANIZATION: u16 = 0;
pub const USER: u16 = 1;
pub const ACCOUNT: u16 = 2;
pub const CAMPAIGN: u16 = 3;
pub const LEAD: u16 = 4;
const CONTACT: u16 = 5;
const OPPORTUNITY: u16 = 6;
const ACTIVITY: u16 = 7;
const TEAM: u16 = 8;
const MEMBERSHIP: u16 = 9;
const PIPELINE: u16 = 10;
const STAGE: u16 = 11;
const ROLE: u16 = 12;
const GRANT: u16 = 13;
pub const SESSION: u16 = 14;
/// Only at size.
pub const AGREEMENT: u16 = 43;

pub const USERS: u64 = 200;
pub const ACCOUNTS: u64 = 10_000;
pub const CAMPAIGNS: u64 = 200;
pub const LEADS: u64 = 100_000;
pub const STATUSES: [&str; 6] = ["NEW", "NURTURING", "MQL", "WORKING", "SQL", "CONVERTED"];

/// The id of row `number` of a table.
pub fn id(table: u16, number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(table) << 48 | u128::from(number))
}

/// The number of a lead's owner; the same arithmetic as `pick` in SQL.
pub fn owner(lead: u64) -> u64 {
    1 + lead * 2_654_435_761 % 4_294_967_296 / 65_536 % USERS
}

/// What a column holds, as SQL over `g`, the number of the row.
struct Sql(DbBackend);

type Columns = Vec<(&'static str, String)>;

impl Sql {
    fn id(&self, table: u16, number: &str) -> String {
        let head = format!("01900000000070008{table:03x}");
        match self.0 {
            DbBackend::Postgres => format!("('{head}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"),
            _ => format!("unhex('{head}' || printf('%012x', {number}))"),
        }
    }

    /// Some row of a table.
    fn any(&self, table: u16, salt: u64, rows: u64) -> String {
        self.id(table, &format!("1 + {}", pick(salt, rows)))
    }

    /// An instant so many minutes after the beginning of 2025.
    fn at(&self, minutes: &str) -> String {
        match self.0 {
            DbBackend::Postgres => format!("timestamptz '2025-01-01Z' + ({minutes}) * interval '1 minute'"),
            _ => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 1735689600 + ({minutes}) * 60, 'unixepoch')"),
        }
    }

    fn day(&self, days: &str) -> String {
        match self.0 {
            DbBackend::Postgres => format!("date '2025-06-01' + ({days})::int"),
            _ => format!("date('2025-06-01', ({days}) || ' days')"),
        }
    }

    fn insert(&self, name: &str, table: u16, rows: u64, minutes: u64, own: Columns) -> String {
        let at = self.at(&format!("g * {minutes}"));
        let mut columns: Columns = vec![
            ("id", self.id(table, "g")),
            ("organization_id", self.id(ORGANIZATION, "1")),
            ("created_at", at.clone()),
            ("updated_at", at),
            ("version", "1".into()),
        ];
        columns.extend(own);
        let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().map(|(n, v)| (format!("\"{n}\""), v)).unzip();
        numbered(name, rows, &names.join(", "), &values.join(", "))
    }
}

fn numbered(name: &str, rows: u64, names: &str, values: &str) -> String {
    format!(
        "INSERT INTO \"{name}\" ({names}) \
         WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < {rows}) SELECT {values} FROM n"
    )
}

/// A number below `of` that looks like chance.
fn pick(salt: u64, of: u64) -> String {
    let step = 2_654_435_761 + salt * 200_000_006; // odd, and far from those of other columns
    format!("(g * {step} % 4294967296 / 65536 % {of})")
}

fn one_of(salt: u64, words: &[&str]) -> String {
    let cases: String = words.iter().enumerate().map(|(i, word)| format!(" WHEN {i} THEN '{word}'")).collect();
    format!("CASE {}{cases} END", pick(salt, words.len() as u64))
}

fn text(sql: &str) -> String {
    sql.to_owned()
}

fn people(sql: &Sql) -> Vec<String> {
    let lines = [sql.id(USER, "1"), sql.id(USER, "g + 1"), sql.id(ORGANIZATION, "1"), text("1")].join(", ");
    vec![
        sql.insert(
            "organization",
            ORGANIZATION,
            1,
            0,
            vec![
                ("name", text("'Bench'")),
                ("slug", text("'bench'")),
                ("time_zone", text("'UTC'")),
                ("base_currency", text("'EUR'")),
                ("fiscal_year_start_month", text("1")),
            ],
        ),
        sql.insert(
            "user",
            USER,
            USERS,
            1,
            vec![
                ("name", text("'User ' || g")),
                ("email", text("'user' || g || '@corp.example'")),
                ("active", text("TRUE")),
                ("search_text", text("'user ' || g || '@corp.example'")),
            ],
        ),
        sql.insert("team", TEAM, 20, 1, vec![("name", text("'Team ' || g")), ("kind", text("'SALES'"))]),
        sql.insert(
            "membership",
            MEMBERSHIP,
            USERS,
            1,
            vec![("team_id", sql.id(TEAM, "1 + (g - 1) % 20")), ("user_id", sql.id(USER, "g"))],
        ),
        // user 1 has nineteen others below
        numbered("reporting_line", 19, "above_id, below_id, organization_id, depth", &lines),
    ]
}

/// The administrator is user 200 with role 1, the salesperson user 1 with role 2; their sessions have those numbers too.
fn rights(sql: &Sql) -> Vec<String> {
    let list = |scope: &str| {
        let each = |p: Permission| format!("{{\"permission\": \"{}\", \"scope\": \"{scope}\"}}", p.word());
        format!("[{}]", Permission::all().map(each).collect::<Vec<_>>().join(", "))
    };
    let lists = format!("CASE g WHEN 1 THEN '{}' ELSE '{}' END", list("ALL"), list("SUBTREE"));
    let json = if sql.0 == DbBackend::Postgres { "::jsonb" } else { "" };
    let user = sql.id(USER, "CASE g WHEN 1 THEN 200 ELSE 1 END");
    let later = sql.at("g + 20000000");
    vec![
        sql.insert(
            "role",
            ROLE,
            2,
            0,
            vec![
                ("key", text("'role' || g")),
                ("name", text("'Role ' || g")),
                ("built_in", text("FALSE")),
                ("permissions", format!("({lists}){json}")),
            ],
        ),
        sql.insert("role_grant", GRANT, 2, 0, vec![("user_id", user.clone()), ("role_id", sql.id(ROLE, "g"))]),
        sql.insert(
            "session",
            SESSION,
            2,
            0,
            vec![
                ("user_id", user),
                ("family", sql.id(SESSION, "g")),
                ("refresh_hash", text("'none' || g")),
                ("expires_at", later.clone()),
                ("idle_expires_at", later.clone()),
                ("last_used_at", later),
            ],
        ),
    ]
}

fn sales(sql: &Sql) -> Vec<String> {
    vec![
        sql.insert(
            "pipeline",
            PIPELINE,
            1,
            0,
            vec![("name", text("'Sales'")), ("position", text("1")), ("active", text("TRUE"))],
        ),
        sql.insert(
            "stage",
            STAGE,
            6,
            0,
            vec![
                ("pipeline_id", sql.id(PIPELINE, "1")),
                ("name", text("'Stage ' || g")),
                ("position", text("g")),
                ("stage_type", text("CASE g WHEN 5 THEN 'WON' WHEN 6 THEN 'LOST' ELSE 'OPEN' END")),
                ("probability", text("g * 10")),
                ("forecast_category", text("'PIPELINE'")),
            ],
        ),
        sql.insert(
            "opportunity",
            OPPORTUNITY,
            50_000,
            5,
            vec![
                ("name", text("'Opportunity ' || g")),
                ("account_id", sql.any(ACCOUNT, 3, ACCOUNTS)),
                ("pipeline_id", sql.id(PIPELINE, "1")),
                ("stage_id", sql.id(STAGE, "1 + g % 4")),
                ("stage_type", text("'OPEN'")),
                ("stage_changed_at", sql.at("g * 5")),
                ("opp_type", text("'NEW'")),
                ("amount_minor", pick(5, 100_000_000)),
                ("currency", text("'EUR'")),
                ("close_date", sql.day("g % 365")),
                ("probability", text("20")),
                ("forecast_category", text("'PIPELINE'")),
                ("owner_id", sql.any(USER, 7, USERS)),
                ("source_campaign_id", sql.any(CAMPAIGN, 9, CAMPAIGNS)),
                ("opened_at", sql.at("g * 5")),
                ("custom", text("'{}'")),
                ("search_text", text("'opportunity ' || g")),
            ],
        ),
    ]
}

fn crm(sql: &Sql) -> Vec<String> {
    let names = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "Niklaus"];
    vec![
        sql.insert(
            "campaign",
            CAMPAIGN,
            CAMPAIGNS,
            1_440,
            vec![
                ("name", text("'Campaign ' || g")),
                ("channel", one_of(1, &["EMAIL", "EVENT", "PAID_SEARCH", "WEBINAR"])),
                ("status", text("'ACTIVE'")),
                ("custom", text("'{}'")),
                ("search_text", text("'campaign ' || g")),
            ],
        ),
        sql.insert(
            "account",
            ACCOUNT,
            ACCOUNTS,
            17,
            vec![
                ("name", text("'Account ' || (10000 + g)")),
                ("industry", one_of(1, &["SaaS", "Finance", "Health", "Retail", "Energy"])),
                ("lifecycle", text("'PROSPECT'")),
                ("owner_id", sql.any(USER, 2, USERS)),
                ("custom", text("'{}'")),
                ("search_text", text("'account ' || g")),
            ],
        ),
        sql.insert(
            "contact",
            CONTACT,
            50_000,
            5,
            vec![
                ("first_name", one_of(1, &names)),
                ("last_name", text("'Contact' || g")),
                ("email", text("'contact' || g || '@x.example'")),
                ("title", text("'Manager'")),
                ("account_id", sql.any(ACCOUNT, 4, ACCOUNTS)),
                ("owner_id", sql.any(USER, 6, USERS)),
                ("custom", text("'{}'")),
                ("search_text", text("'contact' || g")),
            ],
        ),
        sql.insert(
            "lead",
            LEAD,
            LEADS,
            3,
            vec![
                ("first_name", one_of(1, &names)),
                ("last_name", format!("'Last' || {}", pick(2, 50_000))),
                ("email", text("'lead' || g || '@acme' || (g % 9973) || '.example'")),
                ("phone", text("'+1555' || (1000000 + g)")),
                ("company_name", text("'Acme ' || (g % 9973)")),
                ("title", one_of(3, &["CTO", "CFO", "VP Sales", "Manager", "Engineer"])),
                ("status", one_of(4, &STATUSES)),
                ("status_changed_at", sql.at("g * 3")),
                ("cycle_no", text("1")),
                ("score", pick(5, 100)),
                ("source", one_of(6, &["web", "referral", "event", "outbound"])),
                ("owner_id", sql.any(USER, 0, USERS)),
                ("matched_account_id", sql.any(ACCOUNT, 8, ACCOUNTS)),
                ("campaign_id", sql.any(CAMPAIGN, 10, CAMPAIGNS)),
                (
                    "description",
                    text("'What we know about lead ' || g || ' lorem ipsum lorem ipsum lorem ipsum lorem ipsum'"),
                ),
                ("custom", text("'{}'")),
                ("search_text", text("'last lead' || g || '@acme'")),
            ],
        ),
        sql.insert(
            "activity",
            ACTIVITY,
            500_000,
            1,
            vec![
                ("kind", one_of(1, &["CALL", "MAIL", "MEETING", "NOTE", "TASK"])),
                ("subject", text("'Activity ' || g")),
                ("happened_at", sql.at("g")),
                ("lead_id", sql.any(LEAD, 2, LEADS)),
                ("campaign_id", sql.any(CAMPAIGN, 3, CAMPAIGNS)),
                ("search_text", text("'activity'")),
            ],
        ),
    ]
}

/// Migrates and fills an empty database; of one filled before only the rows of earlier runs go.
pub async fn load(url: &str) -> Result<(), DbErr> {
    let create = if url.starts_with("sqlite") { "?mode=rwc" } else { "" };
    // not the store's pools: their statements end after thirty seconds
    let db = &Database::connect(format!("{url}{create}")).await?;
    Migrator::up(db, None).await?;
    let sql = Sql(db.get_database_backend());
    if is_empty(db).await? {
        for part in [people(&sql), rights(&sql), crm(&sql), sales(&sql)].concat() {
            db.execute_unprepared(&part).await?;
        }
    }
    let empty = if sql.0 == DbBackend::Postgres { "TRUNCATE" } else { "DELETE FROM" };
    // what earlier runs left
    for (table, column) in [("lead_status_change", "lead_id"), ("lead_cycle", "lead_id"), ("lead", "id")] {
        let later = format!("DELETE FROM {table} WHERE {column} > {}", sql.id(LEAD, "100000"));
        db.execute_unprepared(&later).await?;
    }
    for table in ["duplicate_pair", "duplicate_scan", "external_ref", "event", "event_personal"] {
        db.execute_unprepared(&format!("{empty} {table}")).await?;
    }
    let tidy = if sql.0 == DbBackend::Postgres { "VACUUM ANALYZE" } else { "ANALYZE" };
    db.execute_unprepared(tidy).await?;
    Ok(())
}

async fn is_empty(db: &DatabaseConnection) -> Result<bool, DbErr> {
    let any = Statement::from_string(db.get_database_backend(), "SELECT 1 FROM organization LIMIT 1");
    Ok(db.query_one_raw(any).await?.is_none())
}

/// Adds a million opportunities with their history, leads and touches to a loaded PostgreSQL database; once.
pub async fn load_at_size(url: &str) -> Result<(), DbErr> {
    let db = &Database::connect(url).await?;
    let there = format!("SELECT 1 FROM agreement WHERE id = '{}'", id(AGREEMENT, 1));
    let there = db.query_one_raw(Statement::from_string(db.get_database_backend(), there)).await?;
    if there.is_none() {
        println!("A million opportunities are made: some minutes");
        // what it sets and makes for a while goes with the connection
        let mut one = PgConnection::connect(url).await.map_err(|e| DbErr::Custom(e.to_string()))?;
        sqlx::raw_sql(include_str!("scale.sql")).execute(&mut one).await.map_err(|e| DbErr::Custom(e.to_string()))?;
    }
    db.execute_unprepared("VACUUM ANALYZE").await?;
    Ok(())
}

//! Of which fields rules can ask what, and how that reads as a condition. Pure.

use entity::data_quality_rule::{Check, Subject};
use sea_orm::{
    ExprTrait,
    sea_query::{Expr, SimpleExpr},
};

/// A field of a record: its name in the schema, and the columns of which one must be filled in.
type Known = (&'static str, &'static [&'static str]);

const ACCOUNT: &[Known] = &[
    ("domain", &["domain"]),
    ("industry", &["industry"]),
    ("employeeBand", &["employee_band"]),
    ("annualRevenue", &["annual_revenue_minor"]),
    ("country", &["country"]),
    ("phone", &["phone"]),
    ("website", &["website"]),
    ("icpFit", &["icp_fit"]),
    ("owner", &["owner_id"]),
    ("parent", &["parent_id"]),
];

const CONTACT: &[Known] = &[
    ("firstName", &["first_name"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("emailOrPhone", &["email", "phone"]),
    ("title", &["title"]),
    ("persona", &["persona"]),
    ("country", &["country"]),
    ("account", &["account_id"]),
    ("owner", &["owner_id"]),
];

const LEAD: &[Known] = &[
    ("firstName", &["first_name"]),
    ("lastName", &["last_name"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("emailOrPhone", &["email", "phone"]),
    ("companyName", &["company_name"]),
    ("title", &["title"]),
    ("country", &["country"]),
    ("source", &["source"]),
    ("channel", &["channel"]),
    ("campaign", &["campaign_id"]),
    ("need", &["need"]),
    ("budget", &["budget_minor"]),
    ("owner", &["owner_id"]),
];

// only what the history of opportunities holds too
const OPPORTUNITY: &[Known] = &[
    ("amount", &["amount_minor"]),
    ("closeDate", &["close_date"]),
    ("account", &["account_id"]),
    ("owner", &["owner_id"]),
    ("product", &["product_id"]),
    ("sourceLead", &["source_lead_id"]),
    ("sourceCampaign", &["source_campaign_id"]),
];

/// The fields that a check can be asked of.
pub fn of(subject: Subject, check: Check) -> Vec<&'static str> {
    let all = match subject {
        Subject::Account => ACCOUNT,
        Subject::Contact => CONTACT,
        Subject::Lead => LEAD,
        Subject::Opportunity => OPPORTUNITY,
    };
    match check {
        Check::Complete => all.iter().map(|(name, _)| *name).collect(),
        Check::Valid => all.iter().map(|(name, _)| *name).filter(|name| judged(name)).collect(),
        Check::Fresh | Check::Unique => vec![],
    }
}

fn judged(name: &str) -> bool {
    matches!(name, "domain" | "website" | "email" | "phone" | "country" | "amount" | "closeDate")
}

fn columns(subject: Subject, name: &str) -> &'static [&'static str] {
    let all = match subject {
        Subject::Account => ACCOUNT,
        Subject::Contact => CONTACT,
        Subject::Lead => LEAD,
        Subject::Opportunity => OPPORTUNITY,
    };
    all.iter().find(|(known, _)| *known == name).map_or(&[], |(_, columns)| columns)
}

/// The field is filled in.
pub fn known(subject: Subject, table: &'static str, name: &str) -> SimpleExpr {
    let each = columns(subject, name).iter().map(|column| Expr::col((table, *column)).is_not_null());
    each.reduce(ExprTrait::or).unwrap_or_else(|| Expr::val(1).eq(0))
}

/// The field makes sense, or is empty.
pub fn sound(subject: Subject, table: &'static str, name: &str, today: &dyn Fn() -> SimpleExpr) -> SimpleExpr {
    let Some(column) = columns(subject, name).first() else { return Expr::val(1).eq(0) };
    let value = || Expr::col((table, *column));
    let fits = match name {
        "domain" => value().like("%_._%"),
        "website" => value().like("http%://_%"),
        "email" => value().like("%_@_%._%"),
        "phone" => value().like("+_______%"),
        "country" => value().like("__"),
        "amount" => value().gt(0),
        "closeDate" => value().gte(today()),
        _ => return Expr::val(1).eq(1),
    };
    value().is_null().or(fits)
}

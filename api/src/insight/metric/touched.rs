//! Which opportunities began with marketing, or were touched by it before they were opened, as conditions over their history.
//! Each way that leads from an opportunity to somebody is a statement of its own: one with an OR over all of them uses no index.

use std::borrow::Cow;

use entity::{
    attribution::Anchor,
    campaign::Channel,
    lead, opportunity,
    opportunity_state::{Column as S, Entity as Stood},
    touchpoint::{Column as T, Entity as Touch},
    word::Word,
};
use sea_orm::{
    Condition, DbBackend, ExprTrait, IdenStatic, Order,
    sea_query::{Expr, JoinType, NullOrdering, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::{Metric, ask::Ask, catalog, population};
use crate::{
    alignment::attribution::{Agreed, models},
    crm::Reader,
    error::{Error, Result},
    store::Guarded,
};

const TOUCH: &str = Touch::NAME;
/// Touches count for so long where nothing is agreed.
const LOOK_BACK_DAYS: i64 = 365;

/// Which touches are marketing's, for how long they count and whose do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touches {
    days: i64,
    channels: Vec<Channel>,
    /// Of everybody of the account, too.
    whole_account: bool,
}

/// What holds where nothing is agreed: every channel but OUTBOUND.
impl Default for Touches {
    fn default() -> Self {
        let all = Channel::VALUES.iter().filter_map(|(word, _)| Channel::parse(word));
        let channels = all.filter(|channel| *channel != Channel::Outbound).collect();
        Self { days: LOOK_BACK_DAYS, channels, whole_account: false }
    }
}

impl From<&Agreed> for Touches {
    fn from(agreed: &Agreed) -> Self {
        let window = &agreed.policy.window;
        let mut channels: Vec<Channel> = window.channels.iter().copied().collect();
        channels.sort_by_key(|channel| channel.word());
        Self { days: window.look_back.num_days(), channels, whole_account: agreed.body.whole_account() }
    }
}

/// The same question with what was agreed on credit at its instant, for metrics that look at touches: by the agreement that
/// is asked for, else by the first in the order of keys of those that were in force and give credit for opening.
pub async fn agreed<'a>(ask: &'a Ask, metric: &Metric) -> Result<Cow<'a, Ask>> {
    let counts = [&catalog::pipeline_sourced::METRIC, &catalog::pipeline_influenced::METRIC];
    if ask.options.touches.is_some() || !counts.iter().any(|counted| counted.key == metric.key) {
        return Ok(Cow::Borrowed(ask));
    }
    let then = crate::crm::whole(&ask.access).at(ask.now());
    let found = if let Some(id) = &ask.options.model {
        let unknown =
            || Error::BadInput("options.modelId: no such agreement on credit was in force, and no such version".into());
        Some(models::named(&then, id).await?.filter(|agreed| agreed.signed).ok_or_else(unknown)?)
    } else {
        let in_force = models::in_force(Reader::Access(&then)).await?;
        in_force.into_iter().find(|agreed| agreed.body.given_for().contains(&Anchor::OppCreated))
    };
    let mut ask = ask.clone();
    ask.options.touches = Some(found.as_ref().map(Touches::from).unwrap_or_default());
    Ok(Cow::Owned(ask))
}

fn touches(ask: &Ask) -> Touches {
    ask.options.touches.clone().unwrap_or_default()
}

fn stood(c: S) -> SimpleExpr {
    Expr::col((Stood::NAME, c))
}

fn col(c: T) -> SimpleExpr {
    Expr::col((TOUCH, c))
}

fn is_marketing(ask: &Ask) -> SimpleExpr {
    col(T::Channel).is_in(touches(ask).channels).and(col(T::NotMarketing).eq(false))
}

/// Touches in the days before the opportunity was opened.
fn before(ask: &Ask) -> SelectStatement {
    let (at, days) = (|| col(T::OccurredAt), touches(ask).days);
    let opened = format!("\"{}\".\"{}\"", Stood::NAME, S::OpenedAt.as_str());
    let since = Expr::cust(match ask.access.store().backend() {
        DbBackend::Postgres => format!("{opened} - interval '{days} days'"),
        _ => format!("strftime('%Y-%m-%dT%H:%M:%f', {opened}, '-{days} days')"),
    });
    Query::select()
        .from(TOUCH)
        .and_where(col(T::OrganizationId).eq(ask.access.actor().organization))
        .and_where(col(T::DeletedAt).is_null())
        .and_where(at().lte(stood(S::OpenedAt)))
        .and_where(at().gte(since))
        .take()
}

/// Of the contact that `table` names in rows whose `key` is this. What it began with led there also when it has been deleted
/// since.
fn of(ask: &Ask, (table, contact): (&'static str, &'static str), key: &'static str, is: SimpleExpr) -> SelectStatement {
    let began = [opportunity::Entity::NAME, lead::Entity::NAME].contains(&table);
    let there = (!began).then(|| Expr::col((table, "deleted_at")).is_null());
    before(ask)
        .join(JoinType::InnerJoin, table, Expr::col((table, contact)).eq(col(T::ContactId)))
        .and_where(Expr::col((table, "organization_id")).eq(ask.access.actor().organization))
        .cond_where(Condition::all().add_option(there))
        .and_where(Expr::col((table, key)).eq(is))
        .take()
}

/// What the opportunity names now: merging makes it name what stays, however often.
fn now(ask: &Ask, column: &'static str) -> SimpleExpr {
    const NAMED: &str = "named_";
    let its = Query::select()
        .column((NAMED, column))
        .from_as(opportunity::Entity::NAME, NAMED)
        .and_where(Expr::col((NAMED, "organization_id")).eq(ask.access.actor().organization))
        .and_where(Expr::col((NAMED, "id")).eq(stood(S::OpportunityId)))
        .take();
    SimpleExpr::SubQuery(None, Box::new(its.into()))
}

/// Of a lead, and whom that became.
fn of_lead(ask: &Ask, lead: &SimpleExpr) -> [SelectStatement; 2] {
    [
        before(ask).and_where(col(T::LeadId).eq(lead.clone())).take(),
        of(ask, ("lead", "converted_contact_id"), "id", lead.clone()),
    ]
}

/// Of the lead that it began with; where that was merged, of the one that it is now, too.
fn of_leads(ask: &Ask) -> Vec<SelectStatement> {
    const FIRST: &str = "first_";
    let merged = Query::select()
        .expr(Expr::val(1))
        .from_as(lead::Entity::NAME, FIRST)
        .and_where(Expr::col((FIRST, "organization_id")).eq(ask.access.actor().organization))
        .and_where(Expr::col((FIRST, "id")).eq(stood(S::SourceLeadId)))
        .and_where(Expr::col((FIRST, "merged_into_id")).is_not_null())
        .take();
    let since = of_lead(ask, &now(ask, "source_lead_id"));
    let since = since.map(|mut touches| touches.and_where(Expr::exists(merged.clone())).take());
    of_lead(ask, &stood(S::SourceLeadId)).into_iter().chain(since).collect()
}

/// Of the main contact.
fn of_contact(ask: &Ask) -> SelectStatement {
    of(ask, ("opportunity", "primary_contact_id"), "id", stood(S::OpportunityId))
}

/// Of whoever the opportunity began with: its lead, or without one the main contact.
fn of_creators(ask: &Ask) -> Vec<SelectStatement> {
    let alone = of_contact(ask).and_where(stood(S::SourceLeadId).is_null()).take();
    of_leads(ask).into_iter().chain([alone]).collect()
}

/// Of everybody who has a part: whom it began with, the main contact, the committee, and where it is agreed the account.
fn of_members(ask: &Ask) -> Vec<SelectStatement> {
    let account = || now(ask, "account_id");
    let mut ways = of_leads(ask);
    ways.push(of_contact(ask));
    ways.push(of(ask, ("committee_member", "contact_id"), "opportunity_id", stood(S::OpportunityId)));
    ways.push(of(ask, ("committee_member", "contact_id"), "account_id", account()));
    if touches(ask).whole_account {
        ways.push(of(ask, ("contact", "id"), "account_id", account()));
        ways.push(of(ask, ("contact_account", "contact_id"), "account_id", account()));
        ways.push(before(ask).and_where(col(T::AccountId).eq(account())).take());
    }
    ways
}

/// In the one order of touches, as far as they differ.
const ORDER: [&str; 7] = ["occurred_at", "system", "external_event_id", "kind", "contact_id", "campaign_id", "id"];

/// Opened in the period by somebody whose first touch was marketing's.
pub fn sourced(ask: &Ask) -> Condition {
    let ours = "ours_";
    let told = of_creators(ask).into_iter().map(|mut touches| {
        touches.columns(ORDER.map(|column| (TOUCH, column))).expr_as(is_marketing(ask), ours).take()
    });
    let all = told.reduce(|mut all, more| all.union(UnionType::All, more).take()).unwrap_or_default();
    let mut first = Query::select();
    first.column(("all_", ours)).from_subquery(all, "all_").limit(1);
    for column in ORDER {
        first.order_by_with_nulls(("all_", column), Order::Asc, NullOrdering::Last);
    }
    population::opened(ask).add(SimpleExpr::from(first).eq(true))
}

/// Opened in the period after marketing touched somebody of them.
pub fn influenced(ask: &Ask) -> Condition {
    let touched = of_members(ask)
        .into_iter()
        .map(|mut touches| Expr::exists(touches.expr(Expr::val(1)).and_where(is_marketing(ask)).take()));
    population::opened(ask).add(touched.fold(Condition::any(), Condition::add))
}

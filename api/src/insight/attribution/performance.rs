//! What campaigns came to, and what that cost: a dozen statements, however many campaigns.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    attribution::{Anchor, Group},
    attribution_credit::{Column as Credit, Entity as Credits},
    campaign, campaign_cost as costs,
    id::RowId,
    money::{Currency, Money},
    opportunity as deals,
    stage::StageType,
};
use sea_orm::{
    Condition, ExprTrait, JoinType,
    sea_query::{Expr, Func, Query, SimpleExpr},
};
use uuid::Uuid;

pub use super::campaign::{Cost, Performance};
use super::{
    Asked, Key,
    ask::days,
    counts::{Numbers, Study, all},
    figures::during,
    report,
};
use crate::{
    actor::Permission,
    alignment::attribution::Agreed,
    crm::{
        Reader,
        fx::{self, Rates},
        home::Home,
    },
    error::Result,
    store::{Access, Guarded, Scoped},
};

fn col(c: Credit) -> SimpleExpr {
    Expr::col((Credits::NAME, c))
}

/// Which campaigns, by what, and when.
pub struct Wanted {
    pub campaigns: Vec<Uuid>,
    pub model: Agreed,
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub home: Home,
    pub base: Currency,
    pub currency: Currency,
    /// Leave out what cannot be converted.
    pub bucket: bool,
}

struct Work<'a> {
    study: Study<'a>,
    wanted: &'a Wanted,
}

pub async fn performance(access: &Access, wanted: &Wanted) -> Result<Vec<Performance>> {
    let Wanted { campaigns, span, home, .. } = wanted;
    let study = Study { access, campaigns, span: *span, home: *home };
    let work = Work { study, wanted };
    let study = &work.study;
    let (members, leads, reached) = (study.members().await?, study.leads().await?, study.reached().await?);
    let (opened, won) = (study.opened().await?, study.won().await?);
    let (delivered, clicked) = (study.delivered().await?, study.clicked().await?);
    let credit = report(access, &work.asked()?).await?;
    let (customers, costs) = (work.customers().await?, work.costs().await?);
    let version = wanted.model.version;
    let earned = |id: &Uuid, anchor: Anchor| {
        let of = credit.groups.get(&Key::Record(Some(*id))).and_then(|by| by.get(&(version, anchor)));
        of.cloned().unwrap_or_default()
    };
    let one = |id: &Uuid| {
        let [came] = told(&leads, id);
        let [mql, sal, sql] = told(&reached, id);
        let clicks = told(&clicked, id)[0];
        let [impressions, clicks] = delivered.get(id).map_or([Some(0), clicks], |of| of.map(Some));
        Performance {
            id: *id,
            version: version.uuid(),
            currency: wanted.currency,
            members: told(&members, id),
            leads: [came, mql, sal, sql],
            deals: [told(&opened, id)[0], told(&won, id)[0]],
            delivered: [impressions, clicks],
            pipeline: earned(id, Anchor::OppCreated),
            revenue: earned(id, Anchor::Won),
            customers_e12: customers.get(id).copied().unwrap_or(Some(0)),
            cost: costs.get(id).cloned(),
        }
    };
    Ok(wanted.campaigns.iter().map(one).collect())
}

/// What is told of a campaign; nothing was found of those that are not among the numbers.
fn told<const N: usize>(numbers: &Numbers<N>, id: &Uuid) -> [Option<i64>; N] {
    numbers.get(id).copied().unwrap_or([Some(0); N])
}

/// Campaigns that a figure is compared with, so that none can be told from the others.
const MOST: usize = 100_000;

impl Work<'_> {
    fn asked(&self) -> Result<Asked> {
        let Wanted { home, base, currency, bucket, .. } = *self.wanted;
        let now = self.study.access.now();
        let (start, end) = self.wanted.span.unwrap_or((DateTime::UNIX_EPOCH, now + chrono::TimeDelta::days(1)));
        let days = days(home, start, end)?;
        let anchors = vec![Anchor::OppCreated, Anchor::Won];
        let models = vec![self.wanted.model.clone()];
        Ok(Asked { days, models, anchors, by: Some(Group::Campaign), home, base, currency, most: MOST, bucket })
    }

    /// Parts of the first sales that accounts were won by, as the metric `CAC_PAID` knows them; none where they are withheld.
    async fn customers(&self) -> Result<HashMap<Uuid, Option<i64>>> {
        const DEAL: &str = deals::Entity::NAME;
        let deal = |name: &'static str| Expr::col((DEAL, name));
        let other = |name: &'static str| Expr::col(("earlier", name));
        let sooner = Condition::any()
            .add(other("close_date").lt(deal("close_date")))
            .add(other("close_date").eq(deal("close_date")).and(other("id").lt(deal("id"))));
        let earlier = Query::select()
            .expr(Expr::val(1))
            .from_as(DEAL, "earlier")
            .and_where(other("organization_id").eq(deal("organization_id")))
            .and_where(other("account_id").eq(deal("account_id")))
            .and_where(other("stage_type").eq(StageType::Won))
            .and_where(other("deleted_at").is_null())
            .cond_where(sooner)
            .take();
        let same = deal("id").equals((Credits::NAME, "opportunity_id"));
        let days = self.asked()?.days;
        let which = |rows: Scoped<Credits>| {
            rows.shape(|q| _ = q.join(JoinType::InnerJoin, DEAL, same.clone()))
                .filter(self.study.within::<Credits>("campaign_id"))
                .filter(col(Credit::AgreementVersionId).eq(self.wanted.model.version.uuid()))
                .filter(col(Credit::Anchor).eq(Anchor::Won))
                .filter(col(Credit::WeightE12).ne(0))
                .filter(during(days, || Expr::col((Credits::NAME, Credit::CountsOn))))
                .filter(deal("account_id").is_not_null())
                .filter(Expr::exists(earlier.clone()).not())
        };
        let weight = Expr::expr(col(Credit::WeightE12).sum()).cast_as("bigint");
        let sales: SimpleExpr = Func::count_distinct(col(Credit::OpportunityId)).into();
        let found = self.study.numbers((Credits::NAME, "campaign_id"), which, [sales, weight]).await?;
        Ok(found.into_iter().map(|(id, [sales, weight])| (id, weight.filter(|_| sales.is_some()))).collect())
    }

    /// What the campaigns cost whose costs the caller may see, each cost at the rate of its day.
    async fn costs(&self) -> Result<HashMap<Uuid, Cost>> {
        use costs::Entity as E;
        let open = Scoped::<campaign::Entity>::new(self.study.access, Permission::CampaignCostRead)
            .ids(&self.wanted.campaigns)
            .shape(|q| _ = q.column((campaign::Entity::NAME, "id")));
        let mut sums: HashMap<Uuid, Cost> = HashMap::new();
        for row in open.rows().await? {
            sums.insert(row.try_get_by_index(0)?, Cost::default());
        }
        let columns = ["campaign_id", "currency", "date", "amount_minor"];
        let rows = Scoped::<E>::read(self.study.access)
            .filter(self.study.within::<E>("campaign_id"))
            .filter(self.study.on_days((E::NAME, "date")))
            .filter(Expr::col((E::NAME, "date")).lte(self.study.home.day(self.study.access.now())))
            .shape(|q| {
                // alike ones are converted alike
                q.columns(columns.map(|column| (E::NAME, column)))
                    .expr(all())
                    .group_by_columns(columns.map(|column| (E::NAME, column)));
            });
        let mut alike = vec![];
        for row in rows.rows().await? {
            let money = Money::new(row.try_get_by_index(3)?, row.try_get_by_index(1)?);
            let day: chrono::NaiveDate = row.try_get_by_index(2)?;
            let times: i64 = row.try_get_by_index(4)?;
            alike.push((row.try_get_by_index::<Uuid>(0)?, (money.currency, self.wanted.currency, day), money, times));
        }
        let wanted: HashSet<fx::Wanted> = alike.iter().map(|(_, wanted, ..)| *wanted).collect();
        let wanted: Vec<fx::Wanted> = wanted.into_iter().collect();
        let rates = Rates::load(Reader::Access(self.study.access), self.wanted.home, &wanted).await?;
        let mut missing: Vec<fx::Wanted> = wanted.into_iter().filter(|wanted| rates.on(*wanted).is_none()).collect();
        if !missing.is_empty() && !self.wanted.bucket {
            missing.sort_unstable();
            return Err(fx::missing(&missing));
        }
        for (campaign, wanted, money, times) in alike {
            let Some(sum) = sums.get_mut(&campaign) else { continue };
            match rates.on(wanted) {
                None => *sum.left.entry(money.currency).or_default() += money.amount_minor * times,
                Some(_) => sum.minor += rates.convert(money, wanted.1, wanted.2)?.amount_minor * times,
            }
        }
        Ok(sums)
    }
}

//! What campaigns came to, and what that cost: a dozen statements, however many campaigns.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    attribution::Anchor,
    attribution_credit::{Column as Credit, Entity as Credits},
    campaign, campaign_cost as costs, campaign_delivery as deliveries, campaign_member as members,
    id::RowId,
    lead::{self, Status as Stage},
    lead_status_change as moves,
    money::{Currency, Money},
    opportunity as deals,
    stage::StageType,
    touchpoint,
};
use sea_orm::{
    Condition, ExprTrait, JoinType,
    sea_query::{Alias, CaseStatement, Expr, Func, Query, SimpleExpr},
};
use uuid::Uuid;

pub use super::campaign::Performance;
use super::{
    Asked, Group, Key, Sums,
    figures::{asked as of, col},
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
    store::{Access, Guarded, Scoped, within_ids},
};

/// Which campaigns, by what, and when.
pub struct Wanted {
    pub campaigns: Vec<Uuid>,
    pub model: Agreed,
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub home: Home,
    pub base: Currency,
    pub currency: Currency,
}

/// A column of numbers for each campaign.
type Numbers<const N: usize> = HashMap<Uuid, [i64; N]>;

struct Study<'a> {
    access: &'a Access,
    wanted: &'a Wanted,
}

pub async fn performance(access: &Access, wanted: &Wanted) -> Result<Vec<Performance>> {
    let study = Study { access, wanted };
    let (members, leads, reached) = (study.members().await?, study.leads().await?, study.reached().await?);
    let (opened, won) = (study.opened().await?, study.won().await?);
    let (delivered, clicked) = (study.delivered().await?, study.clicked().await?);
    let (pipeline, revenue) = (study.credit(Anchor::OppCreated).await?, study.credit(Anchor::Won).await?);
    let (customers, costs) = (study.customers().await?, study.costs().await?);
    let version = wanted.model.version.uuid();
    let one = |id: &Uuid| {
        let [came] = leads.get(id).copied().unwrap_or_default();
        let [mql, sal, sql] = reached.get(id).copied().unwrap_or_default();
        let [told] = clicked.get(id).copied().unwrap_or_default();
        let [impressions, clicks] = delivered.get(id).copied().unwrap_or([0, told]);
        Performance {
            id: *id,
            version,
            currency: wanted.currency,
            members: members.get(id).copied().unwrap_or_default(),
            leads: [came, mql, sal, sql],
            deals: [opened.get(id).map_or(0, |n| n[0]), won.get(id).map_or(0, |n| n[0])],
            delivered: [impressions, clicks],
            pipeline: pipeline.get(id).copied().unwrap_or(Some(Sums::default())),
            revenue: revenue.get(id).copied().unwrap_or(Some(Sums::default())),
            customers_e12: customers.get(id).map_or(0, |n| n[0]),
            cost: costs.get(id).copied(),
        }
    };
    Ok(wanted.campaigns.iter().map(one).collect())
}

fn all() -> SimpleExpr {
    Expr::cust("COUNT(*)")
}

impl Study<'_> {
    fn within<E: Guarded>(&self, column: &'static str) -> Condition {
        within_ids((E::NAME, column), &self.wanted.campaigns, self.access.store().backend())
    }

    /// The instant lies in the period, if there is one.
    fn during(&self, at: (&'static str, &'static str)) -> Condition {
        let span = self.wanted.span.map(|(start, end)| Expr::col(at).gte(start).and(Expr::col(at).lt(end)));
        Condition::all().add_option(span)
    }

    /// The day lies in the period, if there is one.
    fn on_days(&self, day: (&'static str, &'static str)) -> Condition {
        let days = self.wanted.span.map(|(start, end)| self.wanted.home.days(start, end));
        Condition::all().add_option(days.map(|(first, end)| Expr::col(day).gte(first).and(Expr::col(day).lt(end))))
    }

    /// Numbers by campaign.
    async fn numbers<E: Guarded, const N: usize>(
        &self,
        key: (&'static str, &'static str),
        scoped: Scoped<E>,
        numbers: [SimpleExpr; N],
    ) -> Result<Numbers<N>> {
        let key_ = Alias::new("key_");
        let rows = scoped.shape(|q| {
            q.expr_as(Expr::col(key), key_.clone()).exprs(numbers).group_by_col(key_);
        });
        let mut found = Numbers::new();
        for row in rows.rows().await? {
            let mut cells = [0; N];
            for (at, cell) in cells.iter_mut().enumerate() {
                *cell = row.try_get_by_index::<Option<i64>>(at + 1)?.unwrap_or(0);
            }
            found.insert(row.try_get_by_index(0)?, cells);
        }
        Ok(found)
    }

    /// Every row of the organisation that names one of the campaigns.
    fn shared<E: Guarded>(&self, column: &'static str) -> Scoped<E> {
        Scoped::<E>::shared(self.access).filter(self.within::<E>(column))
    }

    async fn members(&self) -> Result<Numbers<2>> {
        use members::Entity as E;
        let joined = self.during((E::NAME, "created_at"));
        let answered = self.during((E::NAME, "responded_at"));
        let answered = answered.add(Expr::col((E::NAME, "responded_at")).is_not_null());
        let count = |condition: Condition| {
            let one: SimpleExpr = CaseStatement::new().case(condition, 1).finally(0).into();
            Expr::expr(one.sum()).cast_as("bigint")
        };
        self.numbers((E::NAME, "campaign_id"), self.shared::<E>("campaign_id"), [count(joined), count(answered)]).await
    }

    async fn leads(&self) -> Result<Numbers<1>> {
        use lead::Entity as E;
        let leads = self.shared::<E>("campaign_id").filter(self.during((E::NAME, "created_at")));
        self.numbers((E::NAME, "campaign_id"), leads, [all()]).await
    }

    /// How many of the leads have been at a stage, or at one that comes after it.
    async fn reached(&self) -> Result<Numbers<3>> {
        use moves::Entity as E;
        const LEAD: &str = lead::Entity::NAME;
        let to = |stages: &[Stage]| {
            let there = Expr::col((E::NAME, "to_status")).is_in(stages.iter().copied());
            let lead: SimpleExpr = CaseStatement::new().case(there, Expr::col((E::NAME, "lead_id"))).into();
            Func::count_distinct(lead).into()
        };
        let sql = [Stage::Sql, Stage::Converted];
        let sal = [&[Stage::Accepted, Stage::Working][..], &sql].concat();
        let mql = [&[Stage::Mql, Stage::Offered, Stage::Rejected][..], &sal].concat();
        let same = Expr::col((LEAD, "id")).equals((E::NAME, "lead_id"));
        let rows = Scoped::<E>::shared(self.access)
            .shape(|q| _ = q.join(JoinType::InnerJoin, LEAD, same))
            .filter(self.within::<lead::Entity>("campaign_id"))
            .filter(Expr::col((LEAD, "deleted_at")).is_null())
            .filter(self.during((LEAD, "created_at")));
        self.numbers((LEAD, "campaign_id"), rows, [to(&mql), to(&sal), to(&sql)]).await
    }

    async fn opened(&self) -> Result<Numbers<1>> {
        use deals::Entity as E;
        let rows = self.shared::<E>("source_campaign_id").filter(self.during((E::NAME, "opened_at")));
        self.numbers((E::NAME, "source_campaign_id"), rows, [all()]).await
    }

    async fn won(&self) -> Result<Numbers<1>> {
        use deals::Entity as E;
        let won = Expr::col((E::NAME, "stage_type")).eq(StageType::Won);
        let rows = self.shared::<E>("source_campaign_id").filter(won).filter(self.during((E::NAME, "closed_at")));
        self.numbers((E::NAME, "source_campaign_id"), rows, [all()]).await
    }

    async fn delivered(&self) -> Result<Numbers<2>> {
        use deliveries::Entity as E;
        let rows = self.shared::<E>("campaign_id").filter(self.on_days((E::NAME, "date")));
        let sum = |name: &'static str| Expr::expr(Expr::col((E::NAME, name)).sum()).cast_as("bigint");
        self.numbers((E::NAME, "campaign_id"), rows, [sum("impressions"), sum("clicks")]).await
    }

    async fn clicked(&self) -> Result<Numbers<1>> {
        use touchpoint::Entity as E;
        let clicks = Expr::col((E::NAME, "kind")).eq(touchpoint::Kind::AdClick);
        let rows = self.shared::<E>("campaign_id").filter(clicks).filter(self.during((E::NAME, "occurred_at")));
        self.numbers((E::NAME, "campaign_id"), rows, [all()]).await
    }

    /// Credit for an anchor by campaign; none where it is withheld.
    async fn credit(&self, anchor: Anchor) -> Result<HashMap<Uuid, Option<Sums>>> {
        let report = report(self.access, &self.asked(anchor)).await?;
        let of = |row: super::Row| match row.key {
            Key::Record(Some(id)) => Some((id, row.of.first().copied().flatten())),
            _ => None,
        };
        Ok(report.rows.into_iter().filter_map(of).collect())
    }

    fn asked(&self, anchor: Anchor) -> Asked {
        let (start, end) =
            self.wanted.span.unwrap_or((DateTime::UNIX_EPOCH, self.access.now() + chrono::TimeDelta::days(1)));
        Asked {
            start,
            end,
            models: vec![self.wanted.model.clone()],
            anchor,
            by: Some(Group::Campaign),
            home: self.wanted.home,
            base: self.wanted.base,
            currency: self.wanted.currency,
            campaigns: Some(self.wanted.campaigns.clone()),
            bucket: false,
        }
    }

    /// Parts of the first sales that accounts were won by.
    async fn customers(&self) -> Result<Numbers<1>> {
        const DEAL: &str = deals::Entity::NAME;
        let deal = |name: &'static str| Expr::col((DEAL, name));
        let other = |name: &'static str| Expr::col(("earlier", name));
        let sooner = Condition::any()
            .add(other("closed_at").lt(deal("closed_at")))
            .add(other("closed_at").eq(deal("closed_at")).and(other("id").lt(deal("id"))));
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
        let rows = of(Scoped::<Credits>::shared(self.access), &self.asked(Anchor::Won))
            .shape(|q| _ = q.join(JoinType::InnerJoin, DEAL, same))
            .filter(deal("account_id").is_not_null())
            .filter(Expr::exists(earlier).not());
        let weight = Expr::expr(col(Credit::WeightE12).sum()).cast_as("bigint");
        self.numbers((Credits::NAME, "campaign_id"), rows, [weight]).await
    }

    /// What the campaigns cost whose costs the caller may see, each cost at the rate of its day.
    async fn costs(&self) -> Result<HashMap<Uuid, i64>> {
        use costs::Entity as E;
        let open = Scoped::<campaign::Entity>::new(self.access, Permission::CampaignCostRead)
            .ids(&self.wanted.campaigns)
            .shape(|q| _ = q.column((campaign::Entity::NAME, "id")));
        let mut sums: HashMap<Uuid, i64> = HashMap::new();
        for row in open.rows().await? {
            sums.insert(row.try_get_by_index(0)?, 0);
        }
        let columns = ["campaign_id", "currency", "date", "amount_minor"];
        let rows = Scoped::<E>::read(self.access)
            .filter(self.within::<E>("campaign_id"))
            .filter(self.on_days((E::NAME, "date")))
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
        let rates = Rates::load(Reader::Access(self.access), self.wanted.home.currency, &wanted).await?;
        let mut missing: Vec<fx::Wanted> = wanted.into_iter().filter(|wanted| rates.on(*wanted).is_none()).collect();
        if !missing.is_empty() {
            missing.sort_unstable();
            missing.truncate(20);
            return Err(fx::missing(&missing));
        }
        for (campaign, (_, to, day), money, times) in alike {
            let converted = rates.convert(money, to, day)?;
            if let Some(sum) = sums.get_mut(&campaign) {
                *sum += converted.amount_minor * times;
            }
        }
        Ok(sums)
    }
}

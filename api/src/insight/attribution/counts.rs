//! What campaigns came to in numbers: a statement for each, however many campaigns, and one more where a number is so
//! small that it is told only to who sees what is behind it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    campaign_delivery as deliveries, campaign_member as members,
    lead::{self, Status as Stage},
    lead_status_change as moves, opportunity as deals,
    stage::StageType,
    touchpoint,
};
use sea_orm::{
    Condition, ExprTrait, JoinType,
    sea_query::{Alias, CaseStatement, Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    crm::home::Home,
    error::Result,
    insight::small::is_few,
    store::{Access, Guarded, Scoped, within_ids},
};

/// Numbers for each campaign; none where one is withheld.
pub type Numbers<const N: usize> = HashMap<Uuid, [Option<i64>; N]>;

/// Which campaigns, and when.
pub struct Study<'a> {
    pub access: &'a Access,
    pub campaigns: &'a [Uuid],
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub home: Home,
}

pub fn all() -> SimpleExpr {
    Expr::cust("COUNT(*)")
}

impl Study<'_> {
    pub fn within<E: Guarded>(&self, column: &'static str) -> Condition {
        within_ids((E::NAME, column), self.campaigns, self.access.store().backend())
    }

    /// The instant lies on a day of the period, if there is one.
    fn during(&self, at: (&'static str, &'static str)) -> Condition {
        let days = self.span.map(|(start, end)| self.home.days(start, end));
        let span = days.map(|(first, end)| (self.home.begins(first), self.home.begins(end)));
        Condition::all().add_option(span.map(|(start, end)| Expr::col(at).gte(start).and(Expr::col(at).lt(end))))
    }

    /// The day lies in the period, if there is one.
    pub fn on_days(&self, day: (&'static str, &'static str)) -> Condition {
        let days = self.span.map(|(start, end)| self.home.days(start, end));
        Condition::all().add_option(days.map(|(first, end)| Expr::col(day).gte(first).and(Expr::col(day).lt(end))))
    }

    async fn count<const N: usize, E: Guarded>(
        scoped: Scoped<E>,
        key: (&'static str, &'static str),
        numbers: [SimpleExpr; N],
    ) -> Result<HashMap<Uuid, [i64; N]>> {
        let key_ = Alias::new("key_");
        let rows = scoped.shape(|q| {
            q.expr_as(Expr::col(key), key_.clone()).exprs(numbers).group_by_col(key_);
        });
        let mut found = HashMap::new();
        for row in rows.rows().await? {
            let mut cells = [0; N];
            for (at, cell) in cells.iter_mut().enumerate() {
                *cell = row.try_get_by_index::<Option<i64>>(at + 1)?.unwrap_or(0);
            }
            found.insert(row.try_get_by_index(0)?, cells);
        }
        Ok(found)
    }

    /// Numbers by campaign, of every row of the organisation.
    pub async fn numbers<E: Guarded, const N: usize>(
        &self,
        key: (&'static str, &'static str),
        which: impl Fn(Scoped<E>) -> Scoped<E>,
        numbers: [SimpleExpr; N],
    ) -> Result<Numbers<N>> {
        let found = Self::count(which(Scoped::<E>::shared(self.access)), key, numbers.clone()).await?;
        let few = |n: &i64| is_few(*n);
        let small = found.values().flatten().any(few);
        let seen = if small && !self.access.actor().reaches_all(E::READ) {
            Some(Self::count(which(Scoped::<E>::read(self.access)), key, numbers).await?)
        } else {
            None
        };
        let told = |(id, all): (Uuid, [i64; N])| {
            let seen = seen.as_ref().map(|seen| seen.get(&id).copied().unwrap_or([0; N]));
            let at = |at: usize| Some(all[at]).filter(|n| !few(n) || seen.is_none_or(|seen| seen[at] >= *n));
            (id, std::array::from_fn(at))
        };
        Ok(found.into_iter().map(told).collect())
    }

    pub async fn members(&self) -> Result<Numbers<2>> {
        use members::Entity as E;
        let joined = self.during((E::NAME, "created_at"));
        let answered = self.during((E::NAME, "responded_at"));
        let answered = answered.add(Expr::col((E::NAME, "responded_at")).is_not_null());
        let count = |condition: Condition| {
            let one: SimpleExpr = CaseStatement::new().case(condition, 1).finally(0).into();
            Expr::expr(one.sum()).cast_as("bigint")
        };
        let which = |rows: Scoped<E>| rows.filter(self.within::<E>("campaign_id"));
        self.numbers((E::NAME, "campaign_id"), which, [count(joined), count(answered)]).await
    }

    pub async fn leads(&self) -> Result<Numbers<1>> {
        use lead::Entity as E;
        let which =
            |rows: Scoped<E>| rows.filter(self.within::<E>("campaign_id")).filter(self.during((E::NAME, "created_at")));
        self.numbers((E::NAME, "campaign_id"), which, [all()]).await
    }

    /// How many of the leads have been at a stage, or at one that comes after it.
    pub async fn reached(&self) -> Result<Numbers<3>> {
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
        let which = |rows: Scoped<E>| {
            let same = Expr::col((LEAD, "id")).equals((E::NAME, "lead_id"));
            rows.shape(|q| _ = q.join(JoinType::InnerJoin, LEAD, same))
                .filter(self.within::<lead::Entity>("campaign_id"))
                .filter(Expr::col((LEAD, "deleted_at")).is_null())
                .filter(self.during((LEAD, "created_at")))
        };
        self.numbers((LEAD, "campaign_id"), which, [to(&mql), to(&sal), to(&sql)]).await
    }

    pub async fn opened(&self) -> Result<Numbers<1>> {
        use deals::Entity as E;
        let which = |rows: Scoped<E>| {
            rows.filter(self.within::<E>("source_campaign_id")).filter(self.during((E::NAME, "opened_at")))
        };
        self.numbers((E::NAME, "source_campaign_id"), which, [all()]).await
    }

    pub async fn won(&self) -> Result<Numbers<1>> {
        use deals::Entity as E;
        let which = |rows: Scoped<E>| {
            let won = Expr::col((E::NAME, "stage_type")).eq(StageType::Won);
            rows.filter(self.within::<E>("source_campaign_id")).filter(won).filter(self.during((E::NAME, "closed_at")))
        };
        self.numbers((E::NAME, "source_campaign_id"), which, [all()]).await
    }

    /// What platforms say: numbers of theirs, which say nothing of anybody.
    pub async fn delivered(&self) -> Result<HashMap<Uuid, [i64; 2]>> {
        use deliveries::Entity as E;
        let rows = Scoped::<E>::shared(self.access)
            .filter(self.within::<E>("campaign_id"))
            .filter(self.on_days((E::NAME, "date")));
        let sum = |name: &'static str| Expr::expr(Expr::col((E::NAME, name)).sum()).cast_as("bigint");
        Self::count(rows, (E::NAME, "campaign_id"), [sum("impressions"), sum("clicks")]).await
    }

    pub async fn clicked(&self) -> Result<Numbers<1>> {
        use touchpoint::Entity as E;
        let which = |rows: Scoped<E>| {
            let clicks = Expr::col((E::NAME, "kind")).eq(touchpoint::Kind::AdClick);
            rows.filter(self.within::<E>("campaign_id")).filter(clicks).filter(self.during((E::NAME, "occurred_at")))
        };
        self.numbers((E::NAME, "campaign_id"), which, [all()]).await
    }
}

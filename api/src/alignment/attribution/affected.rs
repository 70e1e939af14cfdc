//! Which opportunities' credit may have changed. Asked by a job after the change: a few statements, however many rows.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    attribution::Anchor, attribution_credit as credits, committee_member as committee, contact,
    contact_account as ties, exchange_rate, id::RowId, lead, opportunity, touchpoint,
};
use sea_orm::{
    Condition, ExprTrait,
    sea_query::{Expr, Query, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crm::{all_rows, home::Home},
    error::Result,
    store::{Access, Guarded, Scoped, Tx, within_ids},
};

/// What changed, by tables. What rows belonged to before is among it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub touched: Touched,
    pub members: BTreeSet<Uuid>,
    pub ties: BTreeSet<Uuid>,
    pub contacts: BTreeSet<Uuid>,
    pub leads: BTreeSet<Uuid>,
    pub accounts: BTreeSet<Uuid>,
    pub opportunities: BTreeSet<Uuid>,
    /// Rates of exchange, and the days that they were of before.
    pub rates: BTreeSet<Uuid>,
    pub rate_days: BTreeSet<NaiveDate>,
}

/// Touches that changed, whose they were, and the earliest instant at which one of them lay before: sales whose last
/// anchor lies before it have nothing to do with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Touched {
    pub touchpoints: BTreeSet<Uuid>,
    pub contacts: BTreeSet<Uuid>,
    pub leads: BTreeSet<Uuid>,
    pub accounts: BTreeSet<Uuid>,
    pub since: Option<DateTime<Utc>>,
}

struct Search<'a> {
    tx: &'a Tx,
    all: Access,
    /// Everybody of an account counts by some agreement.
    whole: bool,
    contacts: BTreeSet<Uuid>,
    leads: BTreeSet<Uuid>,
    /// Accounts whose touches belong to somebody's sale.
    accounts: BTreeSet<Uuid>,
    /// Accounts all of whose sales are meant.
    buyers: BTreeSet<Uuid>,
    deals: BTreeSet<Uuid>,
}

/// More than these are not followed one by one: then everything is computed.
const MOST: usize = 10_000;

/// The opportunities, in the order of their ids; `whole` says that some agreement counts everybody of an account. None
/// where there are too many.
pub async fn opportunities(tx: &Tx, told: Told, whole: bool, home: Home) -> Result<Option<Vec<Uuid>>> {
    let Touched { touchpoints, contacts, leads, accounts, since } = told.touched;
    let mut touched = Search::of(tx, whole, contacts, leads, accounts);
    let earliest = touched.touches(touchpoints).await?;
    let since = [since, earliest].into_iter().flatten().min();
    touched.people().await?;
    touched.found(since).await?;
    let mut search = Search::of(tx, whole, told.contacts, told.leads, told.accounts);
    search.deals = told.opportunities;
    search.deals.append(&mut touched.deals);
    search.members(told.members).await?;
    search.ties(told.ties).await?;
    search.people().await?;
    search.found(None).await?;
    search.rated(told.rates, told.rate_days, home).await?;
    Ok((search.deals.len() <= MOST).then(|| search.deals.into_iter().collect()))
}

impl<'a> Search<'a> {
    fn of(tx: &'a Tx, whole: bool, contacts: BTreeSet<Uuid>, leads: BTreeSet<Uuid>, accounts: BTreeSet<Uuid>) -> Self {
        let (buyers, deals) = (BTreeSet::new(), BTreeSet::new());
        Self { tx, all: all_rows(tx), whole, contacts, leads, accounts, buyers, deals }
    }

    /// Cells of rows, deleted ones too.
    async fn cells<E: Guarded, const N: usize>(
        &self,
        condition: Condition,
        columns: [&'static str; N],
    ) -> Result<Vec<[Option<Uuid>; N]>> {
        let rows = Scoped::<E>::with_deleted(&self.all, E::READ)
            .filter(condition)
            .shape(|q| _ = q.columns(columns.map(|column| (E::NAME, column))));
        let mut found = vec![];
        for row in self.tx.cells(rows).await? {
            let mut cells = [None; N];
            for (at, cell) in cells.iter_mut().enumerate() {
                *cell = row.try_get_by_index(at)?;
            }
            found.push(cells);
        }
        Ok(found)
    }

    fn within(&self, column: (&'static str, &'static str), ids: &BTreeSet<Uuid>) -> Condition {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        within_ids(column, &ids, self.all.store().backend())
    }

    /// Answers when the earliest of them happened.
    async fn touches(&mut self, ids: BTreeSet<Uuid>) -> Result<Option<DateTime<Utc>>> {
        const TABLE: &str = touchpoint::Entity::NAME;
        if ids.is_empty() {
            return Ok(None);
        }
        let these = self.within((TABLE, "id"), &ids);
        let columns = ["contact_id", "lead_id", "account_id", "occurred_at"];
        let rows = Scoped::<touchpoint::Entity>::with_deleted(&self.all, touchpoint::Entity::READ)
            .filter(these)
            .shape(|q| _ = q.columns(columns.map(|column| (TABLE, column))));
        let mut earliest: Option<DateTime<Utc>> = None;
        for row in self.tx.cells(rows).await? {
            self.contacts.extend(row.try_get_by_index::<Option<Uuid>>(0)?);
            self.leads.extend(row.try_get_by_index::<Option<Uuid>>(1)?);
            self.accounts.extend(row.try_get_by_index::<Option<Uuid>>(2)?);
            let at: DateTime<Utc> = row.try_get_by_index(3)?;
            earliest = Some(earliest.map_or(at, |other| std::cmp::min(other, at)));
        }
        Ok(earliest)
    }

    async fn members(&mut self, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let these = self.within((committee::Entity::NAME, "id"), &ids);
        for [deal, account] in self.cells::<committee::Entity, 2>(these, ["opportunity_id", "account_id"]).await? {
            self.deals.extend(deal);
            self.buyers.extend(account);
        }
        Ok(())
    }

    async fn ties(&mut self, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let these = self.within((ties::Entity::NAME, "id"), &ids);
        for [account] in self.cells::<ties::Entity, 1>(these, ["account_id"]).await? {
            self.accounts.extend(account);
        }
        Ok(())
    }

    /// Leads are the contacts they became, contacts the leads they were, and all of these one person.
    async fn people(&mut self) -> Result<()> {
        if self.contacts.is_empty() && self.leads.is_empty() {
            return Ok(());
        }
        let columns = ["id", "converted_contact_id", "converted_account_id"];
        for column in ["id", "converted_contact_id"] {
            let known = if column == "id" { &self.leads } else { &self.contacts };
            let theirs = self.within((lead::Entity::NAME, column), known);
            for [lead, contact, account] in self.cells::<lead::Entity, 3>(theirs, columns).await? {
                self.leads.extend(lead);
                self.contacts.extend(contact);
                self.accounts.extend(account);
            }
        }
        let committees = self.within((committee::Entity::NAME, "contact_id"), &self.contacts);
        let columns = ["opportunity_id", "account_id"];
        for [deal, account] in self.cells::<committee::Entity, 2>(committees, columns).await? {
            self.deals.extend(deal);
            self.buyers.extend(account);
        }
        Ok(())
    }

    /// The accounts of people, where everybody there counts.
    async fn neighbours(&mut self) -> Result<()> {
        if !self.whole {
            return Ok(());
        }
        let own = self.within((contact::Entity::NAME, "id"), &self.contacts);
        let tied = self.within((ties::Entity::NAME, "contact_id"), &self.contacts);
        let own = self.cells::<contact::Entity, 1>(own, ["account_id"]).await?;
        let tied = self.cells::<ties::Entity, 1>(tied, ["account_id"]).await?;
        self.buyers.extend(own.into_iter().chain(tied).filter_map(|[account]| account));
        self.buyers.append(&mut self.accounts);
        Ok(())
    }

    /// The sales of these people and accounts; only those with an anchor from an instant on where one is given.
    async fn found(&mut self, since: Option<DateTime<Utc>>) -> Result<()> {
        const TABLE: &str = opportunity::Entity::NAME;
        self.neighbours().await?;
        if self.contacts.is_empty() && self.leads.is_empty() && self.buyers.is_empty() {
            return Ok(());
        }
        // seats count only where the sale itself does
        let seated = if since.is_some() { std::mem::take(&mut self.deals) } else { BTreeSet::new() };
        let theirs = Condition::any()
            .add(self.within((TABLE, "primary_contact_id"), &self.contacts))
            .add(self.within((TABLE, "source_lead_id"), &self.leads))
            .add(self.within((TABLE, "account_id"), &self.buyers))
            .add(self.within((TABLE, "id"), &seated));
        let later = since.map(|since| {
            let col = |name: &'static str| Expr::col((TABLE, name));
            Condition::any().add(col("opened_at").gte(since)).add(col("closed_at").gte(since)).add(self.came(since))
        });
        self.take(theirs, later).await
    }

    /// It began with a lead that came from an instant on, or came again.
    fn came(&self, since: DateTime<Utc>) -> SimpleExpr {
        const LEAD: &str = lead::Entity::NAME;
        let later =
            Condition::any().add(Expr::col((LEAD, "created_at")).gte(since)).add(Expr::col((LEAD, "cycle_no")).gt(1));
        let leads = Query::select()
            .column((LEAD, "id"))
            .from(LEAD)
            .and_where(Expr::col((LEAD, "organization_id")).eq(self.all.actor().organization.uuid()))
            .cond_where(later)
            .take();
        Expr::col((opportunity::Entity::NAME, "source_lead_id")).in_subquery(leads)
    }

    async fn take(&mut self, which: Condition, also: Option<Condition>) -> Result<()> {
        let id = (opportunity::Entity::NAME, "id");
        let rows = Scoped::<opportunity::Entity>::read(&self.all)
            .filter(which)
            .filter(Condition::all().add_option(also))
            .shape(|q| _ = q.column(id).limit(MOST as u64 + 1));
        for row in self.tx.cells(rows).await? {
            self.deals.insert(row.try_get_by_index(0)?);
        }
        Ok(())
    }

    /// Sales in other currencies that a rate of one of these days counts for, which is up to a week later.
    async fn rated(&mut self, rates: BTreeSet<Uuid>, mut days: BTreeSet<NaiveDate>, home: Home) -> Result<()> {
        const TABLE: &str = opportunity::Entity::NAME;
        const RATE: &str = exchange_rate::Entity::NAME;
        if !rates.is_empty() {
            let these = self.within((RATE, "id"), &rates);
            let dates = Scoped::<exchange_rate::Entity>::with_deleted(&self.all, exchange_rate::Entity::READ)
                .filter(these)
                .shape(|q| _ = q.column((RATE, "date")));
            for row in self.tx.cells(dates).await? {
                days.insert(row.try_get_by_index(0)?);
            }
        }
        let (Some(first), Some(last), Some(base)) = (days.first(), days.last(), home.currency) else { return Ok(()) };
        let end = last.checked_add_days(home.rate_age()).and_then(|day| day.succ_opt()).unwrap_or(*last);
        let (start, end) = (home.begins(*first), home.begins(end));
        let during = |name: &'static str| {
            let at = || Expr::col((TABLE, name));
            at().gte(start).and(at().lt(end))
        };
        // what counts for the time of a lead is few, and that time is not the sale's own
        let by_lead = Query::select()
            .column((credits::Entity::NAME, "opportunity_id"))
            .from(credits::Entity::NAME)
            .and_where(Expr::col((credits::Entity::NAME, "organization_id")).eq(self.all.actor().organization.uuid()))
            .and_where(Expr::col((credits::Entity::NAME, "anchor")).eq(Anchor::Lead))
            .take();
        let anchored = Condition::any()
            .add(during("opened_at"))
            .add(during("closed_at"))
            .add(Expr::col((TABLE, "id")).in_subquery(by_lead));
        let foreign = Condition::all().add(Expr::col((TABLE, "currency")).ne(base));
        self.take(foreign, Some(anchored)).await
    }
}

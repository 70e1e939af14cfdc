//! Which opportunities' credit may have changed. Asked by a job after the change: a few statements, however many rows.

use std::collections::BTreeSet;

use entity::{
    attribution_credit as credits, committee_member as committee, contact, contact_account as ties, lead, opportunity,
    touchpoint,
};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crm::all_rows,
    error::Result,
    store::{Access, Guarded, Scoped, Tx, within_ids},
};

/// What changed, by tables. What rows belonged to before is among it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub touchpoints: BTreeSet<Uuid>,
    pub members: BTreeSet<Uuid>,
    pub ties: BTreeSet<Uuid>,
    pub contacts: BTreeSet<Uuid>,
    pub leads: BTreeSet<Uuid>,
    pub accounts: BTreeSet<Uuid>,
    pub opportunities: BTreeSet<Uuid>,
    /// Rates came that may have been missing.
    pub rates: bool,
}

struct Search<'a> {
    tx: &'a Tx,
    all: Access,
    contacts: BTreeSet<Uuid>,
    leads: BTreeSet<Uuid>,
    /// Accounts whose touches belong to somebody's sale.
    accounts: BTreeSet<Uuid>,
    /// Accounts all of whose sales are meant.
    buyers: BTreeSet<Uuid>,
    deals: BTreeSet<Uuid>,
}

/// The opportunities, in the order of their ids; `whole` says that some agreement counts everybody of an account.
pub async fn opportunities(tx: &Tx, told: Told, whole: bool) -> Result<Vec<Uuid>> {
    let rates = told.rates;
    let mut search = Search {
        tx,
        all: all_rows(tx),
        contacts: told.contacts,
        leads: told.leads,
        accounts: told.accounts,
        buyers: BTreeSet::new(),
        deals: told.opportunities,
    };
    search.touches(told.touchpoints).await?;
    search.members(told.members).await?;
    search.ties(told.ties).await?;
    search.people().await?;
    if whole {
        search.neighbours().await?;
    }
    if rates {
        search.unconverted().await?;
    }
    search.deals().await
}

impl Search<'_> {
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

    async fn touches(&mut self, ids: BTreeSet<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let these = self.within((touchpoint::Entity::NAME, "id"), &ids);
        let columns = ["contact_id", "lead_id", "account_id"];
        for [contact, lead, account] in self.cells::<touchpoint::Entity, 3>(these, columns).await? {
            self.contacts.extend(contact);
            self.leads.extend(lead);
            self.accounts.extend(account);
        }
        Ok(())
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

    /// Leads are the contacts they became, and contacts the leads they were.
    async fn people(&mut self) -> Result<()> {
        if self.contacts.is_empty() && self.leads.is_empty() {
            return Ok(());
        }
        let theirs = Condition::any()
            .add(self.within((lead::Entity::NAME, "id"), &self.leads))
            .add(self.within((lead::Entity::NAME, "converted_contact_id"), &self.contacts));
        let columns = ["id", "converted_contact_id", "converted_account_id"];
        for [lead, contact, account] in self.cells::<lead::Entity, 3>(theirs, columns).await? {
            self.leads.extend(lead);
            self.contacts.extend(contact);
            self.accounts.extend(account);
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
        let own = self.within((contact::Entity::NAME, "id"), &self.contacts);
        let tied = self.within((ties::Entity::NAME, "contact_id"), &self.contacts);
        let own = self.cells::<contact::Entity, 1>(own, ["account_id"]).await?;
        let tied = self.cells::<ties::Entity, 1>(tied, ["account_id"]).await?;
        self.buyers.extend(own.into_iter().chain(tied).filter_map(|[account]| account));
        self.buyers.append(&mut self.accounts);
        Ok(())
    }

    /// Sales whose amount could not be converted.
    async fn unconverted(&mut self) -> Result<()> {
        let col = |name: &'static str| Expr::col((credits::Entity::NAME, name));
        let waiting = Condition::all().add(col("home_minor").is_null()).add(col("amount_minor").is_not_null());
        let rows = Scoped::<credits::Entity>::read(&self.all)
            .filter(waiting)
            .shape(|q| _ = q.column((credits::Entity::NAME, "opportunity_id")).distinct());
        for row in self.tx.cells(rows).await? {
            self.deals.insert(row.try_get_by_index(0)?);
        }
        Ok(())
    }

    async fn deals(mut self) -> Result<Vec<Uuid>> {
        const TABLE: &str = opportunity::Entity::NAME;
        let theirs = Condition::any()
            .add(self.within((TABLE, "primary_contact_id"), &self.contacts))
            .add(self.within((TABLE, "source_lead_id"), &self.leads))
            .add(self.within((TABLE, "account_id"), &self.buyers));
        if !(self.contacts.is_empty() && self.leads.is_empty() && self.buyers.is_empty()) {
            let rows =
                Scoped::<opportunity::Entity>::read(&self.all).filter(theirs).shape(|q| _ = q.column((TABLE, "id")));
            for row in self.tx.cells(rows).await? {
                self.deals.insert(row.try_get_by_index(0)?);
            }
        }
        Ok(self.deals.into_iter().collect())
    }
}

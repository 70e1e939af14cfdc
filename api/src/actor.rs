//! Who acts, and every permission on one screen. It knows no database and decides nothing about single rows:
//! that is `within` of each table.

use std::{collections::BTreeMap, sync::Arc};

use entity::{
    id::{ApiKeyId, OrganizationId, SessionId, TeamId, UserId},
    word::Word,
    words,
};

words! {
    /// What may be done, as ENTITY_ACTION. Roles grant each with a scope; API keys list those they may use.
    pub enum Permission as "Permission" {
        /// Read the organisation's settings. Every member has it.
        OrganizationRead = "ORGANIZATION_READ",
        /// Change the organisation's settings.
        OrganizationUpdate = "ORGANIZATION_UPDATE",
        /// Read users' names, teams and state.
        UserRead = "USER_READ",
        /// Invite users.
        UserCreate = "USER_CREATE",
        /// Change, activate and deactivate users.
        UserUpdate = "USER_UPDATE",
        /// Read teams and who is in them.
        TeamRead = "TEAM_READ",
        /// Make teams.
        TeamCreate = "TEAM_CREATE",
        /// Change teams and their members.
        TeamUpdate = "TEAM_UPDATE",
        /// Delete teams.
        TeamDelete = "TEAM_DELETE",
        /// Read roles and who holds them.
        RoleRead = "ROLE_READ",
        /// Compose custom roles.
        RoleCreate = "ROLE_CREATE",
        /// Change custom roles; grant and revoke roles, never beyond one's own rights.
        RoleUpdate = "ROLE_UPDATE",
        /// Delete custom roles.
        RoleDelete = "ROLE_DELETE",
        /// List other users' sessions and end them.
        SessionUpdate = "SESSION_UPDATE",
        /// List the organisation's API keys.
        ApiKeyRead = "API_KEY_READ",
        /// Make API keys.
        ApiKeyCreate = "API_KEY_CREATE",
        /// Revoke API keys.
        ApiKeyUpdate = "API_KEY_UPDATE",
        /// Read accounts.
        AccountRead = "ACCOUNT_READ",
        /// Create accounts.
        AccountCreate = "ACCOUNT_CREATE",
        /// Change accounts.
        AccountUpdate = "ACCOUNT_UPDATE",
        /// Delete and restore accounts.
        AccountDelete = "ACCOUNT_DELETE",
        /// Give accounts to another owner.
        AccountAssign = "ACCOUNT_ASSIGN",
        /// Read contacts.
        ContactRead = "CONTACT_READ",
        /// Create contacts.
        ContactCreate = "CONTACT_CREATE",
        /// Change contacts.
        ContactUpdate = "CONTACT_UPDATE",
        /// Delete and restore contacts.
        ContactDelete = "CONTACT_DELETE",
        /// Give contacts to another owner.
        ContactAssign = "CONTACT_ASSIGN",
        /// Read leads.
        LeadRead = "LEAD_READ",
        /// Create leads.
        LeadCreate = "LEAD_CREATE",
        /// Change leads until they are offered to sales.
        LeadUpdate = "LEAD_UPDATE",
        /// Change leads that sales has, too: from OFFERED on, unless they came back.
        LeadWork = "LEAD_WORK",
        /// Delete and restore leads.
        LeadDelete = "LEAD_DELETE",
        /// Give leads to another owner.
        LeadAssign = "LEAD_ASSIGN",
        /// Read campaigns and their members.
        CampaignRead = "CAMPAIGN_READ",
        /// Create campaigns.
        CampaignCreate = "CAMPAIGN_CREATE",
        /// Change campaigns and their members.
        CampaignUpdate = "CAMPAIGN_UPDATE",
        /// Delete and restore campaigns.
        CampaignDelete = "CAMPAIGN_DELETE",
        /// Give campaigns to another owner.
        CampaignAssign = "CAMPAIGN_ASSIGN",
        /// Read what campaigns cost.
        CampaignCostRead = "CAMPAIGN_COST_READ",
        /// Book costs on campaigns.
        CampaignCostCreate = "CAMPAIGN_COST_CREATE",
        /// Correct campaigns' costs.
        CampaignCostUpdate = "CAMPAIGN_COST_UPDATE",
        /// Delete and restore campaigns' costs.
        CampaignCostDelete = "CAMPAIGN_COST_DELETE",
        /// Read opportunities, their lines and stage history.
        OpportunityRead = "OPPORTUNITY_READ",
        /// Read opportunities that began with a lead or campaign within reach, or whose people took part in such a
        /// campaign. Needs `OPPORTUNITY_READ` too.
        OpportunityReadLinked = "OPPORTUNITY_READ_LINKED",
        /// Create opportunities.
        OpportunityCreate = "OPPORTUNITY_CREATE",
        /// Change opportunities, move, win and lose them.
        OpportunityUpdate = "OPPORTUNITY_UPDATE",
        /// Delete and restore opportunities.
        OpportunityDelete = "OPPORTUNITY_DELETE",
        /// Give opportunities to another owner.
        OpportunityAssign = "OPPORTUNITY_ASSIGN",
        /// Reopen a won or lost opportunity.
        OpportunityReopen = "OPPORTUNITY_REOPEN",
        /// Read calls, mails, meetings, notes and tasks.
        ActivityRead = "ACTIVITY_READ",
        /// Log activities.
        ActivityCreate = "ACTIVITY_CREATE",
        /// Change activities.
        ActivityUpdate = "ACTIVITY_UPDATE",
        /// Delete and restore activities.
        ActivityDelete = "ACTIVITY_DELETE",
        /// Give activities to another owner.
        ActivityAssign = "ACTIVITY_ASSIGN",
        /// Read products.
        ProductRead = "PRODUCT_READ",
        /// Create products.
        ProductCreate = "PRODUCT_CREATE",
        /// Change products.
        ProductUpdate = "PRODUCT_UPDATE",
        /// Delete and restore products.
        ProductDelete = "PRODUCT_DELETE",
        /// Read pipelines and their stages.
        PipelineRead = "PIPELINE_READ",
        /// Create pipelines and stages.
        PipelineCreate = "PIPELINE_CREATE",
        /// Change pipelines and stages.
        PipelineUpdate = "PIPELINE_UPDATE",
        /// Delete and restore pipelines and stages.
        PipelineDelete = "PIPELINE_DELETE",
        /// Read exchange rates.
        ExchangeRateRead = "EXCHANGE_RATE_READ",
        /// Enter exchange rates.
        ExchangeRateCreate = "EXCHANGE_RATE_CREATE",
        /// Correct exchange rates.
        ExchangeRateUpdate = "EXCHANGE_RATE_UPDATE",
        /// Delete exchange rates.
        ExchangeRateDelete = "EXCHANGE_RATE_DELETE",
        /// Read the definitions of custom fields.
        CustomFieldRead = "CUSTOM_FIELD_READ",
        /// Define custom fields.
        CustomFieldCreate = "CUSTOM_FIELD_CREATE",
        /// Change the definitions of custom fields.
        CustomFieldUpdate = "CUSTOM_FIELD_UPDATE",
        /// Delete custom fields.
        CustomFieldDelete = "CUSTOM_FIELD_DELETE",
        /// Read references to other systems' records.
        ExternalRefRead = "EXTERNAL_REF_READ",
        /// Link records to those of other systems.
        ExternalRefCreate = "EXTERNAL_REF_CREATE",
        /// Change references to other systems' records.
        ExternalRefUpdate = "EXTERNAL_REF_UPDATE",
        /// Delete references to other systems' records.
        ExternalRefDelete = "EXTERNAL_REF_DELETE",
        /// Read pairs of records that may be the same, scans for them, and merges.
        DuplicateRead = "DUPLICATE_READ",
        /// Search all records of a type for duplicates.
        DuplicateCreate = "DUPLICATE_CREATE",
        /// Dismiss pairs that are not the same; undo merges.
        DuplicateUpdate = "DUPLICATE_UPDATE",
        /// Read import jobs and their errors.
        ImportRead = "IMPORT_READ",
        /// Run imports; each row also needs the permission of its entity.
        ImportCreate = "IMPORT_CREATE",
    }
}

impl Permission {
    pub const COUNT: usize = Self::VALUES.len();

    pub fn all() -> impl Iterator<Item = Self> {
        Self::VALUES.iter().filter_map(|(word, _)| Self::parse(word))
    }
}

words! {
    /// How far a permission reaches: OWN < TEAM < SUBTREE < ALL, each holding the ones before it.
    pub enum Scope as "Scope" {
        /// Records that I own.
        Own = "OWN",
        /// OWN, and records whose owner shares one of my teams.
        Team = "TEAM",
        /// TEAM, and records whose owner is below me by `reportsTo`, at any depth.
        Subtree = "SUBTREE",
        /// Every record of the organisation.
        All = "ALL",
    }
}

/// How far one permission reaches for one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub scope: Scope,
    /// Also records that nobody owns: the pool.
    pub unassigned: bool,
}

impl Reach {
    pub const ALL: Self = Self { scope: Scope::All, unassigned: true };

    /// The union of two grants of one permission: the widest scope wins.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { scope: self.scope.max(other.scope), unassigned: self.unassigned || other.unassigned }
    }

    /// What both allow: an API key's reach is its maker's, never more.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { scope: self.scope.min(other.scope), unassigned: self.unassigned && other.unassigned }
    }
}

/// For each permission how far it reaches, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table([Option<Reach>; Permission::COUNT]);

impl Table {
    const EMPTY: Self = Self([None; Permission::COUNT]);

    fn grant(&mut self, permission: Permission, reach: Reach) {
        let slot = &mut self.0[permission as usize];
        *slot = Some(slot.map_or(reach, |had| had.or(reach)));
    }

    fn add(&mut self, other: &Self) {
        for (permission, reach) in Permission::all().zip(other.0) {
            if let Some(reach) = reach {
                self.grant(permission, reach);
            }
        }
    }
}

/// The rights of one actor: what holds everywhere, and what holds only for records whose owner is in a certain team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    everywhere: Table,
    teams: BTreeMap<TeamId, Table>,
}

impl Default for Rights {
    fn default() -> Self {
        Self { everywhere: Table::EMPTY, teams: BTreeMap::new() }
    }
}

impl Rights {
    pub fn everything() -> Self {
        Self { everywhere: Table([Some(Reach::ALL); Permission::COUNT]), teams: BTreeMap::new() }
    }

    pub fn grant(&mut self, permission: Permission, reach: Reach) {
        self.everywhere.grant(permission, reach);
    }

    /// The union with other rights.
    pub fn add(&mut self, other: &Self) {
        self.everywhere.add(&other.everywhere);
        for (team, table) in &other.teams {
            self.teams.entry(*team).or_insert(Table::EMPTY).add(table);
        }
    }

    /// The same rights for records whose owner is in this team, and for no others: the pool has no owner.
    #[must_use]
    pub fn within(self, team: TeamId) -> Self {
        let mut table = self.everywhere;
        table.0.iter_mut().flatten().for_each(|reach| reach.unassigned = false);
        Self { everywhere: Table::EMPTY, teams: BTreeMap::from([(team, table)]) }
    }

    /// How far it reaches whoever owns the record.
    pub fn reach(&self, permission: Permission) -> Option<Reach> {
        self.everywhere.0[permission as usize]
    }

    /// How far it reaches among the records of teams, beside that.
    pub fn in_teams(&self, permission: Permission) -> impl Iterator<Item = (TeamId, Reach)> + '_ {
        self.teams.iter().filter_map(move |(team, table)| Some((*team, table.0[permission as usize]?)))
    }

    /// The teams in which something holds.
    pub fn teams(&self) -> impl Iterator<Item = TeamId> + '_ {
        self.teams.keys().copied()
    }

    /// Held at all, at least for some team.
    pub fn hold(&self, permission: Permission) -> bool {
        self.reach(permission).is_some() || self.in_teams(permission).next().is_some()
    }

    /// True when everything in `other` is also here, as far or farther: one can only give what one has.
    pub fn covers(&self, other: &Self) -> bool {
        let holds = |mine: Option<Reach>, theirs: Reach| mine.is_some_and(|mine| mine.or(theirs) == mine);
        Permission::all().all(|permission| {
            let mine = self.reach(permission);
            let within = |team| self.in_teams(permission).find(|(t, _)| *t == team).map(|(_, reach)| reach);
            other.reach(permission).is_none_or(|theirs| holds(mine, theirs))
                && other.in_teams(permission).all(|(team, theirs)| holds(mine, theirs) || holds(within(team), theirs))
        })
    }

    /// Only what `keep` says stays.
    pub fn retain(&mut self, keep: impl Fn(Permission) -> bool) {
        let tables = self.teams.values_mut().chain([&mut self.everywhere]);
        for table in tables {
            for permission in Permission::all().filter(|p| !keep(*p)) {
                table.0[permission as usize] = None;
            }
        }
    }
}

/// By what credential the actor came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Session(SessionId),
    ApiKey(ApiKeyId),
    /// Accord's own jobs.
    System,
}

/// Who acts in one request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub organization: OrganizationId,
    /// None only for `Via::System`.
    pub user: Option<UserId>,
    pub via: Via,
    pub rights: Arc<Rights>,
}

impl Actor {
    /// Accord itself, for jobs and the command line. `tests/house.rs` lists the callers.
    pub fn system(organization: OrganizationId) -> Self {
        Self { organization, user: None, via: Via::System, rights: Arc::new(Rights::everything()) }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.rights.hold(permission)
    }

    /// A stable name of the caller, for idempotency keys and limits.
    pub fn key(&self) -> String {
        match (self.via, self.user) {
            (Via::ApiKey(id), _) => id.to_string(),
            (_, Some(user)) => user.to_string(),
            _ => "system".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;

    use super::*;

    const OWN: Reach = Reach { scope: Scope::Own, unassigned: false };
    const POOL: Reach = Reach { scope: Scope::Own, unassigned: true };

    fn holding(permission: Permission, reach: Reach) -> Rights {
        let mut rights = Rights::default();
        rights.grant(permission, reach);
        rights
    }

    #[test]
    fn a_grant_within_a_team_is_no_grant_elsewhere() {
        let (blue, red) = (TeamId::from_uuid(uuid::Uuid::nil()), TeamId::from_uuid(uuid::Uuid::max()));
        let wide = holding(Permission::LeadRead, Reach::ALL);
        let narrow = wide.clone().within(blue);
        assert!(narrow.hold(Permission::LeadRead) && narrow.reach(Permission::LeadRead).is_none());
        assert!(wide.covers(&narrow) && narrow.covers(&narrow) && !narrow.covers(&wide));
        assert!(!narrow.covers(&wide.clone().within(red)));
        let mut both = holding(Permission::LeadUpdate, OWN);
        both.add(&narrow);
        assert!(both.covers(&narrow) && both.hold(Permission::LeadUpdate) && !both.covers(&wide));
        both.retain(|p| p == Permission::LeadUpdate);
        assert!(!both.hold(Permission::LeadRead));
    }

    #[test]
    fn the_pool_is_in_no_team() {
        let team = TeamId::from_uuid(uuid::Uuid::nil());
        let narrow = holding(Permission::LeadRead, POOL).within(team);
        assert_eq!(narrow.in_teams(Permission::LeadRead).next(), Some((team, OWN)));
    }
}

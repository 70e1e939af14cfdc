//! The rights of one actor: what holds everywhere, and what holds only among the records of a team. It knows no roles.

use std::collections::BTreeMap;

use entity::id::TeamId;

use super::{Permission, Reach};

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

#[cfg(test)]
mod tests {
    use entity::id::RowId;

    use super::*;
    use crate::actor::Scope;

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

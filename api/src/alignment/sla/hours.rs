//! Whose hours count: the agreement's, else those of whoever is to act, else the organisation's, else every hour. Three
//! statements at most, however many clocks.

use std::collections::HashMap;

use entity::{
    business_calendar,
    id::{BusinessCalendarId, RowId, UserId},
    organization, user,
};
use uuid::Uuid;

use crate::{
    access::calendar::{Calendar, record::calendar_of},
    crm::all_rows,
    error::Result,
    store::{Scoped, Tx},
};

pub struct Hours {
    policy: Option<BusinessCalendarId>,
    house: Option<BusinessCalendarId>,
    users: HashMap<UserId, BusinessCalendarId>,
    calendars: HashMap<BusinessCalendarId, Calendar>,
    always: Calendar,
}

impl Hours {
    pub async fn of(tx: &Tx, policy: Option<BusinessCalendarId>, users: &[UserId]) -> Result<Self> {
        let all = all_rows(tx);
        let house = tx.read(Scoped::<organization::Entity>::read(&all)).await?;
        let house = house.first().and_then(|row| row.business_calendar_id);
        let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
        let people =
            if ids.is_empty() { vec![] } else { tx.read(Scoped::<user::Entity>::read(&all).ids(&ids)).await? };
        let users: HashMap<_, _> = people.iter().filter_map(|row| Some((row.id, row.calendar_id?))).collect();
        let wanted: Vec<_> = users.values().copied().chain(policy).chain(house).collect();
        let calendars = load(tx, &wanted).await?;
        Ok(Self { policy, house, users, calendars, always: Calendar::always() })
    }

    /// The calendars that these clocks count by.
    pub async fn kept(tx: &Tx, ids: impl Iterator<Item = Option<BusinessCalendarId>>) -> Result<Self> {
        let wanted: Vec<_> = ids.flatten().collect();
        let calendars = load(tx, &wanted).await?;
        Ok(Self { policy: None, house: None, users: HashMap::new(), calendars, always: Calendar::always() })
    }

    /// Whose hours count for somebody, of those that exist.
    pub fn choose(&self, user: Option<UserId>) -> Option<BusinessCalendarId> {
        let theirs = user.and_then(|user| self.users.get(&user).copied());
        [self.policy, theirs, self.house].into_iter().flatten().find(|id| self.calendars.contains_key(id))
    }

    pub fn calendar(&self, id: Option<BusinessCalendarId>) -> &Calendar {
        id.and_then(|id| self.calendars.get(&id)).unwrap_or(&self.always)
    }
}

/// Deleted ones too: clocks that run go on by them.
async fn load(tx: &Tx, ids: &[BusinessCalendarId]) -> Result<HashMap<BusinessCalendarId, Calendar>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let all = all_rows(tx);
    let found = Scoped::<business_calendar::Entity>::with_deleted(&all, crate::actor::Permission::BusinessCalendarRead);
    tx.read(found.ids(&ids)).await?.iter().map(|row| Ok((row.id, calendar_of(row)?))).collect()
}

//! The desk at which leads are given out: tries one way after the other until somebody is found, and notes why each way
//! did or did not lead anywhere. Pure: what it must know of accounts, users and pools was read before.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    id::{AccountId, PoolId, UserId},
    lead,
    pool_member::Model as Member,
    routing_decision::Action,
    word::Word,
};
use serde_json::{Value, json};

use super::turn::{self, Seat};

/// A way to find somebody for a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The rule it comes from, as people call it.
    pub label: String,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    AccountOwner,
    User(UserId),
    /// Whose turn it is, of those who can all of this.
    Pool(PoolId, Vec<String>),
    /// Whoever takes it first.
    Queue(PoolId),
}

/// A lead for which somebody is wanted.
#[derive(Clone, Debug)]
pub struct Ask {
    pub lead: lead::Model,
    /// The ways to try, in order.
    pub ways: Vec<Way>,
    /// What is known already, e.g. which rules did not apply.
    pub trace: Vec<Value>,
    /// Who had their chance.
    pub passed_over: Vec<UserId>,
    /// It is offered, not given: only to who may answer offers.
    pub offered: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Found {
    pub rule: Option<String>,
    pub action: Option<Action>,
    pub user: Option<UserId>,
    pub pool: Option<PoolId>,
    pub trace: Vec<Value>,
    pub pool_state: Value,
}

impl Found {
    pub fn failed(&self) -> bool {
        self.action.is_none()
    }
}

/// A member of a pool with all that decides whether they may be given a lead.
#[derive(Clone, Debug)]
pub struct Place {
    pub member: Member,
    pub seat: Seat,
    /// Leads they have that are neither converted nor given up.
    pub open: i64,
    /// Their calendar says that they work now.
    pub at_work: bool,
    /// Why they could not be given the last lead that was tried.
    pub hindrance: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub struct Table {
    pub active: bool,
    pub places: Vec<Place>,
}

/// Who there is.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Users who may be given work.
    pub active: HashSet<UserId>,
    /// Users of these who are absent now.
    pub away: HashSet<UserId>,
    /// Users of these who may answer offers; asked only when something is to be offered.
    pub answering: HashSet<UserId>,
}

impl People {
    /// May be offered a lead, or given one that is not offered.
    fn may_have(&self, user: UserId, ask: &Ask) -> bool {
        !ask.offered || self.answering.contains(&user)
    }
}

/// What is known of those who may be given leads.
#[derive(Clone, Debug)]
pub struct Desk {
    pub now: DateTime<Utc>,
    pub owners: HashMap<AccountId, UserId>,
    pub people: People,
    /// Pools in the order of their ids.
    pub pools: BTreeMap<PoolId, Table>,
}

impl Desk {
    /// Finds somebody, and remembers that they were given one more.
    pub fn decide(&mut self, ask: &Ask) -> Found {
        let mut found =
            Found { rule: None, action: None, user: None, pool: None, trace: ask.trace.clone(), pool_state: json!([]) };
        for way in &ask.ways {
            let done = self.follow(ask, &way.act, &mut found);
            let (result, why) = match &done {
                Ok(()) => ("CHOSEN", None),
                Err(why) => ("PASSED", Some(*why)),
            };
            found.trace.push(json!({
                "rule": way.label, "action": action(&way.act).word(), "result": result, "why": why,
                "user": found.user.map(|u| u.to_string()), "pool": found.pool.map(|p| p.to_string()),
            }));
            if done.is_ok() {
                found.rule = Some(way.label.clone());
                found.action = Some(action(&way.act));
                return found;
            }
        }
        found
    }

    /// Why not, if not.
    fn follow(&mut self, ask: &Ask, act: &Act, found: &mut Found) -> Result<(), &'static str> {
        match act {
            Act::AccountOwner => {
                let account = ask.lead.matched_account_id.ok_or("the lead matches no account")?;
                let owner = self.owners.get(&account).ok_or("the account has no owner")?;
                found.user = Some(self.free(*owner, ask)?);
            }
            Act::User(user) => found.user = Some(self.free(*user, ask)?),
            Act::Queue(pool) => {
                let table = self.pools.get(pool).filter(|table| table.active).ok_or("there is no such pool")?;
                if table.places.is_empty() {
                    return Err("nobody is in the pool");
                }
                let takes =
                    |user| !ask.offered || self.people.active.contains(&user) && self.people.may_have(user, ask);
                if !table.places.iter().any(|place| takes(place.member.user_id)) {
                    return Err("nobody in the pool may answer offers");
                }
                found.pool = Some(*pool);
            }
            Act::Pool(pool, skills) => {
                let table = self.pools.get_mut(pool).filter(|table| table.active).ok_or("there is no such pool")?;
                let picked = take_turn(table, ask, skills, (self.now, &self.people));
                found.pool_state = state(table);
                found.user = Some(picked.ok_or("nobody in the pool may be given a lead now")?);
                found.pool = Some(*pool);
            }
        }
        Ok(())
    }

    fn free(&self, user: UserId, ask: &Ask) -> Result<UserId, &'static str> {
        if !self.people.active.contains(&user) {
            Err("this user is not active")
        } else if !self.people.may_have(user, ask) {
            Err("this user may not answer offers")
        } else if self.people.away.contains(&user) {
            Err("this user is away")
        } else if ask.passed_over.contains(&user) {
            Err("this user was offered the lead and did not answer")
        } else {
            Ok(user)
        }
    }
}

fn take_turn(
    table: &mut Table,
    ask: &Ask,
    skills: &[String],
    (now, people): (DateTime<Utc>, &People),
) -> Option<UserId> {
    let mut seats: Vec<Seat> = Vec::new();
    for place in &mut table.places {
        place.hindrance = hindrance(place, ask, skills, (now, people));
        place.seat.eligible = place.hindrance.is_none();
        seats.push(place.seat.clone());
    }
    let next = turn::pick(&mut seats);
    for (place, seat) in table.places.iter_mut().zip(seats) {
        place.seat = seat;
    }
    let place = table.places.get_mut(next?)?;
    place.open += 1;
    Some(place.seat.user)
}

/// Why this member may not be given the lead.
fn hindrance(
    place: &Place,
    ask: &Ask,
    skills: &[String],
    (now, people): (DateTime<Utc>, &People),
) -> Option<&'static str> {
    let member = &place.member;
    let away =
        member.absent_from.is_some_and(|from| from <= now) && member.absent_until.is_none_or(|until| now < until);
    let can = |skill: &String| {
        let known = member.skills.as_array();
        known.is_some_and(|known| known.iter().any(|k| k.as_str().is_some_and(|k| k.eq_ignore_ascii_case(skill))))
    };
    if !people.active.contains(&member.user_id) {
        Some("INACTIVE")
    } else if !people.may_have(member.user_id, ask) {
        Some("MAY_NOT_ANSWER")
    } else if member.weight == 0 {
        Some("NO_SHARE")
    } else if away || people.away.contains(&member.user_id) {
        Some("ABSENT")
    } else if !member.ignore_hours && !place.at_work {
        Some("OUT_OF_HOURS")
    } else if member.capacity.is_some_and(|most| place.open >= i64::from(most)) {
        Some("FULL")
    } else if !skills.iter().all(can) {
        Some("LACKS_SKILLS")
    } else if ask.passed_over.contains(&member.user_id) {
        Some("PASSED_OVER")
    } else {
        None
    }
}

fn state(table: &Table) -> Value {
    let place = |place: &Place| {
        json!({
            "user": place.seat.user.to_string(), "weight": place.seat.weight, "assigned": place.seat.assigned,
            "open": place.open, "eligible": place.seat.eligible, "why": place.hindrance,
        })
    };
    table.places.iter().map(place).collect()
}

pub fn action(act: &Act) -> Action {
    match act {
        Act::AccountOwner => Action::AccountOwner,
        Act::User(_) => Action::User,
        Act::Pool(..) => Action::Pool,
        Act::Queue(_) => Action::Queue,
    }
}

//! The people of the demo organisation: at least one of every built-in role, their teams and whom they report to.

use entity::{
    id::{OrganizationId, UserId},
    membership, role, role_grant,
    team::{self, Kind},
    user::{self, Side},
    word::Word,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};

use crate::{
    access::{
        joining::{Newcomer, insert, welcome},
        role::templates::Template,
    },
    actor::{Actor, Permission},
    error::{Error, Result},
    store::{Access, Tx},
};

pub struct Person {
    pub name: &'static str,
    /// Before `@demo.example`.
    pub mail: &'static str,
    pub role: Template,
    side: Option<Side>,
    region: Option<&'static str>,
    reports_to: Option<usize>,
    teams: &'static [usize],
}

// places in PEOPLE; of two who act on the same day the earlier acts first
pub const WEBSITE: usize = 0;
pub const MONA: usize = 1;
pub const MIA: usize = 2;
pub const RITA: usize = 3;
/// Sales development: north, south.
pub const SDRS: [usize; 2] = [4, 5];
/// Those who sell, by patch.
pub const SELLERS: [usize; 4] = [6, 7, 8, 9];
pub const STAN: usize = 10;
const EVE: usize = 11;
pub const FRED: usize = 12;
pub const FAY: usize = 13;

// who else may act in a plan
/// Accord by itself.
pub const NOBODY: usize = 15;
/// Whoever has the lead in question: routing decides, so the plan does not know.
pub const HOLDER: usize = 16;

const TEAMS: [(&str, Kind, &str); 4] = [
    ("Marketing", Kind::Marketing, "Finds and warms people."),
    ("Sales North", Kind::Sales, "Germany, Austria, Switzerland, the Nordics, Britain."),
    ("Sales South", Kind::Sales, "France, Benelux, Spain, Italy."),
    ("Pipeline crew", Kind::Cross, "Looks after the handover from marketing to sales."),
];

const fn person(
    (name, mail): (&'static str, &'static str),
    role: Template,
    side: Option<Side>,
    region: Option<&'static str>,
    reports_to: Option<usize>,
    teams: &'static [usize],
) -> Person {
    Person { name, mail, role, side, region, reports_to, teams }
}

const MARKETING: Option<Side> = Some(Side::Marketing);
const SALES: Option<Side> = Some(Side::Sales);

#[rustfmt::skip]
pub const PEOPLE: [Person; 15] = [
    person(("Ida Integration", "ida.integration"), Template::Integration,  None,      None,                    Some(RITA), &[]),
    person(("Mona Marketing",  "mona.marketing"),  Template::MktManager,   MARKETING, Some("Headquarters"),    Some(EVE),  &[0]),
    person(("Mia Marketer",    "mia.marketer"),    Template::MktUser,      MARKETING, Some("Headquarters"),    Some(MONA), &[0, 3]),
    person(("Rita Revops",     "rita.revops"),     Template::Revops,       None,      Some("Headquarters"),    Some(EVE),  &[3]),
    person(("Sid Dev",         "sid.dev"),         Template::Sdr,          SALES,     Some("DACH"),            Some(STAN), &[1, 3]),
    person(("Sara Dev",        "sara.dev"),        Template::Sdr,          SALES,     Some("Southern Europe"), Some(STAN), &[2]),
    person(("Sam Seller",      "sam.seller"),      Template::SalesRep,     SALES,     Some("DACH"),            Some(STAN), &[1]),
    person(("Sue Seller",      "sue.seller"),      Template::SalesRep,     SALES,     Some("Northern Europe"), Some(STAN), &[1]),
    person(("Sven Seller",     "sven.seller"),     Template::SalesRep,     SALES,     Some("Western Europe"),  Some(STAN), &[2]),
    person(("Sofia Seller",    "sofia.seller"),    Template::SalesRep,     SALES,     Some("Southern Europe"), Some(STAN), &[2]),
    person(("Stan Lead",       "stan.lead"),       Template::SalesManager, SALES,     Some("DACH"),            Some(EVE),  &[1, 2]),
    person(("Eve Exec",        "eve.exec"),        Template::Exec,         None,      Some("Headquarters"),    None,       &[]),
    person(("Fred Finance",    "fred.finance"),    Template::Finance,      None,      Some("Headquarters"),    Some(EVE),  &[]),
    person(("Fay Finance",     "fay.finance"),     Template::Finance,      None,      Some("Headquarters"),    Some(EVE),  &[]),
    person(("Ada Admin",       "ada.admin"),       Template::Admin,        None,      Some("Headquarters"),    Some(EVE),  &[]),
];

impl Person {
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.mail)
    }
}

/// Everybody, in the order of `PEOPLE`, with one password for all.
pub async fn settle(access: &Access, hash: &str) -> Result<Vec<UserId>> {
    let mut tx = access.begin(Permission::UserCreate).await?;
    let mut ids: Vec<Option<UserId>> = vec![None; PEOPLE.len()];
    // managers before those who report to them
    while ids.iter().any(Option::is_none) {
        for (at, person) in PEOPLE.iter().enumerate() {
            let manager = person.reports_to.map(|manager| ids[manager]);
            if ids[at].is_none() && manager != Some(None) {
                ids[at] = Some(join(&mut tx, person, manager.flatten(), hash).await?);
            }
        }
    }
    let ids: Vec<UserId> = ids.into_iter().flatten().collect();
    group(&mut tx, &ids).await?;
    tx.commit(serde_json::Value::Null).await?;
    Ok(ids)
}

async fn join(tx: &mut Tx, person: &Person, reports_to: Option<UserId>, hash: &str) -> Result<UserId> {
    let newcomer = Newcomer {
        email: person.email(),
        name: person.name.to_owned(),
        side: person.side,
        region: person.region.map(str::to_owned),
        reports_to,
        roles: vec![],
    };
    let user = insert(tx, &newcomer).await?;
    let wanted = Condition::all().add(role::Column::Key.eq(person.role.word()));
    let held = tx.lock_where::<role::Entity>(wanted).await?.pop();
    let held = held.ok_or_else(|| Error::internal("a built-in role is missing"))?;
    let grant = role_grant::ActiveModel { user_id: Set(user.id), role_id: Set(held.id), ..Default::default() };
    tx.insert::<role_grant::Entity>(grant).await?;
    let user = tx.lock::<user::Entity>(user.id).await?;
    welcome(tx, &user, hash, None).await?;
    Ok(user.id)
}

async fn group(tx: &mut Tx, ids: &[UserId]) -> Result<()> {
    for (at, (name, kind, about)) in TEAMS.into_iter().enumerate() {
        let row = team::ActiveModel {
            name: Set(name.to_owned()),
            kind: Set(kind),
            description: Set(Some(about.to_owned())),
            ..Default::default()
        };
        let team = tx.insert::<team::Entity>(row).await?;
        let members = PEOPLE.iter().zip(ids).filter(|(person, _)| person.teams.contains(&at));
        let rows = members.map(|(_, user)| membership::ActiveModel {
            team_id: Set(team.id),
            user_id: Set(*user),
            ..Default::default()
        });
        tx.insert_many::<membership::Entity>(rows.collect()).await?;
    }
    Ok(())
}

/// Somebody of the demo organisation as they write down what they did: in their name, with every right, as an
/// administrator's import would.
pub fn acting(organization: OrganizationId, user: UserId) -> Actor {
    Actor { user: Some(user), ..Actor::system(organization) }
}

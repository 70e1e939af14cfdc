//! What a plan would have come to in periods that are over, beside the version that is in force.

pub mod graphql;

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    agreement_version::{self as versions, Column as V, Status},
    id::{AgreementVersionId, RowId, UserId},
    incentive_assignment::{Column as A, Entity as Assignments},
    money::Currency,
    user::Side,
};
use sea_orm::{ColumnTrait, Condition};

use super::{
    assignment::participant,
    lint::{MOST_PERIODS, before, version_of},
    pay::{calculate::earned, input::Inputs, plan::Participant, settle::sum},
    trial::{self, Days, alone},
};
use crate::{
    actor::Permission,
    alignment::agreement::body::decode,
    crm::whole,
    error::{Error, Result},
    incentive::IncentivePlanBody,
    insight::{goal::past::reached_in, small::FEW},
    store::{Access, Scoped},
};

/// A period that is over, and what versions would have paid in it.
pub struct Tried {
    pub days: Days,
    pub sides: Vec<OfSide>,
    pub people: Vec<OfPerson>,
}

/// What a side's people would have been paid together; none of it where the caller may not be told.
pub struct OfSide {
    pub side: Side,
    pub people: i64,
    pub would: Option<i64>,
    pub in_force: Option<i64>,
}

pub struct OfPerson {
    pub user: UserId,
    pub side: Side,
    pub would: i64,
    pub in_force: Option<i64>,
}

pub struct Backtest {
    pub currency: Currency,
    /// The version in force, if it is another and pays in the same currency.
    pub in_force: Option<AgreementVersionId>,
    pub periods: Vec<Tried>,
}

/// What everybody would have been paid.
type Paid = BTreeMap<UserId, (Side, i64)>;

pub async fn backtest(access: &Access, id: AgreementVersionId, periods: i32) -> Result<Option<Backtest>> {
    if !(1..=MOST_PERIODS).contains(&periods) {
        return Err(Error::BadInput(format!("periods must be between 1 and {MOST_PERIODS}")));
    }
    let Some(version) = version_of(access, id).await? else { return Ok(None) };
    let body = decode::<IncentivePlanBody>(version.clone())?.body;
    let currency = body.currency.0;
    let now = in_force(access, &version, currency).await?;
    let seen = [seen(access, &version).await?, seen_of(access, now.as_ref()).await?].concat();
    let seen: BTreeSet<UserId> = seen.into_iter().collect();
    let sums = Sums::of(access, &version);
    let told_of = Told::of(access, &version, now.as_ref(), sums).await?;
    let mut periods_told = Vec::new();
    for days in before(body.days(), periods) {
        let would = Outcome::of(access, &version, days, &seen, sums).await?;
        let beside = match &now {
            Some(other) => Some(Outcome::of(access, other, days, &seen, sums).await?),
            None => None,
        };
        periods_told.push(told(days, &would, beside.as_ref(), &told_of));
    }
    Ok(Some(Backtest { currency, in_force: now.map(|other| other.id), periods: periods_told }))
}

/// What a version comes to: as far as sums are told of all its people, and of those whose pay the caller sees.
#[derive(Default)]
struct Outcome {
    all: Paid,
    seen: Paid,
}

impl Outcome {
    /// Who sees everybody's pay is told what each gets of all. Everybody else is told what people would get who are alone: a pool
    /// or a cap that all share would tell what others get. Nothing is worked out that nobody is told.
    async fn of(
        access: &Access,
        version: &versions::Model,
        days: Days,
        seen: &BTreeSet<UserId>,
        sums: Sums,
    ) -> Result<Self> {
        let all =
            if sums == Sums::None { unpaid(access, version).await? } else { paid(access, version, days, None).await? };
        let seen = match sums {
            Sums::All => all.clone(),
            _ if seen.is_empty() => Paid::new(),
            _ => paid(access, version, days, Some(seen)).await?,
        };
        Ok(Self { all, seen })
    }

    fn on(&self, side: Side) -> BTreeSet<UserId> {
        self.all.iter().filter(|(_, (of, _))| *of == side).map(|(user, _)| *user).collect()
    }

    fn total(&self, side: Side) -> Option<i64> {
        let sum = self.all.values().filter(|(of, _)| *of == side).map(|(_, amount)| i128::from(*amount)).sum::<i128>();
        i64::try_from(sum).ok()
    }
}

/// Whether sums of sides are told. A draft can be changed and asked again and again, and so tell what few are paid: only to who
/// sees everybody's pay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sums {
    All,
    OfMany,
    None,
}

impl Sums {
    fn of(access: &Access, version: &versions::Model) -> Self {
        let actor = access.actor();
        if actor.reaches_all(Permission::IncentiveRead) {
            return Self::All;
        }
        let signed = matches!(version.status, Status::Ratified | Status::Active | Status::Superseded);
        if signed && actor.may(Permission::IncentiveTotalRead) { Self::OfMany } else { Self::None }
    }
}

/// The people of a version and their terms, by side.
type Terms = BTreeMap<Side, BTreeSet<String>>;

/// Of which sides the sums are told: of the version, and of the one in force beside it.
#[derive(Default)]
struct Told {
    would: BTreeSet<Side>,
    in_force: BTreeSet<Side>,
}

impl Told {
    /// Whoever sees everybody's pay is told all. Of many a sum is told unless a sum of another signed version of the plan, asked for
    /// now or another time, is of nearly the same people on nearly the same terms: the difference would tell what few get.
    async fn of(access: &Access, version: &versions::Model, now: Option<&versions::Model>, sums: Sums) -> Result<Self> {
        let both = BTreeSet::from([Side::Marketing, Side::Sales]);
        match sums {
            Sums::All => return Ok(Self { would: both.clone(), in_force: both }),
            Sums::None => return Ok(Self::default()),
            Sums::OfMany => {}
        }
        let mut all = Vec::new();
        for one in signed(access, version).await? {
            all.push((one.id, terms(access, &one).await?));
        }
        let of = |version: &versions::Model| Self::sides(&all, version.id);
        Ok(Self { would: of(version), in_force: now.map(of).unwrap_or_default() })
    }

    fn sides(all: &[(AgreementVersionId, Terms)], id: AgreementVersionId) -> BTreeSet<Side> {
        let Some((_, own)) = all.iter().find(|(other, _)| *other == id) else { return BTreeSet::new() };
        let others = || all.iter().filter(|(other, _)| *other != id);
        let nobody = BTreeSet::new();
        let tells = |side: &Side| {
            let mine = own.get(side).unwrap_or(&nobody);
            many(mine.len()) && others().all(|(_, other)| apart(mine, other.get(side).unwrap_or(&nobody)))
        };
        [Side::Marketing, Side::Sales].into_iter().filter(tells).collect()
    }
}

fn many(people: usize) -> bool {
    i64::try_from(people).is_ok_and(|people| people >= FEW)
}

/// Whether the difference of sums over these is of nobody, or of enough people on both sides of it.
fn apart(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let enough = |few: usize| few == 0 || many(few);
    enough(one.difference(other).count()) && enough(other.difference(one).count())
}

/// The signed versions of the same plan.
async fn signed(access: &Access, version: &versions::Model) -> Result<Vec<versions::Model>> {
    let of = Condition::all().add(V::AgreementId.eq(version.agreement_id.uuid())).add(V::Status.is_in([
        Status::Ratified,
        Status::Active,
        Status::Superseded,
    ]));
    Scoped::<versions::Entity>::read(&whole(access)).filter(of).models().await
}

async fn terms(access: &Access, version: &versions::Model) -> Result<Terms> {
    let mut all = Terms::new();
    for person in people(&whole(access), version).await? {
        all.entry(person.side).or_default().insert(format!("{person:?}"));
    }
    Ok(all)
}

fn told(days: Days, would: &Outcome, beside: Option<&Outcome>, of: &Told) -> Tried {
    let side = |side: Side| OfSide {
        side,
        people: i64::try_from(would.on(side).len()).unwrap_or(i64::MAX),
        would: would.total(side).filter(|_| of.would.contains(&side)),
        in_force: beside.filter(|_| of.in_force.contains(&side)).and_then(|other| other.total(side)),
    };
    let person = |(user, (side, amount)): (&UserId, &(Side, i64))| OfPerson {
        user: *user,
        side: *side,
        would: *amount,
        in_force: beside.and_then(|other| other.seen.get(user)).map(|(_, amount)| *amount),
    };
    Tried {
        days,
        sides: [Side::Marketing, Side::Sales].map(side).into_iter().collect(),
        people: would.seen.iter().map(person).collect(),
    }
}

/// The version of the same agreement that is in force, where it is another.
async fn in_force(access: &Access, version: &versions::Model, currency: Currency) -> Result<Option<versions::Model>> {
    let of = Condition::all().add(V::AgreementId.eq(version.agreement_id.uuid())).add(V::Status.eq(Status::Active));
    let found = Scoped::<versions::Entity>::read(access).filter(of).one().await?;
    let Some(other) = found.filter(|other| other.id != version.id) else { return Ok(None) };
    let same = decode::<IncentivePlanBody>(other.clone())?.body.currency.0 == currency;
    Ok(Some(other).filter(|_| same))
}

/// Everybody's terms in a version.
async fn people(access: &Access, version: &versions::Model) -> Result<Vec<Participant>> {
    let theirs = Condition::all().add(A::AgreementVersionId.eq(version.id.uuid()));
    let rows = Scoped::<Assignments>::read(access).filter(theirs).models().await?;
    let whole_period = |person: Participant| Participant { from: None, until: None, ..person };
    Ok(rows.iter().map(participant).map(whole_period).collect())
}

/// The people whose pay the caller sees.
async fn seen(access: &Access, version: &versions::Model) -> Result<Vec<UserId>> {
    Ok(people(access, version).await?.into_iter().map(|person| person.user).collect())
}

async fn seen_of(access: &Access, version: Option<&versions::Model>) -> Result<Vec<UserId>> {
    if let Some(version) = version { seen(access, version).await } else { Ok(vec![]) }
}

/// Who is in a version, without what they would have been paid.
async fn unpaid(access: &Access, version: &versions::Model) -> Result<Paid> {
    Ok(people(&whole(access), version).await?.into_iter().map(|person| (person.user, (person.side, 0))).collect())
}

/// What a version would have paid in these days, to these people alone or to all: what was earned, without draws and adjustments.
async fn paid(access: &Access, version: &versions::Model, days: Days, only: Option<&BTreeSet<UserId>>) -> Result<Paid> {
    let everything = whole(access);
    let mut people = people(&everything, version).await?;
    people.retain(|person| only.is_none_or(|only| only.contains(&person.user)));
    let one = only.filter(|only| only.len() == 1).and_then(|only| only.first().copied());
    let mut task = trial::task(access, version, days, people, one).await?;
    if only.is_some() {
        alone(&mut task.plan);
    }
    let gathered = trial::gather(&task, &BTreeSet::new()).await?;
    let ids: Vec<_> = task.plan.goals().iter().map(|goal| goal.uuid()).collect();
    let found = reached_in(&everything, &ids, days).await?;
    let goals = task.plan.goals().into_iter().filter_map(|goal| Some((goal, *found.get(&goal.uuid())?))).collect();
    let (plan, participants) = (task.plan, task.people);
    let inputs = Inputs { participants, sums: gathered.sums, goals, ..Inputs::default() };
    let worked = move || -> std::result::Result<Paid, super::pay::result::PayError> {
        let all = earned(&plan, &inputs)?;
        all.into_iter().map(|(who, lines)| Ok((who.user, (who.side, sum(&lines)?)))).collect()
    };
    let paid = tokio::task::spawn_blocking(worked).await.map_err(Error::internal)?;
    paid.map_err(|error| Error::BadInput(error.to_string()))
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::*;

    fn version(number: u128, terms: &[(Side, std::ops::Range<u32>)]) -> (AgreementVersionId, Terms) {
        let of =
            |(side, people): &(Side, std::ops::Range<u32>)| (*side, people.clone().map(|n| n.to_string()).collect());
        (AgreementVersionId::from_uuid(Uuid::from_u128(number)), terms.iter().map(of).collect())
    }

    fn sides(all: &[(AgreementVersionId, Terms)]) -> Vec<Vec<Side>> {
        all.iter().map(|(id, _)| Told::sides(all, *id).into_iter().collect()).collect()
    }

    #[test]
    fn sums_are_told_of_five_or_more() {
        assert_eq!(sides(&[version(1, &[(Side::Sales, 0..5), (Side::Marketing, 5..9)])]), [vec![Side::Sales]]);
        assert_eq!(sides(&[version(1, &[(Side::Sales, 0..4)])]), [vec![]]);
    }

    #[test]
    fn two_sums_do_not_differ_by_one_person_whenever_they_are_asked_for() {
        let of =
            |people: std::ops::Range<u32>| [version(1, &[(Side::Sales, 0..6)]), version(2, &[(Side::Sales, people)])];
        assert_eq!(sides(&of(0..6)), [vec![Side::Sales], vec![Side::Sales]]);
        assert_eq!(sides(&of(0..5)), [vec![], vec![]]);
        assert_eq!(sides(&of(1..7)), [vec![], vec![]], "one for another");
        assert_eq!(sides(&of(0..11)), [vec![Side::Sales], vec![Side::Sales]]);
    }
}

//! Measures goals: the metric of each in its period and scope, as of an instant, and what that means for its pace. Goals
//! that ask the same are measured once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    business_calendar,
    goal::{Entity, Model},
    id::{AgreementVersionId, RowId},
    money::Currency,
    organization,
};
use uuid::Uuid;

use super::{body::GoalBody, curve::Span, pace::Pace, versions::Versions};
use crate::{
    access::calendar::{Calendar, record::calendar_of},
    alignment::agreement::{Active, body::decode},
    crm::{home::Home, whole},
    error::{Error, Result},
    insight::metric::{
        answer::{self, Figures},
        ask::Ask,
        exact::Exact,
        prior::prior,
    },
    store::{Access, Scoped},
};

/// A goal, what counted for it at an instant, and how it stood then.
#[derive(Clone)]
pub struct Progress {
    pub goal: Model,
    pub version: AgreementVersionId,
    pub body: GoalBody,
    pub ask: Ask,
    pub figures: Figures,
    pub day: NaiveDate,
    pub span: Span,
    pub pace: Pace,
}

/// Where days begin, and on which business is done.
pub struct House {
    pub home: Home,
    calendar: Calendar,
}

impl House {
    /// A statement, and two more where somebody counts business days.
    pub async fn of(access: &Access, business: bool) -> Result<Self> {
        let home = Home::seen(access).await?;
        let calendar = if business { calendar(access).await? } else { Calendar::always() };
        Ok(Self { home, calendar })
    }

    fn open(&self, day: NaiveDate) -> bool {
        let next = day.succ_opt().unwrap_or(day);
        self.calendar.open_between(self.home.begins(day), self.home.begins(next)) > TimeDelta::zero()
    }

    /// How a goal's period stands at the end of a day.
    pub fn span(&self, body: &GoalBody, day: NaiveDate) -> Span {
        body.pace_curve().span(body.days(), day, &|day| self.open(day))
    }

    /// The day that an instant closes or lies in: what happens at the instant itself has not happened yet.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.home.day(at - TimeDelta::microseconds(1))
    }

    /// What a goal asks of its metric, in the currency it was signed in.
    pub fn ask(
        &self,
        access: &Access,
        (body, signed): (&GoalBody, Option<Currency>),
        at: DateTime<Utc>,
    ) -> Result<Ask> {
        let home = self.home;
        let (start, end) = body.days();
        let options = body.options.clone().unwrap_or_default().read()?;
        let needs = || Error::BadInput("currency: the organisation has none, so the goal must name one".into());
        let whole_months = || Error::BadInput("options.priorMode: CALENDAR needs a period of whole months".into());
        Ok(Ask {
            access: access.clone(),
            home,
            start: home.begins(start),
            end: home.begins(end),
            at: Some(at).filter(|at| *at < access.now()),
            only: body.scope.clone().unwrap_or_default().read()?,
            by: vec![],
            currency: body.currency.map(|code| code.0).or(signed).or(home.currency).ok_or_else(needs)?,
            prior: prior((start, end), options.prior).ok_or_else(whole_months)?,
            bucket: false,
            without: vec![],
            options,
            rules: [].into(),
            day: None,
            known: false,
        })
    }
}

async fn calendar(access: &Access) -> Result<Calendar> {
    let all = whole(access);
    let home = Scoped::<organization::Entity>::read(&all).one().await?;
    let Some(id) = home.and_then(|row| row.business_calendar_id) else { return Ok(Calendar::always()) };
    let found = Scoped::<business_calendar::Entity>::read(&all).ids(&[id.uuid()]).one().await?;
    found.as_ref().map_or_else(|| Ok(Calendar::always()), calendar_of)
}

/// What a metric comes to by now where a goal asks for it, in whole units, parts counted as one more.
pub async fn so_far(access: &Access, body: &GoalBody) -> Result<Option<i64>> {
    let house = House::of(access, false).await?;
    let ask = house.ask(access, (body, None), access.now())?;
    Ok(answer::whole(&ask, body.measures()).await?.worked.value.and_then(Exact::ceil))
}

/// Goals with what counted for each at an instant: the version that was in force, else the one that counts. Two statements.
async fn said_by(access: &Access, goals: &[Uuid], by: DateTime<Utc>) -> Result<Vec<(Model, Active<GoalBody>)>> {
    let rows = Scoped::<Entity>::read(access).ids(goals).models().await?;
    let agreements: Vec<_> = rows.iter().map(|goal| goal.agreement_id).collect();
    let versions = Versions::of(access, &agreements).await?;
    let mut all = vec![];
    for goal in rows {
        let then = versions.in_force(goal.agreement_id, by + TimeDelta::microseconds(1)).cloned();
        let said = match then {
            Some(version) => Some(decode(version)?),
            None => versions.at(goal.agreement_id, access.now())?,
        };
        all.extend(said.map(|said| (goal, said)));
    }
    Ok(all)
}

/// The first day on which the days of grace of all these goals are over.
pub async fn closing(access: &Access, goals: &[Uuid], by: DateTime<Utc>) -> Result<Option<NaiveDate>> {
    let all = said_by(&whole(access), goals, by).await?;
    Ok(all.iter().map(|(_, said)| said.body.days().1 + chrono::Days::new(said.body.grace())).max())
}

/// How much of each goal was reached by the end of its days of grace, or by now where that comes first, unrounded and told
/// to nobody: for what is reckoned from it. By the version that was in force at an instant, else by the one that counts. Goals
/// that are not there are left out.
pub async fn reached(access: &Access, goals: &[Uuid], by: DateTime<Utc>) -> Result<HashMap<Uuid, Exact>> {
    reached_at(access, goals, by, |closes| closes.min(access.now())).await
}

/// The same by what is known now, also of days that are long over: a sale that was reopened since is none.
pub async fn reached_now(access: &Access, goals: &[Uuid], by: DateTime<Utc>) -> Result<HashMap<Uuid, Exact>> {
    reached_at(access, goals, by, |_| access.now()).await
}

async fn reached_at(
    access: &Access,
    goals: &[Uuid],
    by: DateTime<Utc>,
    known: impl Fn(DateTime<Utc>) -> DateTime<Utc>,
) -> Result<HashMap<Uuid, Exact>> {
    let access = whole(access);
    let house = House::of(&access, false).await?;
    let mut all = HashMap::new();
    for (goal, said) in said_by(&access, goals, by).await? {
        let closes = said.body.days().1 + chrono::Days::new(said.body.grace());
        let signed = goal.currency.filter(|_| goal.agreement_version_id == said.version);
        let at = known(house.home.begins(closes));
        let ask = house.ask(&access, (&said.body, signed), at)?;
        let worked = answer::whole(&ask, said.body.measures()).await?.worked;
        // what is to be covered may have been won already: then nothing is missing
        let met = (worked.target_met == Some(true)).then(|| Exact::whole(1));
        let done = met.or_else(|| said.body.way().done(worked.value?));
        all.insert(goal.id.uuid(), done.unwrap_or(Exact::ZERO));
    }
    Ok(all)
}

impl Progress {
    /// How far these goals are at an instant, in the order of the ids; none for what the caller does not see. Four statements,
    /// and those of each question that differs.
    pub async fn of(access: &Access, ids: &[Uuid], at: DateTime<Utc>) -> Result<Vec<Option<Result<Self>>>> {
        let said = Self::said(access, ids, at).await?;
        let said: HashMap<Uuid, _> = said.into_iter().map(|(goal, active)| (goal.id.uuid(), (goal, active))).collect();
        let business = said.values().any(|(_, active)| active.body.pace_curve().counts_business_days());
        let house = House::of(access, business).await?;
        let mut known: HashMap<String, Result<Figures>> = HashMap::new();
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let Some((goal, active)) = said.get(id) else {
                all.push(None);
                continue;
            };
            let one = Self::measured(access, &house, goal.clone(), active.version, active.body.clone(), at, &mut known);
            all.push(Some(one.await));
        }
        Ok(all)
    }

    /// Goals, and what each said at an instant. Two statements.
    pub async fn said(access: &Access, ids: &[Uuid], at: DateTime<Utc>) -> Result<Vec<(Model, Active<GoalBody>)>> {
        let goals = Scoped::<Entity>::read(access).ids(ids).models().await?;
        let agreements: Vec<_> = goals.iter().map(|goal| goal.agreement_id).collect();
        let versions = Versions::of(access, &agreements).await?;
        let mut said = Vec::with_capacity(goals.len());
        for goal in goals {
            let active = versions.at(goal.agreement_id, at)?;
            said.extend(active.map(|active| (goal, active)));
        }
        Ok(said)
    }

    async fn measured(
        access: &Access,
        house: &House,
        goal: Model,
        version: AgreementVersionId,
        body: GoalBody,
        at: DateTime<Utc>,
        known: &mut HashMap<String, Result<Figures>>,
    ) -> Result<Self> {
        let signed = goal.currency.filter(|_| goal.agreement_version_id == version);
        let ask = house.ask(access, (&body, signed), at)?;
        let question = format!("{} {}", body.question()?, ask.currency);
        if !known.contains_key(&question) {
            known.insert(question.clone(), answer::whole(&ask, body.measures()).await);
        }
        let figures = known.get(&question).cloned().unwrap_or_else(|| Err(Error::internal("not measured")))?;
        let day = house.day(ask.now());
        let span = house.span(&body, day);
        let pace = body.way().pace(&span, figures.worked.value.filter(|_| !figures.withheld));
        Ok(Self { goal, version, body, ask, figures, day, span, pace })
    }
}

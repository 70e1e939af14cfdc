//! What the demo organisation is to do for its goals, as each side sees it: most is scored by both, of one thing they think
//! very differently, one waits for sales.

use entity::{
    agreement, goal,
    id::{InitiativeId, RowId},
    initiative,
    user::Side,
};
use sea_orm::{ColumnTrait, Condition};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    people::{MIA, MONA, NOBODY, RITA, SELLERS, STAN},
    write::{Ground, rows},
};
use crate::{
    actor::Permission,
    error::{Error, Result},
    graph::{Patch, Record, record::Target},
    insight::initiative::{Said, ice::Ice, score},
    store::Scoped,
};

struct Idea {
    goal: &'static str,
    name: &'static str,
    description: &'static str,
    /// Of the gap, in percent.
    share: &'static str,
    owner: usize,
    marketing: [i32; 3],
    /// None while sales has not said anything.
    sales: Option<[i32; 3]>,
    begun: bool,
}

const IDEAS: [Idea; 5] = [
    Idea {
        goal: "REVENUE",
        name: "Second webinar with a customer",
        description: "A customer shows how they did it; sales invites those who have gone quiet.",
        share: "20",
        owner: MIA,
        marketing: [8, 6, 5],
        sales: Some([8, 6, 5]),
        begun: true,
    },
    Idea {
        goal: "REVENUE",
        name: "A stand at the spring fair",
        description: "Three days, four people, a list of companies that both sides want to meet.",
        share: "30",
        owner: MONA,
        marketing: [9, 7, 3],
        sales: Some([4, 3, 2]),
        begun: false,
    },
    Idea {
        goal: "REVENUE",
        name: "Calls within the hour at lunch time",
        description: "One of the sellers answers between twelve and two.",
        share: "12.5",
        owner: SELLERS[0],
        marketing: [6, 7, 9],
        sales: Some([7, 8, 7]),
        begun: false,
    },
    Idea {
        goal: "REVENUE",
        name: "A calculator of what waiting costs",
        description: "On the website, with the figures that sales hears most often.",
        share: "10",
        owner: MIA,
        marketing: [6, 5, 4],
        sales: None,
        begun: false,
    },
    Idea {
        goal: "PIPELINE",
        name: "Mails to those who looked at prices",
        description: "Two days after the visit, written by the seller of the patch.",
        share: "25",
        owner: MIA,
        marketing: [7, 7, 8],
        sales: Some([6, 6, 8]),
        begun: true,
    },
];

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    for idea in &IDEAS {
        let access = ground.at(RITA, ground.store.now());
        let mut tx = access.begin(Permission::InitiativeCreate).await?;
        let row = json!({ "goalId": goal_of(ground, idea.goal).await?, "name": idea.name, "description": idea.description,
            "impactShare": idea.share, "ownerId": ground.people[idea.owner].to_string() });
        let made = rows::<initiative::Entity>(&mut tx, vec![row]).await?;
        tx.commit(Value::Null).await?;
        let id = *made.first().ok_or_else(|| Error::internal("no initiative"))?;
        judge(ground, id, idea).await?;
    }
    Ok(())
}

async fn judge(ground: Ground<'_>, id: Uuid, idea: &Idea) -> Result<()> {
    let said = [(MONA, Side::Marketing, Some(idea.marketing)), (STAN, Side::Sales, idea.sales)];
    for (who, side, given) in said {
        let Some([impact, confidence, ease]) = given else { continue };
        let ice = Ice { impact, confidence, ease };
        let said = Said { initiative: InitiativeId::from_uuid(id), side, ice, expected: None };
        score(&ground.at(who, ground.store.now()), said).await?;
    }
    if idea.begun {
        let mut tx = ground.at(RITA, ground.store.now()).begin(Permission::InitiativeUpdate).await?;
        let begin = initiative::Entity::meta().named("Activate").ok_or_else(|| Error::internal("no such step"))?;
        begin.act.within(&mut tx, Target { id, version: None }, Patch::default()).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

/// The goal whose agreement has this key.
async fn goal_of(ground: Ground<'_>, key: &str) -> Result<String> {
    let missing = || Error::internal(format!("no goal {key}"));
    let access = ground.at(NOBODY, ground.store.now());
    let named =
        Condition::all().add(agreement::Column::Key.eq(key)).add(agreement::Column::Kind.eq(agreement::Kind::Goal));
    let agreed = Scoped::<agreement::Entity>::read(&access).filter(named).one().await?.ok_or_else(missing)?;
    let found = goal::Column::AgreementId.eq(agreed.id.uuid());
    Ok(Scoped::<goal::Entity>::read(&access).filter(found).one().await?.ok_or_else(missing)?.id.to_string())
}

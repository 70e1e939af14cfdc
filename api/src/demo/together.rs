//! What both sides of the demo organisation do for each other beside leads: content that is used, and thanks.

use entity::{content_asset, content_use, recognition};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    people::{MIA, MONA, SELLERS, STAN},
    write::{Ground, rows},
};
use crate::{actor::Permission, error::Result, store::Guarded};

/// Title, kind, for which step, how many of the sellers use it.
const CONTENT: [(&str, &str, &str, usize); 6] = [
    ("How a hauler saved a tenth", "CASE_STUDY", "Has agreed that there is a problem", 3),
    ("The product in ten minutes", "DEMO", "Has compared us with others", 4),
    ("What it costs and what it brings", "DATASHEET", "Has compared us with others", 2),
    ("Against doing nothing", "BATTLECARD", "Has named who decides, and by when", 1),
    ("The first meeting", "PLAYBOOK", "Has agreed that there is a problem", 0),
    ("Our view of the market", "ARTICLE", "Has agreed that there is a problem", 0),
];

pub async fn settle(ground: Ground<'_>) -> Result<()> {
    let now = ground.store.now();
    let access = ground.at(MONA, now);
    let mut tx = access.begin(Permission::ContentCreate).await?;
    let all = CONTENT.map(|(title, kind, stage, _)| {
        json!({ "title": title, "kind": kind, "stage": stage, "status": "ACTIVE", "ownerSide": "MARKETING" })
    });
    let made = rows::<content_asset::Entity>(&mut tx, all.into()).await?;
    tx.commit(Value::Null).await?;
    for (at, seller) in SELLERS.into_iter().enumerate() {
        let access = ground.at(seller, now);
        let mut tx = access.begin(Permission::ContentUse).await?;
        let used = made.iter().zip(CONTENT).filter(|(_, (.., sellers))| at < *sellers);
        let used = used.map(|(id, _)| json!({ "contentAssetId": id_text(*id), "event": "SHARED" }));
        rows::<content_use::Entity>(&mut tx, used.collect()).await?;
        tx.commit(Value::Null).await?;
    }
    for (from, to, reason) in [
        (STAN, MIA, "The webinar brought three companies that we had tried for a year."),
        (MONA, SELLERS[0], "Every lead was called within the hour, and each refusal had a reason that helps."),
    ] {
        let access = ground.at(from, now);
        let mut tx = access.begin(Permission::RecognitionCreate).await?;
        let to = json!({ "recipients": { "userIds": [ground.people[to].to_string()] }, "reason": reason });
        rows::<recognition::Entity>(&mut tx, vec![to]).await?;
        tx.commit(Value::Null).await?;
    }
    Ok(())
}

fn id_text(id: Uuid) -> String {
    format!("{}_{}", content_asset::Entity::NAME, id.simple())
}

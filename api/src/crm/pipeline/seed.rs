//! What a new organisation sells with until it says otherwise.

use entity::{
    pipeline,
    stage::{self, ForecastCategory, StageType},
};
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;

use crate::{error::Result, store::Tx};

const STAGES: [(&str, StageType, i32, ForecastCategory); 6] = [
    ("Prospecting", StageType::Open, 10, ForecastCategory::Pipeline),
    ("Qualification", StageType::Open, 25, ForecastCategory::Pipeline),
    ("Proposal", StageType::Open, 50, ForecastCategory::BestCase),
    ("Negotiation", StageType::Open, 75, ForecastCategory::Commit),
    ("Won", StageType::Won, 100, ForecastCategory::Closed),
    ("Lost", StageType::Lost, 0, ForecastCategory::Omitted),
];

/// Step: gives the organisation the pipeline "Sales". Called when the organisation is made.
pub fn seed_defaults(tx: &mut Tx) -> BoxFuture<'_, Result<()>> {
    Box::pin(sales(tx))
}

async fn sales(tx: &mut Tx) -> Result<()> {
    let sales =
        pipeline::ActiveModel { name: Set("Sales".into()), position: Set(0), active: Set(true), ..Default::default() };
    let sales = tx.insert::<pipeline::Entity>(sales).await?;
    let rows = (0..).zip(STAGES).map(|(position, (name, stage_type, probability, category))| stage::ActiveModel {
        pipeline_id: Set(sales.id),
        name: Set(name.into()),
        position: Set(position),
        stage_type: Set(stage_type),
        probability: Set(probability),
        forecast_category: Set(category),
        ..Default::default()
    });
    tx.insert_many::<stage::Entity>(rows.collect()).await?;
    Ok(())
}

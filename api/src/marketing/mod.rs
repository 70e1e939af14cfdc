//! What is done to be noticed: campaigns, who took part, what they cost. It knows customers and leads; they do not
//! know it, but in the schema.

pub mod attribution;
pub mod campaign;
pub mod campaign_cost;
pub mod campaign_delivery;
pub mod campaign_member;
pub mod campaign_member_change;
pub mod content_asset;
pub mod content_use;
pub mod converted;
pub mod decay;
pub mod touchpoint;
pub mod visitor;

use crate::graph::Meta;

/// The records of this theme.
pub fn records() -> Vec<&'static Meta> {
    vec![
        campaign::meta(),
        campaign_member::meta(),
        campaign_member_change::meta(),
        campaign_cost::meta(),
        campaign_delivery::meta(),
        content_asset::meta(),
        content_use::meta(),
        touchpoint::meta(),
        visitor::meta(),
    ]
}

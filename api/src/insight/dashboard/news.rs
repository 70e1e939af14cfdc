//! Whose changes may change what a dashboard shows. Pure.

use std::collections::BTreeSet;

use entity::{
    account, agreement_version, campaign, exchange_rate, forecast_submission, handoff, lead, lead_cycle, membership,
    opportunity, organization, user,
};

use super::{
    layout::DashboardLayout,
    widget::{DashboardWidget, Draw},
};
use crate::{
    insight::metric::{
        Metric,
        beside::{beside, of_any},
        grain::Grain,
    },
    store::Guarded,
};

/// What any figure may go by: names and groups of people, rates of money, days of the organisation.
const ALWAYS: [&str; 8] = [
    organization::Entity::NAME,
    exchange_rate::Entity::NAME,
    user::Entity::NAME,
    membership::Entity::NAME,
    account::Entity::NAME,
    lead::Entity::NAME,
    campaign::Entity::NAME,
    opportunity::Entity::NAME,
];

/// Tables whose events may mean other figures. Histories tell no events of their own: what they tell of does.
pub fn tables(layout: &DashboardLayout) -> BTreeSet<&'static str> {
    ALWAYS.into_iter().chain(layout.widgets.iter().flat_map(of)).collect()
}

fn of(widget: &DashboardWidget) -> Vec<&'static str> {
    match widget.draw.0 {
        // a goal says in its agreement what it measures
        Draw::Goal => {
            [agreement_version::Entity::NAME].into_iter().chain(Grain::ALL.map(Grain::table)).chain(of_any()).collect()
        }
        Draw::Funnel => vec![lead_cycle::Entity::NAME, handoff::Entity::NAME],
        Draw::Waterfall => vec![],
        Draw::Forecast => vec![forecast_submission::Entity::NAME],
        Draw::Number | Draw::Bar | Draw::Line | Draw::Table => widget.measures().map_or_else(Vec::new, counted),
    }
}

fn counted(metric: &'static Metric) -> Vec<&'static str> {
    metric.parts.iter().map(|part| part.grain.table()).chain(beside(metric)).collect()
}

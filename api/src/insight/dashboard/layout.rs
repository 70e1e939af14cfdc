//! What a dashboard shows, as it is kept. Members may be added to it, never renamed or given another meaning. Pure.

use async_graphql::{InputObject, SimpleObject};
use serde::{Deserialize, Serialize};

use super::{MOST_WIDGETS, widget::DashboardWidget};
use crate::error::{Fault, FaultCode};

/// Steps of all lines of a dashboard: each is a question of its own.
const MOST_STEPS: i64 = 120;

/// What a dashboard shows.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "DashboardLayoutInput")]
pub struct DashboardLayout {
    /// Its widgets, 1 to 24, in the order in which they are shown. All lines together have at most 120 steps.
    pub widgets: Vec<DashboardWidget>,
}

impl DashboardLayout {
    /// How many questions it asks, at most: each step of a line is one.
    pub fn questions(&self) -> u64 {
        self.widgets.iter().map(|widget| widget.steps().unsigned_abs().max(1)).sum()
    }

    pub fn check(&self) -> Vec<Fault> {
        let all = &self.widgets;
        let wrong = |message: String| vec![Fault::new(FaultCode::Validation, "widgets", message)];
        if all.is_empty() || all.len() > MOST_WIDGETS {
            return wrong(format!("give 1 to {MOST_WIDGETS}"));
        }
        if let Some(at) = (1..all.len()).find(|at| all[..*at].iter().any(|other| other.key == all[*at].key)) {
            return wrong(format!("the key {} stands twice", all[at].key));
        }
        if all.iter().map(DashboardWidget::steps).sum::<i64>() > MOST_STEPS {
            return wrong(format!("its lines have more than {MOST_STEPS} steps together: cut them more coarsely"));
        }
        let each = |(at, widget): (usize, &DashboardWidget)| {
            widget.check().into_iter().map(move |fault| fault.under(at.to_string()).under("widgets"))
        };
        all.iter().enumerate().flat_map(each).collect()
    }
}

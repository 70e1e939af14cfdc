//! ATTRIBUTION: by what credit for sales is given, as both sides sign it.

use std::collections::HashSet;

use async_graphql::{InputObject, SimpleObject};
use chrono::TimeDelta;
use entity::{
    agreement::Kind,
    attribution::{Anchor, Kind as ModelKind, People},
    campaign::Channel,
    word::Word,
};
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::{
    alignment::agreement::Body,
    error::{Fault, FaultCode},
    graph::{derived::Term, scalar::Decimal},
    marketing::attribution::{Model, Policy, Shares, WHOLE, Window},
};

const MOST_DAYS: i32 = 3650;
const MOST_MINUTES: i32 = 1440;

/// How credit for sales is given: to which touches, and how much each. Several such agreements may be in force side by
/// side, one for each key.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "AttributionBodyInput")]
pub struct AttributionBody {
    /// How credit is shared among the touches that count.
    pub model: Term<ModelKind>,
    /// Shares in percent, in place of those the model has by itself; CUSTOM needs them. Only for models with milestones
    /// and for POSITION.
    pub weights: Option<AttributionWeights>,
    /// Of `TIME_DECAY`, which needs it: after so many days a touch counts half as much, 1 to 3650.
    pub half_life_days: Option<i32>,
    /// Touches count that lie at most so many days of 24 hours before that for which credit is given: 1 to 3650.
    #[serde(default = "look_back")]
    #[graphql(default = 365)]
    pub look_back_days: i32,
    /// When somebody does the same for the same campaign again within so many minutes, it is one touch: 0 to 1440.
    #[serde(default = "dedupe")]
    #[graphql(default = 30)]
    pub dedupe_minutes: i32,
    /// Whose touches count; COMMITTEE unless given.
    pub people: Option<Term<People>>,
    /// The channels that are marketing's; all but OUTBOUND unless given.
    pub channels: Option<Vec<Term<Channel>>>,
    /// What credit is given for and kept, each once; `OPP_CREATED` and WON unless given.
    pub anchors: Option<Vec<Term<Anchor>>>,
}

fn look_back() -> i32 {
    365
}

fn dedupe() -> i32 {
    30
}

/// Shares in percent with up to four decimals; what is left out is 0, and together they are 100. The share of a milestone
/// that is missing goes to those that are there, in proportion; so does that of the touches between them where there are
/// none.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[serde(rename_all = "camelCase")]
#[graphql(input_name = "AttributionWeightsInput")]
pub struct AttributionWeights {
    /// The first touch.
    pub first_touch: Option<Decimal>,
    /// The last before the lead came in.
    pub lead_created: Option<Decimal>,
    /// The last before the opportunity was opened.
    pub opp_created: Option<Decimal>,
    /// The last before it was won.
    pub won: Option<Decimal>,
    /// The last touch; only of POSITION.
    pub last_touch: Option<Decimal>,
    /// The touches between the first and the last of these, alike.
    pub between: Option<Decimal>,
}

/// A share in ten-thousandths of a percent.
fn share(percent: Option<Decimal>) -> Option<u32> {
    let Decimal(percent) = percent.unwrap_or(Decimal(rust_decimal::Decimal::ZERO));
    let units = percent.checked_mul(rust_decimal::Decimal::from(WHOLE / 100))?;
    units.is_integer().then(|| units.to_u32()).flatten().filter(|units| *units <= WHOLE)
}

impl AttributionWeights {
    /// Name and share of each; none where that is no share.
    fn all(&self) -> [(&'static str, Option<u32>); 6] {
        [
            ("firstTouch", share(self.first_touch)),
            ("leadCreated", share(self.lead_created)),
            ("oppCreated", share(self.opp_created)),
            ("won", share(self.won)),
            ("lastTouch", share(self.last_touch)),
            ("between", share(self.between)),
        ]
    }
}

/// The shares a model has by itself, in the order of `AttributionWeights::all`; none of models that have no shares.
fn own(kind: ModelKind) -> Option<[u32; 6]> {
    Some(match kind {
        ModelKind::UShaped => [400_000, 400_000, 0, 0, 0, 200_000],
        ModelKind::WShaped => [300_000, 300_000, 300_000, 0, 0, 100_000],
        ModelKind::FullPath => [225_000, 225_000, 225_000, 225_000, 0, 100_000],
        ModelKind::Position => [400_000, 0, 0, 0, 400_000, 200_000],
        // every share is somebody's choice
        ModelKind::Custom => [1, 1, 1, 1, 0, 1],
        ModelKind::First | ModelKind::Last | ModelKind::Linear | ModelKind::TimeDecay => return None,
    })
}

impl AttributionBody {
    /// By what it gives credit.
    pub fn policy(&self) -> Policy {
        let window = Window {
            look_back: TimeDelta::days(self.look_back_days.into()),
            dedupe: TimeDelta::minutes(self.dedupe_minutes.into()),
            channels: self.counted(),
        };
        Policy { model: self.shares(), window }
    }

    fn shares(&self) -> Model {
        let shares = self.weights.as_ref().map(|weights| weights.all().map(|(_, share)| share.unwrap_or(0)));
        let [first, lead, opened, won, last, between] = shares.or_else(|| own(self.model.0)).unwrap_or_default();
        match self.model.0 {
            ModelKind::First => Model::First,
            ModelKind::Last => Model::Last,
            ModelKind::Linear => Model::Linear,
            ModelKind::TimeDecay => Model::TimeDecay(self.half_life_days.unwrap_or(1)),
            ModelKind::Position => Model::Position([first, between, last]),
            ModelKind::UShaped | ModelKind::WShaped | ModelKind::FullPath | ModelKind::Custom => {
                Model::Milestones(Shares { first, lead, opened, won, between })
            }
        }
    }

    fn counted(&self) -> HashSet<Channel> {
        let all = || Channel::VALUES.iter().filter_map(|(word, _)| Channel::parse(word));
        match &self.channels {
            Some(channels) => channels.iter().map(|channel| channel.0).collect(),
            None => all().filter(|channel| *channel != Channel::Outbound).collect(),
        }
    }

    /// What it gives credit for.
    pub fn given_for(&self) -> Vec<Anchor> {
        match &self.anchors {
            Some(anchors) => anchors.iter().map(|anchor| anchor.0).collect(),
            None => vec![Anchor::OppCreated, Anchor::Won],
        }
    }

    /// Whether touches of others of the account count too.
    pub fn whole_account(&self) -> bool {
        self.people.is_some_and(|people| people.0 == People::Account)
    }
}

fn wrong(path: &[&str], what: impl Into<String>) -> Fault {
    let field = path.iter().map(|part| (*part).to_owned()).collect();
    Fault { code: FaultCode::Validation, message: what.into(), field }
}

fn between(field: &str, n: i32, least: i32, most: i32) -> Option<Fault> {
    (!(least..=most).contains(&n)).then(|| wrong(&[field], format!("this must be between {least} and {most}")))
}

/// Not empty, and each once.
fn distinct<W: Word>(field: &str, given: Option<&Vec<Term<W>>>) -> Option<Fault> {
    let given = given?;
    let twice = (1..given.len()).any(|at| given[..at].iter().any(|other| other.0 == given[at].0));
    (given.is_empty() || twice).then(|| wrong(&[field], "give at least one, and each once"))
}

impl Body for AttributionBody {
    const KIND: Kind = Kind::Attribution;

    fn check(&self) -> Vec<Fault> {
        let mut faults = self.check_weights();
        let decays = self.model.0 == ModelKind::TimeDecay;
        match self.half_life_days {
            Some(days) if decays => faults.extend(between("halfLifeDays", days, 1, MOST_DAYS)),
            None if decays => faults.push(wrong(&["halfLifeDays"], "TIME_DECAY needs this")),
            Some(_) => faults.push(wrong(&["halfLifeDays"], "only TIME_DECAY has one")),
            None => {}
        }
        faults.extend(between("lookBackDays", self.look_back_days, 1, MOST_DAYS));
        faults.extend(between("dedupeMinutes", self.dedupe_minutes, 0, MOST_MINUTES));
        faults.extend(distinct("channels", self.channels.as_ref()));
        faults.extend(distinct("anchors", self.anchors.as_ref()));
        faults
    }
}

impl AttributionBody {
    fn check_weights(&self) -> Vec<Fault> {
        let model = self.model.0;
        let Some(weights) = &self.weights else {
            let custom = model == ModelKind::Custom;
            return custom.then(|| wrong(&["weights"], "CUSTOM needs these")).into_iter().collect();
        };
        let Some(own) = own(model) else { return vec![wrong(&["weights"], format!("{model} has none"))] };
        let mut faults = vec![];
        for ((name, share), may) in weights.all().into_iter().zip(own) {
            match share {
                None => faults.push(wrong(&["weights", name], "a percentage from 0 to 100 with up to four decimals")),
                Some(1..) if may == 0 => faults.push(wrong(&["weights", name], format!("{model} has no such share"))),
                Some(_) => {}
            }
        }
        let [.., (_, rest)] = weights.all();
        let sum: u64 = weights.all().iter().filter_map(|(_, share)| share.map(u64::from)).sum();
        if faults.is_empty() && sum != u64::from(WHOLE) {
            faults.push(wrong(&["weights"], "together these must be 100"));
        } else if faults.is_empty() && rest == Some(WHOLE) {
            faults.push(wrong(&["weights", "between"], "this leaves nothing to lie between"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: serde_json::Value) -> AttributionBody {
        serde_json::from_value(json).unwrap()
    }

    fn faults(json: serde_json::Value) -> Vec<String> {
        body(json).check().into_iter().map(|fault| fault.field.join(".")).collect()
    }

    #[test]
    fn models_have_the_shares_that_their_words_name() {
        let model = |word: &str| body(serde_json::json!({ "model": word })).shares();
        let milestones = |[first, lead, opened, won, between]: [u32; 5]| {
            Model::Milestones(Shares { first, lead, opened, won, between })
        };
        assert_eq!(model("U_SHAPED"), milestones([400_000, 400_000, 0, 0, 200_000]));
        assert_eq!(model("W_SHAPED"), milestones([300_000, 300_000, 300_000, 0, 100_000]));
        assert_eq!(model("FULL_PATH"), milestones([225_000, 225_000, 225_000, 225_000, 100_000]));
        assert_eq!(model("POSITION"), Model::Position([400_000, 200_000, 400_000]));
        let custom = serde_json::json!({ "model": "CUSTOM", "weights": { "firstTouch": "12.3456", "won": "80", "between": "7.6544" } });
        assert_eq!(body(custom).shares(), milestones([123_456, 0, 0, 800_000, 76_544]));
        assert_eq!(body(serde_json::json!({ "model": "FIRST" })).given_for(), [Anchor::OppCreated, Anchor::Won]);
        assert!(!body(serde_json::json!({ "model": "FIRST" })).counted().contains(&Channel::Outbound));
    }

    #[test]
    fn a_body_that_cannot_be_computed_is_refused() {
        use serde_json::json;
        assert_eq!(faults(json!({ "model": "LINEAR" })), Vec::<String>::new());
        assert_eq!(faults(json!({ "model": "TIME_DECAY", "halfLifeDays": 7 })), Vec::<String>::new());
        for (wrong, field) in [
            (json!({ "model": "TIME_DECAY" }), "halfLifeDays"),
            (json!({ "model": "LINEAR", "halfLifeDays": 7 }), "halfLifeDays"),
            (json!({ "model": "CUSTOM" }), "weights"),
            (json!({ "model": "FIRST", "weights": { "firstTouch": "100" } }), "weights"),
            (json!({ "model": "U_SHAPED", "weights": { "firstTouch": "50", "leadCreated": "49.9999" } }), "weights"),
            (
                json!({ "model": "U_SHAPED", "weights": { "firstTouch": "50", "oppCreated": "50" } }),
                "weights.oppCreated",
            ),
            (
                json!({ "model": "CUSTOM", "weights": { "firstTouch": "50.00001", "won": "49.99999" } }),
                "weights.firstTouch",
            ),
            (json!({ "model": "CUSTOM", "weights": { "between": "100" } }), "weights.between"),
            (json!({ "model": "LINEAR", "lookBackDays": 0 }), "lookBackDays"),
            (json!({ "model": "LINEAR", "dedupeMinutes": 1441 }), "dedupeMinutes"),
            (json!({ "model": "LINEAR", "channels": [] }), "channels"),
            (json!({ "model": "LINEAR", "anchors": ["WON", "WON"] }), "anchors"),
        ] {
            assert!(faults(wrong.clone()).contains(&field.to_owned()), "{wrong}");
        }
    }
}

//! Whether a criterion is met by what there is, in numbers and words. Pure: it is told what there is.

use entity::{
    money::print_scaled,
    stage_criterion::{CriterionKind, Model},
    word::Word,
};

use super::definition::COMMITTEE;

/// Decimals of a criterion's least number.
pub const DECIMALS: u32 = 4;
const ONE: i128 = 10_000;

/// What there is of that which a criterion looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The field is empty.
    Nothing,
    /// The field holds something that is not a number.
    Filled,
    /// A number, times 10^4.
    Number(i128),
    /// So many activities, people or confirmations.
    Count(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub met: bool,
    pub expected: String,
    pub actual: String,
}

pub fn judge(criterion: &Model, found: Found) -> Judgement {
    let minimum = criterion.minimum_e4.map(i128::from);
    let counted = matches!(found, Found::Count(_));
    let enough = |n: i128| n >= minimum.unwrap_or(if counted { ONE } else { i128::MIN });
    let met = match found {
        Found::Nothing => false,
        Found::Filled => minimum.is_none(),
        Found::Number(n) => enough(n),
        Found::Count(n) => enough(i128::from(n) * ONE),
    };
    Judgement { met, expected: expected(criterion, minimum), actual: actual(criterion, found) }
}

fn expected(criterion: &Model, minimum: Option<i128>) -> String {
    let least = minimum.map(number);
    let some = || least.clone().unwrap_or_else(|| "1".to_owned());
    match criterion.kind {
        CriterionKind::BuyerEvidence => "confirmed by somebody at the buyer".to_owned(),
        CriterionKind::Activity => {
            format!("at least {} of kind {}", some(), criterion.activity_kind.map_or("", Word::word))
        }
        CriterionKind::Field if criterion.field.as_deref() == Some(COMMITTEE) => {
            let role = criterion.committee_role.map_or("of any role", Word::word);
            format!("at least {} in the buying committee: {role}", some())
        }
        CriterionKind::Field => least.map_or_else(|| "filled in".to_owned(), |least| format!("at least {least}")),
    }
}

fn actual(criterion: &Model, found: Found) -> String {
    match (found, criterion.kind) {
        (Found::Nothing, _) => "empty".to_owned(),
        (Found::Filled, _) => "filled in".to_owned(),
        (Found::Number(n), _) => number(n),
        (Found::Count(0), CriterionKind::BuyerEvidence) => "not confirmed".to_owned(),
        (Found::Count(_), CriterionKind::BuyerEvidence) => "confirmed".to_owned(),
        (Found::Count(n), _) => n.to_string(),
    }
}

/// Without zeros at its end.
fn number(scaled: i128) -> String {
    let text = print_scaled(i64::try_from(scaled).unwrap_or(i64::MAX), DECIMALS);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::{activity::Kind, committee_member::CommitteeRole, id::RowId};
    use sea_orm::prelude::Uuid;

    use super::*;

    fn of(kind: CriterionKind, minimum: Option<i64>) -> Model {
        Model {
            id: RowId::from_uuid(Uuid::nil()),
            organization_id: RowId::from_uuid(Uuid::nil()),
            created_at: DateTime::UNIX_EPOCH,
            created_by: None,
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: None,
            version: 1,
            deleted_at: None,
            stage_id: RowId::from_uuid(Uuid::nil()),
            position: 0,
            label: "Known".to_owned(),
            kind,
            field: (kind == CriterionKind::Field).then(|| "amount".to_owned()),
            minimum_e4: minimum,
            activity_kind: (kind == CriterionKind::Activity).then_some(Kind::Meeting),
            committee_role: None,
        }
    }

    fn said(criterion: &Model, found: Found) -> (bool, String, String) {
        let Judgement { met, expected, actual } = judge(criterion, found);
        (met, expected, actual)
    }

    #[test]
    fn a_field_is_filled_or_large_enough() {
        let (filled, least) = (of(CriterionKind::Field, None), of(CriterionKind::Field, Some(10_005_000)));
        assert_eq!(said(&filled, Found::Nothing), (false, "filled in".into(), "empty".into()));
        assert_eq!(said(&filled, Found::Filled), (true, "filled in".into(), "filled in".into()));
        assert_eq!(said(&filled, Found::Number(0)), (true, "filled in".into(), "0".into()));
        assert_eq!(said(&least, Found::Number(10_004_999)), (false, "at least 1000.5".into(), "1000.4999".into()));
        assert_eq!(said(&least, Found::Number(10_005_000)), (true, "at least 1000.5".into(), "1000.5".into()));
        assert!(!judge(&least, Found::Filled).met, "a text is no number");
        assert!(!judge(&least, Found::Nothing).met);
    }

    #[test]
    fn activities_are_counted_from_one() {
        let (one, two) = (of(CriterionKind::Activity, None), of(CriterionKind::Activity, Some(20_000)));
        assert_eq!(said(&one, Found::Count(0)), (false, "at least 1 of kind MEETING".into(), "0".into()));
        assert!(judge(&one, Found::Count(1)).met);
        assert!(!judge(&two, Found::Count(1)).met);
        assert_eq!(said(&two, Found::Count(2)), (true, "at least 2 of kind MEETING".into(), "2".into()));
    }

    #[test]
    fn evidence_and_committee_say_what_is_missing() {
        let evidence = of(CriterionKind::BuyerEvidence, None);
        let text = "confirmed by somebody at the buyer";
        assert_eq!(said(&evidence, Found::Count(0)), (false, text.into(), "not confirmed".into()));
        assert_eq!(said(&evidence, Found::Count(3)), (true, text.into(), "confirmed".into()));
        let buyer = Model {
            field: Some(COMMITTEE.to_owned()),
            committee_role: Some(CommitteeRole::EconomicBuyer),
            ..of(CriterionKind::Field, None)
        };
        let text = "at least 1 in the buying committee: ECONOMIC_BUYER";
        assert_eq!(said(&buyer, Found::Count(0)), (false, text.into(), "0".into()));
        assert!(judge(&buyer, Found::Count(1)).met);
    }
}

//! What an operation cost: reckoned before, counted after in the text of its answer, where an object is 1 and a total
//! count 10. It pays nothing by itself; the budget keeps the purses.

use std::{collections::BTreeSet, sync::Arc};

use axum::body::Bytes;

use super::{
    auth::Identified,
    budget::{Budget, Charge},
    fault::Fault,
    front::{Admitted, TOTAL_COUNT},
    run::Answer,
};

pub struct Bill {
    requested: u64,
    totals: Arc<BTreeSet<String>>,
    charge: Option<Charge>,
    /// The client wants to see it.
    shown: bool,
}

impl Bill {
    /// Charges the caller at worst, or refuses.
    pub fn open(budget: &Budget, who: &Identified, admitted: &Admitted, shown: bool) -> Result<Self, Fault> {
        let charge = budget.charge(who, admitted.cost)?;
        Ok(Self { requested: admitted.cost, totals: admitted.totals.clone(), charge, shown })
    }

    /// Gives back what was not used, and says so to who asked. While much is left nobody counts.
    pub fn settle(self, answer: &mut Answer) {
        let presses = self.charge.as_ref().is_some_and(Charge::presses);
        if !self.shown && !presses {
            return;
        }
        let data = answer.body.get(answer.data_at..).unwrap_or_default();
        let actual = if answer.replayed { 0 } else { spent(data, &self.totals).min(self.requested) };
        let standing = self.charge.map(|charge| {
            charge.settle(actual);
            charge.standing()
        });
        if !self.shown {
            return;
        }
        let throttle = standing.map(|now| {
            let (most, left, restore) = (now.rate.most, now.left, now.rate.restore);
            serde_json::json!({ "maximumAvailable": most, "currentlyAvailable": left, "restoreRate": restore })
        });
        let cost = serde_json::json!({
            "requestedQueryCost": self.requested, "actualQueryCost": actual, "throttleStatus": throttle,
        });
        answer.body = with_cost(&answer.body, &cost);
        answer.standing = standing;
    }
}

/// The answer with one more member; it has no extensions of its own.
fn with_cost(body: &Bytes, cost: &serde_json::Value) -> Bytes {
    let open = body.strip_suffix(b"}").unwrap_or_default();
    [open, format!(",\"extensions\":{{\"cost\":{cost}}}}}").as_bytes()].concat().into()
}

/// Counts the data of an answer; `totals` are the keys under which total counts stand.
fn spent(data: &[u8], totals: &BTreeSet<String>) -> u64 {
    let (mut points, mut at) = (0, 0);
    while let Some(byte) = data.get(at) {
        match byte {
            b'{' => points += 1,
            b'"' => {
                let end = at + 1 + length(&data[at + 1..]);
                let key = data.get(end + 1) == Some(&b':');
                if key && totals.iter().any(|total| total.as_bytes() == &data[at + 1..end]) {
                    points += TOTAL_COUNT;
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    // the answer itself is nobody's object
    u64::saturating_sub(points, 1)
}

/// Up to the quote that ends a string.
fn length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_total_counts_are_counted_and_text_is_not() {
        let totals = BTreeSet::from(["totalCount".to_owned()]);
        let data = br#"{"leads":{"totalCount":2,"nodes":[{"name":"{\"{"},{"name":"totalCount"}]}}"#;
        assert_eq!(spent(data, &totals), 3 + TOTAL_COUNT);
        assert_eq!(spent(br#"{"__typename":"Query"}"#, &totals), 0);
        assert_eq!(spent(br#"{"broken":"\"#, &totals), 0);
    }

    #[test]
    fn the_cost_becomes_the_last_member() {
        let body = with_cost(&Bytes::from_static(br#"{"data":{}}"#), &serde_json::json!(1));
        assert_eq!(&body[..], br#"{"data":{},"extensions":{"cost":1}}"#);
    }
}

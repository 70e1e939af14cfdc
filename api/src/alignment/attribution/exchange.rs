//! Amounts of sales in the organisation's currency, at the rate of the day for which their credit counts.

use entity::{
    attribution::Anchor,
    money::{Currency, Money},
};

use super::{Deal, entry::amount};
use crate::{
    crm::{Reader, fx, home::Home},
    error::Result,
    store::Tx,
};

pub struct Exchange {
    home: Home,
    rates: fx::Rates,
}

const ANCHORS: [Anchor; 3] = [Anchor::Lead, Anchor::OppCreated, Anchor::Won];

impl Exchange {
    pub async fn of(tx: &Tx, home: Home, deals: &[Deal]) -> Result<Self> {
        let Some(base) = home.currency else { return Ok(Self { home, rates: fx::Rates::default() }) };
        let days = |deal| ANCHORS.into_iter().filter_map(move |anchor| foreign(deal, anchor, home, base));
        let wanted: Vec<fx::Wanted> = deals.iter().flat_map(days).collect();
        Ok(Self { rates: fx::Rates::load(Reader::Tx(tx), home, &wanted).await?, home })
    }

    /// None without an amount, a moment or a rate. A sale that was closed keeps the rate of its closing,
    /// as long as that leads to the present currency.
    pub fn home(&self, deal: &Deal, anchor: Anchor) -> Option<Money> {
        let (amount, base) = (amount(&deal.row)?, self.home.currency?);
        let kept = anchor == Anchor::Won
            && amount.currency != base
            && deal.row.closed_at.is_some_and(|closed| self.home.rates_of(closed));
        if let Some(rate) = deal.row.fx_rate_at_close_e10.filter(|_| kept) {
            return amount.convert(rate, base).ok();
        }
        let day = self.home.day(deal.moments.of(anchor)?);
        self.rates.convert(amount, base, day).ok()
    }
}

/// The rate that a deal needs for an anchor.
fn foreign(deal: &Deal, anchor: Anchor, home: Home, base: Currency) -> Option<fx::Wanted> {
    let currency = amount(&deal.row)?.currency;
    let day = home.day(deal.moments.of(anchor)?);
    (currency != base).then_some((currency, base, day))
}

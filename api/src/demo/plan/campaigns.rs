//! Twelve campaigns over the eighteen months, what they cost each month, and how people took part.

use super::{Cell, Drawing, LAST, Ref, What};
use crate::demo::people::{FRED, MIA, MONA};

pub struct Campaign {
    pub of: Ref,
    pub name: &'static str,
    pub channel: &'static str,
    pub runs: std::ops::RangeInclusive<i64>,
    pub owner: usize,
}

/// Name, sort, channel, first and last half week, whose, cents a month.
const CAMPAIGNS: [(&str, &str, &str, i64, i64, usize, i64); 12] = [
    ("Search: revenue forecasting", "Search ads", "PAID_SEARCH", 2, 190, MIA, 620_000),
    ("Newsletter", "Mailing", "EMAIL", 2, 190, MIA, 45_000),
    ("Social: heads of sales", "Social ads", "PAID_SOCIAL", 10, 80, MIA, 380_000),
    ("Spring fair", "Fair", "EVENT", 16, 24, MONA, 2_850_000),
    ("Webinar: pipeline hygiene", "Webinar", "WEBINAR", 30, 40, MIA, 210_000),
    ("Study: the state of handovers", "Study", "CONTENT", 44, 84, MONA, 540_000),
    ("Partner days", "Partner programme", "PARTNER", 60, 110, MONA, 260_000),
    ("Webinar: forecasting without tears", "Webinar", "WEBINAR", 82, 92, MIA, 210_000),
    ("Social: finance leaders", "Social ads", "PAID_SOCIAL", 90, 150, MIA, 410_000),
    ("Autumn fair", "Fair", "EVENT", 112, 120, MONA, 3_100_000),
    ("Study: what buyers ask", "Study", "CONTENT", 128, 180, MONA, 560_000),
    ("Webinar: year-end closing", "Webinar", "WEBINAR", 146, 170, MIA, 230_000),
];

/// Half weeks in a month.
const MONTH: usize = 9;

impl Drawing {
    pub(super) fn settle_campaigns(&mut self) {
        for (name, kind, channel, first, last, owner, cents) in CAMPAIGNS {
            let months = (last - first) / 9 + 1;
            let row = vec![
                ("name", name.into()),
                ("kind", kind.into()),
                ("channel", channel.into()),
                ("status", "PLANNED".into()),
                ("startDate", Cell::Day(self.calendar.day(first))),
                ("endDate", Cell::Day(self.calendar.day(last))),
                ("budget", Cell::Money(cents * months / 100_000 * 100_000 + 100_000)),
            ];
            let of = self.make(((first - 4).max(0), owner), "campaign", row);
            self.act((first, owner), What::Step(of, vec![("status", "ACTIVE".into())]));
            self.act((last + 1, owner), What::Step(of, vec![("status", "COMPLETED".into())]));
            self.costs(of, first..=last, cents);
            self.campaigns.push(Campaign { of, name, channel, runs: first..=last, owner });
        }
    }

    /// Finance books them at the end of each month.
    fn costs(&mut self, of: Ref, runs: std::ops::RangeInclusive<i64>, cents: i64) {
        for tick in runs.step_by(MONTH).filter(|tick| *tick < LAST) {
            let amount = cents * self.dice.between(82, 118) / 100;
            let kind = if self.dice.chance(70) { "MEDIA" } else { "AGENCY" };
            let row = vec![
                ("campaignId", of.into()),
                ("date", Cell::Day(self.calendar.day(tick))),
                ("amount", Cell::Money(amount)),
                ("kind", kind.into()),
            ];
            self.make((tick + 1, FRED), "campaign_cost", row);
        }
    }

    /// A lead takes part in the campaign that brought it.
    pub(super) fn takes_part(&mut self, when: (i64, usize), campaign: usize, lead: Ref) {
        let step = match self.campaigns[campaign].channel {
            "EVENT" => "ATTENDED",
            "WEBINAR" if self.dice.chance(60) => "ATTENDED",
            "WEBINAR" => "NO_SHOW",
            _ => "ENGAGED",
        };
        let success = step != "NO_SHOW" && self.dice.chance(60);
        let row = vec![
            ("campaignId", self.campaigns[campaign].of.into()),
            ("leadId", lead.into()),
            ("step", step.into()),
            ("success", Cell::Yes(success)),
        ];
        self.make(when, "campaign_member", row);
    }
}

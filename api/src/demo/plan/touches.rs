//! What people do that shows interest: clicks, forms, events. Our pages and systems tell of it.

use chrono::TimeDelta;

use super::{Cell, Drawing, Ref};
use crate::demo::words::PAGES;

/// Where somebody came from.
#[derive(Clone, Copy)]
pub struct Road {
    pub channel: &'static str,
    pub campaign: Option<(Ref, &'static str)>,
}

impl Drawing {
    /// How somebody comes to us by a channel.
    pub(super) fn first_touches(&mut self, when: (i64, usize), lead: Ref, road: Road) {
        let kinds: &[&str] = match road.channel {
            "PAID_SEARCH" | "PAID_SOCIAL" => &["AD_CLICK", "FORM_SUBMIT"],
            "EMAIL" | "OUTBOUND" => &["EMAIL_CLICK"],
            "EVENT" | "WEBINAR" => &["EVENT_ATTEND"],
            "CONTENT" => &["CONTENT_VIEW", "FORM_SUBMIT"],
            "PARTNER" | "REFERRAL" => &["MEETING"],
            _ => &["WEB_VISIT"],
        };
        for kind in kinds {
            self.touch(when, lead, road, kind);
        }
    }

    /// Somebody looks around again.
    pub(super) fn look_around(&mut self, when: (i64, usize), lead: Ref, road: Road) {
        let kind = self.dice.pick(&["WEB_VISIT", "CONTENT_VIEW", "EMAIL_CLICK"]);
        self.touch(when, lead, Road { campaign: None, ..road }, kind);
    }

    /// Somebody asks for more than to read.
    pub(super) fn ask(&mut self, when: (i64, usize), lead: Ref, road: Road) {
        let kind = self.dice.pick(&["FORM_SUBMIT", "FORM_SUBMIT", "CHAT", "EVENT_ATTEND"]);
        self.touch(when, lead, Road { campaign: None, ..road }, kind);
    }

    /// Some minutes or hours before it is told.
    fn touch(&mut self, (tick, who): (i64, usize), lead: Ref, road: Road, kind: &'static str) {
        let at = self.calendar.instant(tick, who) - TimeDelta::minutes(self.dice.between(4, 600));
        let number = self.dice.between(1, i64::MAX / 2);
        let mut row = vec![
            ("kind", kind.into()),
            ("channel", road.channel.into()),
            ("occurredAt", Cell::Time(at)),
            ("leadId", lead.into()),
            ("system", "website".into()),
            ("externalEventId", Cell::Text(format!("{number:016x}"))),
        ];
        if ["AD_CLICK", "FORM_SUBMIT", "WEB_VISIT", "CONTENT_VIEW"].contains(&kind) {
            row.push(("url", Cell::Text(format!("https://www.demo.example/{}", self.dice.pick(&PAGES)))));
        }
        if let Some((campaign, name)) = road.campaign {
            row.extend([
                ("campaignId", campaign.into()),
                ("utmSource", Cell::Text(road.channel.to_lowercase())),
                ("utmCampaign", name.into()),
            ]);
        }
        self.make((tick, who), "touchpoint", row);
    }
}

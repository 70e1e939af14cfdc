//! Which account a lead belongs to, of those that may be meant. Pure.

use std::{cmp::Ordering, collections::BTreeSet};

use chrono::{DateTime, Utc};
use entity::{account::Lifecycle, id::AccountId, words};

use super::{
    domain,
    name::{ALIKE, Likeness, company, likeness, trigrams},
};

words! {
    /// What ties a lead to an account.
    pub enum Rule as "AccountMatchRule" {
        /// The domain of the e-mail address is the account's; never one where anybody may have an address.
        Domain = "DOMAIN",
        /// The names are alike: at least 0.85 of their trigrams are in both, and the countries do not differ.
        Name = "NAME",
    }
}

/// What a lead says of its company.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub domain: Option<String>,
    /// The company's name in its compared form.
    pub name: Option<String>,
    pub country: Option<String>,
}

impl Wanted {
    pub fn new(email: Option<&str>, name: Option<&str>, country: Option<&str>) -> Self {
        Self {
            domain: email.and_then(domain::corporate).map(str::to_owned),
            name: name.map(company).filter(|name| !name.is_empty()),
            country: country.map(str::to_owned),
        }
    }

    /// Whether there is anything to go by.
    pub fn says_something(&self) -> bool {
        self.domain.is_some() || self.name.is_some()
    }
}

/// An account that may be meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: AccountId,
    pub domain: Option<String>,
    pub country: Option<String>,
    pub lifecycle: Lifecycle,
    trigrams: BTreeSet<[char; 3]>,
}

impl Candidate {
    pub fn new(
        id: AccountId,
        name: &str,
        domain: Option<String>,
        country: Option<String>,
        lifecycle: Lifecycle,
    ) -> Self {
        Self { id, domain, country, lifecycle, trigrams: trigrams(&company(name)) }
    }
}

/// What decides between accounts that match equally well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It has an open opportunity.
    pub open: bool,
    /// The latest activity with it.
    pub active: Option<DateTime<Utc>>,
}

/// How well an account matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    pub rule: Rule,
    pub likeness: Likeness,
}

/// None when it does not match.
pub fn score(wanted: &Wanted, account: &Candidate) -> Option<Score> {
    if wanted.domain.is_some() && wanted.domain == account.domain {
        return Some(Score { rule: Rule::Domain, likeness: Likeness::SAME });
    }
    let likeness = likeness(&trigrams(wanted.name.as_deref()?), &account.trigrams);
    let abroad = wanted.country.as_ref().zip(account.country.as_ref()).is_some_and(|(one, other)| one != other);
    (likeness.reaches(ALIKE) && !abroad).then_some(Score { rule: Rule::Name, likeness })
}

/// The accounts that match, best first, without what decides between equals: a domain outdoes any name.
pub fn ranked<'a>(wanted: &Wanted, accounts: impl Iterator<Item = &'a Candidate>) -> Vec<(&'a Candidate, Score)> {
    let mut all: Vec<_> = accounts.filter_map(|account| Some((account, score(wanted, account)?))).collect();
    all.sort_by(|(_, one), (_, other)| one.rule.cmp(&other.rule).then_with(|| other.likeness.against(one.likeness)));
    all
}

/// How many of a ranked list are as good as its first.
pub fn equals(ranked: &[(&Candidate, Score)]) -> usize {
    let Some((_, best)) = ranked.first() else { return 0 };
    ranked.iter().take_while(|(_, s)| s.rule == best.rule && s.likeness.against(best.likeness).is_eq()).count()
}

/// Of two that match equally well: a customer, then one with an open opportunity, then the one dealt with last, then the
/// older record.
pub fn prefer(one: (&Candidate, Standing), other: (&Candidate, Standing)) -> Ordering {
    let rank = |(account, standing): (&Candidate, Standing)| {
        (account.lifecycle == Lifecycle::Customer, standing.open, standing.active)
    };
    rank(other).cmp(&rank(one)).then(one.0.id.cmp(&other.0.id))
}

#[cfg(test)]
mod tests {
    use entity::id::RowId;
    use uuid::Uuid;

    use super::*;

    fn account(n: u128, name: &str, domain: Option<&str>, country: Option<&str>, lifecycle: Lifecycle) -> Candidate {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Candidate::new(AccountId::from_uuid(Uuid::from_u128(n)), name, owned(domain), owned(country), lifecycle)
    }

    #[test]
    fn a_domain_outdoes_a_name_and_free_mail_is_none() {
        let all = [
            account(1, "Acme Inc", None, None, Lifecycle::Customer),
            account(2, "Other", Some("acme.com"), None, Lifecycle::Prospect),
        ];
        let wanted = Wanted::new(Some("joe@acme.com"), Some("ACME GmbH"), None);
        let found = ranked(&wanted, all.iter());
        assert_eq!(
            found.iter().map(|(a, s)| (a.id.uuid().as_u128(), s.rule)).collect::<Vec<_>>(),
            [(2, Rule::Domain), (1, Rule::Name)]
        );
        assert_eq!(equals(&found), 1);
        assert!(!Wanted::new(Some("joe@gmail.com"), Some(" , "), None).says_something());
    }

    #[test]
    fn a_name_matches_from_085_on_and_not_across_countries() {
        let wanted = |country| Wanted::new(None, Some("Northwind Traders"), country);
        let german = account(1, "Northwind Traders Ltd.", None, Some("DE"), Lifecycle::Prospect);
        assert!(score(&wanted(Some("DE")), &german).is_some());
        assert!(score(&wanted(None), &german).is_some(), "unknown is not different");
        assert!(score(&wanted(Some("FR")), &german).is_none());
        assert!(score(&wanted(None), &account(2, "Northwind", None, None, Lifecycle::Prospect)).is_none());
    }

    #[test]
    fn between_equals_customer_open_active_old() {
        let (prospect, customer) =
            (account(1, "Acme", None, None, Lifecycle::Prospect), account(9, "Acme", None, None, Lifecycle::Customer));
        let younger = account(2, "Acme", None, None, Lifecycle::Prospect);
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let open = Standing { open: true, active: None };
        let active = Standing { open: false, active: Some(now) };
        let none = Standing::default();
        assert!(prefer((&customer, none), (&prospect, open)).is_lt());
        assert!(prefer((&younger, open), (&prospect, active)).is_lt());
        assert!(prefer((&younger, active), (&prospect, none)).is_lt());
        assert!(prefer((&prospect, none), (&younger, none)).is_lt());
    }
}

//! How likely two records are the same: points for what agrees, points off for what differs. A point is about a
//! doubling of the odds; the weights were fitted on labelled data and rounded. Pure.

use entity::words;

use super::{
    alike::{Alike, alike, letters_apart, within},
    subject::{Own, Subject},
};
use crate::crm::matching::name::{ALIKE, likeness, trigrams};

words! {
    /// What speaks for two records being the same.
    pub enum Rule as "DuplicateRule" {
        /// The same e-mail address.
        Email = "EMAIL",
        /// E-mail addresses that differ by a slip, or only in what is behind the @.
        EmailAlike = "EMAIL_ALIKE",
        /// The same telephone number.
        Phone = "PHONE",
        /// The same name; given and family name may have changed places.
        Name = "NAME",
        /// Names that differ by a slip, or of which one part is missing.
        NameAlike = "NAME_ALIKE",
        /// The same company; for accounts the same name without its legal form.
        Company = "COMPANY",
        /// Companies whose names share at least 0.85 of their trigrams.
        CompanyAlike = "COMPANY_ALIKE",
        /// Accounts with the same internet domain.
        Domain = "DOMAIN",
        /// The same value, or nearly, in one of the organisation's own fields of the kinds TEXT and DATE.
        CustomField = "CUSTOM_FIELD",
        /// A scan found both to be the same as a third record: then half of what is needed otherwise is enough.
        Third = "THIRD",
    }
}

/// From this score on two records are told as duplicates, unless asked otherwise.
pub const DEFAULT_SCORE: i32 = 50;
/// The points that make it.
const ENOUGH: i32 = 8;

/// What is to be said of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub points: i32,
    pub rules: Vec<Rule>,
}

impl Verdict {
    /// From 0 to 100: 50 at the default threshold.
    pub fn score(&self) -> i32 {
        (self.points * DEFAULT_SCORE / ENOUGH).clamp(0, 100)
    }

    fn add(&mut self, points: i32, rule: Option<Rule>) {
        self.points += points;
        self.rules.extend(rule);
    }
}

/// Mailboxes of several people.
const SHARED: [&str; 12] = [
    "admin",
    "contact",
    "hello",
    "help",
    "info",
    "mail",
    "marketing",
    "office",
    "postmaster",
    "sales",
    "support",
    "team",
];

pub fn compare(one: &Subject, other: &Subject) -> Verdict {
    let mut verdict = Verdict::default();
    if one.last.is_empty() && one.first.is_empty() && one.email.is_none() && !one.company.is_empty() {
        companies(one, other, &mut verdict);
    } else {
        people(one, other, &mut verdict);
    }
    own(one, other, &mut verdict);
    verdict
}

fn people(one: &Subject, other: &Subject, verdict: &mut Verdict) {
    names(one, other, verdict);
    mails(one, other, verdict);
    let shared = one.common(other, false).next().is_some();
    both(
        one.phone.as_ref().or(one.more.first().filter(|_| shared)),
        other.phone.as_ref().or(other.more.first().filter(|_| shared)),
        |same| if same || shared { (14, Some(Rule::Phone)) } else { (-1, None) },
        verdict,
    );
    both(one.country.as_ref(), other.country.as_ref(), |same| if same { (0, None) } else { (-2, None) }, verdict);
    if !one.company.is_empty() && !other.company.is_empty() {
        match company(one, other) {
            Alike::Same => verdict.add(4, Some(Rule::Company)),
            Alike::Nearly => verdict.add(3, Some(Rule::CompanyAlike)),
            Alike::No => verdict.add(-3, None),
        }
    }
}

fn companies(one: &Subject, other: &Subject, verdict: &mut Verdict) {
    match company(one, other) {
        Alike::Same => verdict.add(10, Some(Rule::Company)),
        Alike::Nearly => verdict.add(8, Some(Rule::CompanyAlike)),
        Alike::No => verdict.add(-8, None),
    }
    both(
        one.domain.as_ref(),
        other.domain.as_ref(),
        |same| if same { (16, Some(Rule::Domain)) } else { (-5, None) },
        verdict,
    );
    both(
        one.phone.as_ref(),
        other.phone.as_ref(),
        |same| if same { (8, Some(Rule::Phone)) } else { (-1, None) },
        verdict,
    );
    both(one.country.as_ref(), other.country.as_ref(), |same| if same { (2, None) } else { (-6, None) }, verdict);
}

fn both(
    one: Option<&String>,
    other: Option<&String>,
    points: impl Fn(bool) -> (i32, Option<Rule>),
    verdict: &mut Verdict,
) {
    if let (Some(one), Some(other)) = (one, other) {
        let (points, rule) = points(one == other);
        verdict.add(points, rule);
    }
}

fn company(one: &Subject, other: &Subject) -> Alike {
    if one.company == other.company {
        return Alike::Same;
    }
    let close = likeness(&trigrams(&one.company), &trigrams(&other.company)).reaches(ALIKE);
    if close { Alike::Nearly } else { Alike::No }
}

/// None where one of them is missing.
fn part(one: &str, other: &str) -> Option<Alike> {
    (!one.is_empty() && !other.is_empty()).then(|| alike(one, other))
}

/// Points for two parts of a name.
fn name_points(parts: [Option<Alike>; 2]) -> i32 {
    use Alike::{Nearly, No, Same};
    match parts {
        [None, None] => 0,
        [Some(Same), None] | [None, Some(Same)] => 7,
        [Some(Nearly), None] | [None, Some(Nearly)] => 6,
        [Some(No), None] | [None, Some(No)] => -5,
        [Some(Same), Some(Same)] => 14,
        [Some(Same), Some(Nearly)] | [Some(Nearly), Some(Same)] => 12,
        [Some(Nearly), Some(Nearly)] => 10,
        [Some(Same), Some(No)] | [Some(No), Some(Same)] => 1,
        [Some(Nearly), Some(No)] | [Some(No), Some(Nearly)] => -1,
        [Some(No), Some(No)] => -10,
    }
}

fn names(one: &Subject, other: &Subject, verdict: &mut Verdict) {
    let straight = [part(&one.first, &other.first), part(&one.last, &other.last)];
    let crossed = [part(&one.first, &other.last), part(&one.last, &other.first)];
    let (plain, swapped) = (name_points(straight), name_points(crossed));
    // changed places now and then, but less often than not
    let swapped = if swapped > 0 { swapped - 1 } else { swapped };
    let (points, parts) = if swapped > plain { (swapped, crossed) } else { (plain, straight) };
    let rule = match parts {
        _ if points < 6 => None,
        [Some(Alike::Same), Some(Alike::Same)] => Some(Rule::Name),
        _ => Some(Rule::NameAlike),
    };
    verdict.add(points, rule);
}

/// Whether a mailbox is read by many.
fn is_shared(mail: &str) -> bool {
    let local = mail.rsplit_once('@').map_or("", |(local, _)| local);
    let letters: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    SHARED.contains(&letters.as_str())
}

fn mails(one: &Subject, other: &Subject, verdict: &mut Verdict) {
    let mut common = one.common(other, true).peekable();
    if common.peek().is_some() {
        let personal = common.any(|mail| !is_shared(mail));
        return verdict.add(if personal { 18 } else { 5 }, Some(Rule::Email));
    }
    let (Some(a), Some(b)) = (&one.email, &other.email) else { return };
    let length = a.chars().count().max(b.chars().count());
    let close = within(&one.mail, &other.mail, 4) || letters_apart(&one.mail, &other.mail) <= 2;
    if length > 10 && close {
        verdict.add(11, Some(Rule::EmailAlike));
    } else if one.local() == other.local() && one.local().len() >= 6 {
        verdict.add(5, Some(Rule::EmailAlike));
    } else {
        verdict.add(-7, None);
    }
}

/// What the organisation's own fields may speak for at most, beside dates.
const MOST_OWN: i32 = 6;

fn own(one: &Subject, other: &Subject, verdict: &mut Verdict) {
    let (mut texts, mut days) = (0, 0);
    for (key, value) in &one.own {
        let Some((_, theirs)) = other.own.iter().find(|(name, _)| name == key) else { continue };
        match (value, theirs) {
            (Own::Day(a), Own::Day(b)) => days += day_points(a, b),
            (Own::Text(a), Own::Text(b)) => texts += if alike(a, b) == Alike::No { -2 } else { 3 },
            _ => {}
        }
    }
    let points = texts.min(MOST_OWN) + days;
    verdict.add(points, (points > 0).then_some(Rule::CustomField));
}

fn day_points(one: &str, other: &str) -> i32 {
    if one == other {
        return 10;
    }
    let parts = one.split('-').zip(other.split('-')).filter(|(a, b)| a == b).count();
    match parts {
        2 => 4,
        _ if within(one, other, 1) => 4,
        1 if within(one, other, 2) => 2,
        _ => -3,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::crm::duplicate::subject::Said;

    fn person(first: &str, last: &str, email: &str) -> Subject {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let said = Said { first: some(first), last: some(last), email: some(email), ..Said::default() };
        Subject::new(Uuid::nil(), said)
    }

    fn firm(name: &str, domain: Option<&str>, country: Option<&str>) -> Subject {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let said =
            Said { company: owned(Some(name)), domain: owned(domain), country: owned(country), ..Said::default() };
        Subject::new(Uuid::nil(), said)
    }

    fn score(one: &Subject, other: &Subject) -> i32 {
        assert_eq!(compare(one, other), compare(other, one));
        compare(one, other).score()
    }

    #[test]
    fn a_person_is_found_by_address_or_by_name() {
        let joe = person("Joe", "Miller", "joe.miller@acme.example");
        for same in [
            person("Joe", "Miller", "joe.miller@acme.example"),
            person("", "", "joe.miller@acme.example"),
            person("Miller", "Joe", ""),
            person("Joe", "Milller", ""),
            person("Joe", "Miller", "joe.milelr@acme.example"),
            person("J", "Miller", "joe.miller@acme.example"),
        ] {
            assert!(score(&joe, &same) >= DEFAULT_SCORE, "{same:?}");
        }
        for other in [
            person("Joe", "Miller", "jm1980@other.example"),
            person("Jane", "Smith", ""),
            person("", "Miller", ""),
            person("Anna", "Kowalska", "joe.miller@elsewhere.example"),
        ] {
            assert!(score(&joe, &other) < DEFAULT_SCORE, "{other:?}");
        }
    }

    #[test]
    fn a_shared_mailbox_says_little() {
        let (a, b) = (person("Ann", "Lee", "info@acme.example"), person("Bob", "Ray", "info@acme.example"));
        assert!(score(&a, &b) < DEFAULT_SCORE);
        let (c, d) = (person("Ann", "Lee", "ann@acme.example"), person("Bob", "Ray", "ann@acme.example"));
        assert_eq!(compare(&c, &d).points, 8, "one address, two names: worth a look");
        // as further addresses they say as much
        let further = |mut subject: Subject, mail: &str| {
            subject.more = vec![mail.into()];
            subject
        };
        assert_eq!(compare(&further(person("Bob", "Ray", ""), "info@acme.example"), &a).points, compare(&a, &b).points);
        assert_eq!(compare(&further(person("Bob", "Ray", ""), "ann@acme.example"), &c).points, 8);
    }

    #[test]
    fn companies_are_told_apart_by_country_and_domain() {
        let acme = firm("Acme Inc", None, None);
        assert!(score(&acme, &firm("ACME GmbH", None, None)) >= DEFAULT_SCORE);
        assert!(score(&firm("Acme", None, Some("US")), &firm("Acme", None, Some("DE"))) < DEFAULT_SCORE);
        assert!(score(&firm("Acme", Some("a.example"), None), &firm("Acme", Some("b.example"), None)) < DEFAULT_SCORE);
        assert!(score(&acme, &firm("Globex", None, None)) == 0);
    }

    #[test]
    fn own_fields_tip_the_balance() {
        let with = |mut subject: Subject, day: &str, city: &str| {
            subject.own = vec![("born".into(), Own::Day(day.into())), ("city".into(), Own::Text(city.into()))];
            subject
        };
        let one = with(person("", "Miller", ""), "1980-02-03", "leeds");
        assert!(score(&one, &with(person("Joe", "Miller", ""), "1980-02-03", "leeds")) >= DEFAULT_SCORE);
        assert!(score(&one, &with(person("Joe", "Miller", ""), "1991-11-20", "london")) < DEFAULT_SCORE);
    }
}

//! Which pairs are worth comparing: those that share a key. A key that very many share is not compared all with all but
//! each with its next neighbours by name, so that the work grows with the records and not with their square. Two that
//! are both the same as a third are compared, too. Pure.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    alike::sound,
    compare,
    evidence::{Rule, Verdict},
    subject::{Own, Subject},
};
use crate::crm::matching::{domain, name};

/// Up to so many records of one key are compared with each other.
const SMALL: usize = 32;
/// Of more, each with so many neighbours.
const NEAR: usize = 8;
/// A record that is the same as more others than this is mostly the same as none: nothing is concluded from it.
const FEW: usize = 16;
/// No more pairs than this are told, the likeliest.
pub const MOST_PAIRS: usize = 50_000;

/// Two records, the one with the smaller id first, and what speaks for them.
#[derive(Clone, Debug)]
pub struct Pair {
    pub first: uuid::Uuid,
    pub second: uuid::Uuid,
    pub verdict: Verdict,
}

/// The pairs from a score on, likeliest first.
pub fn pairs(mut subjects: Vec<Subject>, least: i32) -> Vec<Pair> {
    subjects.sort_by(|a, b| (&a.last, &a.first, &a.company, a.id).cmp(&(&b.last, &b.first, &b.company, b.id)));
    let judged = |(a, b): (usize, usize)| (a, b, compare(&subjects[a], &subjects[b]));
    let mut found: Vec<(usize, usize, Verdict)> =
        candidates(&subjects).into_iter().map(judged).filter(|(.., verdict)| verdict.score() >= least).collect();
    let more = through_a_third(&found).into_iter().map(judged);
    let mut more: Vec<_> = more.filter(|(.., verdict)| verdict.score() >= least / 2).collect();
    for (.., verdict) in &mut more {
        verdict.rules.push(Rule::Third);
    }
    found.extend(more);
    let pair = |(a, b, verdict): (usize, usize, Verdict)| {
        let (a, b) = (subjects[a].id, subjects[b].id);
        Pair { first: a.min(b), second: a.max(b), verdict }
    };
    let mut found: Vec<Pair> = found.into_iter().map(pair).collect();
    found.sort_by(|a, b| b.verdict.points.cmp(&a.verdict.points).then((a.first, a.second).cmp(&(b.first, b.second))));
    found.truncate(MOST_PAIRS);
    found
}

/// Places of records that are not a pair but both one with the same third, each once.
fn through_a_third(found: &[(usize, usize, Verdict)]) -> BTreeSet<(usize, usize)> {
    let known: HashSet<(usize, usize)> = found.iter().map(|(a, b, _)| (*a.min(b), *a.max(b))).collect();
    let mut others: HashMap<usize, Vec<usize>> = HashMap::new();
    for (a, b) in &known {
        others.entry(*a).or_default().push(*b);
        others.entry(*b).or_default().push(*a);
    }
    let mut more = BTreeSet::new();
    for same in others.values().filter(|same| same.len() <= FEW) {
        for (at, one) in same.iter().enumerate() {
            let pairs = same[at + 1..].iter().map(|other| (*one.min(other), *one.max(other)));
            more.extend(pairs.filter(|pair| !known.contains(pair)));
        }
    }
    more
}

/// Places of records that share a key, each pair once.
pub fn candidates(subjects: &[Subject]) -> Vec<(usize, usize)> {
    let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(subjects.len() * 12);
    for (at, subject) in subjects.iter().enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        keyed.extend(keys(subject).into_iter().map(|key| (key, at)));
    }
    keyed.sort_unstable();
    keyed.dedup();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for block in keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
        let near = if block.len() <= SMALL { block.len() } else { NEAR };
        for (at, (_, one)) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().take(near).map(|(_, other)| (*one, *other)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|(a, b)| (a as usize, b as usize)).collect()
}

fn hash(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

fn sorted_letters(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// What a record is found by. Two that are the same but for a slip share at least one of them, mostly.
pub fn keys(subject: &Subject) -> Vec<u64> {
    let mut all = Vec::new();
    let names: Vec<&str> = [subject.first.as_str(), &subject.last].into_iter().filter(|n| !n.is_empty()).collect();
    mail_keys(subject, &mut all);
    name_keys(&names, &mut all);
    all.extend(subject.phone.iter().map(|phone| hash(&["phone", phone])));
    for text in &subject.more {
        let letters = || text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        all.push(if text.contains('@') { hash(&["mail", &letters()]) } else { hash(&["phone", text]) });
    }
    all.extend(subject.domain.iter().map(|domain| hash(&["domain", domain])));
    let place = subject.email.as_deref().and_then(domain::corporate);
    if let Some(begin) = subject.mail.get(..2) {
        all.extend(names.iter().map(|name| hash(&["named", &sound(name), begin])));
    }
    for name in &names {
        all.extend(place.map(|place| hash(&["place", name, place])));
        if !subject.company.is_empty() {
            all.push(hash(&["company", &sound(name), &subject.company]));
        }
    }
    if names.is_empty() && subject.email.is_none() {
        all.extend(name::keys(&subject.company).iter().map(|key| hash(&["trigram", key])));
    }
    own_keys(subject, &names, &mut all);
    all
}

fn mail_keys(subject: &Subject, all: &mut Vec<u64>) {
    if subject.mail.is_empty() {
        return;
    }
    let (mail, local) = (subject.mail.as_str(), subject.local());
    all.push(hash(&["mail", mail]));
    all.push(hash(&["letters", &sorted_letters(mail)]));
    if local.len() >= 3 {
        all.push(hash(&["local", local]));
    }
    let letters: Vec<char> = mail.chars().collect();
    if letters.len() >= 12 {
        all.push(hash(&["begin", &letters[..6].iter().collect::<String>()]));
        let (half, end) = (&letters[letters.len() / 2..], &letters[letters.len() - 7..]);
        all.push(hash(&["half", &half.iter().collect::<String>()]));
        all.push(hash(&["end", &end.iter().collect::<String>()]));
    }
}

fn name_keys(names: &[&str], all: &mut Vec<u64>) {
    let [one, other] = names else { return };
    let initial = |name: &str| name.chars().next().map(String::from).unwrap_or_default();
    let (a, b) = (sound(one), sound(other));
    all.push(hash(&["sound", (&a).min(&b), (&a).max(&b)]));
    all.push(hash(&["shuffled", &sorted_letters(&format!("{one}{other}"))]));
    all.push(hash(&["initial", one, &initial(other)]));
    all.push(hash(&["initial", other, &initial(one)]));
}

/// A day or a word of the organisation's own, each beside something else.
fn own_keys(subject: &Subject, names: &[&str], all: &mut Vec<u64>) {
    let texts: Vec<&str> = subject
        .own
        .iter()
        .filter_map(|(_, own)| if let Own::Text(text) = own { Some(text.as_str()) } else { None })
        .collect();
    for (key, own) in &subject.own {
        let Own::Day(day) = own else { continue };
        all.extend(texts.iter().map(|text| hash(&["day", key, day, text])));
        all.extend(
            names.iter().map(|name| hash(&["day", key, day, &name[..name.chars().next().map_or(0, char::len_utf8)]])),
        );
        if let Some(first) = subject.mail.get(..1) {
            all.push(hash(&["day", key, day, first]));
        }
        for name in names {
            for (at, part) in day.split('-').enumerate() {
                let place = ["year", "month", "day"][at.min(2)];
                all.push(hash(&["part", key, place, part, &sound(name)]));
            }
        }
    }
    for (name, text) in names.iter().flat_map(|name| texts.iter().map(move |text| (name, text))) {
        all.push(hash(&["text", text, &sound(name)]));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::crm::duplicate::{DEFAULT_SCORE, subject::Said};

    fn person(n: u128, first: &str, last: &str, email: &str) -> Subject {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let said = Said { first: some(first), last: some(last), email: some(email), ..Said::default() };
        Subject::new(Uuid::from_u128(n), said)
    }

    #[test]
    fn a_crowd_of_one_name_is_not_compared_all_with_all() {
        let crowd: Vec<Subject> =
            (0..2000).map(|n| person(n, "Joe", "Smith", &format!("j{n}@host{n}.example"))).collect();
        let compared = candidates(&crowd).len();
        assert!(compared < 2000 * 40, "{compared}");
    }

    #[test]
    fn two_that_are_the_same_as_a_third_are_told_for_half_the_points() {
        let all = || {
            vec![
                person(1, "Ann", "Kowalska", "ann.kowalska@acme.example"),
                person(2, "Ann", "", "ann.kowalska@acme.example"),
                person(3, "", "Kowalska", "ann.kowalska@acme.example"),
                person(4, "Ann", "Kowalska", ""),
            ]
        };
        let found = pairs(all(), DEFAULT_SCORE);
        let told = |a: u128, b: u128| {
            found.iter().find(|p| (p.first.as_u128(), p.second.as_u128()) == (a, b)).map(|p| p.verdict.clone())
        };
        let third = told(2, 4).expect("both are Ann Kowalska");
        assert!(third.rules.contains(&Rule::Third) && (25..50).contains(&third.score()), "{third:?}");
        assert_eq!(third.points, compare(&all()[1], &all()[3]).points, "the score is the pair's own");
        assert!(!told(1, 2).expect("the same address").rules.contains(&Rule::Third));
        let apart: Vec<Subject> = all().into_iter().filter(|s| s.id.as_u128() != 1).collect();
        assert!(
            pairs(apart, DEFAULT_SCORE).iter().all(|p| p.second.as_u128() != 4),
            "without the third nothing joins them"
        );
    }

    #[test]
    fn pairs_are_told_once_and_in_order() {
        let all = vec![
            person(3, "Ann", "Lee", "ann.lee@acme.example"),
            person(1, "Ann", "Lee", "ann.lee@acme.example"),
            person(2, "Bob", "Ray", "bob.ray@acme.example"),
        ];
        let found = pairs(all, DEFAULT_SCORE);
        let ids: HashSet<(u128, u128)> = found.iter().map(|p| (p.first.as_u128(), p.second.as_u128())).collect();
        assert_eq!((found.len(), ids), (1, HashSet::from([(1, 3)])));
    }
}

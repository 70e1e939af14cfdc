//! What may be the same as one record, or as one that is not saved yet: a few index look-ups, then the same comparison
//! as in a scan. Only records that the caller sees.

use sea_orm::{
    Condition, DbBackend, ExprTrait, Order,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use super::{
    compare,
    evidence::Verdict,
    read::{Comparable, OwnFields, columns, subject},
    subject::Subject,
};
use crate::{
    crm::matching::name,
    error::Result,
    graph::{filter::search, veil},
    store::{Access, Scoped, keyed},
};

/// No more records than this are compared with one.
const MOST: u64 = 500;

/// From a score on, likeliest first. Two statements: what has the same address, number or domain comes before what is
/// only called alike, however many of these there are.
pub async fn candidates<E: Comparable>(
    access: &Access,
    wanted: &Subject,
    own: &OwnFields,
    least: i32,
) -> Result<Vec<(Uuid, Verdict)>> {
    let mut found = Vec::new();
    for condition in [same::<E>(access, wanted), alike::<E>(access, wanted)?] {
        if condition.is_empty() {
            continue;
        }
        let rows = Scoped::<E>::read(access)
            .filter(condition)
            .filter(Condition::all().add(Expr::col((E::NAME, "id")).ne(wanted.id)))
            .shape(|q| {
                columns::<E>(q, access);
                q.order_by((E::NAME, "id"), Order::Desc).limit(MOST);
            });
        for row in &rows.rows().await? {
            let other = subject(row, own)?;
            let verdict = compare(wanted, &other);
            if verdict.score() >= least && found.iter().all(|(id, _)| *id != other.id) {
                found.push((other.id, verdict));
            }
        }
    }
    found.sort_by(|(a, one), (b, other)| other.points.cmp(&one.points).then(a.cmp(b)));
    Ok(found)
}

/// Rows that share an address, a number or a domain.
fn same<E: Comparable>(access: &Access, wanted: &Subject) -> Condition {
    let mut any = Condition::any();
    let domain = wanted.domain.iter().cloned().collect();
    let all = |mail| wanted.addresses(mail).cloned().collect::<Vec<String>>();
    for (at, values) in [(2, all(true)), (3, all(false)), (6, domain)] {
        if !values.is_empty() && !E::COLUMNS[at].is_empty() {
            let shown = veil::shown(E::meta(), E::COLUMNS[at], access.actor());
            let equal = Expr::col((E::NAME, E::COLUMNS[at])).is_in(values);
            any = any.add(Condition::all().add(equal).add_option(shown));
        }
    }
    let values = [all(true), all(false)].concat();
    let having = E::having(access, &values).filter(|_| !values.is_empty());
    any.add_option(having.map(|further| Expr::col((E::NAME, "id")).in_subquery(further)))
}

/// Rows that share a rare trigram, or about half of each name; none where the subject says too little.
fn alike<E: Comparable>(access: &Access, wanted: &Subject) -> Result<Condition> {
    let backend = access.store().backend();
    let mut any = Condition::any();
    if let Some((local, _)) = wanted.email.as_deref().and_then(|e| e.rsplit_once('@')).filter(|(l, _)| l.len() >= 5) {
        any = any.add(halves::<E>(local, backend)?);
    }
    let parts: Vec<&str> =
        [wanted.first.as_str(), &wanted.last].into_iter().filter(|p| p.chars().count() >= 3).collect();
    let word = wanted.company.split(' ').find(|w| w.chars().count() >= 3);
    match (parts.as_slice(), word) {
        ([one, other], _) => {
            any = any.add(Condition::all().add(halves::<E>(one, backend)?).add(halves::<E>(other, backend)?));
        }
        ([one], Some(word)) => {
            any = any.add(Condition::all().add(halves::<E>(one, backend)?).add(search(E::meta(), word, backend)?));
        }
        _ => {}
    }
    if E::COLUMNS[0].is_empty() && !wanted.company.is_empty() {
        let keys = name::keys(&wanted.company);
        any = any.add(Expr::col((E::NAME, "id")).in_subquery(keyed::<E>(access, &keys)));
    }
    Ok(any)
}

/// Holds one half of a word: what differs by one slip keeps the other half.
fn halves<E: Comparable>(word: &str, backend: DbBackend) -> Result<SimpleExpr> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 6 {
        return search(E::meta(), word, backend);
    }
    let (one, other) = letters.split_at(letters.len() / 2);
    let half = |letters: &[char]| search(E::meta(), &letters.iter().collect::<String>(), backend);
    Ok(half(one)?.or(half(other)?))
}

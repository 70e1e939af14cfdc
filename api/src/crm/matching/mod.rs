//! Which account a lead belongs to: by its corporate e-mail domain, else by its company's name. Many leads cost the same
//! one or two statements as one; a lead that says nothing of its company costs none. It changes no account.

pub mod backfill;
pub mod choose;
pub mod domain;
mod facts;
pub mod graphql;
pub mod name;

use std::collections::HashMap;

use entity::{account, id::AccountId, lead};
use sea_orm::{ActiveValue, ActiveValue::Set};

use self::choose::{Candidate, Score, Standing, Wanted, equals, prefer, ranked};
use super::all_rows;
use crate::{
    error::Result,
    graph::Change,
    store::{Access, Tx},
};

/// Matches the leads that are new or now say something else of their company, unless the caller says which account it
/// is. A lead for which none is found keeps what it had.
pub async fn follow(tx: &Tx, changes: &mut [Change<lead::Entity>]) -> Result<()> {
    let wanted: Vec<Option<Wanted>> = changes.iter().map(wanted).collect();
    if wanted.iter().all(Option::is_none) {
        return Ok(());
    }
    let all: Vec<&Wanted> = wanted.iter().flatten().collect();
    let everything = all_rows(tx);
    let candidates = facts::candidates(&everything, &all).shape(facts::columns);
    let candidates = facts::read(&tx.cells(candidates).await?)?;
    let lists: Vec<_> = wanted.iter().map(|w| w.as_ref().map(|w| ranked(w, candidates.iter()))).collect();
    let tied: Vec<AccountId> = lists.iter().flatten().flat_map(|list| tied(list)).collect();
    let standings = if tied.is_empty() {
        HashMap::new()
    } else {
        facts::standings(&tx.cells(facts::of_standing(&everything, &tied)).await?)?
    };
    for (change, list) in changes.iter_mut().zip(lists) {
        if let Some(best) = list.and_then(|list| best(&list, &standings)) {
            change.row.matched_account_id = Set(Some(best));
        }
    }
    Ok(())
}

/// Everything that matches, best first, with what decided: for who asks why. Only accounts that the caller sees.
pub async fn explain(access: &Access, wanted: &Wanted) -> Result<Vec<(AccountId, Score, Standing)>> {
    if !wanted.says_something() {
        return Ok(vec![]);
    }
    let candidates = facts::read(&facts::candidates(access, &[wanted]).shape(facts::columns).rows().await?)?;
    let list = ranked(wanted, candidates.iter());
    let ids: Vec<AccountId> = list.iter().map(|(account, _)| account.id).collect();
    let standings = facts::standings(&facts::of_standing(access, &ids).rows().await?)?;
    let mut list: Vec<_> =
        list.into_iter().map(|(a, score)| (a, score, standings.get(&a.id).copied().unwrap_or_default())).collect();
    list.sort_by(|(a, s, at), (b, t, bt)| {
        s.rule.cmp(&t.rule).then_with(|| t.likeness.against(s.likeness)).then_with(|| prefer((a, *at), (b, *bt)))
    });
    Ok(list.into_iter().map(|(account, score, standing)| (account.id, score, standing)).collect())
}

/// The keys by which accounts are found, kept true to their names.
pub async fn index(tx: &mut Tx, written: &[(Option<account::Model>, account::Model)]) -> Result<()> {
    let named = |new: bool| {
        let each = written.iter().filter(move |(before, now)| match before {
            None => new,
            Some(before) => !new && before.name != now.name,
        });
        each.map(|(_, now)| (now.id.0, name::keys(&name::company(&now.name)))).collect::<Vec<_>>()
    };
    tx.rekey::<account::Entity>(&named(true), true).await?;
    tx.rekey::<account::Entity>(&named(false), false).await
}

fn best(list: &[(&Candidate, Score)], standings: &HashMap<AccountId, Standing>) -> Option<AccountId> {
    let standing = |account: &Candidate| standings.get(&account.id).copied().unwrap_or_default();
    let equal = list[..equals(list)].iter().map(|(account, _)| (*account, standing(account)));
    equal.min_by(|one, other| prefer(*one, *other)).map(|(account, _)| account.id)
}

fn tied(list: &[(&Candidate, Score)]) -> Vec<AccountId> {
    let equal = equals(list);
    if equal < 2 { vec![] } else { list[..equal].iter().map(|(account, _)| account.id).collect() }
}

/// What a change says of the lead's company; none where nothing is to be matched.
fn wanted(change: &Change<lead::Entity>) -> Option<Wanted> {
    let (row, before) = (&change.row, change.before.as_ref());
    let chosen = match (&row.matched_account_id, before) {
        (Set(id), Some(before)) => *id != before.matched_account_id,
        (Set(_), None) => true,
        _ => false,
    };
    if chosen || !change.faults.is_empty() {
        return None;
    }
    let (email, company, country) = (text(&row.email), text(&row.company_name), text(&row.country));
    let same = |before: &lead::Model| {
        before.email.as_deref() == email
            && before.company_name.as_deref() == company
            && before.country.as_deref() == country
    };
    if before.is_some_and(same) {
        return None;
    }
    Some(Wanted::new(email, company, country)).filter(Wanted::says_something)
}

fn text(value: &ActiveValue<Option<String>>) -> Option<&str> {
    value.try_as_ref().and_then(Option::as_deref)
}

//! Rights as a role keeps them: a list of `{permission, scope, unassigned}`, read strictly from people, leniently
//! from the database. And the union of the roles that somebody holds.

use std::{collections::HashSet, sync::LazyLock};

use async_graphql::{InputObject, SimpleObject};
use entity::{
    id::{TeamId, UserId},
    role,
    word::Word,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::templates::Template;
use crate::{
    actor::{Permission, Reach, Rights, Scope},
    error::{Error, Result},
    graph::{derived::Term, form::Form},
    store::{Tx, door::Held},
};

/// A permission that a role gives, and how far it reaches.
#[derive(SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "RolePermissionInput")]
#[serde(rename_all = "camelCase")]
pub struct RolePermission {
    /// The permission.
    permission: Term<Permission>,
    /// How far it reaches.
    scope: Term<Scope>,
    /// Also records that nobody owns; ALL holds them anyway.
    #[graphql(default)]
    #[serde(default)]
    unassigned: bool,
}

/// One of the permissions that a role gives.
pub fn form() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::one::<RolePermission>("RolePermission", |_| vec![]));
    &FORM
}

/// The rights of a role: a built-in one's come from the template, whatever its row says.
pub fn rights_of(role: &role::Model) -> Rights {
    match Template::parse(&role.key).filter(|_| role.built_in) {
        Some(template) => template.rights(),
        None => stored(&role.permissions),
    }
}

/// The union of what these roles give, each as far as it is granted.
pub fn union(held: &[Held]) -> Rights {
    let mut all = Rights::default();
    for one in held {
        all.add(&given(&one.role, one.team));
    }
    all
}

/// Those of the users whose roles give a permission, be it for the records of one team. A statement for every 500 users.
pub async fn who_may(tx: &Tx, users: &[UserId], permission: Permission) -> Result<HashSet<UserId>> {
    let roles = tx.roles_of(users).await?;
    Ok(roles.into_iter().filter(|(_, held)| union(held).hold(permission)).map(|(user, _)| user).collect())
}

/// What a grant of this role gives: everywhere, or in one team.
pub fn given(role: &role::Model, team: Option<TeamId>) -> Rights {
    let rights = rights_of(role);
    match team {
        Some(team) => rights.within(team),
        None => rights,
    }
}

/// A role's row may name a permission that this version no longer knows: it gives nothing.
fn stored(list: &Value) -> Rights {
    let mut rights = Rights::default();
    for line in list.as_array().into_iter().flatten() {
        if let Ok((permission, reach)) = one(line) {
            rights.grant(permission, reach);
        }
    }
    rights
}

/// What somebody wants a role to give.
pub fn parse(list: &Value) -> Result<Rights, String> {
    let lines = list.as_array().ok_or("this must be a list of {permission, scope, unassigned}")?;
    if lines.len() > Permission::COUNT {
        return Err("there are not that many permissions".into());
    }
    let mut rights = Rights::default();
    for line in lines {
        let (permission, reach) = one(line)?;
        if rights.reach(permission).is_some() {
            return Err(format!("{permission} is named twice"));
        }
        rights.grant(permission, reach);
    }
    Ok(rights)
}

fn one(line: &Value) -> Result<(Permission, Reach), String> {
    let object = line.as_object().ok_or("each entry must be {permission, scope, unassigned}")?;
    if let Some(other) = object.keys().find(|key| !["permission", "scope", "unassigned"].contains(&key.as_str())) {
        return Err(format!("{other} is not known here"));
    }
    let word = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let permission =
        Permission::parse(word("permission")).ok_or_else(|| format!("no such permission: {:?}", word("permission")))?;
    let scope =
        Scope::parse(word("scope")).ok_or_else(|| format!("{permission}: scope must be OWN, TEAM, SUBTREE or ALL"))?;
    let unassigned = match object.get("unassigned") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(pool)) => *pool,
        Some(_) => return Err(format!("{permission}: unassigned must be true or false")),
    };
    // everything holds the pool
    Ok((permission, Reach { scope, unassigned: unassigned || scope == Scope::All }))
}

/// The list as it is stored and shown, in the order of the permissions.
pub fn list(rights: &Rights) -> Value {
    Permission::all()
        .filter_map(|permission| {
            let reach = rights.reach(permission)?;
            Some(
                json!({ "permission": permission.word(), "scope": reach.scope.word(), "unassigned": reach.unassigned }),
            )
        })
        .collect()
}

/// Nobody gives more than they hold: refused with a permission they lack. The keys of agreements are the exception:
/// who gives out everybody's roles gives them without holding them, so that nobody need hold both.
pub fn may_give(mine: &Rights, given: &Rights) -> Result<()> {
    let steward = mine.reach(Permission::RoleUpdate).is_some_and(|reach| reach.scope == Scope::All);
    let lacking = Permission::all().filter(|permission| !(steward && permission.is_key())).find(|permission| {
        let mut only = given.clone();
        only.retain(|other| other == *permission);
        !mine.covers(&only)
    });
    lacking.map_or(Ok(()), |permission| Err(Error::Forbidden(permission)))
}

/// What shows everybody's pay, or lets others see it.
const PAY: [Permission; 3] = [Permission::IncentiveRead, Permission::IncentiveExport, Permission::IncentiveGrant];

/// Whether rights show everybody's pay, at least in a team, or let others see it. One's own and that of the people below one is
/// not meant.
pub fn shows_pay(rights: &Rights) -> bool {
    let wide = |reach: Reach| reach.scope == Scope::All;
    let read = Permission::IncentiveRead;
    rights.reach(read).is_some_and(wide)
        || rights.in_teams(read).any(|(_, reach)| wide(reach))
        || rights.hold(Permission::IncentiveGrant)
}

/// Whether one holds oneself what of these rights has to do with everybody's pay.
pub fn holds_pay(mine: &Rights, given: &Rights) -> bool {
    let mut pay = given.clone();
    pay.retain(|permission| PAY.contains(&permission));
    mine.covers(&pay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finance_alone_sees_everybodys_pay() {
        let shown = Template::all().filter(|template| shows_pay(&template.rights()));
        assert_eq!(shown.collect::<Vec<_>>(), [Template::Finance]);
        let team = Template::Finance.rights().within(entity::id::RowId::from_uuid(uuid::Uuid::nil()));
        assert!(shows_pay(&team) && holds_pay(&Template::Finance.rights(), &team));
        assert!(!holds_pay(&team, &Template::Finance.rights()) && !holds_pay(&Template::Admin.rights(), &team));
    }

    #[test]
    fn a_list_reads_back() {
        for template in Template::all() {
            assert_eq!(parse(&list(&template.rights())).unwrap(), template.rights(), "{template}");
        }
    }

    #[test]
    fn strict_with_people() {
        for bad in [
            json!(null),
            json!({}),
            json!(["LEAD_READ"]),
            json!([{ "permission": "LEAD_READ" }]),
            json!([{ "permission": "LEAD_READ", "scope": "all" }]),
            json!([{ "permission": "EVERYTHING", "scope": "ALL" }]),
            json!([{ "permission": "LEAD_READ", "scope": "ALL", "admin": true }]),
            json!([{ "permission": "LEAD_READ", "scope": "ALL", "unassigned": 1 }]),
            json!([{ "permission": "LEAD_READ", "scope": "ALL" }, { "permission": "LEAD_READ", "scope": "OWN" }]),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lenient_with_rows() {
        let rights =
            stored(&json!([{ "permission": "GONE", "scope": "ALL" }, { "permission": "LEAD_READ", "scope": "OWN" }]));
        assert!(rights.reach(Permission::LeadRead).is_some());
        assert_eq!(stored(&json!("broken")), Rights::default());
    }

    #[test]
    fn one_gives_only_what_one_has() {
        let rep = Template::SalesRep.rights();
        assert!(may_give(&Template::Admin.rights(), &rep).is_ok());
        assert!(may_give(&rep, &rep).is_ok());
        assert!(may_give(&rep, &Template::SalesManager.rights()).is_err());
    }

    #[test]
    fn keys_are_given_by_who_gives_roles_and_by_nobody_else_who_lacks_them() {
        let mut key = Rights::default();
        key.grant(Permission::AgreementApproveSales, Reach::ALL);
        assert!(may_give(&Template::Admin.rights(), &key).is_ok());
        assert!(may_give(&Template::Revops.rights(), &key).is_err());
        assert!(may_give(&Template::SalesManager.rights(), &key).is_ok());
        let mut steward_of_some = Template::Revops.rights();
        steward_of_some.grant(Permission::RoleUpdate, Reach { scope: Scope::Team, unassigned: false });
        assert!(may_give(&steward_of_some, &key).is_err());
    }
}

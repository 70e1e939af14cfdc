//! The table against the documents, line by line for what matters most.

use super::*;
use Permission as P;
use Template as R;

fn reach(role: Template, permission: Permission) -> String {
    match role.rights().reach(permission) {
        None => "-".into(),
        Some(Reach::ALL) => "ALL".into(),
        Some(reach) => format!("{}{}", reach.scope, if reach.unassigned { "+pool" } else { "" }),
    }
}

/// What the roles may do with one permission, in the order of the table.
fn line(permission: Permission) -> String {
    Template::all().map(|role| reach(role, permission)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_permission_has_one_line() {
    for permission in Permission::all() {
        assert_eq!(TABLE.iter().filter(|(named, _)| *named == permission).count(), 1, "{permission}");
    }
}

#[test]
fn the_lines_are_those_of_the_documents() {
    let lines = [
        (P::OrganizationRead, "ALL ALL ALL ALL ALL ALL ALL ALL ALL ALL"),
        (P::UserRead, "ALL ALL ALL ALL ALL ALL ALL ALL ALL ALL"),
        (P::UserUpdate, "ALL - - - - - - - - -"),
        (P::RoleUpdate, "ALL - - - - - - - - -"),
        (P::ApiKeyCreate, "ALL OWN - - - - - - - -"),
        (P::AccountRead, "ALL ALL ALL ALL ALL SUBTREE SUBTREE SUBTREE ALL ALL"),
        (P::AccountUpdate, "ALL ALL - ALL - SUBTREE OWN OWN - ALL"),
        (P::ContactDelete, "ALL - - - - SUBTREE - - - -"),
        (P::ContactReadWithheld, "ALL ALL - - - - - - - -"),
        (P::LeadRead, "ALL ALL ALL ALL ALL SUBTREE+pool OWN+pool OWN+pool - ALL"),
        (P::LeadUpdate, "ALL ALL - ALL OWN SUBTREE OWN OWN - ALL"),
        (P::LeadWork, "ALL ALL - - OWN SUBTREE OWN OWN - ALL"),
        (P::LeadDelete, "ALL - - ALL - - - - - -"),
        (P::CampaignRead, "ALL ALL ALL ALL TEAM ALL ALL ALL ALL ALL"),
        (P::CampaignUpdate, "ALL ALL - ALL OWN - - - - ALL"),
        (P::CampaignCostRead, "ALL ALL ALL ALL TEAM ALL - - ALL ALL"),
        (P::CampaignCostUpdate, "ALL ALL - ALL OWN - - - ALL ALL"),
        (P::OpportunityRead, "ALL ALL ALL ALL OWN SUBTREE TEAM OWN ALL ALL"),
        (P::OpportunityReadLinked, "ALL ALL - - TEAM - - OWN - ALL"),
        (P::OpportunityUpdate, "ALL ALL - - - SUBTREE OWN - - ALL"),
        (P::OpportunityReopen, "ALL ALL - - - SUBTREE - - - -"),
        (P::PipelineUpdate, "ALL ALL - - - - - - - -"),
        (P::DuplicateMerge, "ALL ALL - ALL - ALL - - - -"),
        (P::IncentiveRead, "OWN OWN OWN SUBTREE OWN SUBTREE OWN OWN ALL -"),
        (P::IncentiveApprove, "- - - - - - - - ALL -"),
        (P::AuditRead, "ALL ALL - - - SUBTREE OWN OWN ALL -"),
        (P::ImportCreate, "ALL OWN - OWN OWN OWN - - OWN OWN"),
    ];
    for (permission, wanted) in lines {
        assert_eq!(line(permission), wanted, "{permission}");
    }
}

#[test]
fn only_the_administrator_touches_people_and_rights() {
    let people = [
        P::OrganizationUpdate,
        P::UserCreate,
        P::UserUpdate,
        P::TeamUpdate,
        P::RoleCreate,
        P::RoleUpdate,
        P::SessionUpdate,
    ];
    for role in Template::all().filter(|role| *role != R::Admin) {
        for permission in people {
            assert_eq!(reach(role, permission), "-", "{role} {permission}");
        }
    }
}

#[test]
fn readers_only_read() {
    let written = TABLE.iter().filter(|(_, cells)| cells[R::Exec as usize].is_some());
    for (permission, _) in written {
        // what they may write changes no record of others: thanks, what they used, reports as they were, their own boards and pay
        let own = [
            P::AgreementBreakTie,
            P::ContentUse,
            P::RecognitionCreate,
            P::RevenueReportSnapshotCreate,
            P::DashboardCreate,
            P::DashboardUpdate,
            P::DashboardDelete,
            P::IncentiveDispute,
        ];
        assert!(permission.word().ends_with("_READ") || own.contains(permission), "{permission}");
    }
}

#[test]
fn the_administrator_covers_every_role_and_no_other_does() {
    for role in Template::all() {
        let mut without_keys = role.rights();
        without_keys.retain(|permission| !permission.is_key());
        assert!(R::Admin.rights().covers(&without_keys), "{role}");
        assert_eq!(role.rights().covers(&R::Admin.rights()), role == R::Admin, "{role}");
    }
}

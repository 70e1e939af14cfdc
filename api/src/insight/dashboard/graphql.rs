//! Dashboards in the schema: the records. It holds no rule.

use std::sync::LazyLock;

use entity::{
    dashboard::{Column as C, Entity, Sharing},
    dashboard_share::{self as share, Column as S},
};

use super::layout::DashboardLayout;
use crate::{
    access::{role, team, user},
    actor::Permission,
    graph::{self, Meta, Rules, form::Form, record::link},
};

pub fn records() -> Vec<&'static Meta> {
    vec![meta(), shares()]
}

fn form() -> &'static Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| Form::one("DashboardLayout", DashboardLayout::check));
    &FORM
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::DashboardRead,
            create: Some(Permission::DashboardCreate),
            update: Some(Permission::DashboardUpdate),
            delete: Some(Permission::DashboardDelete),
            assign: None,
        };
        let about = "A saved dashboard: which figures somebody looks at, and how they are drawn. It keeps questions, no answers: \
                     `dashboardData` answers all of them to whoever looks, with what they may see. Whoever saves it owns it.";
        let fields = vec![
            graph::text(C::Name, "The name people see.").max(100).required().write().filter().order(),
            graph::text(C::Description, "What it is for, in plain text.").max(2000).write(),
            graph::one(C::OwnerId, user::meta, "Who saved it.").filter().group(),
            graph::word::<Sharing, _>(C::Sharing, "Who sees it; PRIVATE unless given.")
                .write()
                .filter()
                .order()
                .group(),
            graph::formed(C::Layout, form(), "What it shows, in its order.").required().write(),
            graph::many(
                "shares",
                S::DashboardId,
                shares,
                "With whom it is shared by name; without effect unless `sharing` is NAMED.",
            )
            .filter(),
        ];
        Meta::new::<Entity>("Dashboard", "dashboards", about, rules, fields)
    });
    &META
}

pub fn shares() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::DashboardRead,
            create: Some(Permission::DashboardUpdate),
            update: None,
            delete: Some(Permission::DashboardUpdate),
            assign: None,
        };
        let about = "A role or a team that sees a dashboard whose `sharing` is NAMED: exactly one of them. Read and changed with \
                     the dashboard.";
        let fields = vec![
            link(S::DashboardId, meta, "The dashboard.").once(),
            link(S::RoleId, role::meta, "Whoever holds this role, within a team or everywhere; each role once.").once(),
            link(S::TeamId, team::meta, "Whoever is in this team; each team once.").once(),
        ];
        Meta::new::<share::Entity>("DashboardShare", "dashboardShares", about, rules, fields)
    });
    &META
}

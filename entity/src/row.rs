//! How a row is written down: `row!` for a tenant's row, which begins with the base set, and
//! `table!` for the few tables with a shape of their own. Neither declares relations: rows are
//! joined by their ids. `#[sea_orm::model]` would add a second set of types for relations, which
//! nobody here uses, and take two and a half times as long to compile.

/// A tenant's row: the base set, then the columns given.
macro_rules! row {
    ($(#[doc = $about:literal])+ $table:literal, $id:ident { $($own:tt)* }) => {
        $crate::row::table! {
            $(#[doc = $about])+
            $table {
                /// Which row this is.
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: crate::id::$id,
                /// The organisation it belongs to.
                pub organization_id: crate::id::OrganizationId,
                /// When it was created.
                pub created_at: sea_orm::prelude::DateTimeUtc,
                /// Who created it; none when the system did.
                pub created_by: Option<crate::id::UserId>,
                /// When it last changed.
                pub updated_at: sea_orm::prelude::DateTimeUtc,
                /// Who last changed it; none when the system did.
                pub updated_by: Option<crate::id::UserId>,
                /// Raised by one at every change, from 1.
                pub version: i32,
                /// When it was deleted; none while it lives.
                pub deleted_at: Option<sea_orm::prelude::DateTimeUtc>,
                $($own)*
            }
        }
    };
}

/// A table of exactly the columns given.
macro_rules! table {
    ($(#[doc = $about:literal])+ $table:literal { $($columns:tt)* }) => {
        use sea_orm::entity::prelude::*;

        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            $($columns)*
        }

        /// None: rows are joined by their ids.
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}

pub(crate) use {row, table};

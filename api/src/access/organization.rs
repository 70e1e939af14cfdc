//! The organisation: the tenant that everything else belongs to. Nobody reads another one; it is founded only by the
//! command line.

use std::sync::LazyLock;

use chrono_tz::Tz;
use entity::{
    id::OrganizationId,
    organization::{ActiveModel, Column as C, Entity},
    word::Word,
};
use futures_util::future::BoxFuture;
use sea_orm::{ActiveValue::Set, Condition};

use super::{
    calendar::record::meta as business_calendar,
    role::{self, templates::Template},
};
use crate::{
    actor::{Actor, Permission},
    error::{Error, Fault, FaultCode, Result},
    graph::{
        self, Meta, Record, Refusals, Rules,
        record::{Change, link},
    },
    store::{Access, Guarded, Store, Tx},
};

impl Guarded for Entity {
    type Id = OrganizationId;
    const NAME: &'static str = "organization";
    const READ: Permission = Permission::OrganizationRead;

    /// One's own, which the tenant column says already.
    fn within(_: &Actor, _: Permission) -> Condition {
        Condition::all()
    }
}

impl Record for Entity {
    const REFUSES: Refusals = &[(&["Update"], &[FaultCode::CriteriaUnmet])];

    fn meta() -> &'static Meta {
        meta()
    }

    fn check<'a>(tx: &'a mut Tx, changes: &'a mut [Change<Self>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for change in changes {
                if let Set(month) = change.row.fiscal_year_start_month
                    && !(1..=12).contains(&month)
                {
                    let message = "a month is 1 to 12";
                    change.faults.push(Fault::new(FaultCode::Validation, "fiscalYearStartMonth", message));
                }
                let told = change.row.base_currency.try_as_ref().copied();
                if change.before.as_ref().is_some_and(|row| told.is_some_and(|told| told != row.base_currency)) {
                    change.row.base_currency_since = Set(Some(tx.access().now()));
                }
                let before = change.before.as_ref().is_some_and(|row| row.solo_mode);
                if change.row.solo_mode == Set(true)
                    && !before
                    && tx.lock_holders(Template::Admin.word()).await?.len() != 1
                {
                    let message = "only an organisation with exactly one active administrator signs alone";
                    change.faults.push(Fault::new(FaultCode::CriteriaUnmet, "soloMode", message));
                }
            }
            Ok(())
        })
    }
}

/// What a domain adds to a new organisation, in the work that founds it, e.g. a first pipeline.
pub type Beginning = for<'a> fn(&'a mut Tx) -> BoxFuture<'a, Result<()>>;

/// Founds an organisation with its built-in roles. Only the command line does.
pub async fn found(store: &Store, slug: &str, beginnings: &[Beginning]) -> Result<OrganizationId> {
    let slug = slug_of(slug).map_err(|what| Error::invalid("organization", what))?;
    let tx = begin(store, &slug, beginnings).await?;
    let id = tx.access().actor().organization;
    tx.commit(serde_json::Value::Null).await?;
    Ok(id)
}

/// The same, not committed yet: for who is to be there from the beginning.
pub(super) async fn begin(store: &Store, slug: &str, beginnings: &[Beginning]) -> Result<Tx> {
    let access = Access::new(store.clone(), Actor::system(store.new_organization()), None);
    let mut tx = access.begin(Permission::OrganizationUpdate).await?;
    tx.insert::<Entity>(ActiveModel {
        name: Set(slug.to_owned()),
        slug: Set(slug.to_owned()),
        time_zone: Set("UTC".to_owned()),
        base_currency: Set("EUR".parse().map_err(Error::internal)?),
        fiscal_year_start_month: Set(1),
        solo_mode: Set(false),
        agreement_tie_break: Set(false),
        rate_max_age_days: Set(7),
        ..Default::default()
    })
    .await?;
    role::refresh(&mut tx).await?;
    for more in beginnings {
        more(&mut tx).await?;
    }
    Ok(tx)
}

/// Lower-case letters, digits and hyphens between them.
pub fn slug_of(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_lowercase();
    let plain = (2..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if plain { Ok(text) } else { Err("a slug has 2 to 63 lower-case letters, digits and hyphens, such as acme-eu") }
}

pub(super) fn time_zone(text: &str) -> Result<String, &'static str> {
    let zone: Tz = text.parse().map_err(|_| "not an IANA time zone such as Europe/Berlin")?;
    Ok(zone.name().to_owned())
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::OrganizationRead,
            create: None,
            update: Some(Permission::OrganizationUpdate),
            delete: None,
            assign: None,
        };
        let about = "The organisation that the caller belongs to. Nobody sees another one.";
        Meta::new::<Entity>(
            "Organization",
            "organizations",
            about,
            rules,
            vec![
                graph::text(C::Name, "The name people see.").max(100).write().required().filter().order(),
                graph::text(C::Slug, "Its name in addresses and at sign-in: lower case, digits and hyphens.")
                    .filter()
                    .order(),
                graph::text(
                    C::TimeZone,
                    "IANA time zone in which its days, months and quarters begin, e.g. \"Europe/Berlin\".",
                )
                .max(64)
                .normal(time_zone)
                .write()
                .required(),
                graph::currency(C::BaseCurrency, "Totals are converted into this currency.").write().required(),
                graph::integer(C::FiscalYearStartMonth, "Month in which its year begins, 1 to 12: years and quarters that records are grouped by follow it.")
                    .max(12)
                    .write()
                    .required(),
                link(
                    C::BusinessCalendarId,
                    business_calendar,
                    "Its business hours, for users without hours of their own. Every hour counts while there are none.",
                ),
                graph::boolean(
                    C::SoloMode,
                    "Its only administrator may turn every key of an agreement alone; what is signed so is marked \
                     `solo`. Set only while there is exactly one active administrator (else CRITERIA_UNMET), and \
                     without effect while there is another.",
                )
                .write(),
                graph::boolean(
                    C::AgreementTieBreak,
                    "Executives (AGREEMENT_BREAK_TIE) may turn the TIE_BREAK key of an agreement to which one side has \
                     turned its key and the other has not; what is signed so is marked `tieBroken`.",
                )
                .write(),
                graph::integer(
                    C::RateMaxAgeDays,
                    "How many days old a rate of exchange may be when something is converted by it; 7 unless changed. What was \
                     converted before stays as it is.",
                )
                .max(366)
                .write()
                .required(),
            ],
        )
    });
    &META
}

/// Every organisation of the server: for work that comes up for each.
pub async fn all(store: &Store) -> Result<Vec<OrganizationId>> {
    store.door().organizations().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_of_the_list() {
        assert_eq!(time_zone("Europe/Berlin"), Ok("Europe/Berlin".to_owned()));
        for bad in ["../../etc/passwd", "Berlin", "+01:00", "", "UTC'; DROP"] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs() {
        assert_eq!(slug_of(" Acme-EU "), Ok("acme-eu".to_owned()));
        for bad in ["", "a", "-acme", "acme-", "a b", "ä1", "a/b"] {
            assert!(slug_of(bad).is_err(), "{bad}");
        }
    }
}

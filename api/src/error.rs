//! One error for the whole service and the closed lists of its codes. It knows how it is answered
//! (as a `userErrors` entry or as a top-level error); it never carries a database's words outside.

use std::sync::Arc;

use entity::words;
use sea_orm::DbErr;

use crate::actor::Permission;

pub type Result<T, E = Error> = std::result::Result<T, E>;

words! {
    /// What was wrong with the input of a mutation. The list is closed; treat an unknown value as VALIDATION.
    pub enum FaultCode as "UserErrorCode" {
        /// A value is malformed, too long, out of range, or does not fit another value of the input.
        Validation = "VALIDATION",
        /// No such object, or the caller may not see it.
        NotFound = "NOT_FOUND",
        /// The caller may see the object but not change it this way. Only in rows of bulk mutations; alone it is a top-level FORBIDDEN.
        Forbidden = "FORBIDDEN",
        /// Somebody changed the object since it was read: read it again and retry with its present `version`.
        Conflict = "CONFLICT",
        /// Another object already has this value, which must be unique.
        Duplicate = "DUPLICATE",
        /// The object's state does not allow this step.
        InvalidTransition = "INVALID_TRANSITION",
        /// The conditions agreed for this step are not met.
        CriteriaUnmet = "CRITERIA_UNMET",
        /// This needs an agreement that both sides have signed.
        AgreementRequired = "AGREEMENT_REQUIRED",
        /// The object can no longer be changed.
        Locked = "LOCKED",
        /// No exchange rate is known for the day, or only one that is too old.
        FxRateMissing = "FX_RATE_MISSING",
    }
}

/// One thing that is wrong with a mutation's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: FaultCode,
    pub message: String,
    /// Path into the arguments, e.g. `["input", "email"]`.
    pub field: Vec<String>,
}

impl Fault {
    pub fn new(code: FaultCode, field: &str, message: impl Into<String>) -> Self {
        let field = if field.is_empty() { vec![] } else { vec![field.to_owned()] };
        Self { code, message: message.into(), field }
    }

    /// The same fault one level further down the input.
    #[must_use]
    pub fn under(mut self, parent: impl Into<String>) -> Self {
        self.field.insert(0, parent.into());
        self
    }
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Expected refusals: answered as `userErrors`.
    #[error("{}", .0.first().map_or("refused", |fault| fault.message.as_str()))]
    Refused(Vec<Fault>),
    #[error("sign in first")]
    Unauthenticated,
    #[error("this needs the permission {}", entity::word::Word::word(*.0))]
    Forbidden(Permission),
    /// A query's argument that cannot be read.
    #[error("{0}")]
    BadInput(String),
    /// A place in the feed from which nobody can go on. Holds the cursor to go on with after reading all again.
    #[error("this cursor has expired: read the records again, then go on after `resyncFrom`")]
    CursorExpired(String),
    #[error("too many attempts; wait {0} seconds and try again")]
    RateLimited(u64),
    /// The idempotency key has already had its effect; the ids are those of its answer.
    #[error("already done")]
    Replayed(serde_json::Value),
    #[error("this idempotency key was used with other parameters")]
    KeyReused,
    #[error("a request with this idempotency key is still running; retry shortly")]
    KeyInProgress,
    #[error("the storage is full; reading still works")]
    StorageFull,
    /// Too many wait for the database: nothing was begun.
    #[error("too many requests wait for the database; nothing was done, try again")]
    Busy,
    /// Something that nobody waits for any longer.
    #[error("this took too long")]
    TimedOut,
    #[error("something broke on our side")]
    Internal(Arc<str>),
}

impl Error {
    pub fn refused(code: FaultCode, field: &str, message: impl Into<String>) -> Self {
        Self::Refused(vec![Fault::new(code, field, message)])
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::refused(FaultCode::Validation, field, message)
    }

    pub fn not_found(field: &str) -> Self {
        Self::refused(FaultCode::NotFound, field, "no such object, or you may not see it")
    }

    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string().into())
    }

    /// The same refusal, where faults about what the input has no field for are about the field `otherwise`. Criteria
    /// that are not met keep the name of what the record lacks.
    #[must_use]
    pub fn within(self, fields: &[&str], otherwise: &str) -> Self {
        let Self::Refused(mut faults) = self else { return self };
        for fault in faults.iter_mut().filter(|fault| fault.code != FaultCode::CriteriaUnmet) {
            if fault.field.first().is_some_and(|first| first != otherwise && !fields.contains(&first.as_str())) {
                fault.field = vec![otherwise.to_owned()];
            }
        }
        Self::Refused(faults)
    }

    /// The code of a top-level error (`extensions.code`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::BadInput(_) => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::CursorExpired(_) => "CURSOR_EXPIRED",
            Self::RateLimited(_) => "RATE_LIMITED",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::Replayed(_) | Self::KeyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::StorageFull => "STORAGE_FULL",
            Self::Busy | Self::TimedOut => "TIMEOUT",
            Self::Internal(_) => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The faults of one bulk row; anything that is not about the row stays an error.
    pub fn into_faults(self) -> Result<Vec<Fault>> {
        match self {
            Self::Refused(faults) => Ok(faults),
            Self::Forbidden(p) => Ok(vec![Fault::new(FaultCode::Forbidden, "", Self::Forbidden(p).to_string())]),
            other => Err(other),
        }
    }
}

/// Gives a top-level error its code and its words, from the `Error` it came from. Errors of other sources are the
/// engine's or a bug; the caller masks those.
pub fn annotate(answer: &mut async_graphql::ServerError) {
    let Some(error) = answer.source.as_ref().and_then(|source| source.downcast_ref::<Error>()) else { return };
    let extensions = answer.extensions.get_or_insert_default();
    extensions.set("code", error.code());
    if let Error::RateLimited(seconds) = error {
        extensions.set("retryAfterSeconds", *seconds);
    }
    if let Error::Refused(faults) = error
        && let Some(fault) = faults.first()
    {
        extensions.set("userErrorCode", entity::word::Word::word(fault.code));
    }
    if let Error::CursorExpired(cursor) = error {
        extensions.set("resyncFrom", cursor.as_str());
    }
    if let Error::Internal(what) = error {
        tracing::error!(%what, "internal error");
    }
    answer.message = error.to_string();
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        crate::store::explain(&error)
    }
}

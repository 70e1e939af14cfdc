//! Which HTTP status says what: as the audits of graphql-http know it, or as the September 2026 edition of GraphQL over
//! HTTP has it. It changes statuses and nothing else.

use axum::http::StatusCode;
use serde::Deserialize;

use super::{
    fault::{Code, Fault},
    negotiate::Media,
};

/// The edition whose statuses are given under `application/graphql-response+json`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Statuses {
    /// 400 for every request that cannot be executed, 200 for every one that was.
    #[default]
    #[serde(rename = "audits")]
    Audits,
    /// 422 for a request that is well formed and cannot be executed, 294 for one that partly failed.
    #[serde(rename = "2026-09")]
    September2026,
}

impl Statuses {
    /// The refusal with its status in this edition.
    pub fn on(self, fault: Fault, media: Media) -> Fault {
        let status = match (self, fault.status) {
            // parameters of the wrong type
            (Self::Audits, Some(StatusCode::UNPROCESSABLE_ENTITY)) if fault.code == Code::BadUserInput => {
                StatusCode::BAD_REQUEST
            }
            (Self::September2026, None) if media == Media::GraphQl && cannot_run(fault.code) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            _ => return fault,
        };
        fault.with_status(status)
    }

    /// The status of an answer by what it holds; `refused`: nothing was executed, `partial`: data and errors.
    pub fn of(self, media: Media, refused: bool, partial: bool) -> StatusCode {
        match self {
            _ if media != Media::GraphQl => StatusCode::OK,
            Self::Audits if refused => StatusCode::BAD_REQUEST,
            Self::September2026 if refused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::September2026 if partial => StatusCode::from_u16(294).unwrap_or(StatusCode::OK),
            _ => StatusCode::OK,
        }
    }
}

fn cannot_run(code: Code) -> bool {
    matches!(code, Code::ValidationFailed | Code::OperationResolution | Code::BadUserInput)
}

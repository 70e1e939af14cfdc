//! The closed list of error codes and the one shape of a refusal: what is answered when nothing was executed.
//! It does not describe errors of resolvers; those come with their own code and pass through `wire`.

use axum::http::StatusCode;

use super::budget::Standing;

/// Every code that this edge gives. Resolvers add theirs from the same documented list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    BadUserInput,
    ParseFailed,
    ValidationFailed,
    OperationResolution,
    QueryTooLarge,
    ComplexityExceeded,
    RateLimited,
    BatchingDisabled,
    KeyReused,
    KeyInProgress,
    OutcomeUnknown,
    Timeout,
    Internal,
}

impl Code {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolution => "OPERATION_RESOLUTION_FAILURE",
            Self::QueryTooLarge => "QUERY_TOO_LARGE",
            Self::ComplexityExceeded => "COMPLEXITY_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::BatchingDisabled => "BATCHING_DISABLED",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::KeyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The status under `application/graphql-response+json`.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::KeyInProgress => StatusCode::CONFLICT,
            Self::OutcomeUnknown | Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// One message, and where in the document it points to (line, column).
#[derive(Debug, Clone)]
pub struct Problem {
    pub message: String,
    pub location: Option<(usize, usize)>,
}

/// A refusal. With `status` the HTTP status is that one whatever the client accepts; without, it is a GraphQL
/// request error: the code's status under `application/graphql-response+json`, 200 under `application/json`.
#[derive(Debug, Clone)]
pub struct Fault {
    pub code: Code,
    pub status: Option<StatusCode>,
    pub problems: Vec<Problem>,
    /// What the caller has left, when that is why.
    pub standing: Option<Standing>,
}

impl Fault {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let problem = Problem { message: message.into(), location: None };
        Self { code, status: None, problems: vec![problem], standing: None }
    }

    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self.with_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// A request whose HTTP side is wrong; nothing was understood as GraphQL.
    pub fn http(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message).with_status(status)
    }

    /// What a panic or a broken promise of ours looks like from outside.
    pub fn internal() -> Self {
        Self::new(Code::Internal, MASKED).with_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The only words a client gets about a failure inside.
pub const MASKED: &str = "something broke on our side";

/// Cuts a message so that no answer can be blown up by what was sent.
pub fn cut(mut message: String, chars: usize) -> String {
    if let Some((end, _)) = message.char_indices().nth(chars) {
        message.truncate(end);
        message.push('…');
    }
    message
}

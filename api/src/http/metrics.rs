//! The counters of this edge, each named once. Labels come from closed lists: nothing a client sends becomes one.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use metrics::{counter, gauge, histogram};

fn kind(of: OperationType) -> &'static str {
    match of {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// An operation has ended; `code` is `OK` or the code of its refusal.
pub fn operation(of: OperationType, code: &str) {
    counter!("accord_operations_total", "kind" => kind(of), "code" => code.to_owned()).increment(1);
}

pub fn operation_took(of: OperationType, took: Duration) {
    histogram!("accord_operation_seconds", "kind" => kind(of)).record(took.as_secs_f64());
}

/// An operation was refused before it had a kind.
pub fn refused(code: &'static str) {
    counter!("accord_refusals_total", "code" => code).increment(1);
}

pub fn request(path: &'static str, status: u16, took: Duration) {
    counter!("accord_http_requests_total", "path" => path, "status" => status.to_string()).increment(1);
    histogram!("accord_http_request_seconds", "path" => path).record(took.as_secs_f64());
}

/// Counts something while it lives.
pub struct Alive(&'static str);

impl Alive {
    pub fn request() -> Self {
        Self::new("accord_http_requests_in_flight")
    }

    pub fn socket() -> Self {
        Self::new("accord_sockets")
    }

    pub fn connection() -> Self {
        Self::new("accord_connections")
    }

    fn new(name: &'static str) -> Self {
        gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1);
    }
}

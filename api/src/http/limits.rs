//! The one table of numbers that bound a request. It holds no logic and no number lives anywhere else:
//! whoever needs a bound takes it from here, so that an operator can read and change all of them at once.

mod check;

use std::time::Duration;

use serde::Deserialize;

use super::status::Statuses;

/// Who may read the schema, by introspection and at `/schema.graphql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Introspection {
    SignedIn,
    On,
    Off,
}

/// Bytes, counts and milliseconds; the defaults are what the documentation promises.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub body_bytes_signed_in: usize,
    pub body_bytes_anonymous: usize,
    pub document_bytes: usize,
    pub tokens: usize,
    /// Open `{`, `[` and `(` at one place, outside strings and comments.
    pub brackets: usize,
    /// Nested fields; the standard introspection query has exactly 15.
    pub depth: u64,
    /// Fields, aliases and directives are counted after fragments are expanded.
    pub fields: u64,
    pub aliases: u64,
    pub directives: u64,
    pub fragments: usize,
    pub operations: usize,
    pub root_mutations: usize,
    pub cost: u64,
    /// Each caller has a bucket of so many points that costs empty and each second fills; 0 is no limit.
    pub points: u64,
    pub points_per_second: u64,
    /// The same for each network from which strangers call.
    pub points_anonymous: u64,
    pub points_per_second_anonymous: u64,
    pub page: u64,
    pub default_page: u64,
    pub operation_ms: u64,
    /// The whole body must have arrived by then: a dripping client does not reset it.
    pub body_ms: u64,
    pub header_ms: u64,
    pub header_bytes: usize,
    pub connections: usize,
    pub sockets_per_caller: usize,
    pub operations_per_socket: usize,
    pub frame_bytes: usize,
    /// Answers waiting for a slow reader; beyond it the operation waits, then the socket is dropped.
    pub socket_buffer_bytes: usize,
    pub socket_stall_ms: u64,
    /// Messages a socket may send within a second.
    pub messages_per_second: u32,
    pub init_ms: u64,
    pub ping_ms: u64,
    /// How often an open socket or stream asks whether its caller is still who it was.
    pub recheck_ms: u64,
    pub errors_per_answer: usize,
    pub validation_errors: usize,
    pub message_chars: usize,
    pub document_cache_bytes: u64,
    pub plan_cache_bytes: u64,
    pub ready_ms: u64,
    /// `/readyz` is red when less of the disk of the data folder is free; 0 when that does not matter.
    pub free_disk_percent: u64,
    /// Between red readiness and the end of listening.
    pub grace_ms: u64,
    pub drain_ms: u64,
    pub introspection: Introspection,
    pub statuses: Statuses,
}

const DEFAULT: Limits = Limits {
    body_bytes_signed_in: 2 << 20,
    body_bytes_anonymous: 64 << 10,
    document_bytes: 64 << 10,
    tokens: 10_000,
    brackets: 64,
    depth: 15,
    fields: 1_000,
    aliases: 30,
    directives: 30,
    fragments: 200,
    operations: 20,
    root_mutations: 10,
    cost: 20_000,
    // more than a few processor cores can answer
    points: 10_000_000,
    points_per_second: 5_000_000,
    points_anonymous: 10_000,
    points_per_second_anonymous: 1_000,
    page: 100,
    default_page: 25,
    operation_ms: 10_000,
    body_ms: 5_000,
    header_ms: 5_000,
    header_bytes: 64 << 10,
    connections: 4_000,
    sockets_per_caller: 10,
    operations_per_socket: 20,
    frame_bytes: 256 << 10,
    socket_buffer_bytes: 1 << 20,
    socket_stall_ms: 10_000,
    messages_per_second: 100,
    init_ms: 3_000,
    ping_ms: 20_000,
    recheck_ms: 1_000,
    errors_per_answer: 20,
    validation_errors: 5,
    message_chars: 300,
    document_cache_bytes: 32 << 20,
    plan_cache_bytes: 32 << 20,
    ready_ms: 1_000,
    free_disk_percent: 5,
    grace_ms: 500,
    drain_ms: 19_000,
    introspection: Introspection::SignedIn,
    statuses: Statuses::Audits,
};

impl Default for Limits {
    fn default() -> Self {
        DEFAULT
    }
}

/// The table speaks in milliseconds, the code in durations.
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

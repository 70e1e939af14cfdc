//! What the machinery remembers: events, jobs, imports, answered calls. Most of these tables have
//! shapes of their own.

pub mod event;
pub mod event_head;
pub mod event_personal;
pub mod idempotency_record;
pub mod import_error;
pub mod import_job;
pub mod job;

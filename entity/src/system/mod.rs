//! What the machinery remembers: events, jobs, imports. These tables keep shapes of their own.

pub mod event;

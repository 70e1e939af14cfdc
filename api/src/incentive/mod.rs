//! Pay that hangs on what both sides signed: plans, runs, statements. It reads goals and metrics; nothing below may see pay.

pub mod pay;

//! Who may come in. What they may then see and do is decided in `store`.

pub mod keys;

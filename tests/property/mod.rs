//! Properties that hold for whatever comes, tried with many random inputs that are the same in each run: filters mean
//! what they say, pages lose and repeat nothing while rows come in, upserts are done once. On both databases.

mod filters;
mod pages;
mod upserts;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

/// So many values of a strategy.
pub fn some<T: std::fmt::Debug>(many: usize, strategy: &impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..many).map(|_| strategy.new_tree(&mut runner).expect("a value").current()).collect()
}

# `just` lists these.
default:
    @just --list

# the server with an example organisation
run *flags:
    cargo run -- serve --demo {{flags}}

# all tests; on PostgreSQL too when ACCORD_TEST_POSTGRES_URL is set
test *words:
    cargo test --workspace {{words}}

# CPU per request beside a hand-written handler; on PostgreSQL too when ACCORD_BENCH_POSTGRES_URL names a database
bench *words:
    cargo bench -p accord-tests --bench load -- {{words}}

# what CI refuses
lint:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings

# licences, advisories, sources; needs cargo-deny
deny:
    cargo deny check

# write schema.graphql anew
schema:
    cargo run -q -- schema --output schema.graphql

# everything that CI runs
ci:
    .ci/run

# rebuild the bundled explorer; needs Node and npm
explorer:
    api/assets/explorer-src/build.sh

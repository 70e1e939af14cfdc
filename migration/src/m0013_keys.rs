//! Accounts that were there before `match_key` are found by no name yet. Keys are made by rules that SQL does not know: a
//! job makes them, one for each organisation that has accounts.

use sea_orm_migration::prelude::sea_orm::DbBackend;

pub fn up(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres {
        "INSERT INTO job (id, organization_id, kind, payload, run_at, attempts, max_attempts, fence, effect_key, created_at)
         SELECT gen_random_uuid(), organization_id, 'account.keys', '{}'::jsonb, now(), 0, 10, 0,
                replace(organization_id::text, '-', '') || '/account.keys', now()
         FROM (SELECT DISTINCT organization_id FROM account) AS having_accounts
         ON CONFLICT DO NOTHING"
    } else {
        "INSERT INTO job (id, organization_id, kind, payload, run_at, attempts, max_attempts, fence, effect_key, created_at)
         SELECT randomblob(16), organization_id, 'account.keys', '{}', strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), 0, 10, 0,
                lower(hex(organization_id)) || '/account.keys', strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
         FROM (SELECT DISTINCT organization_id FROM account)
         WHERE true
         ON CONFLICT DO NOTHING"
    }
}

pub fn down(_: DbBackend) -> &'static str {
    "DELETE FROM job WHERE kind = 'account.keys'"
}

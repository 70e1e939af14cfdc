//! What changes while a password is looked at: who was let go, or chose another password, is not signed in.

use api::access::session::password::Hasher;

use super::*;
use crate::harness::{ARGON2, on_both};

/// A hash as it would be with other settings, which a sign-in renews.
async fn hashed(password: &str, memory_kib: u32) -> String {
    let hasher = Hasher::new(&api::config::Argon2 { memory_kib, ..ARGON2 }).unwrap();
    let seat = hasher.seat().unwrap();
    hasher.hash(&seat, password).await.unwrap()
}

/// Signs in while somebody else has written this and is about to commit it; the session, and the hash that is left.
async fn while_written(app: &App, id: UserId, sql: String) -> (Value, String) {
    let mut other = app.hold(sql).await;
    let (answer, ()) = tokio::join!(sign_in(app, "rep@acme.com", PASSWORD), async {
        other.awaited().await;
        other.commit().await;
    });
    let session = answer.data()["sessionCreate"]["session"].clone();
    (session, app.store.door().password(id).await.unwrap().unwrap())
}

async fn rep(app: &App) -> UserId {
    let cheap = Hasher::new(&api::config::Argon2 { memory_kib: 16, ..ARGON2 }).unwrap();
    let new =
        NewUser { organization: "acme", email: "rep@acme.com", role: "SALES_REP", name: None, password: PASSWORD };
    create_user(&app.store, &cheap, &new, &[]).await.unwrap().1
}

on_both! {
async fn a_new_password_is_not_undone_by_a_sign_in_with_the_old_one(app) {
    let id = rep(&app).await;
    let new = hashed("another kettle", 64).await;

    let (session, hash) = while_written(&app, id, format!("UPDATE credential SET password_hash = '{new}'")).await;

    assert_eq!((session, hash), (Value::Null, new));
    let sessions = app.store.door().last_sessions(id).await.unwrap();
    assert!(sessions.is_empty(), "{sessions:?}");
}
}

on_both! {
async fn who_is_shut_out_meanwhile_stays_out(app) {
    let id = rep(&app).await;

    let (session, _) = while_written(&app, id, r#"UPDATE "user" SET active = false"#.to_owned()).await;

    assert_eq!(session, Value::Null);
    assert!(app.store.door().last_sessions(id).await.unwrap().is_empty());
}
}

on_both! {
async fn a_hash_that_another_sign_in_renewed_is_as_good(app) {
    let id = rep(&app).await;
    let renewed = hashed(PASSWORD, 64).await;

    let (session, hash) = while_written(&app, id, format!("UPDATE credential SET password_hash = '{renewed}'")).await;

    assert!(session.is_object());
    assert_eq!(hash, renewed);
}
}

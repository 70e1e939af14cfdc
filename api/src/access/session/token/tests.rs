//! Every way to forge a token that we know of.

use chrono::TimeDelta;
use entity::id::RowId;
use jsonwebtoken::crypto;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const ISSUER: &str = "https://accord.example";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn keys() -> Keys {
    let folder = std::env::temp_dir().join(format!("accord-token-{}", Uuid::from_u128(rand::random())));
    let keys = Keys::load_or_create(&folder, now()).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    keys
}

fn subject() -> Subject {
    let id = Uuid::from_u128(0x0190_b5e0_9c7a_7c3d_8a1b_2c3d_4e5f_6071);
    Subject {
        user: UserId::from_uuid(id),
        session: SessionId::from_uuid(id),
        expires_at: now() + TimeDelta::minutes(5),
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with any header and claims, rightly signed.
fn forge(keys: &Keys, head: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(head), part(claims));
    let key = EncodingKey::from_secret(keys.current().expose());
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn parts(keys: &Keys) -> (Value, Value) {
    let token = sign(keys, ISSUER, subject(), now()).unwrap();
    let read = |at: usize| {
        let text = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice(&text).unwrap()
    };
    (read(0), read(1))
}

fn with(of: &Value, name: &str, value: Value) -> Value {
    let mut changed = of.clone();
    changed[name] = value;
    changed
}

fn without(of: &Value, name: &str) -> Value {
    let mut changed = of.clone();
    changed.as_object_mut().unwrap().remove(name);
    changed
}

#[test]
fn our_own_are_good_until_they_end() {
    let keys = keys();
    let token = sign(&keys, ISSUER, subject(), now()).unwrap();
    for seconds in [-5, 0, 299, 304] {
        assert_eq!(verify(&keys, ISSUER, &token, now() + TimeDelta::seconds(seconds)), Some(subject()), "{seconds}");
    }
    for seconds in [-6, 305, 100_000] {
        assert_eq!(verify(&keys, ISSUER, &token, now() + TimeDelta::seconds(seconds)), None, "{seconds}");
    }
    let (head, claims) = parts(&keys);
    assert!(verify(&keys, ISSUER, &forge(&keys, &head, &claims), now()).is_some(), "the forge works");
}

#[test]
fn another_ring_another_issuer() {
    let keys = keys();
    let token = sign(&keys, ISSUER, subject(), now()).unwrap();
    assert!(verify(&self::keys(), ISSUER, &token, now()).is_none());
    assert!(verify(&keys, "https://evil.example", &token, now()).is_none());
}

#[test]
fn a_right_signature_is_not_enough() {
    let keys = keys();
    let (head, claims) = parts(&keys);
    let second = now().timestamp();
    let changes = [
        ("exp", json!(second - 3600)),
        ("exp", json!("99999999999")),
        ("exp", Value::Null),
        ("exp", json!([second + 99])),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(second + 1_000_000_000)),
        ("exp", json!(1_800_000_060.5)),
        ("nbf", json!(second + 3600)),
        ("nbf", json!("99999999999")),
        ("nbf", Value::Null),
        ("nbf", json!(0)),
        ("iat", json!(second + 86_400)),
        ("iat", json!("1")),
        ("iat", json!(i64::MIN)),
        ("aud", json!("other")),
        ("aud", json!(["accord"])),
        ("aud", json!(["accord", "x"])),
        ("aud", Value::Null),
        ("iss", json!("evil")),
        ("iss", Value::Null),
        ("sub", json!(1)),
        ("sub", json!("0190")),
        ("sub", Value::Null),
        ("sid", json!("nope")),
        ("sid", Value::Null),
        ("jti", Value::Null),
        ("typ", json!("refresh")),
        ("admin", json!(true)),
    ];
    for (name, value) in changes {
        let token = forge(&keys, &head, &with(&claims, name, value.clone()));
        assert_eq!(verify(&keys, ISSUER, &token, now()), None, "{name} = {value}");
    }
    for name in ["exp", "nbf", "iat", "aud", "iss", "sub", "sid", "jti"] {
        let token = forge(&keys, &head, &without(&claims, name));
        assert_eq!(verify(&keys, ISSUER, &token, now()), None, "without {name}");
    }
}

#[test]
fn headers_say_exactly_three_things() {
    let keys = keys();
    let (head, claims) = parts(&keys);
    let mut heads = vec![without(&head, "alg"), without(&head, "typ"), without(&head, "kid")];
    for alg in ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256"] {
        heads.push(with(&head, "alg", json!(alg)));
    }
    for typ in ["refresh", "JWT", "AT+JWT", ""] {
        heads.push(with(&head, "typ", json!(typ)));
    }
    for kid in
        [json!("../../../../dev/null"), json!("' OR 1"), json!(""), json!(0), json!(["a"]), json!("A".repeat(100_000))]
    {
        heads.push(with(&head, "kid", kid));
    }
    for name in ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "cty"] {
        heads.push(with(&head, name, json!(["x"])));
    }
    for head in heads {
        assert_eq!(verify(&keys, ISSUER, &forge(&keys, &head, &claims), now()), None, "{head}");
    }
}

#[test]
fn a_cut_or_changed_text_is_nothing() {
    let keys = keys();
    let token = sign(&keys, ISSUER, subject(), now()).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, claims) = parts(&keys);
    let twice = claims.to_string().replacen('{', r#"{"sub":"user_1","#, 1);
    let bad = [
        String::new(),
        message.to_owned(),
        format!("{message}."),
        format!("{token}.x"),
        format!("{token}="),
        format!("{token} "),
        token[..token.len() - 4].to_owned(),
        format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 32])),
        format!("{}.{}.{signature}", part(&head), part(&with(&claims, "jti", json!("x")))),
        format!("{}.{}.{signature}", part(&head), URL_SAFE_NO_PAD.encode(twice)),
        "..".into(),
        "a.b.c".into(),
    ];
    for token in bad {
        assert_eq!(verify(&keys, ISSUER, &token, now()), None, "{token}");
    }
}

#[test]
fn a_key_vouches_for_a_day_after_it_was_retired() {
    let folder = std::env::temp_dir().join(format!("accord-token-{}", Uuid::from_u128(rand::random())));
    let old = Keys::load_or_create(&folder, now()).unwrap();
    let after = Keys::rotate(&folder, now(), false).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    let made = |at: DateTime<Utc>| {
        let subject = Subject { expires_at: at + TimeDelta::minutes(5), ..subject() };
        sign(&old, ISSUER, subject, at).unwrap()
    };
    let later = now() + TimeDelta::hours(23);
    assert!(verify(&after, ISSUER, &made(later), later).is_some());
    let later = now() + TimeDelta::hours(25);
    assert!(verify(&after, ISSUER, &made(later), later).is_none(), "refresh tokens alone outlive it");
}

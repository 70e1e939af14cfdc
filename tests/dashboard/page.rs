//! The page at `/dashboard`: its bytes and headers, what it asks, and how it fares in a browser where there is one.

use std::collections::BTreeSet;

use api::http::dashboard::FILES;
use apollo_compiler::{ExecutableDocument, Schema};

use super::*;
use crate::{
    access::{PASSWORD, user},
    harness::{Database, Page, browser},
};

fn text(path: &str) -> &'static str {
    let (_, _, bytes) = FILES.iter().find(|(known, ..)| *known == path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(bytes).expect("text")
}

/// What the page asks: names and texts.
fn operations() -> Vec<(&'static str, &'static str)> {
    let script = text("/dashboard/operations.js");
    let each = script.split("export const ").skip(1).map(|rest| {
        let (name, rest) = rest.split_once(" = `").expect("a text");
        (name, rest.split_once("`;").expect("its end").0)
    });
    each.collect()
}

#[tokio::test]
async fn it_comes_with_a_policy_that_lets_nothing_else_in() {
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    let site = app.serve(&[]).await;
    for (path, kind, bytes) in FILES {
        let file = site.get(path).await;
        assert_eq!((file.status, file.header("content-type")), (200, kind), "{path}");
        assert_eq!(file.body, bytes, "{path}");
        let policy = file.header("content-security-policy");
        let says: BTreeSet<&str> = policy.split("; ").map(str::trim).collect();
        let wanted = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ];
        assert_eq!(says, BTreeSet::from(wanted), "{path}");
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("set-cookie", ""),
        ] {
            assert_eq!(file.header(header), value, "{path}: {header}");
        }
    }
    assert_eq!(site.get("/dashboard/nothing.js").await.status, 404);
    let off = app.serve(&[("ACCORD_DASHBOARD", "false")]).await;
    for (path, ..) in FILES {
        assert_eq!(off.get(path).await.status, 404, "{path}");
    }
    assert_eq!(off.get("/").await.status, 200, "the explorer is another page");
}

#[test]
fn it_is_made_of_its_own_files_and_makes_no_markup_of_text() {
    for (path, ..) in FILES {
        let file = text(path).replace("http://www.w3.org/2000/svg", "");
        for strange in ["http:", "https:", "@import", "url("] {
            assert!(!file.contains(strange), "{path} leads elsewhere: {strange}");
        }
        for risky in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "eval(",
            "new Function",
            "srcdoc",
            "createContextualFragment",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "setHTML",
        ] {
            assert!(!file.contains(risky), "{path} uses {risky}");
        }
    }
    let page = text("/dashboard");
    assert!(
        !page.contains("<style") && !page.contains(" style=") && !page.contains(" on"),
        "nothing stands in the page itself"
    );
    assert_eq!(
        (page.matches("<script").count(), page.matches("<script type=\"module\" src=\"/dashboard/").count()),
        (1, 1)
    );
    // whatever is named is there
    let named = FILES.iter().flat_map(|(path, ..)| text(path).split(['"', '\'']));
    let named =
        named.filter(|word| word.starts_with("/dashboard/") || (word.starts_with("./") && word.ends_with(".js")));
    for name in named {
        let path = name.replace("./", "/dashboard/");
        assert!(FILES.iter().any(|(known, ..)| *known == path), "{name} is nowhere");
    }
}

#[test]
fn whatever_it_asks_is_in_the_schema() {
    let schema = Schema::parse_and_validate(api::schema::sdl(), "schema.graphql").expect("the schema is valid");
    let all = operations();
    assert_eq!(all.len(), 7);
    for (name, asked) in all {
        assert!(!asked.contains("${"), "{name} is put together while it runs");
        ExecutableDocument::parse_and_validate(&schema, asked, name).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    // nothing is changed but the session
    let writes: Vec<_> =
        operations().into_iter().filter(|(_, asked)| asked.starts_with("mutation")).map(|(name, _)| name).collect();
    assert_eq!(writes, ["SIGN_IN", "REFRESH", "SIGN_OUT"]);
}

on_both! {
    async fn whatever_it_asks_is_answered(app) {
        let house = House::of(&app).await;
        house.sells().await;
        let dashboard = house.saves(everything(&house.aims().await), json!({ "sharing": "ORGANIZATION" })).await;
        let period = json!({ "start": "2025-07-01T00:00:00Z", "end": "2025-10-01T00:00:00Z" });
        for who in [&house.ann, &house.rex, &house.mia] {
            for (name, asked) in operations().into_iter().filter(|(_, asked)| asked.starts_with("query")) {
                let answer = who.ask(asked, json!({ "id": dashboard, "period": period })).await;
                let root = ["viewer", "revenueReport", "dashboardData"].into_iter().find(|root| !answer.data()[root].is_null());
                assert!(root.is_some(), "{name}: {}", answer.0);
            }
        }
    }
}

const HOSTILE: &str = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=2</script>";

/// A house whose every name tries to become a part of the page, with sales of this quarter.
async fn hostile(app: &App) {
    let (organization, id) = user(app, "ADMIN", "ann@example.com").await;
    let mut ann = app.with_rights(organization, Rights::everything());
    ann.actor.user = Some(id);
    let named = json!({ "id": organization.to_string(), "name": HOSTILE });
    ann.does("organization", "Update", named, "id").await.data();
    let stages = ann.sells().await;
    let campaign = ann.has("campaign", json!({ "name": HOSTILE })).await;
    let today = app.store.now().date_naive();
    let mut rows: Vec<Value> = (0..6).map(|_| open(&stages["Proposal"], "123456.78", &today.to_string())).collect();
    rows.iter_mut().for_each(|row| row["sourceCampaignId"] = campaign.clone());
    bring(&ann, rows).await;
    let widgets = json!([
        { "key": "a", "title": HOSTILE, "draw": "BAR", "metric": "PIPELINE_OPEN", "period": { "relative": "THIS_YEAR" }, "groupBy": ["CAMPAIGN"] },
        { "key": "b", "title": "Table", "draw": "TABLE", "metric": "PIPELINE_OPEN", "period": { "relative": "THIS_YEAR" }, "groupBy": ["CAMPAIGN", "STAGE"] },
        { "key": "c", "title": "Line", "draw": "LINE", "metric": "PIPELINE_CREATED", "period": { "relative": "THIS_YEAR" }, "every": "MONTH" },
        { "key": "d", "title": "Waterfall", "draw": "WATERFALL", "period": { "relative": "THIS_QUARTER" } },
        { "key": "e", "title": "Forecast", "draw": "FORECAST", "period": { "relative": "THIS_YEAR" } },
        { "key": "f", "title": "Number", "draw": "NUMBER", "metric": "PIPELINE_OPEN", "period": { "relative": "THIS_YEAR" } },
    ]);
    saves(&ann, widgets, json!({ "name": HOSTILE, "description": HOSTILE, "sharing": "ORGANIZATION" })).await;
}

#[tokio::test]
async fn it_works_in_a_browser() {
    let Some(browser) = browser() else {
        eprintln!(
            "SKIPPED: no Chromium found, the page was not tried in a browser; install one or name it in ACCORD_TEST_CHROMIUM"
        );
        return;
    };
    let app = App::start(Database::Sqlite).await.expect("SQLite starts");
    hostile(&app).await;
    let site = app.serve(&[]).await;
    let mut page = Page::open(&browser).await;
    page.looks(1280, false).await;
    page.call("Page.navigate", json!({ "url": site.url("/dashboard") })).await;
    page.until("document.querySelector('form.gate')").await;
    page.pictured("gate").await;

    // a wrong password is refused in words, a right one lets in
    page.types("[name=email]", "ann@example.com").await;
    page.types("[name=password]", "wrong").await;
    page.clicks("form.gate button[type=submit]").await;
    page.until("document.querySelector('form.gate [role=alert]:not([hidden])')?.textContent").await;
    page.types("[name=password]", PASSWORD).await;
    page.clicks("form.gate button[type=submit]").await;
    page.until("document.querySelector('.tiles')").await;
    page.until("document.querySelectorAll('.picture svg').length >= 3").await;
    page.pictured("report").await;

    // what hostile names would do, they do not: they stand there as they are
    page.finds("document.querySelectorAll('#views a')[1].click()").await;
    page.until("location.hash.startsWith('#dashboard_')").await;
    page.until("document.querySelectorAll('main .card:not(.ghost)').length === 6").await;
    page.until("document.querySelectorAll('.picture svg').length >= 4").await;
    let shown =
        page.finds("['#house', 'h1', '.lead', '.card h3'].map((at) => document.querySelector(at).textContent)").await;
    assert_eq!(shown, json!([HOSTILE, HOSTILE, HOSTILE, HOSTILE]));
    assert_eq!(page.finds("document.querySelector('tbody th').textContent").await, HOSTILE);
    assert_eq!(page.finds("window.hacked ?? 0").await, 0);
    assert_eq!(page.finds("document.querySelectorAll('img, main script, iframe').length").await, 0);

    // on every screen, by day and by night: nothing is wider than the screen, every picture and field has a name
    for (width, dark) in [(1280, true), (390, false), (390, true), (768, false)] {
        page.looks(width, dark).await;
        page.until(&format!("innerWidth === {width}")).await;
        page.until("document.documentElement.scrollWidth <= innerWidth").await;
        page.pictured(&format!("board-{width}-{dark}")).await;
    }
    let nameless = "[...document.querySelectorAll('.picture')].filter((it) => !it.getAttribute('aria-label')).length
        + [...document.querySelectorAll('button, a')].filter((it) => !it.textContent.trim()).length
        + [...document.querySelectorAll('select, input')].filter((it) => !it.getAttribute('aria-label') && !it.closest('label')).length";
    assert_eq!(page.finds(nameless).await, 0);

    // tokens are nowhere that others could read, and are gone with a sign-out
    assert_eq!(page.finds("localStorage.length + sessionStorage.length + document.cookie.length").await, 0);
    page.clicks("#leave").await;
    page.until("document.querySelector('form.gate')").await;
    assert_eq!(page.finds("document.body.innerText.includes('123')").await, false);

    // it asked nobody else, and nothing was against its policy
    let origin = site.url("/");
    for event in &page.events {
        if event["method"] == "Network.requestWillBeSent" {
            let url = event["params"]["request"]["url"].as_str().unwrap();
            assert!(url.starts_with(&origin) || url.starts_with("data:") || url.starts_with("about:"), "{url}");
        }
        let wrong = event["method"] == "Runtime.exceptionThrown"
            || (event["method"] == "Log.entryAdded" && event["params"]["entry"]["level"] == "error");
        assert!(!wrong, "{event}");
    }
}

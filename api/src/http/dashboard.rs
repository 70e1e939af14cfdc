//! The page at `/dashboard`: figures for people who would rather look than read. Its files are built into the binary and
//! served under a policy that lets in nothing else: no script but its own, no address but this server. It holds no data and
//! knows nobody; the page signs in as every client does, and its token lives in its memory alone.

use axum::{
    Router,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// Path, media type, bytes.
type File = (&'static str, &'static str, &'static [u8]);

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// All of the page.
pub const FILES: [File; 9] = [
    ("/dashboard", "text/html; charset=utf-8", include_bytes!("../../assets/dashboard/index.html")),
    ("/dashboard/dashboard.css", "text/css; charset=utf-8", include_bytes!("../../assets/dashboard/dashboard.css")),
    ("/dashboard/main.js", SCRIPT, include_bytes!("../../assets/dashboard/main.js")),
    ("/dashboard/session.js", SCRIPT, include_bytes!("../../assets/dashboard/session.js")),
    ("/dashboard/operations.js", SCRIPT, include_bytes!("../../assets/dashboard/operations.js")),
    ("/dashboard/format.js", SCRIPT, include_bytes!("../../assets/dashboard/format.js")),
    ("/dashboard/draw.js", SCRIPT, include_bytes!("../../assets/dashboard/draw.js")),
    ("/dashboard/charts.js", SCRIPT, include_bytes!("../../assets/dashboard/charts.js")),
    ("/dashboard/views.js", SCRIPT, include_bytes!("../../assets/dashboard/views.js")),
];

/// Scripts cannot turn text into markup: the browser refuses it, whatever the page's code does.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page's routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |routes, (path, kind, bytes)| {
        routes.route(path, get(move || async move { file(kind, bytes) }))
    })
}

fn file(kind: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    (headers, bytes).into_response()
}

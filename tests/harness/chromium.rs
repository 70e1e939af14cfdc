//! A browser without a window, steered over its own protocol. Nothing of it is needed where none is installed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{Folder, PATIENCE};

/// Looked for in this order, `ACCORD_TEST_CHROMIUM` before them.
const PLACES: [&str; 4] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/// It asks nobody but who it is told to ask.
const QUIET: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
];

/// Where a browser is; none where none is installed.
pub fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("ACCORD_TEST_CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(PLACES.map(PathBuf::from)).find(|place| place.exists())
}

/// A page in a browser of its own.
pub struct Page {
    socket: WebSocketStream<TcpStream>,
    session: String,
    last: u64,
    /// Everything that it told: requests, messages on its console, violations of policies.
    pub events: Vec<Value>,
    _browser: Child,
    _profile: Folder,
}

impl Page {
    pub async fn open(browser: &Path) -> Self {
        let profile = Folder::new();
        let data = format!("--user-data-dir={}", profile.path().display());
        let mut child = Command::new(browser)
            .args(QUIET)
            .args([data.as_str(), "about:blank"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the browser starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await.expect("a log") {
                if let Some((_, address)) = line.split_once("DevTools listening on ") {
                    return address.to_owned();
                }
            }
            panic!("the browser does not listen");
        };
        let address = timeout(PATIENCE, listening).await.expect("a browser");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let host = address.trim_start_matches("ws://").split('/').next().expect("a host");
        let stream = TcpStream::connect(host).await.expect("a connection");
        let (socket, _) = client_async(&address, stream).await.expect("a socket");
        let mut page =
            Self { socket, session: String::new(), last: 0, events: vec![], _browser: child, _profile: profile };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        page.session =
            page.call("Target.attachToTarget", attach).await["sessionId"].as_str().expect("a session").into();
        for domain in ["Page", "Network", "Log", "Runtime"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(message.to_string())).await.expect("the browser listens");
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("an answer");
            let Some(Ok(Message::Text(text))) = next else { continue };
            let told: Value = serde_json::from_str(&text).expect("JSON");
            if told["id"] == self.last {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].clone();
            }
            self.events.push(told);
        }
    }

    /// A screen of this width, at night or by day.
    pub async fn looks(&mut self, width: u32, dark: bool) {
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", screen).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// What an expression comes to in the page.
    pub async fn finds(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let told = self.call("Runtime.evaluate", asked).await;
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub async fn until(&mut self, expression: &str) {
        for _ in 0..1200 {
            if self.finds(&format!("Boolean({expression})")).await == true {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let shown = self.finds("document.body.innerText").await;
        panic!("{expression} is still not so on: {shown}");
    }

    /// Writes what stands in a field, as somebody at a keyboard does.
    pub async fn types(&mut self, field: &str, text: &str) {
        self.finds(&format!("document.querySelector({}).focus()", json!(field))).await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    pub async fn clicks(&mut self, what: &str) {
        self.finds(&format!("document.querySelector({}).click()", json!(what))).await;
    }

    /// The whole page as a picture, into the folder that `ACCORD_TEST_PICTURES` names.
    pub async fn pictured(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("ACCORD_TEST_PICTURES") else { return };
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let taken = self.call("Page.captureScreenshot", whole).await;
        let bytes = STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("base64");
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), bytes).expect("a picture");
    }
}

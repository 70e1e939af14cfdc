//! The service behind a real socket: in this process, put together by `accord serve`'s own code, or as the built binary.

use std::{ops::Deref, process::Stdio};

use api::{
    config::{Config, Flags},
    http, run,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{App, Folder, PATIENCE, Site};

/// Cheap passwords, as they are hashed often here, and lines that programs read.
const SETTINGS: [(&str, &str); 4] = [
    ("ACCORD_LISTEN", "127.0.0.1:0"),
    ("ACCORD_ARGON2__MEMORY_KIB", "64"),
    ("ACCORD_ARGON2__ITERATIONS", "1"),
    ("ACCORD_LOG__FORMAT", "json"),
];

/// In this process, on a port of its own, until it is dropped.
pub struct Served {
    site: Site,
    ended: JoinHandle<()>,
}

impl Deref for Served {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.ended.abort();
    }
}

impl App {
    /// Serves this database, with settings as the environment gives them.
    pub async fn serve(&self, settings: &[(&str, &str)]) -> Served {
        let all = SETTINGS.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::from_sources(&Flags::default(), all).expect("settings");
        let edge = run::edge(&config, self.store.clone(), self.gate.clone()).expect("an edge");
        let listener = TcpListener::bind(config.listen).await.expect("a port");
        let site = Site::at(listener.local_addr().expect("an address"));
        let ended = tokio::spawn(http::serve::serve(listener, edge, std::future::pending()));
        Served { site, ended }
    }
}

/// `accord` with these words in a folder of its own: nothing of the surroundings is read.
pub fn accord(folder: &Folder, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accord-under-test"));
    command.args(words).current_dir(folder.path()).env_clear().envs(SETTINGS).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a command said and whether it went well.
pub struct Said {
    pub good: bool,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end, with this on its standard input.
pub async fn said(mut command: Command, input: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("accord starts");
    let mut stdin = child.stdin.take().expect("its input");
    // a command that reads none may be gone already
    _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.expect("accord ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Said { good: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// For processes whose memory is measured: what they free goes back at once, however busy the machine and however many cores.
pub const MEASURED: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "0"), ("TOKIO_WORKER_THREADS", "2")];

/// The built binary, listening. Killed when dropped.
pub struct Server {
    site: Site,
    pub child: Child,
    log: JoinHandle<String>,
}

impl Deref for Server {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Server {
    /// Starts `accord serve` on a database and waits until it listens.
    pub async fn start(folder: &Folder, url: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = accord(folder, &["serve"]);
        command.env("ACCORD_DATABASE_URL", url).envs(settings.iter().copied());
        Self::of(command).await
    }

    pub async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("accord starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut said = String::new();
        let listening = async {
            while let Some(line) = lines.next_line().await.expect("a log") {
                said += &format!("{line}\n");
                let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
                if event["message"] == "listening" {
                    return event["address"].as_str().and_then(|address| address.parse().ok());
                }
            }
            None
        };
        let address = timeout(PATIENCE, listening).await.ok().flatten();
        let address = address.unwrap_or_else(|| panic!("it does not say where it listens: {said}"));
        let log = tokio::spawn(rest(said, lines));
        Self { site: Site::at(address), child, log }
    }

    /// Asks it to go, as an operator does.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let done = Command::new("sh").args(["-c", "kill -TERM $0", &id]).status().await.expect("a shell");
        assert!(done.success());
    }

    /// The memory of its own that it holds, in KiB, where the kernel says so: without files that it looks into.
    pub fn held(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let held = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        held.trim().trim_end_matches(" kB").parse().ok()
    }

    /// Ends it as a power cut does.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it ran");
    }

    /// Waits for its end; the exit code, and all it logged.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().await.expect("it ends");
        (status.code(), self.log.await.expect("a log"))
    }
}

/// Keeps reading, or the process would wait for its reader.
async fn rest(mut said: String, mut lines: Lines<BufReader<ChildStderr>>) -> String {
    while let Ok(Some(line)) = lines.next_line().await {
        said += &format!("{line}\n");
    }
    said
}

//! Load on Accord's own edge, beside a hand-written handler on the same tables: CPU per request, latency, statements,
//! memory. It asserts nothing about time. `just bench` runs it: on SQLite, and on PostgreSQL when
//! `ACCORD_BENCH_POSTGRES_URL` names a database that may be filled. Words behind `--` choose workloads; SCAN searches all
//! leads for duplicates, IMPORT brings in files, SOCKETS weighs sockets, DUE reckons a due
//! date, SCALE asks reports of a million opportunities (PostgreSQL only).

mod accord;
mod alone;
mod data;
mod drive;
mod limit;
mod process;
mod workload;

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use sqlx::{Connection, PgConnection};

use self::{
    drive::{Order, Report},
    workload::Workload,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", "accord", url] => accord::run(url),
        ["serve", "limit", url] => limit::run(url),
        ["drive", order] => {
            let report = drive::run(&serde_json::from_str(order).expect("an order"));
            println!("{}", serde_json::to_string(&report).expect("a report"));
        }
        _ => compare(&words),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn compare(chosen: &[&str]) {
    let seconds = env::var("ACCORD_BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(5);
    let file = format!("sqlite:{}", concat!(env!("CARGO_TARGET_TMPDIR"), "/bench.db"));
    for url in env::var("ACCORD_BENCH_POSTGRES_URL").into_iter().chain([file]) {
        data::load(&url).await.expect("the data set");
        let postgres = url.starts_with("postgres");
        let at_size = postgres && chosen.contains(&"SCALE");
        if at_size {
            data::load_at_size(&url).await.expect("the data set at size");
        }
        println!("\n{}", if postgres { "PostgreSQL" } else { "SQLite" });
        println!("CPU in microseconds a request: server + database");
        if !postgres {
            println!(
                "LIMIT, the handler written by hand, is for PostgreSQL: set ACCORD_BENCH_POSTGRES_URL to compare with it"
            );
        }
        println!();
        println!(
            "{:4} {:7} {:>15} {:>8} {:>9} {:>9} {:>9} {:>9} {:>6} {:>5}",
            "", "", "CPU", "x LIMIT", "target", "p50 ms", "p95 ms", "p99 ms", "stmts", "bad"
        );
        let limit = postgres.then(|| Server::start("limit", &url));
        let accord = Server::start("accord", &url);
        let idle = process::memory(accord.child.id());
        let (mut limit, mut accord) = (limit, accord);
        for workload in workload::ALL
            .iter()
            .filter(|w| if w.at_size { at_size } else { chosen.is_empty() || chosen.contains(&w.name) })
        {
            let mut bench = Bench { url: &url, workload, seconds };
            let best = match &mut limit {
                Some(limit) if !workload.at_size => bench.measure(limit, None, None).await,
                _ => None,
            };
            for actor in 0..ACTORS.len() {
                bench.measure(&mut accord, Some(actor), best).await;
            }
        }
        println!("\nAccord's memory: {idle:.1} MiB idle, {:.1} MiB after", process::memory(accord.child.id()));
        if chosen.is_empty() || chosen.contains(&"SCAN") {
            alone::scans(&url).await;
        }
        if chosen.is_empty() || chosen.contains(&"SOCKETS") {
            alone::sockets(accord.port, accord.child.id(), &accord.tokens[0]).await;
        }
        if chosen.is_empty() || chosen.contains(&"IMPORT") {
            alone::imports(&url).await;
        }
    }
    if chosen.is_empty() || chosen.contains(&"DUE") {
        alone::due_date();
    }
}

/// With every right, and with those over their team and everybody below them.
const ACTORS: [&str; 2] = ["admin", "rep"];

/// A server in a process of its own; it ends with us.
struct Server {
    child: Child,
    ask: ChildStdin,
    tell: BufReader<ChildStdout>,
    port: u16,
    /// Of the administrator and the salesperson.
    tokens: Vec<String>,
}

impl Server {
    fn start(kind: &str, url: &str) -> Self {
        let mut command = Command::new(env::current_exe().expect("our own name"));
        command.args(["serve", kind, url]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a server");
        let ask = child.stdin.take().expect("its input");
        let tell = BufReader::new(child.stdout.take().expect("its output"));
        let mut server = Self { child, ask, tell, port: 0, tokens: vec![] };
        server.port = server.line().parse().expect("a port");
        server.tokens = (0..2).filter(|_| kind == "accord").map(|_| server.line()).collect();
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.tell.read_line(&mut line).expect("the server speaks");
        line.trim().to_owned()
    }

    fn statements(&mut self) -> u64 {
        self.ask.write_all(b"\n").expect("the server listens");
        self.line().parse().expect("a number")
    }
}

struct Bench<'a> {
    url: &'a str,
    workload: &'a Workload,
    seconds: u64,
}

impl Bench<'_> {
    /// Prints a line; the CPU per request that is compared.
    async fn measure(&mut self, server: &mut Server, actor: Option<usize>, best: Option<f64>) -> Option<f64> {
        self.drive(server, actor, 1);
        let statements = server.statements();
        let database = backends(self.url).await;
        let used = |pids: &[u32]| pids.iter().map(|pid| process::cpu(*pid)).sum::<u64>();
        let before = (process::cpu(server.child.id()), used(&database));
        let report = self.drive(server, actor, self.seconds);
        let after = (process::cpu(server.child.id()), used(&database));
        let each = |n: u64| n as f64 / report.requests.max(1) as f64;
        let (own, theirs) = (each(after.0 - before.0), each(after.1 - before.1));
        let ratio = best.map_or(String::new(), |best| format!("{:.2}", (own + theirs) / best));
        let statements = each(server.statements() - statements);
        println!(
            "{:4} {:7} {:>15} {ratio:>8} {:>9} {:>9.2} {:>9.2} {:>9.2} {statements:>6.1} {:>5}",
            self.workload.name,
            actor.map_or("LIMIT", |actor| ACTORS[actor]),
            format!("{own:.0} + {theirs:.0}"),
            if actor.is_some() { self.workload.target } else { "" },
            report.p50_us as f64 / 1e3,
            report.p95_us as f64 / 1e3,
            report.p99_us as f64 / 1e3,
            report.bad,
        );
        if report.bad > 0 || env::var("ACCORD_BENCH_SAMPLE").is_ok() {
            println!("     {}", report.sample);
        }
        Some(own + theirs)
    }

    fn drive(&self, server: &Server, actor: Option<usize>, seconds: u64) -> Report {
        let token = actor.map(|actor| server.tokens[actor].clone());
        let workload = self.workload.name.to_owned();
        let connections = if self.workload.at_size { 1 } else { 16 };
        let order = Order { port: server.port, workload, token, own: actor == Some(1), seconds, connections };
        let order = serde_json::to_string(&order).expect("an order");
        let driver = Command::new(env::current_exe().expect("our own name")).args(["drive", &order]).output();
        let driver = driver.expect("a driver");
        serde_json::from_slice(&driver.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&driver.stderr)))
    }
}

/// The processes that work for this database's connections; none for SQLite, which works in the server's.
async fn backends(url: &str) -> Vec<u32> {
    if !url.starts_with("postgres") {
        return vec![];
    }
    let mut db = PgConnection::connect(url).await.expect("PostgreSQL answers");
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let pids: Vec<(i32,)> = sqlx::query_as(sql).fetch_all(&mut db).await.expect("its processes");
    pids.into_iter().map(|(pid,)| pid.unsigned_abs()).collect()
}

//! The load: keep-alive connections, sixteen or one, that ask one after the other. A process of its own.

use std::{
    io,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::workload::{Chance, Workload};

/// What to ask, whom, and for how long.
#[derive(Serialize, Deserialize)]
pub struct Order {
    pub port: u16,
    pub workload: String,
    /// Who asks; none: the hand-written handler, which knows nobody.
    pub token: Option<String>,
    /// Only for leads that a salesperson may see.
    pub own: bool,
    pub seconds: u64,
    pub connections: u64,
}

#[derive(Serialize, Deserialize)]
pub struct Report {
    pub requests: u64,
    pub bad: u64,
    pub p50_us: u64,
    pub p95_us: u64,
    pub p99_us: u64,
    /// An answer, for the eye.
    pub sample: String,
}

#[tokio::main(flavor = "current_thread")]
pub async fn run(order: &Order) -> Report {
    let end = Instant::now() + Duration::from_secs(order.seconds);
    let all = (0..order.connections).map(|seed| connection(order, seed, end));
    let (mut took, mut bad, mut sample) = (Vec::new(), 0, String::new());
    for one in futures_util::future::join_all(all).await {
        let one = one.expect("the server answers");
        took.extend(one.took);
        bad += one.bad;
        sample = one.sample;
    }
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(0);
    Report { requests: took.len() as u64, bad, p50_us: at(50), p95_us: at(95), p99_us: at(99), sample }
}

#[derive(Default)]
struct Done {
    took: Vec<u64>,
    bad: u64,
    sample: String,
}

async fn connection(order: &Order, seed: u64, end: Instant) -> io::Result<Done> {
    let mut stream = TcpStream::connect(("127.0.0.1", order.port)).await?;
    stream.set_nodelay(true)?;
    let workload = Workload::named(&order.workload);
    let seed = seed + 1_000 * u64::from(std::process::id());
    let mut chance = Chance::new(seed, order.own);
    let (mut done, mut answer) = (Done::default(), Vec::new());
    while Instant::now() < end {
        let request = request(order, &workload.body(&mut chance, order.token.is_some()));
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let body = read(&mut stream, &mut answer).await?;
        done.took.push(begun.elapsed().as_micros() as u64);
        let text = String::from_utf8_lossy(&answer[body..]);
        let good = answer.starts_with(b"HTTP/1.1 200") && !text.contains("\"errors\"") && !text.contains("\"code\"");
        done.bad += u64::from(!good);
        if !good || done.sample.is_empty() {
            done.sample = text.chars().take(300).collect();
        }
    }
    Ok(done)
}

fn request(order: &Order, body: &str) -> String {
    let (path, token) = match &order.token {
        Some(token) => ("graphql", format!("authorization: Bearer {token}\r\n")),
        None => (order.workload.as_str(), String::new()),
    };
    let length = body.len();
    format!(
        "POST /{path} HTTP/1.1\r\nhost: bench\r\n{token}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Reads one answer; where its body begins.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<usize> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let end = head + 4 + length.ok_or(io::ErrorKind::InvalidData)?;
        while answer.len() < end {
            if stream.read_buf(answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        return Ok(head + 4);
    }
}

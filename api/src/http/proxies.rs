//! Behind a proxy every connection comes from the proxy. Those that the operator trusts say in `X-Forwarded-For` who
//! asked them; what anybody else writes there means nothing.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue},
    middleware::{Next, from_fn_with_state},
    response::Response,
};

use crate::network::Network;

/// The same routes, which see the address that trusted proxies name as the caller's.
pub fn behind(routes: Router, trusted: Vec<Network>) -> Router {
    if trusted.is_empty() { routes } else { routes.layer(from_fn_with_state(trusted, layer)) }
}

async fn layer(State(trusted): State<Vec<Network>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        match client(peer.ip(), request.headers(), &trusted) {
            Some(client) => _ = request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, peer.port()))),
            None => _ = request.extensions_mut().remove::<ConnectInfo<SocketAddr>>(),
        }
    }
    next.run(request).await
}

/// Each proxy adds at the right whom it heard: the first from there that is no trusted proxy is the caller; none when
/// that cannot be read, so that nobody passes for a proxy of the house.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer;
    let said: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
    for hop in said.iter().rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
        if !is_trusted(client) {
            break;
        }
        client = std::str::from_utf8(hop).ok()?.trim().parse().ok()?;
    }
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, said: &[&[u8]]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| Network::parse(text).unwrap());
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(value).unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).map_or_else(|| "nobody".to_owned(), |ip| ip.to_string())
    }

    #[test]
    fn only_trusted_proxies_say_who_asked() {
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[b"203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("198.51.100.7", &[b"203.0.113.9"]), "198.51.100.7", "a stranger's word");
        let made_up = seen("10.0.0.1", &[b"1.1.1.1, 203.0.113.9, 10.0.0.2"]);
        assert_eq!(made_up, "203.0.113.9", "what the caller made up is left of it");
        assert_eq!(seen("10.0.0.1", &[b"1.1.1.1", b"203.0.113.9"]), "203.0.113.9", "several headers are one list");
        assert_eq!(seen("fd00::1", &[b"2001:db8::5"]), "2001:db8::5");
        assert_eq!(seen("10.0.0.1", &[b"10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(seen("10.0.0.1", &[b"nonsense"]), "nobody");
        assert_eq!(seen("10.0.0.1", &[b"\xff, 198.51.100.7"]), "198.51.100.7", "one byte hides nobody");
    }
}

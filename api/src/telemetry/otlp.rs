//! Spans to a collector: OTLP over plain HTTP with the client library that serves our own requests. No TLS, no gRPC:
//! a collector elsewhere is reached through an agent beside the server.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::Layer;

use super::BoxedLayer;
use crate::config::SecretUrl;

const TIMEOUT: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: usize = 64 * 1024;

pub(super) fn provider(endpoint: &SecretUrl) -> Result<SdkTracerProvider, String> {
    let runtime = Handle::try_current().map_err(|error| error.to_string())?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector { client, runtime })
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.expose().trim_end_matches('/')))
        .with_timeout(TIMEOUT)
        .build()
        .map_err(|error| error.to_string())?;
    let resource = Resource::builder().with_service_name("accord").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

pub(super) fn layer(provider: &SdkTracerProvider) -> BoxedLayer {
    tracing_opentelemetry::layer().with_tracer(provider.tracer("accord")).boxed()
}

/// The exporter calls from a thread of its own; the request runs on the server's runtime.
#[derive(Debug)]
struct Collector {
    client: Client<HttpConnector, Body>,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let call = self.client.request(request.map(Body::from));
        let whole = async {
            let (parts, body) = call.await?.into_parts();
            let body = to_bytes(Body::new(body), LARGEST_ANSWER).await?;
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        // The timer too must be made on the runtime, not on the exporter's thread.
        self.runtime.spawn(async { tokio::time::timeout(TIMEOUT, whole).await }).await??
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_span_reaches_the_collector_before_shutdown_returns() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap()).into();
        let collector = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4_096];
            let length = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let provider = super::provider(&endpoint).unwrap();
        provider.tracer("test").start("leadQualify").end();
        tokio::task::spawn_blocking(move || provider.shutdown()).await.unwrap().unwrap();
        let request = collector.await.unwrap();
        assert!(request.starts_with("POST /v1/traces HTTP/1.1"), "{request}");
        assert!(request.contains("application/x-protobuf"), "{request}");
    }
}

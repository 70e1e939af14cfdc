//! Logs to standard error, and spans to a collector when one is named. Decides how lines look, never what is logged;
//! metrics are the HTTP edge's.

mod escape;
#[cfg(feature = "otlp")]
mod otlp;

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, filter, fmt};

use crate::config::{Config, LogFormat};

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log.filter: {0}")]
    Filter(#[from] filter::ParseError),
    #[error("logs were set up before: {0}")]
    Twice(#[from] TryInitError),
    #[error("otlp_endpoint: {0}")]
    Exporter(String),
}

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Keeps the exporter alive. Call `shutdown` at the end, while the runtime still runs: what is waiting is sent.
#[must_use = "spans are lost without a shutdown"]
#[derive(Debug, Default)]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Sets up the process once. With `otlp_endpoint` it needs a tokio runtime around it.
    pub fn start(config: &Config) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::try_new(&config.log.filter)?;
        let mut layers = vec![lines(config.log.format)];
        let telemetry = Self::exporter(config, &mut layers)?;
        // one filter over all: those of single layers lose the first line after each statement of sqlx (tracing 2519)
        tracing_subscriber::registry().with(layers).with(filter).try_init()?;
        Ok(telemetry)
    }

    #[cfg(feature = "otlp")]
    fn exporter(config: &Config, layers: &mut Vec<BoxedLayer>) -> Result<Self, TelemetryError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(Self::default()) };
        let provider = otlp::provider(endpoint).map_err(TelemetryError::Exporter)?;
        layers.push(otlp::layer(&provider));
        Ok(Self { provider: Some(provider) })
    }

    #[cfg(not(feature = "otlp"))]
    fn exporter(config: &Config, _: &mut Vec<BoxedLayer>) -> Result<Self, TelemetryError> {
        if config.otlp_endpoint.is_some() {
            return Err(TelemetryError::Exporter("this binary was built without the feature otlp".into()));
        }
        Ok(Self::default())
    }

    /// Sends what is waiting. Blocks up to five seconds: not on a thread that runs futures.
    pub fn shutdown(self) {
        #[cfg(feature = "otlp")]
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown_with_timeout(std::time::Duration::from_secs(5))
        {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}

fn lines(format: LogFormat) -> BoxedLayer {
    let layer = fmt::layer().with_writer(std::io::stderr);
    match format {
        // JSON escapes control characters by itself.
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
        LogFormat::Pretty => {
            let colours = std::io::stderr().is_terminal();
            layer.with_ansi(colours).fmt_fields(escape::Fields).boxed()
        }
    }
}

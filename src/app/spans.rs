//! Whether somebody is told of what is done for requests, and who: one collector as long as the
//! configuration says the same of it.

use std::{sync::Arc, time::Duration};

use xxhash_rust::xxh3::xxh3_64;

use super::build::World;
use crate::{
    collector::{Collector, Exporter},
    config::{self, Config, Problems},
    model::{Failure, Metrics, Recorder, Tracer},
    upstream::{Bounds, HttpClient, SystemHosts, USER_AGENT},
};

/// The bounds of a request with spans. Nobody waits for it, and its answer is a line.
const BOUNDS: Bounds =
    Bounds { connect: Duration::from_secs(2), total: Duration::from_secs(10), body: 64 * 1024, redirects: 0 };

/// Who is told.
pub(super) struct Telling {
    /// As the configuration says it.
    written: config::Trace,
    /// Where traces begin.
    pub(super) tracer: Arc<Tracer>,
    exporter: Option<Arc<Exporter>>,
}

/// The collector of a configuration that names one. Nothing is connected yet.
///
/// # Errors
/// Its address is none that could be asked.
pub(super) fn collector(config: &Config, world: &World) -> Result<Option<Collector>, Problems> {
    let Some(url) = &config.trace.otlp else { return Ok(None) };
    let client = HttpClient::new(&url.0, BOUNDS, USER_AGENT, Arc::new(SystemHosts));
    let client = client.map_err(|failure: Failure| config.wrong("trace.otlp", &failure.to_string()))?;
    // Of the seed itself nobody is told.
    let instance = format!("{:016x}", xxh3_64(&world.seed.to_ne_bytes()));
    Ok(Some(Collector::new(Box::new(client), &url.0, &config.trace.headers.0, &instance)))
}

impl Telling {
    /// Begins to tell the `collector` of this configuration, if it has one. Must be called within a tokio
    /// runtime.
    pub(super) fn begin(
        config: &Config,
        collector: Option<Collector>,
        world: &World,
        metrics: &Metrics,
    ) -> Self {
        let exporter = collector.map(|collector| Arc::new(Exporter::begin(collector, metrics.spans())));
        let tracer = exporter.as_ref().map_or_else(Tracer::default, |exporter| {
            let (sink, clock) = (Arc::clone(exporter) as _, Arc::clone(&world.clock));
            Tracer::telling(Recorder { sink, share: config.trace.share, clock })
        });
        Self { written: config.trace.clone(), tracer: Arc::new(tracer), exporter }
    }

    /// Whether all is as `config` says it.
    pub(super) fn is_of(&self, config: &Config) -> bool {
        self.written == config.trace
    }

    /// Sends what there is to tell, so long and no longer.
    pub(super) async fn end(&self, within: Duration) {
        if let Some(exporter) = &self.exporter {
            exporter.end(within).await;
        }
    }
}

//! The log: lines on stderr, as text or JSON. `RUST_LOG` chooses what is logged, in the syntax of
//! `tracing-subscriber`; without it, warnings and what an operator should know.

use std::io;

use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts logging. Where it runs already, it is left as it is.
pub(super) fn start(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,cnrp_gateway=info"));
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let _ = match format {
        LogFormat::Text => lines.with_target(false).with_ansi(false).finish().try_init(),
        LogFormat::Json => lines.json().finish().try_init(),
    };
}

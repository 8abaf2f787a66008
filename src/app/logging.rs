//! The log: lines on stderr, as text or JSON. `RUST_LOG` chooses what is logged, in the syntax of
//! `tracing-subscriber`; without it, warnings and what an operator should know. An event is one line,
//! so that nobody whose words are in it (an upstream, a file) writes lines of its own.
//!
//! What people ask is theirs, and libraries know nothing of that: at their lower levels they log what they
//! are asked, and the resolver of DNS logs names even among its warnings. So of libraries nothing below
//! `info` is logged, and of that resolver nothing at all, unless names are logged anyhow.

use std::io::{self, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// How the crates of the resolver of DNS are called: a reply to another question than was asked is warned of
/// with both.
const TELLS_NAMES: &str = "hickory";

/// Starts logging, with the names that are asked for or without. Where it runs already, it is left as it is.
pub(super) fn start(format: LogFormat, names: bool) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,cnrp_gateway=info"));
    let lines = fmt().with_env_filter(filter).with_writer(|| OneLine(io::stderr()));
    let discreet = filter_fn(move |event| names || is_discreet(event));
    let _ = match format {
        LogFormat::Text => lines.with_target(false).with_ansi(false).finish().with(discreet).try_init(),
        LogFormat::Json => lines.json().finish().with(discreet).try_init(),
    };
}

/// Whether no name that is asked for stands in it, but by the rules of ours.
fn is_discreet(event: &Metadata<'_>) -> bool {
    let ours = event.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    ours || (*event.level() <= Level::INFO && !event.target().starts_with(TELLS_NAMES))
}

/// Writes each event, which comes in one piece and ends with a line break, as one line. One that can't be
/// written is lost, and nobody told: `tracing-subscriber` would tell so on stderr, which is what can't be
/// written, and panic.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = event.strip_suffix(b"\n").unwrap_or(event);
        if !text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let _ = self.0.write_all(event);
            return Ok(event.len());
        }
        let mut line = Vec::with_capacity(event.len() + 8);
        for byte in text {
            match byte {
                b'\n' => line.extend(b"\\n"),
                b'\r' => line.extend(b"\\r"),
                byte => line.push(*byte),
            }
        }
        line.push(b'\n');
        let _ = self.0.write_all(&line);
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let written = Written::default();
        let to = written.clone();
        let lines = fmt().with_ansi(false).with_writer(move || OneLine(to.clone())).finish();
        tracing::subscriber::with_default(lines, || {
            tracing::warn!(said = %"a\r\n2026-01-01 ERROR forged", "first\nforged");
            tracing::warn!("second");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("first\\nforged said=a\\r\\n2026-01-01 ERROR forged\n"), "{text}");
    }

    #[test]
    fn below_info_nobody_logs_but_ourselves_and_the_resolver_of_dns_never() {
        let written = Written::default();
        let to = written.clone();
        let all =
            fmt().with_ansi(false).with_max_level(Level::TRACE).with_writer(move || to.clone()).finish();
        tracing::subscriber::with_default(all.with(filter_fn(is_discreet)), || {
            tracing::debug!(target: "hickory_resolver::resolver", "1");
            tracing::trace!(target: "cnrp_gatewaycrasher", "2");
            tracing::error!(target: "hickory_net::udp", "3");
            tracing::info!(target: "rustls", "4");
            tracing::trace!("5");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let said: Vec<_> = text.lines().filter_map(|line| line.rsplit(' ').next()).collect();
        assert_eq!(said, ["4", "5"], "{text}");
    }
}

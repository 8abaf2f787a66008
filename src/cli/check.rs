//! `cnrp check`: says whether a configuration is right, without serving.

use std::path::PathBuf;

use clap::Args;

use super::terminal::{note, print};
use super::{Exit, runtime};
use crate::app::{self, Failure, Health};

/// Arguments of `cnrp check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The configuration to check; without one, the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Asks each backend one question as well, and reports its health and latency
    #[arg(long)]
    upstreams: bool,
}

/// Checks. What is wrong with the file comes out as the failure, all of it at once.
pub(super) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let mut loaded = app::load(args.config.as_deref())?;
    let name = args.config.as_ref().map_or("embedded default".into(), |path| path.display().to_string());
    if !args.upstreams {
        print(&format!("{name}: ok\n"))?;
        return Ok(Exit::Done);
    }
    note(loaded.join_state().as_deref());
    let health = runtime(false)?.block_on(app::check_upstreams(loaded));
    print(&report(&health))?;
    Ok(if health.iter().all(|backend| backend.failure.is_none()) { Exit::Done } else { Exit::Failed })
}

/// A line for each backend: `searx  ok  120 ms`, `dns  timed-out  800 ms`.
fn report(health: &[Health]) -> String {
    let longest = health.iter().map(|backend| backend.name.len()).max().unwrap_or_default();
    let line = |backend: &Health| {
        let state = backend.failure.map_or("ok", |reason| reason.word());
        let took = backend.took.as_millis();
        format!("{:longest$}  {state:12}  {took} ms\n", backend.name)
    };
    health.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::report;
    use crate::app::Health;
    use crate::model::Reason;

    #[test]
    fn the_report_lines_up() {
        let took = Duration::from_millis(120);
        let health = [
            Health { name: "handbook".into(), failure: None, took: Duration::ZERO },
            Health { name: "dns".into(), failure: Some(Reason::TimedOut), took },
        ];
        assert_eq!(
            report(&health),
            "handbook  ok            0 ms\n\
             dns       timed-out     120 ms\n"
        );
    }
}

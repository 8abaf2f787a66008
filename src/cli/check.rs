//! `cnrp check`: says whether a configuration is right, without serving.

use std::path::PathBuf;

use clap::Args;

use super::terminal::{note, notes, print, remark};
use super::{Exit, run_to_end};
use crate::app::{self, Checked, Failure, Health};
use crate::render::text::clean;

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

/// Checks. What is wrong with the file comes out as the failure, all of it at once, and so do the
/// answers that are not as it expects.
pub(super) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let mut loaded = app::load(args.config.as_deref())?;
    notes(&loaded.warnings());
    let name = args.config.as_ref().map_or("embedded default".into(), |path| path.display().to_string());
    if args.upstreams || loaded.expects() {
        note(loaded.join_state().as_deref());
    }
    let Checked { open, health } = run_to_end(false, app::check(loaded, args.upstreams))??;
    for unmet in &open {
        remark(&format!("{unmet}\n"));
    }
    print(&report(&health))?;
    if !open.is_empty() || health.iter().any(|backend| backend.state.is_err()) {
        return Ok(Exit::Failed);
    }
    if !args.upstreams {
        print(&format!("{name}: ok\n"))?;
    }
    Ok(Exit::Done)
}

/// A line for each backend: `searx  ok  120 ms  found 10`, `dns  timed-out  800 ms  no answer in time`.
fn report(health: &[Health]) -> String {
    let longest = health.iter().map(|backend| backend.name.len()).max().unwrap_or_default();
    let line = |backend: &Health| {
        let (word, said) = match &backend.state {
            Ok(said) => ("ok", said),
            Err(failure) => (failure.reason.word(), &failure.detail),
        };
        let took = backend.took.as_millis();
        format!("{:longest$}  {word:12}  {took:>5} ms  {}\n", backend.name, clean(said))
    };
    health.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::report;
    use crate::app::Health;
    use crate::model::{Failure, Reason};

    #[test]
    fn the_report_lines_up_and_steers_no_terminal() {
        let of =
            |name: &str, took, state| Health { name: name.into(), took: Duration::from_millis(took), state };
        let health = [
            of("handbook", 0, Ok("found 1".into())),
            of("dns", 1200, Err(Failure::new(Reason::TimedOut, "no\x1b[2J answer"))),
        ];
        assert_eq!(
            report(&health),
            "handbook  ok                0 ms  found 1\n\
             dns       timed-out      1200 ms  no[2J answer\n"
        );
    }
}

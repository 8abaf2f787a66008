//! `cnrp explain`: tells every decision about one name, and records it so that it can be decided again.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::question::{property, range};
use super::terminal::{note, print};
use super::{Exit, runtime};
use crate::app::{self, Explained, Failure};
use crate::model::{CommonName, Property};

/// Arguments of `cnrp explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The name, as you would say it; several words need no quotes
    #[arg(value_name = "NAME", required_unless_present = "replay")]
    name: Vec<String>,

    /// Says what you prefer, such as geography=DE or language:rfc1766=fr-FR; may be repeated, the best first
    #[arg(long = "property", short = 'p', value_name = "NAME[:TYPE]=VALUE", value_parser = property,
          conflicts_with = "replay")]
    properties: Vec<Property>,

    /// Which part of the results: 11-5 gives five of them, from the eleventh on
    #[arg(long, value_name = "START-LENGTH", value_parser = range, conflicts_with = "replay")]
    range: Option<Property>,

    /// The configuration to resolve with; without one, the embedded default. A record holds its own
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Writes a record to this file, from which it can be decided again; no secret is in it
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    save: Option<PathBuf>,

    /// Decides again from this record, without configuration and network
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    replay: Option<PathBuf>,
}

/// How a decision is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs; docs/explain.md has the fields
    Json,
}

/// Explains. What it comes to is what `resolve` comes to: 0 with a result, 1 without.
pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let explained = runtime(false)?.block_on(explained(args))?;
    note(explained.note.as_deref());
    if let Some(file) = &args.save {
        save(file, &explained)?;
    }
    print(&match args.format {
        Format::Text => app::explanation_text(&explained.account),
        Format::Json => app::explanation_json(&explained.account),
    })?;
    Ok(if explained.account.results.is_empty() { Exit::NothingFound } else { Exit::Done })
}

async fn explained(args: &ExplainArgs) -> Result<Explained, Failure> {
    let name = CommonName::new(&args.name.join(" "));
    if let Some(record) = &args.replay {
        let explained = app::replay(record).await?;
        let recorded = &explained.account.question.name;
        return match name {
            Some(name) if CommonName::new(recorded).is_none_or(|known| known.folded() != name.folded()) => {
                let (record, asked) = (record.display(), name.shown());
                Err(Failure::Usage(format!("{record} is the record of {recorded:?}, not of {asked:?}")))
            }
            _ => Ok(explained),
        };
    }
    let name = name.ok_or_else(|| Failure::Usage("the name is empty; expected a common name".to_owned()))?;
    let properties: Vec<_> = args.properties.iter().chain(&args.range).cloned().collect();
    app::explain(args.config.as_deref(), &name, &properties).await
}

fn save(file: &Path, explained: &Explained) -> Result<(), Failure> {
    let saved = std::fs::write(file, explained.record.text());
    saved.map_err(|error| Failure::Service(format!("{} can't be written: {error}", file.display())))
}

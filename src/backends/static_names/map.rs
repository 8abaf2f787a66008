//! A static map as the commands see it that look after names: what each layer says by itself, and what holds
//! when all have spoken.

use std::path::Path;

use super::{
    Ignored, Says, Statement,
    files::Layer,
    kept,
    layers::{self, Below},
    located, sources,
};
use crate::{
    config::{Options, Problems},
    model::CommonName,
    names::{Entry, Life, NameIndex},
};

/// The names of a backend.
pub struct Map {
    /// What each layer says, the names of the configuration last.
    pub layers: Vec<Vec<Statement>>,
    /// Unknown columns of its files.
    pub ignored: Vec<Ignored>,
    /// Below all layers; or what is wrong with its file.
    index: Result<Option<NameIndex>, Problems>,
}

impl Map {
    /// Reads the names.
    ///
    /// # Errors
    /// Every mistake in the options, and in the files of names.
    pub fn read(options: &Options, folder: &Path) -> Result<Self, Problems> {
        let (read, mut problems) = sources(options, folder);
        let Some((read, sources)) = read else { return Err(problems) };
        let files = kept(sources.layers().map_err(|wrong| located(wrong, options)), &mut problems);
        let (Some(files), true) = (files, problems.is_empty()) else { return Err(problems) };
        let (mut layers, ignored) = Layer::parted(files);
        layers.push(sources.inline);
        let index = read.index.map(|named| {
            let path = folder.join(named);
            let wrong = |error| options.wrong("index", &format!("{} {error}", path.display()));
            NameIndex::open(&path).map_err(wrong)
        });
        Ok(Self { layers, ignored, index: index.transpose() })
    }

    /// Whether there is an index below the layers.
    pub fn has_index(&self) -> bool {
        self.index.as_ref().map_or(true, Option::is_some)
    }

    /// What is wrong with the index, and between the layers: aliases that lead nowhere or in a circle.
    pub fn conflicts(&self) -> Problems {
        let mut problems = self.index.as_ref().err().cloned().unwrap_or_default();
        let (inline, files) = self
            .layers
            .split_last()
            .map_or_else(Default::default, |(inline, files)| (inline.clone(), files.to_vec()));
        problems.extend(layers::settled(inline, files, self.below().as_deref()).err().unwrap_or_default());
        problems
    }

    /// What holds when all layers have spoken, as the statements of one: the entries in order of fame, with the
    /// aliases that follow them and say nothing of themselves; the other aliases, and what hides names of the
    /// index; what is denied.
    ///
    /// # Errors
    /// What [`Self::conflicts`] gives.
    pub fn in_force(mut self) -> Result<Vec<(Entry, Says)>, Problems> {
        let inline = self.layers.pop().unwrap_or_default();
        let files = std::mem::take(&mut self.layers);
        let settled = layers::settled_but(inline, files, self.below().as_deref(), says_more)?;
        self.index?;
        let entries = settled.entries.into_iter().map(|entry| (entry, Says::Leads));
        let apart = settled.apart.into_iter().map(|statement| (statement.entry, statement.says));
        let denials = settled.denials.into_iter().map(|entry| (entry, Says::Denied));
        Ok(entries.chain(apart).chain(denials).collect())
    }

    /// Which names the index has; all, where it can't be read.
    fn below(&self) -> Option<Box<Below<'_>>> {
        match &self.index {
            Ok(None) => None,
            Ok(Some(index)) => Some(Box::new(|name: &CommonName| index.has(name).unwrap_or(true))),
            Err(_) => Some(Box::new(|_| true)),
        }
    }
}

/// Whether an alias says of itself what an entry can't say of its aliases.
fn says_more(alias: &Statement) -> bool {
    let Entry { owner, note, life, .. } = &alias.entry;
    *life == Life::default() && !(owner.is_empty() && note.is_empty())
}

/// What is wrong between statements of one layer: aliases that lead nowhere or in a circle.
pub fn conflicts(statements: Vec<Statement>) -> Problems {
    layers::settled(statements, Vec::new(), None).err().unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! What a backend says of a resource: a [`Hit`], its own row, not yet cleaned and not yet safe.
//! Preparation turns it into a [`super::Candidate`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Confidence, Property, Service};

/// One row of a backend's reply, as the backend gives it: not yet cleaned, not yet safe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The name under which the backend knows the resource, or the title of the page.
    pub name: String,
    pub uri: String,
    pub description: String,
    pub properties: Vec<Property>,
    /// What a naming source says of the name asked and the name it knows. Other sources say
    /// [`Likeness::Mention`], and the fit is judged from title and host.
    pub likeness: Likeness,
    /// The name a static map keeps this under, or another service's id: what makes an id.
    pub entry: Option<String>,
    /// The service it came from, when that is not the backend itself (chaining).
    pub service: Option<Arc<Service>>,
    pub dataset: Option<String>,
    /// A chained service's own `x-confidence`, never exceeded.
    pub ceiling: Option<Confidence>,
}

impl Hit {
    /// A search engine's row: a title, an address, some words.
    pub fn mention(name: impl Into<String>, uri: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            uri: uri.into(),
            description: description.into(),
            properties: Vec::new(),
            likeness: Likeness::Mention,
            entry: None,
            service: None,
            dataset: None,
            ceiling: None,
        }
    }
}

/// How a naming source's name relates to the name asked, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// Exactly this name or alias, as the normaliser sees it.
    Same,
    /// The same but for a legal form, a leading "the", "&" for "and", or word order that
    /// institutions vary ("University of X").
    Form,
    /// The name's initials.
    Initials,
    /// One slip of the finger away.
    Slip,
    /// Its words in another order, or with one missing or one too many.
    Words,
    /// No claim about the name at all.
    Mention,
}

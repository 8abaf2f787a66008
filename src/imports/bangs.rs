//! Bangs of DuckDuckGo (`bang.js`) and Kagi (`data/bangs.json`): a JSON array of objects with a
//! trigger `t`, a site `s`, its domain `d`, and an address `u` in which `{{{s}}}` stands for what
//! follows. A bang alone leads to the front page of its domain, unless `fmt` says otherwise.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Gathered, Remark};
use crate::{
    backends::static_names::Says,
    model::Property,
    names::{
        Entry,
        parameters::{self, takes_parameter},
    },
};

const PLACEHOLDER: &str = "{{{s}}}";

#[derive(Deserialize)]
struct Bang {
    s: String,
    d: String,
    t: String,
    /// Further triggers.
    #[serde(default)]
    ts: Vec<String>,
    u: String,
    c: Option<String>,
    fmt: Option<Vec<String>>,
    #[serde(flatten)]
    further: serde_json::Map<String, Value>,
}

/// Reads the array; what is wrong with one bang is no matter to the others.
pub(super) fn read(text: &str, names: &mut Gathered) -> Result<(), Remark> {
    let bangs: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        Remark::new(
            error.line(),
            format!("{error}; expected a JSON array of bangs, such as Kagi's bangs.json"),
        )
    })?;
    let (mut line, mut at) = (1, 0);
    for bang in bangs {
        // The text of a value is a part of the whole, so its address says where it is.
        let start = (bang.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += text.get(at..start).map_or(0, |between| between.matches('\n').count());
        at = start;
        match serde_json::from_str::<Bang>(bang.get()) {
            Ok(bang) => take(bang, line, names),
            Err(error) => names.remark(line, format!("is no bang: {error}")),
        }
    }
    Ok(())
}

fn take(bang: Bang, line: usize, names: &mut Gathered) {
    let flag = |flag: &str| bang.fmt.as_ref().is_none_or(|flags| flags.iter().any(|known| known == flag));
    let (opens_base, escapes_slash) = (flag("open_base_path"), flag("url_encode_placeholder"));
    for what in bang.further.keys() {
        names.uncarried(what);
    }
    let parameter = if escapes_slash { "{query}" } else { "{rest}" };
    let uri = address(&bang).replace(PLACEHOLDER, parameter);
    let base = format!("https://{}{}", bang.d, if bang.d.contains('/') { "" } else { "/" });
    let plain = if opens_base && takes_parameter(&uri) { base } else { String::new() };
    if takes_parameter(&uri) && parameters::check(&uri).is_err() {
        names.remark(line, format!("!{}: what follows would choose the host of {}", bang.t, bang.u));
        return;
    }
    let entry = Entry {
        name: format!("!{}", bang.t),
        aliases: bang.ts.iter().map(|trigger| format!("!{trigger}")).collect(),
        uri,
        plain,
        description: bang.s,
        properties: bang
            .c
            .map(|category| Property::new("category", "freeform", category))
            .into_iter()
            .collect(),
        ..Entry::default()
    };
    names.add(line, entry, Says::Leads);
}

/// The address, which may leave out the scheme or the host.
fn address(bang: &Bang) -> String {
    match bang.u.strip_prefix('/') {
        Some(rest) if rest.starts_with('/') => format!("https:{}", bang.u),
        Some(_) => format!("https://{}{}", bang.d, bang.u),
        None => bang.u.clone(),
    }
}

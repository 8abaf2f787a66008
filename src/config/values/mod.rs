//! The values a configuration is made of: durations, sizes, rates, addresses, secrets.
//!
//! Backends use them in their own options. Each says in one phrase what it expects, for messages,
//! and in one pattern, for the JSON Schema.

mod backend_name;
mod headers;
mod language;
mod mail;
mod network;
mod one_or_many;
mod properties;
mod quantity;
mod rate;
pub(super) mod secret;
mod sites;
mod span;
mod store;
mod unwanted;
mod written;
mod zone;

pub use headers::Headers;
pub use language::Language;
pub use mail::{Mailbox, Senders};
pub use network::{Address, HostName, HttpUrl, Net, Origin, Uri};
pub use one_or_many::OneOrMany;
pub use properties::{Properties, PropertyEntry, Values};
pub use quantity::{Size, at_least_one, positive_number, share};
pub use rate::{Period, Rate};
pub use secret::Secret;
pub use sites::{SiteEntry, SiteHost};
pub use span::Span;
pub use store::StoreUrl;
pub use unwanted::Unwanted;
pub use written::Written;
pub use zone::ZoneName;

pub(super) use backend_name::BackendName;
pub(super) use headers::TEXT_OR_SECRET;
pub(super) use one_or_many::ONE_OR_MANY;
pub(super) use properties::ListedProperty;
pub(super) use secret::SECRET;
pub(super) use sites::ListedSite;
pub(super) use span::{duration, optional_duration, positive_duration};
pub(super) use written::{converted, converted_list, converted_some};

#[cfg(test)]
mod tests;

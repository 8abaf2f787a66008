//! What every floor speaks: names, queries, resources, outcomes, answers, time.
//!
//! Floor 0 of the house. Nothing here does I/O, and nothing here knows XML, HTTP or a
//! particular backend. A [`NameQuery`] comes in, each [`Backend`] turns it into a [`Reply`] of
//! [`Hit`]s, preparation makes [`Candidate`]s of them, and an [`Answer`] goes out.

mod answer;
mod backend;
mod backend_metrics;
mod calendar;
mod candidate;
mod clock;
mod exchange;
mod fit;
mod hints;
mod hit;
mod mail_address;
mod meters;
mod metrics;
mod name;
mod outcome;
mod property;
mod query;
mod reason;
mod resource_url;
mod service;
mod site_rule;
mod span;
mod status;
mod suggestion;
mod trace_context;
mod uri;
pub mod vocabulary;
mod why;

pub use answer::{Answer, Confidence, Referral, ResultItem, Tier};
pub use backend::{Ask, Backend, BoxFuture, Failure, Family, Reply};
pub use calendar::{CalendarUnit, Stretch, Zone, rfc3339, unix_seconds};
pub use candidate::{Candidate, Facets, Prepared, prepare, showable, showable_description};
pub use clock::{Clock, Deadline, SystemClock};
pub use exchange::{Exchange, Toll};
pub use fit::Fit;
pub(crate) use fit::{FEWEST_INITIALS, SHORTEST_PART};
pub use hints::{Category, Geography, Hints, LanguageRange, Preference};
pub use hit::{Hit, Likeness};
pub use mail_address::{MailAddress, MailPattern};
pub use meters::{BackendMeter, BudgetReading, CacheReading, SpanMeter, Stage, Stages, TierMeter};
pub use metrics::Metrics;
pub use name::{CommonName, Script};
pub(crate) use name::{forms, legal_forms};
pub use outcome::{Freshness, Outcome};
pub use property::{FREEFORM, Property};
pub use query::{NameQuery, Question, Range, Target, Via};
pub use reason::Reason;
pub use resource_url::{PageDepth, ResourceUrl, Vouched, is_unsafe_scheme, registrable_domain};
pub use service::{Dataset, PropertyDeclaration, PropertyReference, Schema, Server, Service};
pub use site_rule::{Effect, HostPattern, SiteRule};
pub use span::{Note, OpenSpan, Recorder, Span, SpanKind, SpanSink};
pub use status::{Status, StatusCode};
pub use suggestion::Suggestion;
pub use trace_context::{TraceContext, Tracer};
pub use uri::{is_same_uri, is_uri, normal_uri, sent_uri};
pub use why::Why;

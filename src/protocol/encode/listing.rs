//! Which services an answer writes, which of their datasets, and the ids of those that something
//! refers to (D5, D19). It is settled before the first byte, as services are written first.

use std::sync::Arc;

use crate::model::{Answer, Service, is_same_uri};

/// The services of an answer in the order in which they are written, and where results, referrals
/// and statuses come from.
pub(super) struct Listing<'a> {
    pub(super) services: Vec<Listed<'a>>,
    pub(super) results: Vec<Origin>,
    pub(super) referrals: Vec<Origin>,
    /// For each status the service that it is about.
    pub(super) statuses: Vec<Option<usize>>,
    /// The first number that is free for further ids.
    pub(super) next_id: usize,
}

/// A service to be written.
pub(super) struct Listed<'a> {
    pub(super) service: &'a Service,
    /// Dataseturis that results name and the service does not declare.
    pub(super) added: Vec<&'a str>,
    /// Whether something refers to it; then its id.
    is_referred_to: bool,
    pub(super) id: Option<usize>,
    /// The datasets referred to, by their place among those declared and those added; then their ids.
    referred: Vec<(usize, usize)>,
}

/// The service and dataset that something comes from, by their places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) service: usize,
    pub(super) dataset: Option<usize>,
}

impl<'a> Listing<'a> {
    /// Lists the services of `answer`, `own` first.
    pub(super) fn of(own: &'a Service, answer: &'a Answer) -> Self {
        let mut listing = Self {
            services: vec![Listed::new(own)],
            results: Vec::with_capacity(answer.results.len()),
            referrals: Vec::with_capacity(answer.referrals.len()),
            statuses: Vec::with_capacity(answer.statuses.len()),
            next_id: 0,
        };
        for result in &answer.results {
            let origin = listing.refer(&result.service, result.dataset.as_deref());
            listing.results.push(origin);
        }
        for referral in &answer.referrals {
            let origin = listing.refer(&referral.service, referral.dataset.as_deref());
            listing.referrals.push(origin);
        }
        for status in &answer.statuses {
            let about = status.about.as_ref().map(|service| listing.refer(service, None).service);
            listing.statuses.push(about);
        }
        listing.number();
        listing
    }

    /// The id of a listed service.
    pub(super) fn service_id(&self, place: usize) -> Option<usize> {
        self.services.get(place)?.id
    }

    /// The id of a dataset.
    pub(super) fn dataset_id(&self, origin: Origin) -> Option<usize> {
        self.services.get(origin.service)?.dataset_id(origin.dataset?)
    }

    fn refer(&mut self, service: &'a Arc<Service>, dataset: Option<&'a str>) -> Origin {
        let known = self.services.iter().position(|listed| listed.is(service));
        let place = known.unwrap_or(self.services.len());
        if known.is_none() {
            self.services.push(Listed::new(service));
        }
        let dataset = self.services.get_mut(place).and_then(|listed| listed.refer(dataset));
        Origin { service: place, dataset }
    }

    fn number(&mut self) {
        let mut next = 0..;
        for listed in &mut self.services {
            listed.id = if listed.is_referred_to { next.next() } else { None };
            listed.referred.sort_unstable();
            for (_, id) in &mut listed.referred {
                *id = next.next().unwrap_or_default();
            }
        }
        self.next_id = next.start;
    }
}

impl<'a> Listed<'a> {
    fn new(service: &'a Service) -> Self {
        Self { service, added: Vec::new(), is_referred_to: false, id: None, referred: Vec::new() }
    }

    /// A service is what its serviceuri says (section 4.2.3).
    fn is(&self, service: &Service) -> bool {
        std::ptr::eq(self.service, service) || is_same_uri(&self.service.uri, &service.uri)
    }

    fn refer(&mut self, dataset: Option<&'a str>) -> Option<usize> {
        self.is_referred_to = true;
        let place = self.place_of(dataset?);
        if !self.referred.iter().any(|(known, _)| *known == place) {
            self.referred.push((place, 0));
        }
        Some(place)
    }

    fn place_of(&mut self, uri: &'a str) -> usize {
        let declared = self
            .service
            .datasets
            .iter()
            .position(|dataset| dataset.uri.as_deref().is_some_and(|known| is_same_uri(known, uri)));
        if let Some(place) = declared {
            return place;
        }
        let added = self.added.iter().position(|known| is_same_uri(known, uri)).unwrap_or_else(|| {
            self.added.push(uri);
            self.added.len() - 1
        });
        self.service.datasets.len() + added
    }

    pub(super) fn dataset_id(&self, place: usize) -> Option<usize> {
        self.referred.iter().find(|(known, _)| *known == place).map(|(_, id)| *id)
    }
}

//! Every backend, so that no upstream says its secrets back to anybody.
//!
//! An upstream may repeat the key or a header of a request, in an error as well as among its results.
//! Here all that backends say passes, before it is logged, remembered, shown or answered.

use std::sync::Arc;

use url::Url;

use crate::{
    config::Secrets,
    model::{
        Ask, Backend, BoxFuture, CommonName, Failure, Family, Hit, NameQuery, Property, Referral, Reply,
        Server, Service, Status, Suggestion, Vouched,
    },
};

/// A backend whose secrets are taken out of what it says.
struct Discreet {
    backend: Arc<dyn Backend>,
    secrets: Secrets,
}

/// The backend, saying none of these secrets.
pub(super) fn discreet(backend: Arc<dyn Backend>, secrets: Secrets) -> Arc<dyn Backend> {
    if secrets.is_empty() { backend } else { Arc::new(Discreet { backend, secrets }) }
}

impl Discreet {
    fn failure(&self, mut failure: Failure) -> Failure {
        failure.detail = self.secrets.taken_out_of(&failure.detail);
        failure
    }

    fn reply(&self, reply: Reply) -> Reply {
        Reply {
            hits: reply.hits.into_iter().map(|hit| self.hit(hit)).collect(),
            referrals: reply.referrals.into_iter().map(|referral| self.referral(referral)).collect(),
            remarks: reply.remarks.into_iter().map(|remark| self.status(remark)).collect(),
            ..reply
        }
    }

    fn hit(&self, hit: Hit) -> Hit {
        Hit {
            name: self.text(&hit.name),
            uri: self.text(&hit.uri),
            description: self.text(&hit.description),
            properties: self.properties(&hit.properties),
            entry: hit.entry.map(|entry| self.text(&entry)),
            service: hit.service.map(|service| self.service(&service)),
            dataset: hit.dataset.map(|dataset| self.text(&dataset)),
            ..hit
        }
    }

    fn referral(&self, referral: Referral) -> Referral {
        let dataset = referral.dataset.map(|dataset| self.text(&dataset));
        Referral { service: self.service(&referral.service), dataset }
    }

    fn status(&self, status: Status) -> Status {
        let about = status.about.map(|service| self.service(&service));
        Status { message: self.text(&status.message), about, ..status }
    }

    /// What can be told of a service, where its name or one of its servers holds a secret; else itself.
    fn service(&self, service: &Arc<Service>) -> Arc<Service> {
        let servers = || {
            service.servers.iter().flat_map(|server| {
                [&server.uri].into_iter().chain(server.properties.iter().map(|property| &property.value))
            })
        };
        if ![&service.uri].into_iter().chain(servers()).any(|text| self.secrets.are_in(text)) {
            return Arc::clone(service);
        }
        let servers = service.servers.iter().map(|server| Server {
            uri: self.text(&server.uri),
            properties: self.properties(&server.properties),
        });
        Arc::new(Service {
            uri: self.text(&service.uri),
            servers: servers.collect(),
            ..Service::clone(service)
        })
    }

    fn properties(&self, properties: &[Property]) -> Vec<Property> {
        let discreet =
            |property: &Property| Property { value: self.text(&property.value), ..property.clone() };
        properties.iter().map(discreet).collect()
    }

    fn text(&self, text: &str) -> String {
        self.secrets.taken_out_of(text)
    }
}

impl Backend for Discreet {
    fn family(&self) -> Family {
        self.backend.family()
    }

    fn vouched(&self) -> Vouched {
        self.backend.vouched()
    }

    fn speaks_for_us(&self) -> bool {
        self.backend.speaks_for_us()
    }

    fn request(&self, query: &NameQuery) -> Ask {
        self.backend.request(query)
    }

    fn declares(&self) -> Vec<Property> {
        self.properties(&self.backend.declares())
    }

    fn generation(&self) -> u64 {
        self.backend.generation()
    }

    fn service(&self) -> Option<Arc<Service>> {
        self.backend.service().map(|service| self.service(&service))
    }

    fn places(&self) -> Vec<Url> {
        self.backend.places()
    }

    fn denies(&self, name: &CommonName) -> bool {
        self.backend.denies(name)
    }

    fn suggest(&self, typed: &CommonName, limit: usize) -> Result<Vec<Suggestion>, Failure> {
        self.backend.suggest(typed, limit)
    }

    fn upkeep(&self) {
        self.backend.upkeep();
    }

    fn ask<'a>(&'a self, query: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            match self.backend.ask(query).await {
                Ok(reply) => Ok(self.reply(reply)),
                Err(failure) => Err(self.failure(failure)),
            }
        })
    }
}

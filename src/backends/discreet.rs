//! Every backend, so that no upstream says its secrets back to anybody.
//!
//! An upstream may repeat the key or a header of a request, in an error as well as among its results.
//! Here all that backends say passes, before it is logged, remembered, shown or answered.

use std::sync::Arc;

use url::Url;

use crate::{
    config::Secrets,
    model::{
        Ask, Backend, BoxFuture, CommonName, Failure, Family, Hit, NameQuery, Property, Reply, Service,
        Suggestion, Vouched,
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

    fn reply(&self, mut reply: Reply) -> Reply {
        reply.hits = reply.hits.into_iter().map(|hit| self.hit(hit)).collect();
        reply
    }

    fn hit(&self, hit: Hit) -> Hit {
        let property = |Property { name, kind, value }| {
            let value = self.secrets.taken_out_of(&value);
            Property { name, kind, value }
        };
        Hit {
            name: self.secrets.taken_out_of(&hit.name),
            uri: self.secrets.taken_out_of(&hit.uri),
            description: self.secrets.taken_out_of(&hit.description),
            properties: hit.properties.into_iter().map(property).collect(),
            ..hit
        }
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

    fn generation(&self) -> u64 {
        self.backend.generation()
    }

    fn service(&self) -> Option<Arc<Service>> {
        self.backend.service()
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

//! A backend of names held in memory, as a record remembers it: it says what it said.

use crate::model::{Ask, Backend, BoxFuture, CommonName, Failure, Family, NameQuery, Reply, Vouched};

/// Stands for a static map in a replay.
pub struct Recalled {
    reply: Reply,
    denies: bool,
}

impl Recalled {
    /// A map that says this, whatever it is asked, or denies every name.
    pub fn new(reply: Reply, denies: bool) -> Self {
        Self { reply, denies }
    }
}

impl Backend for Recalled {
    fn family(&self) -> Family {
        Family("static")
    }

    fn vouched(&self) -> Vouched {
        Vouched::ByOperator
    }

    fn speaks_for_us(&self) -> bool {
        true
    }

    fn request(&self, _: &NameQuery) -> Ask {
        Ask::Local
    }

    fn denies(&self, _: &CommonName) -> bool {
        self.denies
    }

    fn ask<'a>(&'a self, _: &'a NameQuery) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async { Ok(self.reply.clone()) })
    }
}

//! What serves, over all configurations that a process has: sockets that stay are the same ones, and
//! what answers behind them is another with each reload.
//!
//! With each [`Round`] every socket is accepted from anew, by tasks of its own, before those of the
//! round before end: a connection waits in the system's queue at worst. Those that were accepted go on
//! and have their next request answered by the new [`Front`].

use std::{
    future::Future,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::{
    accept::{Hall, places},
    crowd::Crowd,
    front::{Front, Fronts},
    listen::{Addresses, BindError, Bound},
    settings::Settings,
    smtp, udp,
};
use crate::{
    gateway::{Control, Door},
    model::Metrics,
};

/// Connections to the operator's pages. They have places of their own, so that a flood of
/// clients does not hide how it is going.
const OPERATORS: usize = 64;

/// How often clients that have rested are forgotten.
const FORGETTING: Duration = Duration::from_secs(10);

/// The transports at work.
pub struct Serving {
    fronts: Fronts,
    public: Arc<Hall>,
    operators: Arc<Hall>,
    round: Mutex<Round>,
    /// No more is taken from clients.
    stop: CancellationToken,
    /// Nor from operators.
    over: CancellationToken,
}

/// The sockets of one configuration, and those who accept from them.
struct Round {
    bound: Bound,
    public: CancellationToken,
    operators: CancellationToken,
}

impl Serving {
    /// Begins to answer operators on what is bound. Clients wait in the system's queue until [`open`](Self::open).
    /// Must be called within a tokio runtime.
    pub fn begin(
        bound: Bound,
        door: Arc<dyn Door>,
        control: Arc<dyn Control>,
        settings: Settings,
        metrics: &Metrics,
    ) -> Self {
        let places = places(&settings);
        let fronts = Arc::new(ArcSwap::from_pointee(Front::new(door, control, settings, metrics)));
        // Where there are few descriptors, the operators' connections leave some for the answers as well.
        let at_operators = OPERATORS.min(places.div_ceil(4));
        // Half for one client is generous, since many may stand behind one address, and still leaves
        // the other half.
        let public = Hall::new(&fronts, Crowd::new(places, places.div_ceil(2)), false);
        let operators = Hall::new(&fronts, Crowd::new(at_operators, at_operators), true);
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        let (of_public, of_operators) = (stop.child_token(), over.child_token());
        let round = Round { bound, public: of_public, operators: of_operators };
        let serving = Self { fronts, public, operators, round: Mutex::new(round), stop, over };
        serving.let_operators_in(&serving.round());
        serving
    }

    /// Lets clients in as well: those of the sockets that it began with.
    pub fn open(&self) {
        self.let_clients_in(&self.round());
    }

    /// A line `KIND ADDRESS:PORT` for each socket.
    pub fn announce(&self) -> Vec<String> {
        self.round().bound.announce()
    }

    /// Opens what of `addresses` is not open yet. Nothing is accepted there before [`swap`](Self::swap).
    ///
    /// # Errors
    /// The first address that can't be listened on; everything stays as it is.
    pub fn bind(&self, addresses: &Addresses) -> Result<Bound, BindError> {
        self.round().bound.again(addresses)
    }

    /// From now on requests are answered by `door` under these settings, and the sockets are those that
    /// are `bound`. What is in flight finishes with those that it began with. While closing nothing is
    /// changed any more.
    pub fn swap(&self, bound: Bound, door: Arc<dyn Door>, settings: Settings) {
        let mut round = self.round();
        if self.stop.is_cancelled() {
            return;
        }
        let front = self.fronts.load().next(door, settings);
        self.fronts.store(Arc::new(front));
        let (public, operators) = (self.stop.child_token(), self.over.child_token());
        let next = Round { bound, public, operators };
        self.let_clients_in(&next);
        self.let_operators_in(&next);
        mem::replace(&mut *round, next).end();
    }

    fn let_clients_in(&self, round: &Round) {
        let front = self.fronts.load();
        let (public, open) = (&self.public, &round.public);
        for listener in &round.bound.http {
            public.tasks.spawn(Arc::clone(public).accept(Arc::clone(listener), None, open.clone()));
        }
        for (listener, tls) in round.bound.https.iter().zip(front.settings.tls.iter().cycle()) {
            let tls = Some(Arc::clone(tls));
            public.tasks.spawn(Arc::clone(public).accept(Arc::clone(listener), tls, open.clone()));
        }
        for socket in &round.bound.udp {
            let (socket, fronts) = (Arc::clone(socket), Arc::clone(&self.fronts));
            public.tasks.spawn(udp::serve(socket, fronts, public.tasks.clone(), open.clone()));
        }
        if let Some((listener, settings)) = round.bound.smtp.clone().zip(front.settings.smtp.clone()) {
            let (front, tasks, stop) = (Arc::clone(&front), public.tasks.clone(), self.stop.clone());
            public.tasks.spawn(smtp::serve(listener, settings, front, tasks, open.clone(), stop));
        }
    }

    fn let_operators_in(&self, round: &Round) {
        if let Some(listener) = round.bound.admin.clone() {
            let operators = &self.operators;
            operators.tasks.spawn(Arc::clone(operators).accept(listener, None, round.operators.clone()));
        }
    }

    /// From now on whoever is answered over HTTP/1 is told that the connection ends with that answer, and over
    /// HTTP/2 everybody is told at once, with GOAWAY, to ask no more there.
    pub fn say_farewell(&self) {
        self.fronts.load().say_farewell();
        self.public.say_farewell();
    }

    /// Serves until `stopped`. Then nothing more is accepted, kept-alive connections are closed, and
    /// requests in flight have as long to finish as that says. The operator's pages answer until that
    /// is over.
    pub async fn until(&self, stopped: impl Future<Output = Duration>) {
        let drain = tokio::select! {
            drain = stopped => drain,
            () = self.forget() => return,
        };
        self.fronts.load().drain();
        self.close();
        self.public.close(drain).await;
        self.over.cancel();
        self.operators.close(drain).await;
    }

    /// Ends what accepts from clients, and with that the sockets: who comes now is refused and looks
    /// elsewhere. Under the lock, so that no reload begins a round that nobody would end.
    fn close(&self) {
        let mut round = self.round();
        self.stop.cancel();
        round.bound.close_public();
    }

    async fn forget(&self) {
        let mut interval = tokio::time::interval(FORGETTING);
        loop {
            interval.tick().await;
            self.fronts.load().admission.forget_the_rested();
        }
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        // It is replaced as a whole.
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Round {
    fn end(self) {
        self.public.cancel();
        self.operators.cancel();
    }
}

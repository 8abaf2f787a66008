//! Everybody who is connected, and who has to go when it gets full.
//!
//! A connection costs its peer nothing and us a descriptor and some memory, so slow ones could
//! fill every place. When no place is left, the longest-connected one that has not yet sent a
//! whole request gives its place up; else the longest-connected one that is owed no answer. So
//! an honest client gets in, however many slow ones there are, since it needs its place for no
//! longer than a request takes. A client has a share of the places and no more.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::client::ClientKey;

/// How long a connection has before it counts as one that does not ask: of many that come at once
/// the later ones would send the earlier ones away before their requests are read.
const TIME_TO_ASK: Duration = Duration::from_millis(100);

/// What a connection is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Stay,
    /// Answer what was asked, then close.
    Drain,
    /// Close now.
    Leave,
}

/// The places, and who has them.
pub(super) struct Crowd {
    places: usize,
    share: usize,
    epoch: Instant,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    /// By number, so longest-connected first.
    seats: BTreeMap<u64, Arc<Seat>>,
    of_client: HashMap<ClientKey, usize>,
    /// Whether nobody is let in any more.
    is_closed: bool,
}

/// The place of one connection, and what is known of it.
pub(super) struct Seat {
    number: u64,
    /// `None` for a trusted proxy, which speaks for many, and for a client without a limit.
    client: Option<ClientKey>,
    epoch: Instant,
    /// Requests of which the head was read and the answer not yet made.
    open: AtomicU32,
    /// Of those, the ones that were read whole.
    answering: AtomicU32,
    /// Whether a whole request ever came.
    proven: AtomicBool,
    /// Whether it speaks HTTP/2, so that it can be told to go without an answer.
    multiplexes: AtomicBool,
    /// Whether the head that came last gave its body two lengths.
    is_ambiguous: AtomicBool,
    /// When it last did something, in milliseconds since the epoch.
    active: AtomicU64,
    order: AtomicU8,
    called: Notify,
}

impl Crowd {
    /// A crowd of `places`, of which one client may have `share`.
    pub(super) fn new(places: usize, share: usize) -> Self {
        Self { places, share, epoch: Instant::now(), taken: Mutex::default() }
    }

    /// Gives a new connection a place, at another's expense if need be; `None` if everybody is
    /// owed an answer, or is already told to go.
    pub(super) fn enter(&self, client: Option<ClientKey>) -> Option<Arc<Seat>> {
        let taken = &mut *self.taken();
        if taken.is_closed {
            return None;
        }
        let of_client = client.and_then(|client| taken.of_client.get(&client)).copied().unwrap_or(0);
        if of_client >= self.share && !taken.shed(|seat| seat.client == client) {
            return None;
        }
        if taken.seats.len() >= self.places && !taken.shed(|_| true) {
            return None;
        }
        let seat = Arc::new(Seat::new(taken.next, client, self.epoch));
        taken.next += 1;
        if let Some(client) = client {
            *taken.of_client.entry(client).or_default() += 1;
        }
        taken.seats.insert(seat.number, Arc::clone(&seat));
        Some(seat)
    }

    /// Whether every place is taken by somebody who is owed an answer, or had no time yet to ask.
    pub(super) fn is_full(&self) -> bool {
        let (taken, now) = (self.taken(), Instant::now());
        let is_new = |seat: &Seat| seat.idle(now).is_some_and(|idle| idle < TIME_TO_ASK);
        let stays = |seat: &Arc<Seat>| seat.answering.load(Ordering::Relaxed) > 0 || is_new(seat);
        taken.seats.len() >= self.places && taken.seats.values().all(stays)
    }

    /// Takes the place of a connection that ended.
    pub(super) fn leave(&self, seat: &Seat) {
        self.taken().remove(seat.number);
    }

    /// Makes room, where something beside the places has run out.
    pub(super) fn shed(&self) {
        self.taken().shed(|_| true);
    }

    /// Tells those who speak HTTP/2 to go (GOAWAY). To HTTP/1 that could only be said by closing, under a
    /// request that may be on its way.
    pub(super) fn say_farewell(&self) {
        self.taken()
            .seats
            .values()
            .filter(|seat| seat.multiplexes())
            .for_each(|seat| seat.tell(Order::Drain));
    }

    /// Tells everybody to go, and lets nobody in from now on.
    pub(super) fn close(&self, order: Order) {
        let taken = &mut *self.taken();
        taken.is_closed = true;
        for seat in taken.seats.values() {
            seat.tell(order);
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Sends away the one that matters least, of those that `may_go`.
    fn shed(&mut self, may_go: impl Fn(&Seat) -> bool) -> bool {
        let mut candidates = self.seats.values().filter(|seat| may_go(seat));
        let unproven = candidates.clone().find(|seat| !seat.proven.load(Ordering::Relaxed));
        let goes = unproven.or_else(|| candidates.find(|seat| seat.answering.load(Ordering::Relaxed) == 0));
        let Some(seat) = goes.map(Arc::clone) else { return false };
        seat.tell(Order::Leave);
        self.remove(seat.number);
        true
    }

    fn remove(&mut self, number: u64) {
        let Some(client) = self.seats.remove(&number).and_then(|seat| seat.client) else { return };
        if let Some(count) = self.of_client.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                self.of_client.remove(&client);
            }
        }
    }
}

impl Seat {
    fn new(number: u64, client: Option<ClientKey>, epoch: Instant) -> Self {
        let seat = Self {
            number,
            client,
            epoch,
            open: AtomicU32::new(0),
            answering: AtomicU32::new(0),
            proven: AtomicBool::new(false),
            multiplexes: AtomicBool::new(false),
            is_ambiguous: AtomicBool::new(false),
            active: AtomicU64::new(0),
            order: AtomicU8::new(Order::Stay as u8),
            called: Notify::new(),
        };
        seat.stir();
        seat
    }

    /// A request began: until the guard is dropped, the connection is not idle.
    pub(super) fn open(&self) -> Open<'_> {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }

    /// A whole request is there: until the guard is dropped, the connection is owed an answer.
    pub(super) fn answering(&self) -> Answering<'_> {
        self.proven.store(true, Ordering::Relaxed);
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(self)
    }

    /// Whether a request is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Notes that it speaks HTTP/2. `is_farewell`: whether everybody is told to go, so that it is told too.
    pub(super) fn multiplex(&self, is_farewell: impl FnOnce() -> bool) {
        // In this order, and those who say farewell in the other: so nobody is forgotten between the two.
        if !self.multiplexes.swap(true, Ordering::SeqCst) && is_farewell() {
            self.tell(Order::Drain);
        }
    }

    fn multiplexes(&self) -> bool {
        self.multiplexes.load(Ordering::SeqCst)
    }

    /// Notes whether the head that is being read gives its body two lengths.
    pub(super) fn note_framing(&self, is_ambiguous: bool) {
        self.is_ambiguous.store(is_ambiguous, Ordering::Relaxed);
    }

    /// Whether the head that came last gave its body two lengths.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.is_ambiguous.load(Ordering::Relaxed)
    }

    /// How long the connection has done nothing at `now`; `None` while a request is open.
    pub(super) fn idle(&self, now: Instant) -> Option<Duration> {
        let active = self.epoch + Duration::from_millis(self.active.load(Ordering::Relaxed));
        (!self.is_open()).then(|| now.saturating_duration_since(active))
    }

    /// Waits to be told something.
    pub(super) async fn called(&self) {
        self.called.notified().await;
    }

    /// What the connection was last told.
    pub(super) fn order(&self) -> Order {
        match self.order.load(Ordering::Acquire) {
            order if order == Order::Leave as u8 => Order::Leave,
            order if order == Order::Drain as u8 => Order::Drain,
            _ => Order::Stay,
        }
    }

    fn tell(&self, order: Order) {
        self.order.store(order as u8, Ordering::Release);
        self.called.notify_one();
    }

    fn stir(&self) {
        let since = u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.active.store(since, Ordering::Relaxed);
    }
}

/// An open request.
pub(super) struct Open<'a>(&'a Seat);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.stir();
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that is being answered.
pub(super) struct Answering<'a>(&'a Seat);

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(last: u8) -> Option<ClientKey> {
        Some(ClientKey::of([192, 0, 2, last].into()))
    }

    #[test]
    fn a_full_crowd_sheds_the_oldest_that_never_sent_a_request() {
        let crowd = Crowd::new(3, 3);
        let proven = crowd.enter(key(1)).unwrap();
        drop(proven.answering());
        let slow = crowd.enter(key(2)).unwrap();
        let slow_too = crowd.enter(key(3)).unwrap();
        crowd.enter(key(4)).unwrap();
        let orders = [&proven, &slow, &slow_too].map(|seat| seat.order());
        assert_eq!(orders, [Order::Stay, Order::Leave, Order::Stay]);
    }

    #[test]
    fn the_idle_go_next_and_those_owed_an_answer_never() {
        let crowd = Crowd::new(2, 2);
        let idle = crowd.enter(key(1)).unwrap();
        drop(idle.answering());
        let busy = crowd.enter(key(2)).unwrap();
        let _answering = busy.answering();
        let busy_too = crowd.enter(key(3)).unwrap();
        assert_eq!((idle.order(), busy.order()), (Order::Leave, Order::Stay));
        let _answering_too = busy_too.answering();
        assert!(crowd.is_full() && crowd.enter(key(4)).is_none());
    }

    #[test]
    fn a_client_beyond_its_share_pays_for_itself() {
        let crowd = Crowd::new(10, 2);
        let other = crowd.enter(key(9)).unwrap();
        let first = crowd.enter(key(1)).unwrap();
        crowd.enter(key(1)).unwrap();
        let third = crowd.enter(key(1)).unwrap();
        assert_eq!((other.order(), first.order()), (Order::Stay, Order::Leave));
        assert!((0..5).all(|_| crowd.enter(None).is_some()), "a proxy speaks for many");
        crowd.leave(&third);
        crowd.leave(&third);
        assert_eq!(crowd.taken().of_client[&key(1).unwrap()], 1);
    }

    #[test]
    fn a_closed_crowd_lets_nobody_in() {
        let crowd = Crowd::new(9, 9);
        let seat = crowd.enter(key(1)).unwrap();
        crowd.close(Order::Drain);
        assert_eq!(seat.order(), Order::Drain);
        assert!(crowd.enter(key(2)).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_idles_while_no_request_is_open() {
        let crowd = Crowd::new(1, 1);
        let seat = crowd.enter(None).unwrap();
        assert!(crowd.is_full());
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(!crowd.is_full());
        assert_eq!(seat.idle(Instant::now()), Some(Duration::from_secs(3)));
        let open = seat.open();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(seat.idle(Instant::now()), None);
        drop(open);
        assert_eq!(seat.idle(Instant::now()), Some(Duration::ZERO));
    }
}

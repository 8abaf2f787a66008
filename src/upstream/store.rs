//! The store that several gateways share, a Redis or Valkey: scripts go in, what they return comes
//! out.
//!
//! A script runs in one piece, so whoever else uses the store sees all of it or nothing, and it costs
//! one way there and back. There is one connection, on which many wait at a time; it is made when it
//! is first needed, and thrown away once it broke, or an answer on it did not come in time: what a
//! server sends that nobody waits for is read by nobody.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::Shared};
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, ServerErrorKind, Value,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};
use url::Url;

use crate::model::{Failure, Reason, showable};

/// How long making the connection may take, name, handshake and password included. Nobody waits for
/// all of it: who has less patience goes on without.
const CONNECTING: Duration = Duration::from_secs(2);

/// The most scripts at a time; more fail at once. At a millisecond each that is a quarter of a million
/// a second.
const AT_ONCE: usize = 256;

/// A store. Cloning it gives another handle to the same.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    client: Client,
    links: Mutex<Links>,
    places: Semaphore,
}

/// The connection, and how many there were before.
#[derive(Default)]
struct Links {
    made: u64,
    current: Option<Link>,
}

/// A connection that is there, or is being made.
#[derive(Clone)]
struct Link {
    number: u64,
    connection: Shared<oneshot::Receiver<Connected>>,
}

type Connected = Result<MultiplexedConnection, Failure>;

/// A part of what a script returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Number(i64),
    Bytes(Vec<u8>),
}

impl Part {
    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Bytes(_) => None,
        }
    }

    /// The bytes, if there are any.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) => None,
        }
    }
}

impl Store {
    /// The store at `url`, `redis://HOST:PORT/DB`, the same with `rediss`, or `unix:///PATH?db=DB`.
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the address.
    pub fn new(url: &Url, user: Option<&str>, password: Option<&str>) -> Result<Self, String> {
        let client = client(url, user, password).map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(Inner { client, links: Mutex::default(), places: Semaphore::new(AT_ONCE) })))
    }

    /// Runs a script, in one piece, for at most `patience`, and gives the list that it returns. A
    /// failure does not say that it had no effect.
    ///
    /// # Errors
    /// Why there is no answer: without what the server said but its first word, as the rest may name
    /// what was asked.
    pub async fn run(
        &self,
        script: &str,
        keys: &[&str],
        arguments: &[&[u8]],
        patience: Duration,
    ) -> Result<Vec<Part>, Failure> {
        let Ok(_place) = self.0.places.try_acquire() else {
            return Err(Failure::new(Reason::RateLimited, format!("{AT_ONCE} scripts run already")));
        };
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
        let link = self.0.link();
        let asked = async {
            let lost = |_| Err(Failure::new(Reason::Unreachable, "no connection could be made"));
            let connected = link.connection.clone().await.unwrap_or_else(lost);
            let mut connection = connected.map_err(|failure| Trouble { failure, is_of_the_line: true })?;
            let answer = command.query_async::<Value>(&mut connection).await;
            answer.map_err(|error| trouble(&error)).and_then(parts)
        };
        match timeout(patience, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Trouble { failure, is_of_the_line })) => {
                if is_of_the_line {
                    self.0.part_with(&link);
                }
                Err(failure)
            }
            Err(_) => {
                // One that is still being made may be good for the next.
                if link.is_made() {
                    self.0.part_with(&link);
                }
                Err(Failure::new(Reason::TimedOut, format!("no answer within {patience:?}")))
            }
        }
    }
}

impl Inner {
    /// The connection, which is made if there is none.
    fn link(&self) -> Link {
        let mut links = self.links();
        if let Some(link) = &links.current {
            return link.clone();
        }
        links.made += 1;
        let link = Link { number: links.made, connection: connect(self.client.clone()).shared() };
        links.current = Some(link.clone());
        link
    }

    /// Leaves a connection to those that wait on it, unless there is another already.
    fn part_with(&self, link: &Link) {
        let mut links = self.links();
        if links.current.as_ref().is_some_and(|current| current.number == link.number) {
            links.current = None;
        }
    }

    fn links(&self) -> MutexGuard<'_, Links> {
        // Changed by assignments of whole values.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn is_made(&self) -> bool {
        matches!(self.connection.peek(), Some(Ok(Ok(_))))
    }
}

/// Why a script gave nothing.
struct Trouble {
    failure: Failure,
    /// Whether the connection is of no use any more.
    is_of_the_line: bool,
}

fn client(url: &Url, user: Option<&str>, password: Option<&str>) -> Result<Client, RedisError> {
    let place = url.clone().into_connection_info()?;
    let mut settings = place.redis_settings().clone().set_skip_set_lib_name();
    if let Some(user) = user {
        settings = settings.set_username(user);
    }
    if let Some(password) = password {
        settings = settings.set_password(password);
    }
    Client::open(place.set_redis_settings(settings))
}

/// Makes a connection, in a task of its own: whoever began it may give up waiting.
fn connect(client: Client) -> oneshot::Receiver<Connected> {
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        // Each script is waited for by its own patience.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTING))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(AT_ONCE);
        let made = client.get_multiplexed_async_connection_with_config(&config).await;
        let _ = tell.send(made.map_err(|error| trouble(&error).failure));
    });
    told
}

/// What an error means. Of what the server said only the first word is told.
fn trouble(error: &RedisError) -> Trouble {
    let is_said = matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension);
    let said = error.code().unwrap_or_default();
    let (reason, detail) = match error.kind() {
        ErrorKind::AuthenticationFailed => (Reason::Unauthorised, "it refuses user and password".to_owned()),
        ErrorKind::Server(ServerErrorKind::NoPerm) => (Reason::Unauthorised, "it answers NOPERM".to_owned()),
        _ if matches!(said, "NOAUTH" | "WRONGPASS") => (Reason::Unauthorised, format!("it answers {said}")),
        _ if is_said => (Reason::Refused, format!("it answers {}", showable(said))),
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => {
            (Reason::Malformed, "what it says is not Redis's protocol".to_owned())
        }
        _ if error.is_connection_refusal() => (Reason::Refused, error.to_string()),
        _ if error.is_timeout() => (Reason::TimedOut, "it could not be connected to in time".to_owned()),
        _ if error.is_connection_dropped() => (Reason::Reset, "the connection broke".to_owned()),
        _ => (Reason::Unreachable, error.to_string()),
    };
    Trouble { failure: Failure::new(reason, detail), is_of_the_line: !is_said }
}

/// The parts of a list.
fn parts(value: Value) -> Result<Vec<Part>, Trouble> {
    let part = |value| match value {
        Value::Int(number) => Some(Part::Number(number)),
        Value::BulkString(bytes) => Some(Part::Bytes(bytes)),
        Value::Nil => Some(Part::Bytes(Vec::new())),
        _ => None,
    };
    let read = match value {
        Value::Array(list) => list.into_iter().map(part).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    read.ok_or_else(|| Trouble {
        failure: Failure::new(Reason::Malformed, "a script returned something else than it does"),
        is_of_the_line: true,
    })
}

//! Where a store is that several gateways share.

use url::Url;

use super::written::{Written, written};

/// The address of a Redis or Valkey: over TCP, inside TLS, or by a socket of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreUrl(pub Url);

impl Written for StoreUrl {
    const NAME: &'static str = "StoreUrl";
    const EXPECTED: &'static str = "an address such as \"redis://127.0.0.1:6379/0\", \"rediss://HOST:PORT/DB\" or \
                                    \"unix:///run/redis.sock?db=0\", user and password beside it";
    const PATTERN: &'static str = "^(rediss?://[^/@?#\\s]+(/[0-9]*)?|unix:///[^?#\\s]+(\\?db=[0-9]+)?)$";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        // A password in an address would be shown wherever the address is.
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_right = match url.scheme() {
            "redis" | "rediss" => url.has_host() && url.query().is_none() && is_number(url.path().get(1..)),
            "unix" => !url.has_host() && url.path().len() > 1 && is_database(url.query()),
            _ => false,
        };
        (is_bare && is_right).then_some(Self(url))
    }
}

written!(StoreUrl);

fn is_database(query: Option<&str>) -> bool {
    query.is_none_or(|query| {
        query.strip_prefix("db=").is_some_and(|number| !number.is_empty() && is_number(Some(number)))
    })
}

/// The number of a database, or none.
fn is_number(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_store_has_no_password_and_a_database_by_number() {
        let right = [
            "redis://127.0.0.1:6379/0",
            "redis://[::1]",
            "redis://store/",
            "rediss://store.example:6380/12",
            "unix:///run/redis.sock",
            "unix:///run/redis.sock?db=3",
        ];
        for text in right {
            assert!(StoreUrl::read(text).is_some(), "{text}");
        }
        let wrong = [
            "",
            "127.0.0.1:6379",
            "http://127.0.0.1/",
            "redis://user:password@127.0.0.1",
            "redis://:password@127.0.0.1",
            "redis://127.0.0.1/first",
            "redis://127.0.0.1/0?protocol=resp3",
            "redis:///0",
            "unix://",
            "unix:///run/redis.sock?pass=x",
            "unix:///run/redis.sock?db=",
        ];
        for text in wrong {
            assert_eq!(StoreUrl::read(text), None, "{text}");
        }
    }
}

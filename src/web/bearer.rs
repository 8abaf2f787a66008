//! Whether a request bears the operator's token (RFC 6750 section 2.1).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Page, problem::problem};

/// Whether `headers` bear `token`.
pub fn bears(headers: &HeaderMap, token: &str) -> bool {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(given), None) = (given.next(), given.next()) else { return false };
    let Some((scheme, borne)) = given.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return false;
    };
    scheme.eq_ignore_ascii_case("bearer") && is_same(borne.trim().as_bytes(), token.as_bytes())
}

/// What is said to a request that does not.
pub fn challenge() -> Page {
    let mut page =
        problem(StatusCode::UNAUTHORIZED, "this page wants the token of the configuration's admin.token");
    page.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    page
}

/// In a time that tells nothing of where the first difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |seen, (a, b)| seen | (a ^ b));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let borne = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            bears(&headers, "s3cret")
        };
        assert!(borne("Bearer s3cret") && borne("bearer  s3cret"));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer s3cre",
            "Bearer s3crets",
            "Basic s3cret",
            "s3cret",
            "Bearer S3cret",
        ] {
            assert!(!borne(wrong), "{wrong}");
        }
        assert!(!bears(&HeaderMap::new(), "s3cret"));
    }
}

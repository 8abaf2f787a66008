//! `GET /service` and `GET /openapi.json`: what the service offers, and how a script asks.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

use serde_json::Value;

use super::Page;
use crate::{model::Service, render::json};

const OPENAPI: &[u8] = include_bytes!("openapi.json");

/// The service object as JSON.
pub fn service(service: &Service) -> Page {
    page("application/json", Bytes::from(json::service(service).to_string()))
}

/// The description of our JSON for programs (OpenAPI 3.1), where a name has up to `name_length` characters.
pub fn openapi(name_length: usize) -> Page {
    // A test reads it: it is JSON, and has this member.
    let mut description: Value = serde_json::from_slice(OPENAPI).unwrap_or_default();
    if let Some(most) = description.pointer_mut("/components/schemas/Name/maxLength") {
        *most = name_length.into();
    }
    page("application/openapi+json", Bytes::from(description.to_string()))
}

fn page(kind: &'static str, body: Bytes) -> Page {
    let mut page = Response::new(body);
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CommonName;

    fn name_schema() -> Value {
        let description: Value = serde_json::from_slice(openapi(77).body()).unwrap();
        description["components"]["schemas"]["Name"].clone()
    }

    #[test]
    fn a_name_of_the_description_is_as_long_as_the_operator_lets_it_be() {
        assert_eq!(name_schema()["maxLength"], 77);
    }

    #[test]
    fn the_description_and_the_gateway_agree_on_which_characters_make_a_name() {
        let schema = jsonschema::validator_for(&name_schema()).unwrap();
        // The planes that have characters which nobody sees, and one that has none.
        let planes = ['\0'..='\u{1ffff}', '\u{20000}'..='\u{20fff}', '\u{e0000}'..='\u{effff}'];
        for character in planes.into_iter().flatten() {
            let text = character.to_string();
            let is_name = CommonName::new(&text).is_some();
            assert_eq!(schema.is_valid(&text.into()), is_name, "U+{:04X}", u32::from(character));
        }
    }
}

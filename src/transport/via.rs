//! The `Via` header (RFC 9110 section 7.6.3): which gateways a question has come through (D37).

use http::{HeaderMap, header};

use crate::model::Via;

/// The pseudonyms or hosts of every line, first to last, without protocols and comments.
pub(super) fn via(headers: &HeaderMap) -> Via {
    let lines = headers.get_all(header::VIA).iter().filter_map(|line| line.to_str().ok());
    Via(lines.flat_map(hops).collect())
}

fn hops(line: &str) -> Vec<String> {
    let bare = without_comments(line);
    let hops = bare.split(',').filter_map(|hop| hop.split_whitespace().nth(1));
    hops.map(str::to_owned).collect()
}

/// Comments stand in brackets, may nest, and may hold commas.
fn without_comments(line: &str) -> String {
    let mut depth = 0usize;
    let mut escaped = false;
    let mut bare = String::with_capacity(line.len());
    for c in line.chars() {
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            _ if was_escaped => {}
            '\\' if depth > 0 => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d37_pseudonyms_are_read_first_to_last() {
        let mut headers = HeaderMap::new();
        assert_eq!(via(&headers), Via::default());
        headers.append("via", "1.1 one (a, (b) \\) c), HTTP/2 two.example:80,".parse().unwrap());
        headers.append("via", "1.0\tthree, nonsense".parse().unwrap());
        assert_eq!(via(&headers).0, ["one", "two.example:80", "three"]);
    }
}

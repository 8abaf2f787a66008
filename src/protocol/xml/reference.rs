//! References: the five predefined entities and characters by number. Nothing else is defined
//! (D14).

use super::{super::repairs::shown, characters::is_allowed};

/// The character that `&name;` stands for, or why there is none.
pub(super) fn character(name: &str) -> Result<char, String> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => match name.strip_prefix('#') {
            Some(number) => {
                numbered(number).ok_or_else(|| format!("`&{};` is no character of XML 1.0", shown(name)))
            }
            None => Err(format!("the entity `&{};` is not defined", shown(name))),
        },
    }
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // A sign is read by the library, and no XML.
    let is_digits = digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_digits)?;
    char::from_u32(code).filter(|c| is_allowed(*c))
}

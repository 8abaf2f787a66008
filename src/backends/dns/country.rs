//! The suffixes under which a country's names are.

/// Registries of countries whose commercial names are mostly on the second level, by ISO 3166-1
/// code in lower case. The public suffix list knows such suffixes too, but not which of them
/// businesses take.
const COMMERCIAL: &[(&str, &str)] = &[
    ("ar", "com.ar"),
    ("au", "com.au"),
    ("bd", "com.bd"),
    ("br", "com.br"),
    ("cn", "com.cn"),
    ("co", "com.co"),
    ("cr", "co.cr"),
    ("cy", "com.cy"),
    ("eg", "com.eg"),
    ("gb", "co.uk"),
    ("hk", "com.hk"),
    ("id", "co.id"),
    ("il", "co.il"),
    ("in", "co.in"),
    ("jp", "co.jp"),
    ("ke", "co.ke"),
    ("kr", "co.kr"),
    ("mx", "com.mx"),
    ("my", "com.my"),
    ("ng", "com.ng"),
    ("nz", "co.nz"),
    ("pe", "com.pe"),
    ("ph", "com.ph"),
    ("pk", "com.pk"),
    ("pl", "com.pl"),
    ("sa", "com.sa"),
    ("sg", "com.sg"),
    ("th", "co.th"),
    ("tr", "com.tr"),
    ("tw", "com.tw"),
    ("ua", "com.ua"),
    ("uy", "com.uy"),
    ("ve", "com.ve"),
    ("vn", "com.vn"),
    ("za", "co.za"),
];

/// The suffixes of the country with this ISO 3166-1 code, most used first. None for the United
/// States, whose names are under com, and for a code that is no top-level domain.
pub(super) fn suffixes(code: &str) -> Vec<String> {
    let code = code.to_ascii_lowercase();
    let top = if code == "gb" { "uk" } else { code.as_str() };
    let second = COMMERCIAL.iter().find(|(country, _)| *country == code).map(|(_, second)| *second);
    // Not every country has names right under its own domain.
    let top =
        Some(top).filter(|top| *top != "us" && psl::suffix(top.as_bytes()).is_some_and(|s| s.is_known()));
    second.into_iter().chain(top).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_its_top_level_domain_and_its_commercial_one() {
        assert_eq!(suffixes("GB"), ["co.uk", "uk"]);
        assert_eq!(suffixes("JP"), ["co.jp", "jp"]);
        assert_eq!(suffixes("DE"), ["de"]);
        assert!(suffixes("US").is_empty() && suffixes("XX").is_empty());
    }

    #[test]
    fn every_second_level_is_a_public_suffix_of_its_country() {
        for (country, second) in COMMERCIAL {
            let suffix = psl::suffix(second.as_bytes()).unwrap();
            assert!(suffix.is_known() && suffix.as_bytes() == second.as_bytes(), "{second}");
            assert_eq!(suffixes(country).first().map(String::as_str), Some(*second), "{country}");
        }
    }
}

#!/usr/bin/env python3
"""Makes the starter map: some 3,000 well-known names, for a gateway that nobody has configured yet.

    scripts/starter_map.py NAMES POPULARITY > config/starter/names.csv

NAMES       name,url,country,language,category,source (NOTICE says which sources, and under what licences)
POPULARITY  domain,moz_rank,majestic_10k

Either may end in .gz. The same input gives the same bytes; the standard library is all it needs.

Written by hand and preferred where the two meet: config/starter/by-hand.csv, names that everybody
expects and that the sources lack or point elsewhere.

Many rows of the sources name one site. The site gets the best of its names, and the others only if they
mean the same: "Boeing Company (The)" is an alias of Boeing, "Google Analytics" is none of Google. Other
sites of the same name stay only where they say for which country they are.
"""
import csv
import gzip
import os
import re
import sys
import unicodedata
from collections import defaultdict
from urllib.parse import urlsplit

ROWS = 3000
BY_HAND = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "config", "starter", "by-hand.csv")
COLUMNS = ["name", "uri", "description", "aliases", "language", "geography", "category"]

# MPL-2.0 would reach into the file that we ship.
LEFT_OUT = {"mozilla-top-picks"}

# Sources whose rows name the owner of the site; the others list products and services as well.
OWNERS = {"fortune500", "financedatabase", "hipo-universities", "ror", "dotgov", "localgovjp", "nsi-brands"}

# Two-letter domains that say nothing of a country.
NOT_NATIONAL = set("ac ag ai am cc co eu fm gg im in io is it.com la ly me ms pw sh so tk to tv vc ws".split())

# Kinds of row that say nothing worth showing.
VAGUE = {"brand", "brands", "operators", "site", "software"}

FORMS = re.compile(
    r"(,?\s+(inc|incorporated|corp|corporation|co|company|companies|group|holdings?|plc|ltd|limited|llc"
    r"|ag|se|sa|nv|spa|ab|asa|oyj|kgaa|gmbh)\b\.?)+$", re.IGNORECASE)


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold(text):
    """Letters and digits alone, without case and diacritics."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in text if c.isalnum())


def host(url):
    name = urlsplit(url).hostname or ""
    return name[4:] if name.startswith("www.") else name


def label(site):
    """The label that names the owner: `amazon` of amazon.co.uk."""
    parts = site.split(".")[:-1]
    while len(parts) > 1 and (len(parts[-1]) <= 3):
        parts.pop()
    return fold(parts[-1])


def country_of(row):
    """The country that a row says or its address shows; empty when neither does."""
    if row["country"]:
        return row["country"]
    site = host(row["url"])
    top = site.rsplit(".", 1)[-1]
    # Where the ending helps to spell the name (linktr.ee), it is no country.
    if len(top) != 2 or top in NOT_NATIONAL or stem(plain(row)) != label(site):
        return ""
    return {"uk": "GB"}.get(top, top.upper())


def category_of(row):
    kind, _, detail = row["category"].partition("/")
    detail = detail.removesuffix("/acronym").replace("-", " ")
    if kind in ("site", "org"):
        return detail.replace("acronym", "")
    return "" if kind in VAGUE else kind


def description_of(row):
    category = category_of(row).capitalize()
    country = country_of(row)
    return f"{category}, {country}" if category and country else category


def is_root(url):
    return urlsplit(url).path in ("", "/") and not urlsplit(url).query


def plain(row):
    """A name as people say it: "Boeing Company (The)" is "The Boeing Company", and where google.com.br
    is called "Google BR", that is Google."""
    name = re.sub(r"^(.*\S)\s+\(The\)$", r"The \1", row["name"])
    ending = host(row["url"]).rsplit(".", 1)[-1]
    return re.sub(rf"\s+\(?{ending.upper()}\)?$", "", name) if len(ending) == 2 else name


def short(name):
    """A name without its legal form: "Pinterest, Inc." is Pinterest."""
    return FORMS.sub("", name) or name


def stem(name):
    """The fold of a name without legal form and leading "the"."""
    return fold(re.sub(r"^the\s+", "", short(name), flags=re.IGNORECASE)) or fold(name)


class Site:
    """One address and what its rows call it."""

    def __init__(self, name, rows):
        self.name = name
        self.rows = rows
        self.label = label(name)
        self.primary = min(rows, key=self.worth)

    def worth(self, row):
        """Best first: the name that the address spells, then an owner's, then the shortest."""
        name = plain(row)
        spelt = fold(name) == self.label
        foreign = row["source"] == "ror" and row["language"] not in ("", "en")
        return (row["category"].endswith("/acronym"), foreign, not spelt, stem(name) != self.label,
                row["source"] not in OWNERS, len(name), name, row["url"])

    def is_named(self):
        """Whether its best name is the site's own rather than that of something found on it."""
        row = self.primary
        key = stem(plain(row))
        near = key in self.label or self.label in key
        return row["source"] in OWNERS or (near and len(self.label) * 2 >= len(key))

    def title(self):
        """The name to show: without its legal form where the address does without it."""
        name = plain(self.primary)
        return short(name) if fold(short(name)) == self.label and not name.isupper() else name

    def aliases(self):
        """Other names for the same: another form of the name, or initials."""
        found = {}
        first = self.title()
        known = {fold(first)}
        for row in sorted(self.rows, key=self.worth):
            name = plain(row)
            same = stem(name) == stem(first)
            initials = row["category"].endswith("/acronym") and fold(name) in self.label
            translated = row["source"] in ("ror", "hipo-universities") and not name.isascii()
            if (same or initials or translated) and fold(name) not in known and len(found) < 4:
                known.add(fold(name))
                found[name] = None
        return list(found)

    def entry(self, popular):
        row = self.primary
        secure = [r["url"] for r in self.rows if r["url"].startswith("https://")]
        uri = min(secure, key=lambda url: ("://www." not in url, url)) if secure else row["url"]
        if popular:
            # A site this well known has https, whatever an old source wrote.
            uri = re.sub("^http:", "https:", uri)
        return {
            "name": self.title(), "uri": uri, "description": description_of(row),
            "aliases": "|".join(alias for alias in self.aliases() if "|" not in alias),
            "language": row["language"], "geography": country_of(row), "category": category_of(row),
        }


def sites_of(rows):
    groups = defaultdict(list)
    for row in rows:
        if row["source"] not in LEFT_OUT and is_root(row["url"]):
            groups[host(row["url"])].append(row)
    return [site for site in (Site(name, found) for name, found in groups.items()) if site.is_named()]


def popularity_of(path):
    """Well-known domains, best first: ranked ones by rank, then the unranked, all alike."""
    return {row["domain"]: int(row["moz_rank"] or 1000) for row in read(path)}


def fame(site, rank):
    """Sorts the better known before the less known; a short address is worth more than a long one."""
    sources = {row["source"] for row in site.rows}
    return rank.get(site.name, 2000), -len(sources), "fortune500" not in sources, len(site.name), site.name


def chosen(sites, rank):
    """Entries in order of fame, each followed by the other countries' sites of its name."""
    by_name = defaultdict(list)
    for site in sorted(sites, key=lambda site: fame(site, rank)):
        by_name[stem(site.title())].append(site)
    for first, *others in by_name.values():
        yield first.entry(first.name in rank)
        for site in others:
            own = first.label in site.label and not site.name.endswith("." + first.name)
            company = site.primary["category"].startswith("company") and site.label != first.label
            if own and not company and country_of(site.primary):
                yield {**site.entry(site.name in rank), "name": first.title()}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    by_hand = read(BY_HAND)
    taken = {host(entry["uri"]) for entry in by_hand}
    labels = {stem(name): label(host(entry["uri"]))
              for entry in by_hand for name in [entry["name"], *entry["aliases"].split("|")] if name}
    free = []
    for entry in chosen(sites_of(read(sys.argv[1])), popularity_of(sys.argv[2])):
        site = host(entry["uri"])
        # A name written by hand keeps further sites only of the same owner: google.fr, but not bmwgroup.com.
        if site not in taken and label(site) == labels.get(stem(entry["name"]), label(site)):
            free.append(entry)

    out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    out.writeheader()
    out.writerows(by_hand + free[:ROWS - len(by_hand)])


if __name__ == "__main__":
    main()

"""Who is meant by a question: the names and the site are real, read from a list of names and a list of questions."""
import csv
import gzip
import io
import json
import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LEGAL = re.compile(
    r"[ ,]+(inc|incorporated|corp|corporation|co|company|ltd|limited|llc|plc|gmbh|ag|sa|se|nv|bv|ab|asa|as|oyj|spa|kk|group|"
    r"holdings?|co\., ltd)\.?$", re.IGNORECASE)


def fold(text):
    """The letters and digits of a text, without case and marks."""
    spread = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in spread if c.isalnum())


def short(name):
    """A name as people say it, without the legal form at its end."""
    while True:
        said = LEGAL.sub("", name).strip(" ,")
        if said == name or not said:
            return name
        name = said


@dataclass
class Entity:
    """Somebody who has a name and a site."""
    query: str
    kind: str
    name: str
    answers: list
    known_well: bool
    url: str
    country: str
    category: str
    others: list = field(default_factory=list)

    @property
    def site(self):
        """The registrable domain that is right."""
        return self.answers[0]

    @property
    def label(self):
        """What the site is called before its suffix."""
        label = self.site.split(".")[0]
        try:
            return label.encode("ascii").decode("idna")
        except UnicodeError:
            return label

    @property
    def said(self):
        """What the site calls itself: the longest of its names for one that was asked by its initials."""
        if self.kind == "abbrev" and self.others:
            return short(max(self.others, key=len))
        return short(self.name)

    @property
    def bears_name(self):
        return fold(self.label) == fold(self.said) or fold(self.label) == fold(self.name)


def opened(path):
    """A text file that may be compressed."""
    if str(path).endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
    return open(path, encoding="utf-8", newline="")


def read_names(path):
    """The rows of a names file by every domain that its address is below: `b.example` and `a.b.example`."""
    rows = {}
    with opened(path) as file:
        for row in csv.DictReader(file):
            labels = (urlsplit(row["url"]).hostname or "").split(".")
            for first in range(len(labels) - 1):
                rows.setdefault(".".join(labels[first:]), []).append(row)
    return rows


def read_lines(path):
    """The objects of a file of JSON lines."""
    with opened(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def entity(asked, rows):
    """The entity that a question means, with what the names file says of it."""
    own = rows.get(asked["answers"][0], [])
    name = asked.get("name") or asked["query"]
    row = next((row for row in own if row["name"] == name), own[0] if own else {})
    return Entity(
        query=asked["query"], kind=asked.get("kind", "exact"), name=name, answers=asked["answers"],
        known_well=bool(asked.get("known_well")), url=row.get("url") or f"https://www.{asked['answers'][0]}/",
        country=row.get("country") or asked.get("country", ""), category=row.get("category", ""),
        others=[other["name"] for other in own if other["name"] != name])

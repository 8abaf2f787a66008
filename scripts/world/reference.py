"""What works of reference say of a name: Wikipedia, Wikidata, DuckDuckGo's instant answers, and another CNRP service."""
import zlib
from urllib.parse import quote
from xml.sax.saxutils import escape

from .engines import ok

PARTNER = "urn:example:partner"
NAMESAKE_ITEMS = ["family name", "village in Poland", "2009 film", "song by a band", "genus of insects", "asteroid", "given name"]


def wikipedia(titles, redirect=None):
    """Pages of these titles, the likeliest first, in the order in which the interface gives them: by page id."""
    if not titles:
        return ok({"batchcomplete": True})
    pages = [{"pageid": 100_000 - place * 7919 % 9973, "ns": 0, "title": title, "index": place, "contentmodel": "wikitext",
              "pagelanguage": "en", "fullurl": "https://en.wikipedia.org/wiki/" + quote(title.replace(" ", "_")),
              "extract": f"{title} is a subject with an article."} for place, title in enumerate(titles, 1)]
    pages.sort(key=lambda page: page["pageid"])
    query = {"pages": pages}
    if redirect:
        query = {"redirects": [{"index": 1, "from": redirect, "to": titles[0]}], "pages": pages}
    return ok({"batchcomplete": True, "query": query})


def statement(url, rank="normal", language=None):
    made = {"type": "statement", "rank": rank, "mainsnak": {"snaktype": "value", "property": "P856", "datatype": "url",
                                                            "datavalue": {"type": "string", "value": url}}}
    if language:
        made["qualifiers"] = {"P407": [{"snaktype": "value", "property": "P407", "datavalue": {
            "type": "wikibase-entityid", "value": {"entity-type": "item", "id": language}}}]}
    return made


def wikidata(query, items):
    """The two replies for items of (label, description, alias that matched or None, statements of an official site)."""
    search, entities = [], {}
    first = zlib.crc32(query.encode()) * 10
    for place, (label, description, alias, statements) in enumerate(items):
        number = f"Q{first + place}"
        match = {"type": "alias" if alias else "label", "language": "en", "text": alias or label}
        row = {"id": number, "title": number, "repository": "wikidata", "label": label, "description": description, "match": match}
        search.append({**row, "aliases": [alias]} if alias else row)
        claims = {"P856": statements} if statements else {}
        entities[number] = {"type": "item", "id": number, "claims": claims}
    return ok({"searchinfo": {"search": query}, "search": search, "success": 1}), ok({"entities": entities, "success": 1})


def duckduckgo(heading="", site=None, article="", kind=""):
    results = [{"FirstURL": site, "Text": f"Official site - {heading}", "Icon": {"URL": "", "Height": "", "Width": ""}}] if site else []
    text = f"{heading} is a subject with an article." if heading and kind == "A" else ""
    return ok({"Abstract": text, "AbstractText": text, "AbstractSource": "Wikipedia" if text else "", "AbstractURL": article,
               "Answer": "", "Heading": heading, "Redirect": "", "Type": kind, "Results": results, "RelatedTopics": [],
               "Infobox": "", "meta": None}, "application/x-javascript")


def partner(resources):
    """An answer of another CNRP service: resources of (name, address, its own confidence)."""
    rows = "".join(
        f"<resourcedescriptor><commonname>{escape(name)}</commonname><id>r{place}</id><resourceuri>{escape(url)}</resourceuri>"
        f"<serviceref ref=\"i0\"/><description></description><property name=\"x-confidence\" type=\"x-level\">{level}</property>"
        "</resourcedescriptor>" for place, (name, url, level) in enumerate(resources))
    nothing = "" if resources else "<status code=\"2.1.0\">nothing matched</status>"
    return ok("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cnrp PUBLIC \"-//IETF//DTD CNRP 1.0//EN\" "
              "\"http://ietf.org/dtd/cnrp-1.0.dtd\">\n<cnrp><results><service id=\"i0\" ttl=\"3600\"><serviceuri>" + PARTNER +
              f"</serviceuri></service>{rows}{nothing}</results></cnrp>", "application/cnrp+xml")

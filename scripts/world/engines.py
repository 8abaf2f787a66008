"""What each search engine makes of the web: which pages it has, how it judges them, how it writes their addresses, and its
reply as it comes over the wire."""
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Engine:
    """The manners of one engine. `blur` is how far its judgement strays from the strength of a page, `has` how many of the
    pages it knows, `likes` what it overrates, `reads_slips` how often it sees what a mistyped name meant."""
    blur: float
    has: float
    likes: dict
    reads_slips: float
    most: int
    untidy: float


# What an engine thinks less of than this it does not list.
WORST = -1.5

ENGINES = {
    "brave": Engine(.6, .95, {"aggregator": .15, "wiki": .2, "news": .2, "squatter": .2, "parked": -4}, .85, 10, .15),
    "mojeek": Engine(.9, .88, {"squatter": .9, "parked": .7, "namesake": .4, "social": -1.5, "wiki": -.4, "app": -.8}, .35, 10, .4),
    "searxng": Engine(.55, .97, {"social": .2, "wiki": .3, "forum": .3, "official": -.1, "parked": -4}, .8, 10, .25),
}


def found(engine, pages, dice):
    """The pages that the engine answers with, best first."""
    known = [page for page in pages if dice.random() < engine.has]
    judged = [(page.strength + engine.likes.get(page.kind, 0) + dice.gauss(0, engine.blur), place, page)
              for place, page in enumerate(known)]
    judged = sorted((one for one in judged if one[0] >= WORST), key=lambda one: (-one[0], one[1]))
    return [page for _, _, page in judged][:engine.most]


def spelled(url, engine, dice):
    """The address as the engine writes it."""
    if dice.random() >= engine.untidy:
        return url
    parts = urlsplit(url)
    www = parts.netloc.removeprefix("www.")
    change = dice.choice(["scheme", "www", "slash", "tracking"])
    if change == "scheme":
        return url.replace("https://", "http://", 1)
    if change == "www" and www.count(".") == 1:
        return url.replace(parts.netloc, www if parts.netloc != www else f"www.{www}", 1)
    if change == "slash" and not parts.query:
        return url.rstrip("/") if url.endswith("/") else url
    return url + ("&" if parts.query else "?") + dice.choice(["utm_source=search", "gclid=EAIaIQ", "srsltid=AfmBOo"])


def rows(name, pages, dice):
    """What engine `name` lists: address, title and words of each page."""
    engine = ENGINES[name]
    return [(spelled(page.url, engine, dice), dice.choice(page.titles), page.description) for page in found(engine, pages, dice)]


def ok(body, media="application/json"):
    return {"status": 200, "type": media, "body": body}


def brave(query, rows, infobox=None, altered=None):
    """Brave's reply; `infobox` is (title, address of the article, official site)."""
    body = {"type": "search", "query": {"original": query, "altered": altered, "more_results_available": bool(rows)}}
    if rows:
        body["web"] = {"type": "search", "family_friendly": True, "results": [
            {"type": "search_result", "subtype": "generic", "title": escaped(title), "url": url, "description": escaped(words),
             "language": "en", "meta_url": {"hostname": urlsplit(url).hostname}} for url, title, words in rows]}
    if infobox:
        title, article, site = infobox
        body["infobox"] = {"type": "graph", "results": [
            {"type": "infobox", "subtype": "entity", "position": 0, "title": title, "url": article, "website_url": site}]}
    return ok(body)


def escaped(text):
    return text.replace("&", "&amp;").replace("'", "&#x27;")


def mojeek(query, rows):
    listed = [{"url": url, "title": title, "desc": words} for url, title, words in rows]
    head = {"query": query, "start": 0, "return": len(rows), "results": len(rows), "dups": 0}
    return ok({"response": {"status": "OK", "head": head, "results": listed}})


def searxng(query, rows, infobox=None, correction=None, dice=None):
    listed = []
    for place, (url, title, words) in enumerate(rows, 1):
        engines = dice.sample(["google", "bing", "duckduckgo", "startpage", "qwant"], dice.choice([1, 2, 2, 3]))
        listed.append({"url": url, "title": title, "content": words, "engine": engines[0], "engines": engines,
                       "positions": [place] * len(engines), "score": round(4 / place, 2), "category": "general"})
    boxes = []
    if infobox:
        title, article, site = infobox
        boxes = [{"infobox": title, "id": article, "content": "", "urls": [
            {"title": "Official website", "url": site, "official": True}, {"title": "Wikipedia", "url": article}]}]
    silent = [["bing", "timeout"]] if dice.random() < .15 else []
    return ok({"query": query, "number_of_results": len(rows), "results": listed, "answers": [],
               "corrections": [correction] if correction else [], "infoboxes": boxes, "suggestions": [],
               "unresponsive_engines": silent})


# How engines refuse, and how often: too many requests, a page to prove that one is a person, a quota in a reply that looks
# like success, a connection that closes without a word (status 0).
REFUSALS = {
    "brave": [(.012, {"status": 429, "type": "application/json", "body": {"type": "ErrorResponse", "error": {
        "id": "a", "status": 429, "code": "RATE_LIMITED", "detail": "Request rate limit exceeded for plan"}}})],
    "mojeek": [(.02, ok({"response": {"status": "ERROR: Daily Limit Reached"}})), (.01, {"status": 0})],
    "searxng": [(.012, {"status": 429, "type": "text/html", "body": "<html><body>Too Many Requests</body></html>"}),
                (.012, ok({"query": "", "results": [], "answers": [], "corrections": [], "infoboxes": [], "suggestions": [],
                           "unresponsive_engines": [["google", "Suspended: CAPTCHA"], ["bing", "timeout"]]})),
                (.006, {"status": 0})],
    "wikipedia": [(.01, ok({"error": {"code": "maxlag", "info": "Waiting for a database: 8 seconds lagged.", "lag": 8}}))],
    "wikidata": [(.012, {"status": 429, "type": "text/plain", "body": "Too many requests"})],
    "duckduckgo": [(.02, {"status": 202, "type": "text/html", "body":
                          "<html><form id=\"challenge-form\" action=\"//duckduckgo.com/anomaly.js?x\">"
                          "<div class=\"anomaly-modal__title\">Select all squares</div></form></html>"})],
    "partner": [(.01, {"status": 503, "type": "text/plain", "body": "overloaded"})],
}


def refused(name, dice):
    """The refusal that comes in place of a reply, now and then."""
    for share, reply in REFUSALS.get(name, []):
        if dice.random() < share:
            return reply
    return None

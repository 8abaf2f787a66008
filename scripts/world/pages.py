"""What the web holds of a name: the site that is meant, and all that stands in its way.

Each page has a strength: how well it would stand if there were one perfect engine. The strengths are the part of an
engine's judgement that all engines share, mistakes included; what each makes of them is its own affair (`engines`).
"""
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from .entity import fold

NATIONAL = {"DE": "de", "FR": "fr", "GB": "co.uk", "JP": "co.jp", "IT": "it", "ES": "es", "BR": "com.br", "PL": "pl",
            "NL": "nl", "AU": "com.au", "CH": "ch", "AT": "at", "BE": "be", "SE": "se", "CA": "ca", "IN": "co.in"}
LANDINGS = ["en/", "en-us/", "de-de/", "us/en/", "home", "index.html", "fr-fr/", "global/en"]
TAGLINES = ["Official Site", "Home", "Quality since 1952", "Shop online", "Welcome", "Innovation for a better tomorrow",
            "News, products and services", "Offizielle Website", "Site officiel", "Live better", "Log in or sign up"]
DEEP = [("about-us", "About us | {n}"), ("careers", "Careers at {n}"), ("contact", "Contact - {n}"),
        ("login", "{n} Login"), ("products/overview", "{n} products"), ("news/2026/annual-report", "{n}: annual report"),
        ("investors", "{n} Investor Relations"), ("store-locator", "Find a {n} near you"), ("help", "Help centre | {n}")]
SUBDOMAINS = [("shop", "{n} Online Shop"), ("support", "{n} Support"), ("careers", "Jobs at {n}"), ("blog", "The {n} Blog")]
# Where, how often there is a page, its strength, its address and its title.
SOCIAL = [
    ("social", .65, 1.5, "https://www.facebook.com/{s}/", "{n} | Facebook"),
    ("social", .35, 1.1, "https://www.instagram.com/{s}/", "{n} (@{s}) • Instagram photos and videos"),
    ("social", .30, 1.1, "https://x.com/{s}", "{n} (@{s}) / X"),
    ("social", .25, 1.0, "https://www.youtube.com/@{s}", "{n} - YouTube"),
]
AGGREGATORS = [
    ("aggregator", .55, 1.6, "https://www.linkedin.com/company/{h}", "{n} | LinkedIn"),
    ("aggregator", .30, 1.0, "https://www.crunchbase.com/organization/{h}", "{n} - Crunchbase Company Profile & Funding"),
    ("aggregator", .25, 1.0, "https://www.bloomberg.com/profile/company/{s}", "{n} - Company Profile and News - Bloomberg Markets"),
    ("aggregator", .30, 1.0, "https://www.trustpilot.com/review/{d}", "{n} Reviews | Read Customer Service Reviews of {d}"),
    ("aggregator", .25, .9, "https://www.glassdoor.com/Overview/{h}.htm", "Working at {n} | Glassdoor"),
    ("aggregator", .20, .9, "https://www.yelp.com/biz/{h}", "{n} - Updated November 2026 - Yelp"),
    ("aggregator", .20, .8, "https://www.zoominfo.com/c/{h}/1234567", "{n} - Overview, News & Similar companies | ZoomInfo"),
    ("shop", .25, .8, "https://www.amazon.com/stores/{s}/page/1", "Amazon.com: {n}"),
    ("app", .25, .9, "https://play.google.com/store/apps/details?id=com.{s}.app", "{n} - Apps on Google Play"),
    ("app", .25, .9, "https://apps.apple.com/us/app/{h}/id1234567", "{n} on the App Store"),
    ("forum", .30, .9, "https://www.reddit.com/r/{s}/", "r/{s} - Reddit"),
]
DIRECTORIES = {
    "university": [("aggregator", .6, 1.5, "https://www.topuniversities.com/universities/{h}", "{n} : Rankings, Fees & Courses | Top Universities")],
    "org": [("aggregator", .5, 1.3, "https://www.researchgate.net/institution/{h}", "{n} | Research profile | ResearchGate")],
    "government": [("aggregator", .4, 1.2, "https://ballotpedia.org/{h}", "{n} - Ballotpedia")],
    "transit": [("aggregator", .5, 1.4, "https://moovitapp.com/index/en/{h}", "{n} routes and timetables - Moovit")],
    "brands": [("aggregator", .4, 1.3, "https://www.tripadvisor.com/Restaurant_Review-{h}.html", "{n}, City Centre - Restaurant Reviews - Tripadvisor")],
}
NEWS = [
    ("https://www.reuters.com/business/{h}-results-2026-10-29/", "{n} beats forecasts as demand recovers | Reuters"),
    ("https://www.bbc.com/news/articles/c{s}", "{n} to cut 300 jobs, union says"),
    ("https://www.theguardian.com/business/2026/{h}", "Regulator opens inquiry into {n} | The Guardian"),
    ("https://techcrunch.com/2026/05/02/{h}/", "{n} raises prices for the second time this year | TechCrunch"),
]
NAMESAKES = ["{n} Plumbing & Heating", "{n} Consulting", "{n} (band) - official page", "Hotel {n}", "{n} Ltd, family business since 1987",
             "{n} Restaurant", "{n} Photography", "{n}"]
PARKING = ["ns1.sedoparking.com", "ns2.sedoparking.com"]
LOOKALIKE = str.maketrans({"a": "а", "e": "е", "o": "о", "i": "і", "c": "с", "p": "р"})


@dataclass
class Page:
    """A page, and what it is to the name asked: `official`, `deep`, `wiki`, `namesake`, `squatter` and so on."""
    kind: str
    url: str
    titles: list
    strength: float
    description: str = ""

    @property
    def host(self):
        return urlsplit(self.url).hostname or ""


class Web:
    """The pages about one entity, and the domains that exist around its name."""

    def __init__(self, entity, dice):
        self.entity, self.dice = entity, dice
        self.pages, self.domains = [], {}
        self.name = entity.said
        self.slug = fold(self.name) or "x"
        # Short names are had by many, long ones by one.
        self.taken = .8 if len(self.slug) <= 7 else .5 if len(self.slug) <= 12 else .2
        self.fame = 1.0 if entity.known_well else 0.0
        for part in (self.official, self.wiki, self.listings, self.news, self.national, self.namesakes, self.squatters):
            part()

    def chance(self, share):
        return self.dice.random() < share

    def add(self, kind, url, titles, strength, spread=.7):
        titles = [titles] if isinstance(titles, str) else titles
        description = f"{self.name}: {self.entity.category.replace('/', ', ').replace('_', ' ') or 'what it is and does'}."
        self.pages.append(Page(kind, url, titles, strength + self.dice.gauss(0, spread), description))

    def fill(self, text):
        hyphened = "-".join(fold(word) for word in self.name.split() if fold(word)) or self.slug
        return text.format(n=self.name, s=quote(self.slug), h=quote(hyphened), d=self.entity.site)

    def own(self, domain, www=True, servers=()):
        self.domains.setdefault(domain, {"www": www, "ns": list(servers)})

    def titles(self):
        """How the site calls itself, twice: engines do not all take the same one."""
        tagline = self.dice.choice(TAGLINES)
        styles = [(30, "{n} | " + tagline), (20, "{n} - " + tagline), (8, "{n}: " + tagline), (13, "{n}"), (11, tagline + " | {n}"),
                  (5, "Home - {n}"), (4, "Welcome to {n}"), (3, "{n}® – " + tagline), (2, "The {n} website"), (2, "Just a moment..."),
                  (2, self.entity.label.upper())]
        weights, texts = zip(*styles)
        return [text.format(n=self.name) for text in self.dice.choices(texts, weights, k=2)]

    def official(self):
        entity = self.entity
        parts = urlsplit(entity.url)
        base = f"{parts.scheme}://{parts.netloc}/"
        self.own(entity.site, www=self.chance(.9))
        strength = 3.0 + .8 * self.fame + (.4 if entity.bears_name else -.1)
        titles = self.titles()
        landing = parts.path.strip("/") == "" and self.chance(.15)
        url = base + self.dice.choice(LANDINGS) if landing else entity.url
        root = len(self.pages)
        self.add("official", url, titles, strength, .8)
        standing = self.pages[root].strength
        if landing:
            self.add("official", base, titles, standing - .4, .4)
        for path, title in self.dice.sample(DEEP, self.dice.randint(1, 4)):
            self.add("deep", base + path, title.format(n=self.name), standing - 1.1, .6)
        if self.chance(.3):
            sub, title = self.dice.choice(SUBDOMAINS)
            self.add("deep", f"https://{sub}.{entity.site}/", title.format(n=self.name), standing - 1.1, .6)
        for other in entity.answers[1:]:
            self.own(other)
            self.add("official", f"https://www.{other}/", self.titles(), strength - .6)

    def wiki(self):
        self.has_article = self.chance(.92 if self.entity.known_well else .35)
        article = quote(self.name.replace(" ", "_"))
        if self.has_article:
            self.add("wiki", f"https://en.wikipedia.org/wiki/{article}", f"{self.name} - Wikipedia", 2.2 + .3 * self.fame)
            if self.chance(.2):
                self.add("wiki", f"https://de.wikipedia.org/wiki/{article}", f"{self.name} – Wikipedia", 1.0)
        if self.chance(.06):
            self.add("wiki", f"https://{self.slug[:40]}.fandom.com/wiki/{article}", f"{self.name} | Fandom", 1.2)

    def listings(self):
        kind = self.entity.category.split("/")[0]
        for what, share, strength, url, title in SOCIAL + AGGREGATORS + DIRECTORIES.get(kind, []):
            if self.chance(share):
                self.add(what, self.fill(url), self.fill(title), strength + .1 * self.fame)

    def news(self):
        for url, title in self.dice.sample(NEWS, 2 if self.entity.known_well else 1):
            if self.chance(.55):
                self.add("news", self.fill(url), self.fill(title), 1.1, .8)

    def national(self):
        """The same brand's sites for other countries, and its pages for them."""
        if self.entity.bears_name and self.chance(.35):
            country, suffix = self.dice.choice(list(NATIONAL.items()))
            domain = f"{self.entity.label}.{suffix}"
            if domain.isascii() and domain not in self.entity.answers:
                self.own(domain)
                self.add("national", f"https://www.{domain}/", f"{self.name} {country}", 1.7)
        if self.chance(.25):
            base = f"https://{urlsplit(self.entity.url).netloc}/"
            self.add("deep", base + self.dice.choice(["de-de/", "fr/", "uk/", "jp/"]), f"{self.name} | International", 1.6)

    def namesakes(self):
        """Others of the same or nearly the same name, some of them on the domain that one would guess."""
        for _ in range(sum(self.chance(.8 * self.taken) for _ in range(2))):
            suffix = self.dice.choice(["com", "net", "org", "co", "co.uk", "de", "com.au"])
            domain = self.dice.choice([f"{self.slug}.{suffix}", f"the{self.slug}.{suffix}", f"{self.slug}group.{suffix}"])
            if domain.isascii() and domain not in self.entity.answers and domain not in self.domains:
                self.own(domain)
                self.add("namesake", f"https://www.{domain}/", self.dice.choice(NAMESAKES).format(n=self.name), 1.3, .8)

    def squatters(self):
        """The guessable domains that the site does not have: for sale, or somebody's."""
        for suffix, share in (("com", 1.0), ("net", .7), ("org", .6)):
            domain = f"{self.slug}.{suffix}"
            if not domain.isascii() or domain in self.domains or domain in self.entity.answers or not self.chance(self.taken * share):
                continue
            if self.chance(.55):
                self.own(domain, servers=PARKING)
                self.add("parked", f"http://{domain}/", f"{domain} is for sale | Buy this domain", -.3, .7)
            else:
                self.own(domain)
                self.add("squatter", f"https://{domain}/", [f"{self.name}", f"{domain} - news, tips and reviews"], .3, .8)
        if self.slug.isascii() and self.chance(.10):
            label = self.slug[:40]
            host = self.dice.choice([f"{label}-official.com", f"{label}login.net", f"{label[:-1]}s.com", label[:20].translate(LOOKALIKE) + ".com"])
            host = host.encode("idna").decode()
            self.add("lookalike", f"https://{host}/", f"{self.name} | Official Site", .9, .7)

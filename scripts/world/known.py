"""The replies of every engine to a question that means somebody."""
from . import engines, reference
from .entity import fold
from .pages import PARKING, Page, Web

# Wikidata's items for the languages that its official sites are marked with.
ENGLISH, GERMAN = "Q1860", "Q188"
# How often a work of reference knows the name in the form in which it was asked.
KNOWS_FORM = {"exact": .95, "case": .95, "diacritic": .9, "suffix": .75, "spacing": .4, "abbrev": .6, "typo": 0}


def is_slip(entity):
    return entity.kind == "typo"


def misread(web, dice):
    """The pages that hold the letters of a name whose slip an engine did not see."""
    query = web.entity.query
    slug = fold(query)
    near = [Page("forum", f"https://forum.example-{n}.net/t/{n}{n}1", [f"{query}? - discussion"], 1 - .2 * n, query) for n in (1, 2, 3)]
    if slug.isascii() and dice.random() < .4 * web.taken:
        web.own(f"{slug}.com", servers=PARKING)
        near.append(Page("parked", f"http://{slug}.com/", [f"{slug}.com"], 1.5, "This domain may be for sale."))
    strays = [page for page in web.pages if page.kind in ("social", "forum", "news")]
    return near + strays[:3]


class Known:
    """One question, asked of all."""

    def __init__(self, entity, dice):
        self.entity, self.dice = entity, dice
        self.web = Web(entity, dice)
        self.knows_form = dice.random() < KNOWS_FORM.get(entity.kind, .9)
        self.has_item = dice.random() < (.92 if entity.known_well else .5)
        # The works of reference copy from each other: where one is out of date, so are the others.
        self.stated = entity.url if dice.random() < .97 else f"http://www.old-{fold(entity.label) or 'site'}.com/"
        if not self.stated.isascii():
            self.stated = entity.url

    def replies(self):
        search, entities = self.wikidata()
        told = {name: self.searched(name) for name in engines.ENGINES}
        told |= {"wikipedia": self.wikipedia(), "wikidata": search, "duckduckgo": self.duckduckgo(), "partner": self.partner()}
        told = {name: engines.refused(name, self.dice) or reply for name, reply in told.items()}
        return told | {"wikidata-entities": entities}

    def chance(self, share):
        return self.dice.random() < share

    def searched(self, name):
        understood = not is_slip(self.entity) or self.chance(engines.ENGINES[name].reads_slips)
        pages = self.web.pages if understood else misread(self.web, self.dice)
        rows = engines.rows(name, pages, self.dice)
        query = self.entity.query
        box = self.infobox() if understood and self.chance(.5) else None
        meant = self.entity.name if is_slip(self.entity) and understood else None
        if name == "brave":
            return engines.brave(query, rows, box, meant)
        if name == "mojeek":
            return engines.mojeek(query, rows)
        # Some of the engines behind it correct silently, some say what they would have asked.
        return engines.searxng(query, rows, box, meant, self.dice)

    def infobox(self):
        if not (self.web.has_article and self.has_item):
            return None
        article = "https://en.wikipedia.org/wiki/" + self.web.name.replace(" ", "_")
        return self.web.name, article, self.stated

    def wikipedia(self):
        name, query = self.web.name, self.entity.query
        if not self.web.has_article or (is_slip(self.entity) and self.chance(.5)):
            return reference.wikipedia([])
        title = name if self.chance(.85) else f"{name} ({self.dice.choice(['company', 'organisation', 'brand'])})"
        more = [f"{name} {self.dice.choice(['Stadium', 'Tower', 'Open', 'II', 'Foundation'])}"] if self.chance(.4) else []
        asked_otherwise = self.knows_form and fold(query) != fold(name)
        if not self.knows_form and not is_slip(self.entity):
            return reference.wikipedia([])
        return reference.wikipedia([title, *more], query if asked_otherwise else None)

    def wikidata(self):
        entity, name = self.entity, self.web.name
        items = []
        if self.has_item and self.knows_form:
            alias = entity.query if fold(entity.query) != fold(name) else None
            items.append((name, entity.category.replace("/", ", "), alias, self.statements()))
        if self.knows_form and self.chance(.3):
            items.append((entity.query, self.dice.choice(reference.NAMESAKE_ITEMS), None, self.of_namesake()))
        if len(items) > 1 and self.chance(.15):
            items.reverse()
        return reference.wikidata(entity.query, items)

    def statements(self):
        if self.chance(.06):
            return []
        made = [reference.statement(self.stated)]
        national = [page.url for page in self.web.pages if page.kind == "national"]
        if national and self.chance(.6):
            made = [reference.statement(self.stated, language=ENGLISH), reference.statement(national[0], language=GERMAN)]
        if self.chance(.1):
            made.append(reference.statement(f"http://archive.{self.entity.site}/", "deprecated"))
        return made

    def of_namesake(self):
        """Most others of the name have no site; a few have, and are as surely called so."""
        others = [page.url for page in self.web.pages if page.kind == "namesake"]
        return [reference.statement(others[0])] if others and self.chance(.25) else []

    def duckduckgo(self):
        name = self.web.name
        known = self.web.has_article and self.knows_form and self.chance(.75 if self.entity.known_well else .3)
        if not known:
            return reference.duckduckgo()
        article = "https://en.wikipedia.org/wiki/" + name.replace(" ", "_")
        if self.chance(.1):
            return reference.duckduckgo(name, kind="D", article=article)
        return reference.duckduckgo(name, self.stated if self.has_item else None, article, "A")

    def partner(self):
        """A registry of a fifth of the names, kept well: it knows the name it holds, and guesses at others with doubt."""
        if not self.chance(.2) or not self.knows_form:
            return reference.partner([])
        if self.chance(.1):
            others = [page.url for page in self.web.pages if page.kind in ("namesake", "national")]
            return reference.partner([(f"{self.web.name} Group", url, "low") for url in others[:1]])
        return reference.partner([(self.entity.name, self.entity.url, "high")])


"""The replies of every engine to a question that means nobody: words, phrases, gibberish.

Engines never come back empty-handed from a word of the dictionary, and every common word is somebody's domain.
"""
from urllib.parse import quote

from . import engines, reference
from .entity import fold
from .pages import PARKING, Page

DICTIONARIES = [
    ("https://www.merriam-webster.com/dictionary/{s}", "{t} Definition & Meaning - Merriam-Webster", 2.4),
    ("https://dictionary.cambridge.org/dictionary/english/{s}", "{u} | English meaning - Cambridge Dictionary", 2.2),
    ("https://www.dictionary.com/browse/{s}", "{u} Definition & Meaning | Dictionary.com", 2.0),
    ("https://en.wiktionary.org/wiki/{s}", "{s} - Wiktionary, the free dictionary", 1.6),
    ("https://www.thesaurus.com/browse/{s}", "{u} Synonyms: 47 Synonyms & Antonyms for {u}", 1.3),
    ("https://www.vocabulary.com/dictionary/{s}", "{t} - Definition, Meaning & Synonyms | Vocabulary.com", 1.2),
    ("https://www.imdb.com/title/tt1234567/", "{t} (2016) - IMDb", .9),
    ("https://genius.com/Somebody-{s}-lyrics", "Somebody – {t} Lyrics | Genius Lyrics", .7),
    ("https://www.youtube.com/watch?v=abc{s}", "{t} (official video) - YouTube", .6),
]
RANDOM = [
    ("https://www.reddit.com/r/words/comments/1/{s}/", "What does \"{q}\" even mean? : r/words", 1.4),
    ("https://www.quora.com/{s}", "{t} - Quora", 1.1),
    ("https://www.scribd.com/document/123/{s}", "Word list 4 | PDF", .9),
    ("https://github.com/words/{s}/blob/main/words.txt", "words.txt - GitHub", .8),
    ("https://www.poemhunter.com/poem/{s}/", "{t} - a poem", .8),
]
ITEMS = ["concept", "family name", "painting by an unknown artist", "album", "scholarly article", "Wikimedia disambiguation page"]


class Unknown:
    """One question that has no answer."""

    def __init__(self, asked, dice):
        self.query, self.kind, self.dice = asked["query"], asked["kind"], dice
        self.slug = fold(self.query)
        self.domains, self.pages = {}, []
        self.words() if self.kind == "word" else self.strays()
        self.exact_domains()

    def chance(self, share):
        return self.dice.random() < share

    def add(self, url, title, strength, kind="page"):
        hyphened = quote(self.query.replace(" ", "-"))
        put = {"s": hyphened, "t": self.query.title(), "u": self.query.upper(), "q": self.query}
        self.pages.append(Page(kind, url.format(**put), [title.format(**put)], strength + self.dice.gauss(0, .6), self.query))

    def words(self):
        for url, title, strength in DICTIONARIES:
            if self.chance(.8):
                self.add(url, title, strength)
        self.has_article = self.chance(.6)
        if self.has_article:
            self.add("https://en.wikipedia.org/wiki/{s}", "{t} - Wikipedia", 2.0, "wiki")

    def strays(self):
        self.has_article = False
        for url, title, strength in RANDOM:
            if self.chance(.75 if self.kind == "phrase" else .4):
                self.add(url, title, strength)
        if self.kind == "phrase":
            for word in self.query.split():
                self.add(f"https://www.merriam-webster.com/dictionary/{word}", f"{word.title()} Definition & Meaning", 1.0)

    def exact_domains(self):
        """The domain of the word: nearly always taken, now and then by somebody who does well with it."""
        shares = {"word": (.95, .75, .65), "phrase": (.15, .03, .02), "gibberish": (.05, .01, .01)}[self.kind]
        for suffix, share in zip(("com", "net", "org"), shares):
            domain = f"{self.slug}.{suffix}"
            if not self.chance(share):
                continue
            # A site that does well under letters that nobody says would be what they mean: those are all for sale.
            parked = self.kind == "gibberish" or self.chance(.45)
            self.domains[domain] = {"www": self.chance(.7), "ns": PARKING if parked else []}
            if parked:
                self.add(f"http://{domain}/", f"{domain} is for sale", .2, "parked")
            else:
                self.add(f"https://www.{domain}/", self.dice.choice(["{t} | Home", "{t}", "{t} - Creative Studio", "{t}: shop online"]), 1.5, "squatter")

    def replies(self):
        search, entities = self.wikidata()
        told = {"wikipedia": self.wikipedia(), "wikidata": search, "duckduckgo": self.duckduckgo(), "partner": reference.partner([])}
        rows = {name: engines.rows(name, self.pages, self.dice) for name in engines.ENGINES}
        if self.kind == "gibberish" and self.chance(.6):
            rows["mojeek"] = []
        told |= {"brave": engines.brave(self.query, rows["brave"]), "mojeek": engines.mojeek(self.query, rows["mojeek"]),
                 "searxng": engines.searxng(self.query, rows["searxng"], correction=self.correction(rows["searxng"]), dice=self.dice)}
        told = {name: engines.refused(name, self.dice) or reply for name, reply in told.items()}
        return told | {"wikidata-entities": entities}

    def correction(self, rows):
        """A likelier spelling. Where nothing was found it would be asked for as well, which is not recorded."""
        return self.query[:-1] if rows and self.kind == "gibberish" and self.chance(.4) else None

    def wikipedia(self):
        if self.kind != "word" or not self.chance(.8):
            return reference.wikipedia([])
        word = self.query.capitalize()
        if self.has_article:
            return reference.wikipedia([word, f"{word} (film)"])
        return reference.wikipedia([f"{word} (album)"] if self.chance(.4) else [f"{word} effect"])

    def wikidata(self):
        items = []
        if self.kind == "word":
            for description in self.dice.sample(ITEMS, self.dice.randint(0, 3)):
                items.append((self.query, description, None, []))
        return reference.wikidata(self.query, items)

    def duckduckgo(self):
        if self.kind == "word" and self.has_article and self.chance(.5):
            article = "https://en.wikipedia.org/wiki/" + self.query.capitalize()
            return reference.duckduckgo(self.query.capitalize(), None, article, self.dice.choice(["A", "D"]))
        return reference.duckduckgo()

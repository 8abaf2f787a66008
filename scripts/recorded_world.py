#!/usr/bin/env python3
"""Makes a recorded world: what eight engines answer to the same questions, each in its own format.

    scripts/recorded_world.py --names NAMES.csv.gz --queries QUERIES.jsonl --negatives NEGATIVES.jsonl --out WORLD.jsonl.gz
                              [--seed N] [--count N] [--negatives-count N]

Names, questions and right sites are real, and are drawn from the files; what the engines say of them is made up, by the
rules in scripts/world/. A line of the world is a question, what is right, every engine's reply as it comes over the wire,
and the domains that exist around the name. The same arguments give the same world.
"""
import argparse
import gzip
import json
import os
import random
import sys

sys.dont_write_bytecode = True
from world.entity import entity, fold, read_lines, read_names  # noqa: E402
from world.known import Known  # noqa: E402
from world.unknown import Unknown  # noqa: E402

# How many of a hundred questions are of each kind: people mostly type the name, in small letters.
MIX = {"exact": 42, "case": 20, "suffix": 12, "spacing": 8, "diacritic": 6, "typo": 7, "abbrev": 5}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("names", "queries", "negatives", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seed", type=int, default=3367)
    parser.add_argument("--count", type=int, default=300, help="questions that mean somebody")
    parser.add_argument("--negatives-count", type=int, default=100, help="questions that mean nobody")
    return parser.parse_args()


def draw(questions, count, dice):
    """Questions in the mix, one for each site and each name."""
    waiting = {kind: [asked for asked in questions if asked.get("kind", "exact") == kind] for kind in MIX}
    for kind in MIX:
        dice.shuffle(waiting[kind])
    drawn, taken = [], set()
    for kind, share in MIX.items():
        wanted = max(1, round(count * share / 100))
        for asked in waiting[kind]:
            marks = {fold(asked["query"]), asked["answers"][0]}
            if wanted and not marks & taken:
                taken |= marks
                drawn.append(asked)
                wanted -= 1
    return drawn[:count]


def line(asked, told, domains):
    kept = {key: asked.get(key) for key in ("query", "kind", "answers")}
    return kept | {"known_well": bool(asked.get("known_well")), "replies": told, "domains": domains}


def main():
    given = arguments()
    rows = read_names(given.names)
    dice = random.Random(f"{given.seed}/questions")
    questions = draw(read_lines(given.queries), given.count, dice)
    negatives = read_lines(given.negatives)
    negatives = dice.sample(negatives, min(given.negatives_count, len(negatives)))
    lines = []
    for asked in questions:
        known = Known(entity(asked, rows), random.Random(f"{given.seed}/{asked['query']}"))
        lines.append(line(asked, known.replies(), known.web.domains))
    for asked in negatives:
        unknown = Unknown(asked, random.Random(f"{given.seed}/{asked['query']}"))
        lines.append(line(asked, unknown.replies(), unknown.domains))
    text = "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in lines)
    write(given.out, text.encode())


def write(path, text):
    if path.endswith(".gz"):
        # No name and no time, so that the same world is the same file.
        text = gzip.compress(text, 9, mtime=0)
    with open(path + ".part", "wb") as file:
        file.write(text)
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Takes a small sample of names and queries for the regression test of matching:

    scripts/sample_of_names.py NAMES.csv.gz EVAL.jsonl FOLDER

writes FOLDER/names.csv (2,000 names) and FOLDER/queries.jsonl (400 queries). Queries are picked at
random, as many of each kind as in the whole; then every name of the sites that answer them or
that bear the same name, then other names at random. The seed is fixed, so the same input gives the
same sample.
"""
import csv
import gzip
import json
import os
import random
import re
import sys

NAMES, QUERIES, SEED = 2000, 400, 3367

# MPL-2.0 would reach into the file that we ship.
LEFT_OUT = {"mozilla-top-picks"}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    names_path, queries_path, folder = sys.argv[1:]
    pick = random.Random(SEED)
    with gzip.open(names_path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] not in LEFT_OUT]
    with open(queries_path, encoding="utf-8") as file:
        queries = [json.loads(line) for line in file]

    queries = [query for query in queries if query["source"] not in LEFT_OUT]
    queries = sorted(pick.sample(queries, QUERIES), key=lambda query: query["id"])
    wanted = {answer for query in queries for answer in query["answers"]}
    ends = re.compile(r"^https?://(?:[^/]*\.)?(" + "|".join(map(re.escape, wanted)) + r")(?:/|$)")
    needed = [place for place, row in enumerate(rows) if ends.match(row["url"])]
    others = sorted(set(range(len(rows))) - set(needed))
    kept = sorted(needed + pick.sample(others, max(0, NAMES - len(needed))))

    with open(os.path.join(folder, "names.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["name", "url", "country", "language", "category"])
        out.writerows([rows[place][column] for column in ("name", "url", "country", "language", "category")]
                      for place in kept)
    with open(os.path.join(folder, "queries.jsonl"), "w", encoding="utf-8") as file:
        for query in queries:
            short = {key: query[key] for key in ("query", "kind", "answers")}
            file.write(json.dumps(short, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Takes a small sample of names and questions, from which recorded worlds are made:

    scripts/sample_of_world.py NAMES.csv.gz EVAL.jsonl NEGATIVES.jsonl FOLDER

writes FOLDER/queries.jsonl (700 questions, each kind as often as a world asks it), FOLDER/names.csv (every name of the sites
that answer them) and FOLDER/negatives.jsonl (200 questions that mean nobody). The seed is fixed, so the same input gives the
same sample; it is more than one world holds, so that another seed draws other names.
"""
import csv
import json
import os
import random
import sys

sys.dont_write_bytecode = True
from recorded_world import draw  # noqa: E402
from sample_of_names import LEFT_OUT, SEED  # noqa: E402
from world.entity import read_lines, read_names  # noqa: E402

QUESTIONS, NEGATIVES = 700, 200


def written(path, objects):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    names_path, queries_path, negatives_path, folder = sys.argv[1:]
    pick = random.Random(SEED)
    questions = draw([one for one in read_lines(queries_path) if one["source"] not in LEFT_OUT], QUESTIONS, pick)
    columns = ("query", "kind", "answers", "name", "country", "known_well")
    written(os.path.join(folder, "queries.jsonl"), ({key: one[key] for key in columns} for one in questions))
    negatives = pick.sample(read_lines(negatives_path), NEGATIVES)
    written(os.path.join(folder, "negatives.jsonl"), negatives)
    rows = read_names(names_path)
    own = (row for one in questions for row in rows.get(one["answers"][0], []) if row["source"] not in LEFT_OUT)
    columns = ("name", "url", "country", "language", "category")
    with open(os.path.join(folder, "names.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows(sorted({tuple(row[column] for column in columns) for row in own}))


if __name__ == "__main__":
    main()

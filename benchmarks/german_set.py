"""Write a set of German word pairs for search_defaults.py: alike where both are of one kind.

    python benchmarks/german_set.py german.tsv

In the form of WordSim-353: two words and a score, 10 within a kind and 0 between kinds. The words
are common ones, since the German corpus is small: each is seen at least eight times in it.
"""

import argparse
from itertools import combinations
from pathlib import Path

KINDS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "zwei drei vier fünf sechs sieben acht neun zehn zwölf",
    "Deutschland Frankreich Italien Spanien England Russland China Japan Polen Schweden",
    "Berlin Hamburg München Köln Leipzig Wien Paris London Frankfurt Stuttgart",
    "deutsche französische englische italienische spanische russische amerikanische polnische",
    "Vater Mutter Sohn Tochter Bruder Schwester Frau Kinder Eltern",
    "Johann Karl Friedrich Wilhelm Heinrich Georg Otto Hans Franz Ludwig",
    "Norden Süden Osten Westen",
    "Universität Schule Hochschule Institut Akademie Gymnasium Studium",
    "Film Musik Album Band Lied Theater Oper Roman Buch",
    "König Kaiser Papst Präsident Minister Graf Fürst Bischof",
    "war wurde hatte konnte musste sollte",
    "Meter Kilometer Prozent Euro Millionen Quadratkilometer",
    "Armee Krieg Truppen Soldaten Schlacht Angriff",
    "Mannschaft Trainer Spieler Tor Saison Verein Liga",
)


def pairs() -> list[tuple[str, str, int]]:
    """Return every pair of one kind, and as many of two kinds for each."""
    kinds = [kind.split() for kind in KINDS]
    found = []
    for number, words in enumerate(kinds):
        for first, second in combinations(range(len(words)), 2):
            found.append((words[first], words[second], 10))
            step = 1 + (first * 3 + second * 5) % (len(kinds) - 1)
            others = kinds[(number + step) % len(kinds)]
            found.append((words[first], others[second % len(others)], 0))
    return found


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path)
    return parser.parse_args(given)


def main() -> None:
    """Write the file that is named."""
    lines = [f"{first}\t{second}\t{score}\n" for first, second, score in pairs()]
    parse_arguments().output.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

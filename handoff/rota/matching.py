"""Bipartite matching: each person for one place, as many places filled as can be."""

from collections.abc import Container, Hashable, Sequence


def unmatched(places: Sequence[Hashable], people: Sequence[Container[object]]) -> list[int]:
    """Indexes of the places that stay empty in a largest matching; `people` say which places they fill.

    Places are filled in order, and a filled one is never given up: of equally good matchings the one that
    leaves the later places empty.
    """
    holder: dict[int, int] = {}  # person → place

    def find(place: int, tried: set[int]) -> bool:
        for person, fills in enumerate(people):
            if person in tried or places[place] not in fills:
                continue
            tried.add(person)
            if person not in holder or find(holder[person], tried):
                holder[person] = place
                return True
        return False

    return [place for place in range(len(places)) if not find(place, set())]

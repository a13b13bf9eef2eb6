"""Neutral names for chats, so that people can speak of one without knowing whose it is (B-009, B-123).

Plants, animals and stones that hint at nothing and read as no one's own name in their language. What a
volunteer is called is the organisation's choice; this list is for chats only.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

SOURCE_LANGUAGE: Final = "en"

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("Willow", "Birch", "Cedar", "Aspen", "Burdock", "Bracken", "Moss", "Bulrush", "Thistle", "Bramble"),
        *("Heron", "Swift", "Plover", "Otter", "Badger", "Hedgehog", "Sparrow", "Finch", "Wagtail", "Marten"),
        *("Umber", "Indigo", "Ochre", "Teal", "Saffron", "Cobalt", "Pebble", "Quartz", "Flint", "Slate"),
    ),
    "ro": (
        *("Salcie", "Mesteacăn", "Cedru", "Trifoi", "Ferigă", "Mușchi", "Trestie", "Ciulin", "Arțar", "Fag"),
        *("Cocor", "Vidră", "Bursuc", "Arici", "Vrabie", "Sticlete", "Jder", "Barză", "Pițigoi", "Iepure"),
        *(
            "Chihlimbar",
            "Indigo",
            "Ocru",
            "Turcoaz",
            "Șofran",
            "Cupru",
            "Pietricică",
            "Cuarț",
            "Ardezie",
            "Nisip",
        ),
    ),
    "cs": (
        *("Vrba", "Bříza", "Cedr", "Jetel", "Kapradí", "Mech", "Rákos", "Bodlák", "Javor", "Buk"),
        *("Volavka", "Vydra", "Jezevec", "Ježek", "Vrabec", "Pěnkava", "Kuna", "Čáp", "Sýkora", "Zajíc"),
        *("Jantar", "Indigo", "Okr", "Tyrkys", "Šafrán", "Měď", "Oblázek", "Křemen", "Břidlice", "Písek"),
    ),
    "lt": (
        *(
            "Gluosnis",
            "Beržas",
            "Kedras",
            "Dobilas",
            "Papartis",
            "Samana",
            "Nendrė",
            "Usnis",
            "Klevas",
            "Bukas",
        ),
        *("Gervė", "Ūdra", "Barsukas", "Ežys", "Žvirblis", "Kikilis", "Kiaunė", "Gandras", "Zylė", "Kiškis"),
        *(
            "Malachitas",
            "Indigas",
            "Ochra",
            "Turkis",
            "Šafranas",
            "Varis",
            "Akmenukas",
            "Kvarcas",
            "Skalūnas",
            "Smėlis",
        ),
    ),
    "es": (
        *("Sauce", "Abedul", "Cedro", "Trébol", "Helecho", "Musgo", "Junco", "Cardo", "Arce", "Haya"),
        *("Garza", "Nutria", "Tejón", "Erizo", "Gorrión", "Pinzón", "Grulla", "Jilguero", "Liebre", "Mirlo"),
        *(
            "Ámbar",
            "Índigo",
            "Ocre",
            "Turquesa",
            "Azafrán",
            "Cobre",
            "Guijarro",
            "Cuarzo",
            "Pizarra",
            "Arena",
        ),
    ),
}


def choose_alias(language: str, taken: Collection[str], below: Callable[[int], int]) -> str:
    """A name no open chat of the desk has.

    `below(n)` gives a number from 0 to n - 1: the host's generator, seeded in tests. A language without
    a list of its own borrows the one of its wider form, then English. When all are taken a number is
    added: "Willow 2".
    """
    names = (
        ALIASES.get(language) or ALIASES.get(language.split("-", maxsplit=1)[0]) or ALIASES[SOURCE_LANGUAGE]
    )
    used = {name.casefold() for name in taken}
    again = 1
    while True:
        named = names if again == 1 else [f"{name} {again}" for name in names]
        free = [name for name in named if name.casefold() not in used]
        if free:
            return free[below(len(free))]
        again += 1

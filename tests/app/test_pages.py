"""What a setting says of the page is on the page."""

from pathlib import Path

from bot.pages import open_pages
from bot.settings import load_settings
from tests.town import make_town


def test_the_page_bears_the_title_that_was_set(tmp_path: Path) -> None:
    town = make_town(tmp_path / "town")
    for environ, title in (({}, "Notes"), ({"HOTLINE_PAGE_TITLE": "Recipes"}, "Recipes")):
        settings = load_settings(environ, tmp_path)
        pages = open_pages(settings, town.house.vault, town.clock, lambda: town.library)
        assert f"<title>{title}</title>" in pages._pages.gone("en")
    town.closes()

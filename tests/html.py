"""What a page says, as tests read it."""

from typing import Any

from bs4 import BeautifulSoup


def soup(page: Any) -> BeautifulSoup:
    return BeautifulSoup(page.text, "html.parser")


def words(element: Any) -> str:
    return " ".join(element.text.split())


def headings(page: Any, selector: str = "h2") -> list[str]:
    return [words(each) for each in soup(page).select(selector)]

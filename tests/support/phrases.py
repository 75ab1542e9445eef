"""What readers type into the search of the site, and how a test reads what it finds, in any browser."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

#: What readers type, and the page that they should find among the first three.
PHRASES = {
    "dongle": "using/tokens.html",
    "lost my dongle": "using/tokens.html",
    "locked out": "using/tokens.html",
    "forgotten password": "using/tokens.html",
    "key fob": "using/tokens.html",
    "CRB": "users/joining.html",
    "DBS": "users/joining.html",
    "new user": "users/joining.html",
    "log on": "access/query.html",
    "query-based": "access/query.html",
    "someone looks for me": "access/mediated.html",
    "secure reference": "access/mediated.html",
    "which route": "access/route.html",
    "leaver": "users/leaving.html",
    "FAQ": "questions.html",
    "trawling": "using/searching.html",
    "neighbours": "using/searching.html",
    "memory stick": "using/workstations.html",
    "printer": "using/workstations.html",
    "helpdesk": "using/support.html",
    "whistleblowing": "using/breach.html",
    "break glass": "shielding/override.html",
    "looks shielded": "shielding/index.html",
    "siblings": "shielding/household.html",
    "unshield": "shielding/reviews.html",
    "sexual health": "shielding/brokering.html",
    "shielding flowchart": "shielding/decide.html",
    "SAR": "families/subject-access.html",
    "privacy notice": "families/told.html",
    "change of name": "using/disputes.html",
    "wrong address": "using/accuracy.html",
    "how long": "records/index.html",
    "retention schedule": "records/index.html",
    "phone numbers": "contacts.html",
    "verify": "auditors.html",
    "screen reader": "about/accessibility.html",
    "parent": "families/index.html",
    "governor": "roles/trustees.html",
}

#: Empties the field. What an earlier search found goes first, so that it is not taken for the answer.
SEARCH_BEGINS = (
    "(() => { const query = document.querySelector('.md-search__input'); query.focus(); query.value = '';"
    " query.dispatchEvent(new InputEvent('input'));"
    " document.querySelector('.md-search-result__list').replaceChildren() })()"
)
#: The site's own folder and the addresses found; ``false`` as long as there is none.
SEARCH_FOUND = (
    "(() => { const links = [...document.querySelectorAll('.md-search-result__item > .md-search-result__link')];"
    " const base = JSON.parse(document.getElementById('__config').textContent).base;"
    " return links.length && [new URL(base + '/', location).href, links.map(link => link.href)] })()"
)


def pages_of(base: str, links: Sequence[str]) -> list[str]:
    """The pages behind the addresses that a search found, best first, each once."""
    paths = (urlsplit(link.removeprefix(base)) for link in links)
    return list(dict.fromkeys(path._replace(query="", fragment="").geturl() for path in paths))

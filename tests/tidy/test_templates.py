"""Do templates keep to the content security policy, and is each of them used?"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.tidy.tree import PROJECT, files, name, report, sources

TEMPLATES = PROJECT / "templates"
INLINE = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "script without src": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")"
    ),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}
MAILS = re.compile(r"templates/.*(email|mail)/")  # mail programs read no style sheets
OVERRIDDEN = ("allauth", "django.contrib.admin", "unfold", "drf_spectacular")
BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}  # libraries


def test_templates_hold_no_inline_style_or_script() -> None:
    faults = [
        f"{name(path)}:{text[: found.start()].count(chr(10)) + 1} {what}"
        for path in files(".html")
        if not MAILS.search(name(path))
        for text in [path.read_text()]
        for what, pattern in INLINE.items()
        for found in pattern.finditer(text)
    ]
    assert not faults, report(faults, "The policy refuses inline code: use static/css, static/js.")


def test_components_are_included_not_rendered() -> None:
    faults = [
        name(path)
        for path in files(".html")
        if path.parent.name == "components" and not path.name.startswith("_")
    ]
    assert not faults, report(faults, "A component is templates/components/_<thing>.html.")


def test_every_template_is_used() -> None:
    python = "\n".join(source.text for source in sources())
    html = "\n".join(path.read_text() for path in files(".html", ".txt"))
    faults = [
        label
        for path in files(".html")
        if path.is_relative_to(TEMPLATES)
        for label in [path.relative_to(TEMPLATES).as_posix()]
        if f'"{label}"' not in python
        and f'"{label}"' not in html
        and not is_an_override(label)
        and label not in BY_NAME
    ]
    assert not faults, report(faults, "Nobody renders, includes or extends these templates.")


def test_pages_with_a_password_can_show_and_weigh_it() -> None:
    faults = [
        name(path)
        for path in files(".html")
        if not path.name.startswith("_")
        for text in [path.read_text()]
        if re.search(r"components/_(password|meter)\.html", text) and "js/password.js" not in text
    ]
    assert not faults, report(faults, "The eye and the meter do nothing without js/password.js.")


def is_an_override(label: str) -> bool:
    """Whether a library brings a template of that name, which ours replaces."""
    return any((folder / label).exists() for folder in library_folders())


@cache
def library_folders() -> tuple[Path, ...]:
    specs = [find_spec(module) for module in OVERRIDDEN]
    return tuple(Path(spec.origin).parent / "templates" for spec in specs if spec and spec.origin)

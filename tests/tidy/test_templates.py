"""Do templates keep to the content security policy, and is each of them used?"""

import re

from tests.tidy.tree import PROJECT, files, name, report

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
BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


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

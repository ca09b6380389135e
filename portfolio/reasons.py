"""Does staff say well enough why they touch money? Kept with the deed for ever."""

from core.errors import Code, Refused

LENGTH_MIN, LENGTH_MAX = 10, 200


def checked(text: str, *, field: str = "reason") -> str:
    """The reason without spaces around it; raises Refused `malformed`."""
    reason = text.strip()
    if not LENGTH_MIN <= len(reason) <= LENGTH_MAX or not reason.isprintable():
        said = f"Say why in {LENGTH_MIN} to {LENGTH_MAX} characters."
        raise Refused(Code.MALFORMED, said, field=field)
    return reason

"""Answers compared with what a case says of them: objects by the members that are named, the rest exactly."""


class Any:
    def __repr__(self):
        return "anything"


class Absent:
    def __repr__(self):
        return "nothing at all"


ANY, ABSENT = Any(), Absent()


def check_object(wanted, got, path):
    assert isinstance(got, dict), f"{path}: an object was expected, not {got!r}"
    for key, value in wanted.items():
        if value is ABSENT:
            assert key not in got, f"{path}.{key}: not expected, but is {got[key]!r}"
        else:
            assert key in got, f"{path}.{key} is missing in {got!r}"
            check(value, got[key], f"{path}.{key}")


def check(wanted, got, path="answer"):
    if wanted is ANY:
        return
    if isinstance(wanted, type):
        assert type(got) is wanted, f"{path}: {wanted.__name__} was expected, not {got!r}"
    elif callable(wanted):
        assert wanted(got), f"{path}: {got!r}"
    elif isinstance(wanted, dict):
        check_object(wanted, got, path)
    elif isinstance(wanted, list):
        assert isinstance(got, list) and len(got) == len(wanted), f"{path}: {wanted!r} was expected, not {got!r}"
        for i, value in enumerate(wanted):
            check(value, got[i], f"{path}[{i}]")
    else:
        assert type(got) is type(wanted) and got == wanted, f"{path}: {wanted!r} was expected, not {got!r}"


def has(*words):
    """A text with all of the words in it."""
    return lambda got: isinstance(got, str) and all(word in got for word in words)


def both(code, **details):
    """An error whose details stand at top level and under `details`."""
    return {"error": code, **details, "details": details}

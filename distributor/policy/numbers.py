"""How many of what, in words."""


def count(number: int, one: str, many: str = "") -> str:
    """ "1 recipient", "2 recipients"."""
    return f"{number} {one if number == 1 else many or one + 's'}"

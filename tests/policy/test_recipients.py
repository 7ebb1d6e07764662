"""Who a test system may write to, and who an advance goes to."""

import pytest

from distributor.model.audience import Audience, Recipient
from distributor.policy import recipients


def person(address: str, *, tier: str | None = None) -> Recipient:
    return Recipient(address, address.casefold(), None, "", "", "en", tier, ())


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("ada@example.org", True),  # the address itself
        ("Ada@Example.org", True),  # in any case
        ("example.org", True),  # its domain
        ("@example.org", True),  # its domain, as people write it
        ("*@example.org", True),
        ("*.example.org", False),  # a sub-domain is another domain
        ("example.com", False),
        ("bob@example.org", False),
        ("example.org.test", False),
    ],
)
def test_patterns_of_allowed_recipients(pattern, allowed):
    assert recipients.matches("ada@example.org", [pattern]) is allowed


def test_no_pattern_allows_everybody_and_a_pattern_says_who_is_left_out():
    audience = Audience((person("ada@example.org"), person("bob@example.com")), ())
    assert recipients.allowed(audience, patterns=[]) == audience
    kept = recipients.allowed(audience, patterns=["example.org"])
    assert [one.address for one in kept.recipients] == ["ada@example.org"]
    assert [one.address for one in kept.excluded] == ["bob@example.com"]


def test_an_advance_goes_to_its_tier_alone():
    """Planted bug: without the tier everybody gets the embargoed text."""
    people = [person("a@example.org", tier="agencies"), person("b@example.org", tier="accredited")]
    people.append(person("c@example.org"))
    advance = list(recipients.of_mailout(people, kind="advance", wave="agencies"))
    assert [one.address for one in advance] == ["a@example.org"]
    assert list(recipients.of_mailout(people, kind="release", wave="")) == people

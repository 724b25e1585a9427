"""How much Hypothesis tries: a fifth in the quick suite, all with --hypothesis-profile=long."""

from typing import Any

from hypothesis import settings


def register_profiles() -> None:
    """Make the two profiles known, and the quick one the default."""
    settings.register_profile("quick", max_examples=20, deadline=None)
    settings.register_profile("long", max_examples=100, deadline=None)
    settings.load_profile("quick")


def scaled(number: int) -> int:
    """Return a number of examples of the long profile as it is in the profile in use."""
    return number * settings().max_examples // 100


def examples(number: int, **options: Any) -> settings:
    """Return settings for so many examples in the long profile."""
    return settings(max_examples=scaled(number), **options)

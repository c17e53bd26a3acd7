"""What holds for every test: Hypothesis measures no time on a shared machine, and prints what repeats a failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("consilium", deadline=None, print_blob=True)
settings.load_profile("consilium")

"""Hypothesis without deadlines: the first example pays for importing scipy."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None)
settings.load_profile("statistics")

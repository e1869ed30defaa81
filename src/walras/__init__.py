"""Walras tunes trading-strategy parameters on a synthetic prediction-market order book.

`search`, `load` and `compare` are the Python door; they are the same functions as the command line.

Synthetic replay only. Not a forecast.
"""

# The folder `walras.search` is loaded first, so that the name `search` below stays the function.
from walras import search as _search_folder  # noqa: F401
from walras.api import SearchView, compare, load, search

__all__ = ["SearchView", "compare", "load", "search"]

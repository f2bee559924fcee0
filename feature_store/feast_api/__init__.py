"""The features for those who want Feast's API: its objects, and its offline store over our retrieval."""

import os

# before Feast is imported: it would tell its makers that it runs
os.environ.setdefault("FEAST_USAGE", "False")

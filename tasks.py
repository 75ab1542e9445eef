"""The tasks, for ``inv``: everything stands in the package ``cpvol``."""

from cpvol.tasks import namespace

ns = namespace()

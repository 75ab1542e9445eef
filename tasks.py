"""The tasks, for ``inv``: everything stands in the package ``cpvol``."""

from cpvol.tasks import namespace
from cpvol.tasks.inv import guess_as_cpvol

ns = namespace()
guess_as_cpvol()

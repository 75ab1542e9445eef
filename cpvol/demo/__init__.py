"""The demonstration: an organisation that never was, told as data so that the ordinary tasks' code can live it."""

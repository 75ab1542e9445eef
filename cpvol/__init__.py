"""cpvol: signed, encrypted logs for organisations accredited to use ContactPoint."""

"""The ledger: signed commits on main, the keyring branch, and the only place that runs git.

``objects`` and ``commits`` are bytes in, bytes out; ``git`` runs the program; ``transaction`` is the order of writing,
its journal and its lock; ``members`` is who may do what.
"""

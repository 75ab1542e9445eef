"""Encryption and keys, bytes in and bytes out: no files, no environment, no Git.

- :mod:`.header` reads the head of an age file, without a key;
- :mod:`.envelope` seals and opens one version of one record;
- :mod:`.keyring` seals and opens the files that hold records' keys;
- :mod:`.parcel` seals and opens what leaves the records for somebody's own keys;
- :mod:`.credential` is one person's keys, and the file they are kept in;
- :mod:`.recovery` is the secret on the recovery page;
- :mod:`.signature` makes signatures as ``ssh-keygen -Y sign`` does (:mod:`cpvol.ledger.sshsig` checks them);
- :mod:`.words` is the list that fingerprints are read out from.
"""

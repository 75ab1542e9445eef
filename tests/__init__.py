"""What cpvol promises, one file per thing promised."""

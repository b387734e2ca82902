"""The operations, one file each: `OPERATION` in it is found by scanning this folder."""

chronon explain CHR-V999

chronon schema show team | head -5
chronon schema show team --draft draft-07 | head -5
chronon schema show joins

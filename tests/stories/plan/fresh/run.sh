chronon plan
chronon plan --detailed-exitcode --json | head -c 25
chronon plan --markdown
chronon explain shop.user
# Planning wrote nothing.
ls -A

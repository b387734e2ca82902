# Who reads whom: everything, a part of it, and other ways to write it.
chronon graph
chronon graph shop.user+ --format mermaid
chronon graph +shop.checkout --format dot
chronon graph kind:group_by --json
chronon graph shop.usr
chronon graph tag:nobody

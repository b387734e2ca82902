chronon show shop.usr

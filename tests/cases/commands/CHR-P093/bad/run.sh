chronon graph shop.usr

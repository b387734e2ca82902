from chronon.model.types import ListOf, Scalar
from chronon.stores.kv.layout import entity_key

print(entity_key([["a", "b"]], [ListOf(Scalar.STRING)]))

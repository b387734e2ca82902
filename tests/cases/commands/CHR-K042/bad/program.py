from chronon.model.types import Scalar
from chronon.stores.kv.layout import entity_key

print(entity_key(["UA"], [Scalar.STRING, Scalar.LONG]))

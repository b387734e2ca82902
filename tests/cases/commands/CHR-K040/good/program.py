from chronon.model.types import Scalar
from chronon.stores.kv.layout import entity_key

print(entity_key(["a", "b"], [Scalar.STRING, Scalar.STRING]))

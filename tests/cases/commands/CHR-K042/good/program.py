from chronon.model.types import Scalar
from chronon.stores.kv.layout import entity_key

print(entity_key(["UA", 3], [Scalar.STRING, Scalar.LONG]))

from chronon.model.types import Scalar
from chronon.stores.kv.layout import entity_key

print(entity_key([3.5], [Scalar.LONG]))

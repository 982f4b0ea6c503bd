"""Takes keys out of an array, and puts others in their place, a block of keys at a time.

There are no branches, which the processor could not foresee here: LLVM has operations for this,
`llvm.masked.compressstore` and `llvm.masked.expandload`. They are single instructions of processors with
AVX-512; for others LLVM makes them of several.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Bytes of a block.
BYTES = 64
# So many places have to be in front of keys and behind them, since blocks reach beyond.
MARGIN = BYTES // 4


class _Block:
    """The keys of a block, in registers, and which of them are chosen.

    Args:
        context: numba's context.
        builder: builder of the code.
        array_type: type of the array of keys.
        values: array, first place, number of keys, and the bounds of chosen keys.
        is_reversed: whether the last key comes first.
    """

    def __init__(self, context, builder, array_type, values, is_reversed) -> None:
        array, place, num, low, high = values
        self._builder = builder
        key = context.get_data_type(array_type.dtype)
        self._key_bytes = key.width // 8
        self._num = BYTES // self._key_bytes
        self.type = ir.VectorType(key, self._num)
        data = context.make_array(array_type)(context, builder, array).data
        pointer = builder.bitcast(builder.gep(data, [place]), self.type.as_pointer())
        self._pointer, self._is_reversed = pointer, is_reversed
        self.keys = self._in_order(builder.load(pointer, align=self._key_bytes))
        lanes = ir.Constant(self.type, list(range(self._num)))
        self.is_chosen = builder.and_(
            builder.icmp_signed("<", lanes, self._splat(num)),
            builder.and_(
                builder.icmp_signed(">=", self.keys, self._splat(low)),
                builder.icmp_signed("<", self.keys, self._splat(high)),
            ),
        )

    def _splat(self, number):
        one = self._builder.insert_element(
            ir.Constant(self.type, ir.Undefined), number, ir.Constant(ir.IntType(32), 0)
        )
        return self._shuffle(one, [0] * self._num)

    def _shuffle(self, keys, lanes):
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self._num), lanes)
        return self._builder.shuffle_vector(keys, ir.Constant(self.type, ir.Undefined), lanes)

    def _in_order(self, keys):
        return self._shuffle(keys, list(range(self._num))[::-1]) if self._is_reversed else keys

    def store(self, keys):
        """Stores other keys where the block's own were."""
        self._builder.store(self._in_order(keys), self._pointer, align=self._key_bytes)

    def call(self, name, result, *arguments):
        """Calls an operation of LLVM."""
        function_type = ir.FunctionType(result, [argument.type for argument in arguments])
        name = f"llvm.masked.{name}.v{self._num}i{8 * self._key_bytes}"
        function = cgutils.get_or_insert_function(self._builder.module, function_type, name)
        return self._builder.call(function, arguments)

    def num_chosen(self):
        """Number of keys that are chosen, a 64-bit integer."""
        bits = self._builder.bitcast(self.is_chosen, ir.IntType(self._num))
        return self._builder.zext(self._builder.ctpop(bits), ir.IntType(64))


def _operation(is_reversed, emit):
    """An operation on a block of `keys` from `place` on, which returns the number of keys that it chose.

    Chosen are those of the first `num` keys that are at least `low` and less than `high`.
    """

    @intrinsic
    def operation(typing_context, keys, place, num, low, high, others, other_place):
        del typing_context

        def generate(context, builder, signature, values):
            *own, others, other_place = values
            block = _Block(context, builder, signature.args[0], own, is_reversed)
            data = context.make_array(signature.args[5])(context, builder, others).data
            emit(builder, block, builder.gep(data, [other_place]))
            return block.num_chosen()

        key = keys.dtype
        arguments = (keys, types.int64, key, key, key, others, types.int64)
        return types.int64(*arguments), generate

    return operation


def _emit_take(builder, block, pointer):
    block.call("compressstore", ir.VoidType(), block.keys, pointer, block.is_chosen)


def _emit_put(builder, block, pointer):
    block.store(block.call("expandload", block.type, pointer, block.is_chosen, block.keys))


# Copies the chosen keys to `others`, from `other_place` on.
take_block = _operation(False, _emit_take)
take_block_reversed = _operation(True, _emit_take)
# Replaces the chosen keys by `others`, from `other_place` on.
put_block = _operation(False, _emit_put)
put_block_reversed = _operation(True, _emit_put)

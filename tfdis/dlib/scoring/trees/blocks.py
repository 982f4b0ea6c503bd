"""Takes keys out of an array, and puts others in their place, a block of keys at a time.

There are no branches, which the processor could not foresee here: LLVM has operations for this,
`llvm.masked.compressstore` and `llvm.masked.expandload`. They are single instructions of processors with
AVX-512. With AVX2, keys change places by an instruction that is told where each comes from (VPERMD), and a
table tells for each choice of keys. For other processors LLVM makes the operations of several instructions.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# Bytes of a block.
BYTES = 64
# So many places have to be in front of keys and behind them, since blocks reach beyond.
MARGIN = BYTES // 4

_INT8, _INT32, _INT64 = (ir.IntType(bits) for bits in (8, 32, 64))
# What a register of AVX2 holds, for VPERMD.
_LANES = 8
_LANE_TYPE = ir.VectorType(_INT32, _LANES)
_CHOICES = np.arange(2**_LANES)[:, None] >> np.arange(_LANES) & 1
# Where each lane's key comes from, for every choice: chosen ones come first; or the first ones come to
# the places of those that are chosen, and lanes that are not chosen have a negative number.
_TABLES = {
    "compress": np.argsort(1 - _CHOICES, axis=1, kind="stable"),
    "expand": np.cumsum(_CHOICES, axis=1) - _CHOICES - _LANES * (1 - _CHOICES),
}


def _uses_tables(context) -> bool:
    """Whether code is made for AVX2 without AVX-512."""
    features = context.codegen().magic_tuple()[2].split(",")
    return "+avx2" in features and "+avx512f" not in features


def _table(builder, name):
    """A table as a constant of the code; each row is an integer whose bytes are the lanes."""
    rows = _TABLES[name].astype("i1").view("<i8")[:, 0].tolist()
    kept = builder.module.globals.get(f"lanes_{name}")
    constant = ir.Constant(ir.ArrayType(_INT64, len(rows)), rows)
    return kept or cgutils.global_constant(builder, f"lanes_{name}", constant)


class _Block:
    """The keys of a block, in registers, and which of them are chosen.

    Args:
        context: numba's context.
        builder: builder of the code.
        array_type: type of the array of keys.
        values: array, first place, number of keys, and the bounds of chosen keys.
        is_reversed: whether the last key comes first.
        num_bytes: bytes of the block.
    """

    def __init__(self, context, builder, array_type, values, is_reversed, num_bytes) -> None:
        array, place, num, low, high = values
        self._builder = builder
        key = context.get_data_type(array_type.dtype)
        self._key_bytes = key.width // 8
        self._num = num_bytes // self._key_bytes
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

    def permute(self, keys, table):
        """Moves keys between the lanes of a register as a table says.

        Returns:
            The keys, and the row of the table for the lanes that are chosen.
        """
        builder = self._builder
        # A key of 64 bits has two lanes.
        chosen = builder.bitcast(builder.sext(self.is_chosen, self.type), _LANE_TYPE)
        bits = builder.icmp_signed("<", chosen, ir.Constant(_LANE_TYPE, [0] * _LANES))
        place = builder.zext(builder.bitcast(bits, _INT8), _INT64)
        row = builder.load(builder.gep(_table(builder, table), [_INT64(0), place]))
        row = builder.bitcast(row, ir.VectorType(_INT8, _LANES))
        row = builder.sext(row, _LANE_TYPE)
        # Only the lowest three bits of a lane's number count.
        moved = self._call_avx("avx2.permd", _LANE_TYPE, keys, row)
        return builder.bitcast(moved, self.type), row

    def choose(self, keys, row):
        """Keys in the lanes that are chosen, the block's own in others, given a row of `expand`.

        With a simple choice LLVM would make a masked store, for which processors of AMD take long.
        """
        lanes = ir.VectorType(ir.FloatType(), _LANES)
        chosen = self._call_avx("avx.blendv.ps.256", lanes, keys, self.keys, row)
        return self._builder.bitcast(chosen, self.type)

    def _call_avx(self, name, lanes, *registers):
        function = cgutils.get_or_insert_function(
            self._builder.module,
            ir.FunctionType(lanes, [lanes] * len(registers)),
            f"llvm.x86.{name}",
        )
        return self._builder.call(
            function, [self._builder.bitcast(register, lanes) for register in registers]
        )


def _operation(is_reversed, emit, emit_by_table):
    """An operation on a block of `keys` from `place` on, which returns the number of keys that it chose.

    Chosen are those of the first `num` keys that are at least `low` and less than `high`.
    """

    @intrinsic
    def operation(typing_context, keys, place, num, low, high, others, other_place):
        del typing_context

        def generate(context, builder, signature, values):
            array, place, num, *bounds, others, other_place = values
            by_table = _uses_tables(context)
            num_bytes = 4 * _LANES if by_table else BYTES
            data = context.make_array(signature.args[5])(context, builder, others).data
            size = 8 * num_bytes // signature.args[0].dtype.bitwidth
            starts = range(0, 8 * BYTES // signature.args[0].dtype.bitwidth, size)
            num_chosen = _INT64(0)
            for done, start in zip(starts, starts[::-1] if is_reversed else starts, strict=True):
                own = [
                    array,
                    builder.add(place, _INT64(start)),
                    builder.sub(num, num.type(done)),
                    *bounds,
                ]
                block = _Block(context, builder, signature.args[0], own, is_reversed, num_bytes)
                pointer = builder.gep(data, [builder.add(other_place, num_chosen)])
                (emit_by_table if by_table else emit)(builder, block, pointer)
                num_chosen = builder.add(num_chosen, block.num_chosen())
            return num_chosen

        key = keys.dtype
        arguments = (keys, types.int64, key, key, key, others, types.int64)
        return types.int64(*arguments), generate

    return operation


def _emit_take(builder, block, pointer):
    block.call("compressstore", ir.VoidType(), block.keys, pointer, block.is_chosen)


def _emit_put(builder, block, pointer):
    block.store(block.call("expandload", block.type, pointer, block.is_chosen, block.keys))


def _emit_take_by_table(builder, block, pointer):
    keys, _ = block.permute(block.keys, "compress")
    builder.store(keys, builder.bitcast(pointer, block.type.as_pointer()), align=4)


def _emit_put_by_table(builder, block, pointer):
    others = builder.load(builder.bitcast(pointer, block.type.as_pointer()), align=4)
    block.store(block.choose(*block.permute(others, "expand")))


# Copies the chosen keys to `others`, from `other_place` on. As many places as a block has may be overwritten.
take_block = _operation(False, _emit_take, _emit_take_by_table)
take_block_reversed = _operation(True, _emit_take, _emit_take_by_table)
# Replaces the chosen keys by `others`, from `other_place` on.
put_block = _operation(False, _emit_put, _emit_put_by_table)
put_block_reversed = _operation(True, _emit_put, _emit_put_by_table)
